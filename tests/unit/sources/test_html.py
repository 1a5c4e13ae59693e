"""The html source: fields, pages, emptiness, blocks, item pages; a bad row costs itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.domain.outcome import Outcome
from monitor.domain.page import ItemState, PageRequest, Precision
from monitor.errors import SourceError
from monitor.sources.discovery import build
from monitor.sources.html import HtmlSource
from tests.answers.definitions import HTML, changed
from tests.answers.pages import FETCHED_AT, Goods, answer_to, goods, html_page

ITEM = (
    '<div id="item"><h1>台灯 1 号</h1><div class="text"><p>第一行</p><p>第二行</p></div>'
    '<b class="price">¥9.90</b><i class="seller">小铺</i><em class="state">在售</em>'
    '<div class="gallery"><img src="/1.jpg"><img data-src="/2.jpg"></div></div>'
)


def source(*changes: tuple[str, str]) -> HtmlSource:
    """The shop's source, with parts of its file replaced."""
    built = build(changed(HTML, *changes))
    assert isinstance(built, HtmlSource)
    return built


SHOP = source()


def test_every_declared_field_is_read() -> None:
    """A card becomes a listing, links absolute, price in minor units, time in UTC."""
    page = SHOP.parse_search(answer_to(html_page([Goods("7", "台灯 &amp; 7 号")])))
    (found,) = page.listings
    assert page.outcome is Outcome.OK
    assert (found.native_id, found.title) == ("7", "台灯 &amp; 7 号")
    assert found.url == "https://market.example/item/7"
    assert (found.price_minor, found.price_raw, found.currency) == (2850, "¥28.50", "CNY")
    assert (found.seller_name, found.seller_id, found.seller_id_space) == (
        "台灯小铺",
        "77",
        "search",
    )
    assert found.region == "广东"
    assert found.published_at == FETCHED_AT - timedelta(hours=3)
    assert found.published_precision is Precision.HOUR
    assert found.picture_urls == ("https://img.market.example/1.jpg",)
    assert found.extra == {"want_count": {"value": 12, "is_approximate": False}}
    assert page.total == 1
    assert page.notes == {}


def test_a_bad_row_is_lost_alone_and_reported() -> None:
    """The others go on, and the reason says nothing of the row's text."""
    rows = [Goods("1", "一"), Goods("", "无名"), Goods("3", ""), Goods("4", "四")]
    page = SHOP.parse_search(answer_to(html_page(rows)))
    assert page.outcome is Outcome.OK
    assert [found.native_id for found in page.listings] == ["1", "4"]
    assert [(lost.row, lost.field) for lost in page.problems] == [(1, "native_id"), (2, "title")]
    assert "无名" not in str(page.problems)


def test_a_page_whose_rows_are_all_bad_has_changed() -> None:
    """Rows without ids are no empty page."""
    page = SHOP.parse_search(answer_to(html_page([Goods("", "一"), Goods("", "二")])))
    assert page.outcome is Outcome.SCHEMA_CHANGED
    assert len(page.problems) == 2


def test_a_field_that_vanished_is_noted() -> None:
    """A selector that finds nothing anywhere is the first sign of a changed page."""
    text = html_page(goods(3)).replace('class="price"', 'class="prix"')
    page = SHOP.parse_search(answer_to(text))
    assert page.outcome is Outcome.OK
    assert page.notes == {"missing_fields": ["price"]}
    assert {found.price_minor for found in page.listings} == {None}


def test_repeats_inside_a_page_count_once() -> None:
    """Advertisements repeat rows."""
    rows = [Goods("1", "一"), Goods("1", "一 again"), Goods("2", "二")]
    page = SHOP.parse_search(answer_to(html_page(rows)))
    assert [found.title for found in page.listings] == ["一", "二"]
    assert page.problems == ()


def test_a_card_inside_a_card_is_part_of_it() -> None:
    """Bundles show their parts as cards of their own."""
    text = html_page(goods(2)).replace(
        '<span class="wants">', '<ul><li class="card" data-id="9">part</li></ul><span>', 1
    )
    page = SHOP.parse_search(answer_to(text))
    assert [found.native_id for found in page.listings] == ["1", "2"]
    assert page.problems == ()


def test_advertisements_can_be_skipped() -> None:
    """A selector names the rows to pass over."""
    text = html_page(goods(3)).replace('class="card" data-id="2"', 'class="card ad" data-id="2"')
    shop = source(('row = "li.card"', 'row = "li.card"\nskip = ".ad"'))
    page = shop.parse_search(answer_to(text))
    assert [found.native_id for found in page.listings] == ["1", "3"]


def test_a_page_has_at_most_a_thousand_rows() -> None:
    """A page of 5,000 rows is read in part and says so."""
    page = SHOP.parse_search(answer_to(html_page(goods(5_000))))
    assert len(page.listings) == 1_000
    assert [lost.field for lost in page.problems] == ["page"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (html_page([], extra='<p class="nothing">没有找到</p>'), Outcome.EMPTY),
        ('<p class="nothing">没有找到</p>', Outcome.EMPTY),
        (html_page([]), Outcome.SCHEMA_CHANGED),
        (html_page([], extra="<p>安全验证</p>"), Outcome.CHALLENGED),
        ("<p>安全验证</p>", Outcome.CHALLENGED),
        ("<p>请先登录</p>", Outcome.LOGIN_REQUIRED),
        ("<p>您的操作过于频繁</p>", Outcome.RATE_LIMITED),
        ("<p>welcome</p>", Outcome.SCHEMA_CHANGED),
        ("", Outcome.SCHEMA_CHANGED),
        ("<div>" * 500_000, Outcome.SCHEMA_CHANGED),
    ],
)
def test_empty_is_only_what_says_so(text: str, outcome: Outcome) -> None:
    """With an empty marker declared, an empty list alone proves nothing."""
    assert SHOP.parse_search(answer_to(text)).outcome is outcome


def test_without_a_marker_an_empty_list_is_empty() -> None:
    """The container alone has to do."""
    shop = source(('empty = ".nothing"\n', ""))
    assert shop.parse_search(answer_to(html_page([]))).outcome is Outcome.EMPTY
    assert shop.parse_search(answer_to("<p>x</p>")).outcome is Outcome.SCHEMA_CHANGED


def test_results_beside_a_block_marker_are_results() -> None:
    """A widget is no block where the list is."""
    text = html_page(goods(2), extra='<div class="baxia-dialog-mask"></div>安全验证')
    assert SHOP.parse_search(answer_to(text)).outcome is Outcome.OK


@pytest.mark.parametrize(
    "extra",
    ['<p class="hint">没有结果,为您推荐</p>', '<p class="nothing">没有找到</p>'],
)
def test_recommendations_are_no_results(extra: str) -> None:
    """Rows beside the related marker, or beside the empty one, match nothing."""
    page = SHOP.parse_search(answer_to(html_page(goods(4), extra=extra)))
    assert page.outcome is Outcome.RELATED_ONLY
    assert page.listings == ()


def test_a_redirect_to_a_login_is_told_before_the_page_is_read() -> None:
    """Even if that page holds a list."""
    answer = answer_to(html_page(goods(1)), final_url="https://market.example/login")
    assert SHOP.parse_search(answer).outcome is Outcome.LOGIN_REQUIRED


def test_a_cut_page_keeps_its_rows_and_says_so() -> None:
    """The byte cap cuts the end away, not the beginning."""
    text = html_page(goods(30))
    page = SHOP.parse_search(answer_to(text[: len(text) // 2], is_truncated=True))
    assert page.outcome is Outcome.OK
    assert len(page.listings) > 5
    assert "byte cap" in page.problems[-1].reason


def test_pages_are_counted() -> None:
    """The next page is asked for by number, with the term as it was."""
    first = SHOP.search_request("台 灯&x")
    assert first == PageRequest(
        "https://market.example/search?q=%E5%8F%B0%20%E7%81%AF%26x&page=1",
        context={"term": "台 灯&x", "page": "1"},
    )
    page = SHOP.parse_search(answer_to(html_page(goods(2)), first.url, request=first))
    assert page.next_request is not None
    assert page.next_request.url == first.url.replace("page=1", "page=2")
    third = SHOP.parse_search(
        answer_to(html_page(goods(2)), page.next_request.url, request=page.next_request)
    ).next_request
    assert third is not None
    assert third.context == {"term": "台 灯&x", "page": "3"}


def test_pages_are_counted_in_captures_too() -> None:
    """Without a request the address tells."""
    url = "https://market.example/search?q=%E5%8F%B0&page=4"
    page = SHOP.parse_search(answer_to(html_page(goods(2)), url))
    assert page.next_request is not None
    assert page.next_request.url == url.replace("page=4", "page=5")


def test_a_short_page_is_the_last_one() -> None:
    """With the page's size known, no request is wasted on an empty page."""
    shop = source(("[options.fields]", "[options.next]\npage_size = 3\n[options.fields]"))
    request = shop.search_request("x")
    for rows, has_next in ((3, True), (2, False)):
        page = shop.parse_search(answer_to(html_page(goods(rows)), request=request))
        assert (page.next_request is not None) is has_next


LINKED = (
    ("&page={page}", ""),
    ("[options.fields]", '[options.next]\nselector = "a.next::attr(href)"\n[options.fields]'),
)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("?q=x&page=2", "https://market.example/search?q=x&page=2"),
        ("/search?q=x&after=9", "https://market.example/search?q=x&after=9"),
        ("https://evil.example/", None),
        ("javascript:next()", None),
        ("https://market.example/search?q=x", None),
        ("", None),
    ],
)
def test_a_next_link_stays_on_the_market(link: str, url: str | None) -> None:
    """A link elsewhere, or to this very page, is the end."""
    answer = answer_to(html_page(goods(2), following=link), "https://market.example/search?q=x")
    following = source(*LINKED).parse_search(answer).next_request
    assert (following and following.url) == url


def test_a_base_element_moves_relative_links() -> None:
    """Old shops set it."""
    text = html_page([Goods("1", "一")]).replace(
        "<html>", '<html><head><base href="https://cdn.example/shop/"></head>'
    )
    (found,) = SHOP.parse_search(answer_to(text)).listings
    assert found.url == "https://cdn.example/item/1"


def test_gbk_searches_are_encoded_in_gbk() -> None:
    """Old forums understand nothing else."""
    table = (
        '{ url = "https://market.example/s", params = { kw = "{term}" }, term_encoding = "gbk" }'
    )
    shop = source(('"https://market.example/search?q={term}&page={page}"', table))
    request = shop.search_request("台灯")
    assert request is not None
    assert request.url == "https://market.example/s?kw=%CC%A8%B5%C6"


def test_steps_take_values_apart() -> None:
    """Prefixes, suffixes, path segments and doubly escaped links need no expressions."""
    rule = (
        'native_id = { selector = "a.title", attribute = "href", path_segment = -1, '
        'strip_suffix = ".html" }'
    )
    text = html_page([Goods("5", "五")]).replace("/item/5", "/u/3/5.html")
    shop = source(
        ('native_id = "::attr(data-id)"', rule),
        ('region = ".region"', 'region = { selector = ".region", strip_prefix = "广" }'),
        ('title = "a.title"', 'title = { selector = "a.title", unescape = true }'),
    )
    shop_page = shop.parse_search(answer_to(text.replace("五", "&amp;amp;五")))
    assert shop_page.problems == ()  # the suffix is dropped before the path is taken apart
    (found,) = shop_page.listings
    assert (found.native_id, found.region, found.title) == ("5", "东", "&五")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('container = "#list"', "", "container"),
        ('row = "li.card"', 'row = "li:has("', "CSS selector"),
        ('row = "li.card"', 'rows = "li.card"', "options.row"),
        ("search?q={term}&page={page}", "search", "{term}"),
        ("q={term}", "q={therm}", "{therm}"),
        ("https://market.example/search", "/search", "http"),
        ("https://market.example/search", "https://{term}.example/search", "host"),
        ("https://market.example/search", "https://u:p@market.example/search", "password"),
        ('price = ".price"', 'price = ".price::attr(x"', "::attr"),
        ('price = ".price"', 'prize = ".price"', "prize"),
        ('total = ".total"', 'price_unit = "yuan"', "price_unit"),
        ('kind = "html"', 'kind = "html"\ntimezone = "Mars/Base"', "timezone"),
        ("[options.fields]", '[options.next]\nselector = "a"\n[options.fields]', "not both"),
        ("item/{native_id}", "item/{id}", "{id}"),
    ],
)
def test_a_mistake_in_the_file_is_named(old: str, new: str, words: str) -> None:
    """One line says which option is wrong and why."""
    with pytest.raises(SourceError) as caught:
        build(changed(HTML, (old, new)))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_item_page_is_read() -> None:
    """Full text on lines of its own, all pictures, state and seller."""
    request = SHOP.item_request("1", "https://elsewhere.example/")
    assert request is not None
    assert request.url == "https://market.example/item/1"
    page = SHOP.parse_item(answer_to(ITEM, request.url, request=request))
    assert (page.outcome, page.state) == (Outcome.OK, ItemState.ON_SALE)
    found = page.listing
    assert found is not None
    assert (found.native_id, found.title) == ("1", "台灯 1 号")
    assert found.description == "第一行\n第二行"
    assert (found.price_minor, found.seller_id_space) == (990, "item")
    assert found.picture_urls == ("https://market.example/1.jpg", "https://market.example/2.jpg")
    assert found.url == request.url


@pytest.mark.parametrize(
    ("text", "status", "outcome", "state"),
    [
        (ITEM.replace("在售", "已售出"), 200, Outcome.OK, ItemState.SOLD),
        (ITEM.replace("在售", "待定"), 200, Outcome.OK, ItemState.UNKNOWN),
        (ITEM.replace("在售", "已下架"), 200, Outcome.OK, ItemState.GONE),
        ("<p>该商品已被删除</p>", 200, Outcome.OK, ItemState.GONE),
        ("not found", 404, Outcome.OK, ItemState.GONE),
        ("", 410, Outcome.OK, ItemState.GONE),
        ("<p>安全验证</p>", 404, Outcome.CHALLENGED, ItemState.UNKNOWN),
        ("<p>请先登录</p>", 200, Outcome.LOGIN_REQUIRED, ItemState.UNKNOWN),
        ("<p>hello</p>", 200, Outcome.SCHEMA_CHANGED, ItemState.UNKNOWN),
        ("oops", 500, Outcome.TRANSPORT_ERROR, ItemState.UNKNOWN),
        (ITEM + "<aside>另一件已被删除</aside>", 200, Outcome.OK, ItemState.ON_SALE),
        ("<div>" * 500_000, 200, Outcome.SCHEMA_CHANGED, ItemState.UNKNOWN),
    ],
)
def test_gone_is_only_what_says_so(
    text: str, status: int, outcome: Outcome, state: ItemState
) -> None:
    """A block, an error or words beside another item never count as taken down."""
    page = SHOP.parse_item(answer_to(text, "https://market.example/item/1", status=status))
    assert (page.outcome, page.state) == (outcome, state)


def test_item_links_off_the_market_are_not_followed() -> None:
    """Rows link to advertisers; only this market's hosts are asked."""
    shop = source(('url = "https://market.example/item/{native_id}"', 'hosts = ["i.example"]'))
    assert shop.item_request("1", "https://evil.example/1") is None
    assert shop.item_request("1", "") is None
    assert shop.item_request("1", "https://market.example/item/1") is not None
    assert shop.item_request("1", "https://i.example/1") is not None


def test_an_item_id_is_never_pasted_into_an_address() -> None:
    """A hostile id stays one path segment."""
    request = SHOP.item_request("../../admin?x=1#", "")
    assert request is not None
    assert request.url == "https://market.example/item/..%2F..%2Fadmin%3Fx%3D1%23"
