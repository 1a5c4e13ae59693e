"""The json source: structural placeholders, paging, units of prices, JSONP, outcomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.domain.outcome import Outcome
from monitor.domain.page import ItemState, Precision
from monitor.errors import SourceError
from monitor.sources.discovery import build
from monitor.sources.documents import DocumentError, read_json
from monitor.sources.json import JsonSource
from tests.answers.definitions import JSON, changed
from tests.answers.pages import Goods, answer_to, goods, json_page

URL = "https://market.example/api/search"


def source(*changes: tuple[str, str]) -> JsonSource:
    """The interface's source, with parts of its file replaced."""
    built = build(changed(JSON, *changes))
    assert isinstance(built, JsonSource)
    return built


API = source()


def page_of(**row: Any) -> str:
    """An answer with one row."""
    return json.dumps({"data": {"items": [{"id": 1, "title": "台灯", **row}]}})


def test_a_term_is_put_into_the_structure() -> None:
    """Quotes and braces in a term cannot change the request; a page is a number."""
    request = API.search_request('台灯"}, "page": 9 {page}')
    assert request is not None
    assert (request.method, request.url) == ("POST", URL)
    assert request.json == {"query": {"text": '台灯"}, "page": 9 {page}'}, "page": 1, "size": 20}


def test_every_declared_field_is_read() -> None:
    """Numbers, texts and lists become what a listing holds."""
    page = API.parse_search(
        answer_to(json_page([Goods("7", "<b>台灯</b> &amp; 7")], total=41), URL)
    )
    (found,) = page.listings
    assert page.outcome is Outcome.OK
    assert (found.native_id, found.title) == ("7", "台灯 & 7")
    assert found.url == "https://market.example/item/7"
    assert (found.price_minor, found.price_raw) == (2850, "28.50")
    assert (found.seller_name, found.seller_id) == ("台灯小铺", "77")
    assert found.published_precision is Precision.EXACT
    assert found.picture_urls == ("https://img.market.example/1.jpg",)
    assert found.extra == {"want_count": {"value": 12, "is_approximate": False}}
    assert page.total == 41
    assert page.notes == {"missing_fields": ["url", "state"]}


@pytest.mark.parametrize(
    ("unit", "price", "minor"),
    [
        ("major", 40.8, 4080),
        ("major", 40, 4000),
        ("major", "40.80", 4080),
        ("major", ["¥", "40", ".80"], 4080),
        ("major", "面议", None),
        ("major", None, None),
        ("major", True, None),
        ("major", -1, None),
        ("minor", 4080, 4080),
        ("minor", "4080", 4080),
        ("minor", 40.8, None),
        ("minor", "40.80", None),
        ("minor", "¥40", None),
        ("unknown", 4080, None),
    ],
)
def test_the_unit_of_prices_is_declared(unit: str, price: Any, minor: int | None) -> None:
    """It is never guessed by magnitude; unknown keeps the text alone."""
    api = source(('price_unit = "major"', f'price_unit = "{unit}"'))
    (found,) = api.parse_search(answer_to(page_of(price=price), URL)).listings
    assert found.price_minor == minor


def test_the_unit_of_prices_must_be_given() -> None:
    """There is no default to be wrong by a factor of a hundred."""
    with pytest.raises(SourceError, match="price_unit"):
        build(changed(JSON, ('price_unit = "major"\n', "")))


def test_a_bad_row_is_lost_alone_and_reported() -> None:
    """Rows of other shapes do not hurt the others."""
    rows = [{"id": 1, "title": "一"}, 5, None, {"title": "x"}, {"id": {"a": 1}, "title": "y"}]
    rows += [{"id": True, "title": "t"}, {"id": 2.0, "title": "二"}]
    page = API.parse_search(answer_to(json.dumps({"data": {"items": rows}}), URL))
    assert [found.native_id for found in page.listings] == ["1", "2"]
    assert [(lost.row, lost.field) for lost in page.problems] == [
        (1, "row"),
        (2, "row"),
        (3, "native_id"),
        (4, "native_id"),
        (5, "native_id"),
    ]


def test_a_hundred_thousand_rows_are_read_in_part() -> None:
    """The cap is reported."""
    text = json.dumps({"data": {"items": [{"id": n, "title": "x"} for n in range(100_000)]}})
    page = API.parse_search(answer_to(text, URL))
    assert len(page.listings) == 1_000
    assert page.problems[-1].field == "page"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (json_page([]), Outcome.EMPTY),
        ('{"code": 401}', Outcome.LOGIN_REQUIRED),
        ('{"data": {"items": null}}', Outcome.SCHEMA_CHANGED),
        ('{"data": {"items": {"a": 1}}}', Outcome.SCHEMA_CHANGED),
        ("[]", Outcome.SCHEMA_CHANGED),
        ("<html>安全验证</html>", Outcome.CHALLENGED),
        ("<html>请先登录</html>", Outcome.LOGIN_REQUIRED),
        ('{"rgv587_flag": "sm", "url": "https://x/deny_h5"}', Outcome.CHALLENGED),
        ('{"data": {"items": [{"id": 1, "ti', Outcome.SCHEMA_CHANGED),
        ("[" * 100_000, Outcome.SCHEMA_CHANGED),
        ('{"a":' * 100_000, Outcome.SCHEMA_CHANGED),
        ("", Outcome.SCHEMA_CHANGED),
        ("9" * 100_000, Outcome.SCHEMA_CHANGED),
        (json_page(goods(2), is_related=True), Outcome.RELATED_ONLY),
    ],
)
def test_an_answer_is_named(text: str, outcome: Outcome) -> None:
    """Empty, blocked, changed and related are told apart."""
    assert API.parse_search(answer_to(text, URL)).outcome is outcome


def test_a_declared_sign_of_emptiness_goes_first() -> None:
    """Some interfaces fill an empty answer with recommendations."""
    api = source(('rows = "data.items"', 'rows = "data.items"\nempty = "data.none"'))
    assert api.parse_search(answer_to(json_page(goods(2), none=True), URL)).outcome is Outcome.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        'cb({"a": 1})',
        ' mtopjsonp12( {"a": 1} );',
        '/**/jQuery.cb_1({"a": 1});',
        '\ufeff{"a": 1}',
        'window["cb"]({"a": 1})',
    ],
)
def test_jsonp_is_unwrapped(text: str) -> None:
    """The function's name does not matter."""
    assert read_json(text) == {"a": 1}


def test_json_of_the_wild_is_read() -> None:
    """Half surrogates, NaN and huge numbers occur; none of them reaches the store."""
    assert read_json('{"a": "x\\ud800y", "b": NaN}') == {"a": "x?y", "b": None}
    assert read_json('{"a": "\\ud83d\\ude00"}') == {"a": "😀"}
    for text in ("", "cb(", "cb()", "{", "[" * 2_000, "1e", "alert(x);"):
        with pytest.raises(DocumentError):
            read_json(text)


def test_pages_are_counted_while_there_are_more() -> None:
    """The request behind an answer tells the term and the number."""
    request = API.search_request("台灯")
    more = API.parse_search(answer_to(json_page(goods(2), more=True), URL, request=request))
    assert more.next_request is not None
    assert more.next_request.json["page"] == 2
    assert more.next_request.json["query"] == {"text": "台灯"}
    last = API.parse_search(answer_to(json_page(goods(2), more=False), URL, request=request))
    assert last.next_request is None


CURSOR = (
    ('page = "{page}", size = 20', 'after = "{cursor}"'),
    ('more = "data.more"', 'cursor = "data.cursor"'),
)


@pytest.mark.parametrize("cursor", ["c2", 17])
def test_a_cursor_leads_on(cursor: str | int) -> None:
    """It is left out of the first request, and the same one twice is the end."""
    api = source(*CURSOR)
    first = api.search_request("x")
    assert first is not None
    assert first.json == {"query": {"text": "x"}}
    text = json_page(goods(2), cursor=cursor)
    second = api.parse_search(answer_to(text, URL, request=first)).next_request
    assert second is not None
    assert second.json == {"query": {"text": "x"}, "after": str(cursor)}
    assert api.parse_search(answer_to(text, URL, request=second)).next_request is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/api/search?p=2", "https://market.example/api/search?p=2"),
        ("https://evil.example/", None),
        (None, None),
        (5, None),
    ],
)
def test_a_link_leads_on_within_the_market(link: Any, url: str | None) -> None:
    """A link elsewhere is the end."""
    api = source(('more = "data.more"', 'url = "data.next"'), ('page = "{page}", ', ""))
    answer = answer_to(json_page(goods(2), next=link), URL, request=api.search_request("x"))
    following = api.parse_search(answer).next_request
    assert (following and following.url) == url


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('rows = "data.items"', 'rows = "data.[[["', "JMESPath"),
        ('title = "title"', 'title = ""', "title"),
        ('more = "data.more"', 'cursor = "data.cursor"', "cursor"),
        ('method = "POST"', 'method = "GET"', "POST"),
        ("{term}", "{word}", "{word}"),
        ('method = "POST"', 'method = "POST"\nheaders = { Cookie = "x" }', "token"),
        ('method = "POST"', 'method = "POST"\nheaders = { Host = "x" }', "fetcher"),
        ('method = "POST"', 'method = "POST"\nheaders = { "A B" = "x" }', "header"),
        ('method = "POST"', 'method = "POST"\nterm_encoding = "zip"', "charset"),
        ('method = "POST"', 'method = "POST"\nform = { a = "1" }', "not both"),
        ('outcome = "login_required"', 'outcome = "oops"', "outcome"),
    ],
)
def test_a_mistake_in_the_file_is_named(old: str, new: str, words: str) -> None:
    """One line says which option is wrong and why."""
    with pytest.raises(SourceError) as caught:
        build(changed(JSON, (old, new)))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_form_is_filled() -> None:
    """Older interfaces want one."""
    body = 'body = { query = { text = "{term}" }, page = "{page}", size = 20 }'
    api = source((body, 'form = { kw = "{term}", p = "{page}", n = 20 }'))
    request = api.search_request("a&b=c")
    assert request is not None
    assert request.form == (("kw", "a&b=c"), ("p", "1"), ("n", "20"))
    assert request.json is None


@pytest.mark.parametrize(
    ("text", "status", "outcome", "state"),
    [
        ('{"data": {"title": "灯", "text": "一<br>二", "price": 3}}', 200, "ok", "unknown"),
        ('{"data": {"title": "灯", "status": 2}}', 200, "ok", "sold"),
        ('{"code": 4004}', 200, "ok", "gone"),
        ("{}", 404, "ok", "gone"),
        ("nothing", 404, "ok", "gone"),
        ("<p>安全验证</p>", 404, "challenged", "unknown"),
        ('{"data": null}', 200, "schema_changed", "unknown"),
        ('{"data": {"text": {}, "title": []}}', 200, "schema_changed", "unknown"),
        ("<p>请先登录</p>", 200, "login_required", "unknown"),
    ],
)
def test_an_item_is_named(text: str, status: int, outcome: str, state: str) -> None:
    """Gone is what says so; a block never is."""
    request = API.item_request("9", "")
    assert request is not None
    page = API.parse_item(answer_to(text, request.url, status=status, request=request))
    assert (page.outcome, page.state) == (outcome, state)
    if page.listing is not None:
        assert page.listing.native_id == "9"
        assert page.listing.url == "https://market.example/item/9"
    if "一" in text:
        assert page.listing is not None
        assert page.listing.description == "一\n二"
        assert page.state is ItemState.UNKNOWN
