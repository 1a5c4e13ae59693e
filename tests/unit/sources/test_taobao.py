"""Taobao's saved answers: today's search and the page of old; walls are never empty."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.domain.outcome import Outcome
from monitor.sources.discovery import build
from monitor.sources.taobao import TaobaoSource
from tests.answers.definitions import TAOBAO, changed
from tests.answers.pages import answer_to
from tests.answers.taobao import legacy_page, legacy_row, results, row

URL = "https://h5api.m.taobao.com/h5/mtop.relationrecommend.wirelessrecommend.recommend/2.0/"
PAGE_URL = "https://s.taobao.com/search?q=%E5%8F%B0%E7%81%AF"
built = build(changed(TAOBAO))
assert isinstance(built, TaobaoSource)
MARKET = built


def test_nothing_is_asked_of_the_market() -> None:
    """Only captures are read."""
    assert MARKET.search_request("台灯") is None


@pytest.mark.parametrize("jsonp", ["mtopjsonp3", ""])
def test_every_field_of_a_row_is_read(jsonp: str) -> None:
    """All that the table of sources.md 2.4 lists is kept, the rest by name."""
    page = MARKET.parse_search(answer_to(results([row(1)], jsonp=jsonp), URL))
    assert (page.outcome, page.problems, page.notes) == (Outcome.OK, (), {"page": "2"})
    (found,) = page.listings
    assert (found.native_id, found.title) == ("770000000001", "全新台灯 1 号")
    assert found.url == "https://detail.tmall.com/item.htm?id=770000000001&ns=1"
    assert (found.price_minor, found.price_raw) == (790, "7.90")
    assert (found.seller_name, found.region) == ("灯具旗舰店", "山西 晋中")
    assert found.picture_urls == ("http://g.search.market.example/1.jpg",)
    assert found.extra == {
        "list_price": "59.00",
        "price_unit": "¥",
        "price_text": "券后 百亿补贴",
        "shop": "灯具旗舰店",
        "shop_url": "https://store.taobao.com/shop/view_shop.htm?id=1",
        "properties": ["材质: 金属"],
        "shop_tag": "天猫",
        "summary": "回头客多",
        "page": "2",
        "is_tmall": True,
        "sales": {"value": 200, "is_approximate": True},
    }


def test_the_page_of_old_is_read() -> None:
    """A semicolon in a title does not cut its script off."""
    rows = [legacy_row(1), legacy_row(2, shopcard={"isTmall": True})]
    page = MARKET.parse_search(answer_to(legacy_page(rows), PAGE_URL))
    assert page.outcome is Outcome.OK
    first, second = page.listings
    assert (first.native_id, first.title) == ("560000000001", "台灯 1 号; 全新")
    assert first.url == "https://item.taobao.com/item.htm?id=560000000001&ns=1"
    assert (first.price_minor, first.region) == (5290, "浙江 杭州")
    assert (first.seller_name, first.seller_id) == ("灯具小铺", "3300000001")
    assert first.picture_urls == ("https://g-search.market.example/1.jpg",)
    assert first.extra["sales"] == {"value": 7261, "is_approximate": False}
    assert first.extra["comments"] == {"value": 320, "is_approximate": False}
    assert "is_tmall" not in first.extra
    assert second.extra["is_tmall"] is True


@pytest.mark.parametrize(
    "text",
    [
        results([row(1, isP4p="true", auctionURL="//click.simba.example/x?id=9")]),
        legacy_page([legacy_row(1, p4p=1, detail_url="https://click.simba.example/x")]),
    ],
    ids=["today", "of old"],
)
def test_an_advertisement_is_the_same_listing(text: str) -> None:
    """Its link leads over a counter; id and address are those of the listing, and it is marked."""
    page = MARKET.parse_search(answer_to(text, URL))
    (found,) = page.listings
    assert found.url == f"https://item.taobao.com/item.htm?id={found.native_id}"
    assert found.extra["is_ad"] is True
    assert page.notes["ads"] == 1


@pytest.mark.parametrize(
    "text",
    [results([]), legacy_page([]), legacy_page([], status="hide")],
    ids=["today", "of old", "of old, list hidden"],
)
def test_a_list_without_rows_is_empty(text: str) -> None:
    """It was there and held nothing."""
    assert MARKET.parse_search(answer_to(text, URL)).outcome is Outcome.EMPTY


@pytest.mark.parametrize(
    ("ret", "outcome"),
    [
        ("FAIL_SYS_USER_VALIDATE::哎哟喂,被挤爆啦", Outcome.CHALLENGED),
        ("RGV587_ERROR::SM::哎哟喂,被挤爆啦", Outcome.CHALLENGED),
        ("FAIL_SYS_ILLEGAL_ACCESS::非法请求", Outcome.CHALLENGED),
        ("FAIL_SYS_SESSION_EXPIRED::Session过期", Outcome.LOGIN_REQUIRED),
        ("FAIL_SYS_TOKEN_EXOIRED::令牌过期", Outcome.TOKEN_STALE),
        ("FAIL_SYS_TRAFFIC_LIMIT::限流", Outcome.RATE_LIMITED),
        ("FAIL_SYS_SERVICE_FACADE_TIMEOUT::超时", Outcome.TRANSPORT_ERROR),
        ("FAIL_SYS_API_NOT_FOUNDED::API不存在", Outcome.SCHEMA_CHANGED),
        ("FAIL_BIZ_SOMETHING_NEW::新", Outcome.SCHEMA_CHANGED),
    ],
)
def test_every_class_of_ret_is_told_apart(ret: str, outcome: Outcome) -> None:
    """HTTP says 200 to all of them, and the list is empty in each."""
    page = MARKET.parse_search(answer_to(results([], ret), URL))
    assert page.outcome is outcome
    assert page.listings == ()


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (
            "<html><a href='https://login.taobao.com/member/login.jhtml'>请登录</a></html>",
            "login_required",
        ),
        ('<html><script>g_page_config = {"mods": {}};</script></html>', "schema_changed"),
        ('<html><script>g_page_config = {"mods": ;</script></html>', "schema_changed"),
        ("<html><script>g_page_config = null;</script><p>滑动验证</p></html>", "challenged"),
        ('{"ret": ["SUCCESS::ok"], "data": {}}', "schema_changed"),
        ('{"ret": ["SUCCESS::ok"], "data": {"itemsArray": [1, null]}}', "schema_changed"),
    ],
)
def test_a_wall_or_a_changed_page_is_never_empty(text: str, outcome: str) -> None:
    """What is missing is said."""
    page = MARKET.parse_search(answer_to(text, PAGE_URL))
    assert page.outcome.value == outcome
    assert page.detail


def test_an_answer_of_another_interface_is_told() -> None:
    """A capture holds many."""
    page = MARKET.parse_search(answer_to(results([row(1)], api="mtop.other"), URL))
    assert page.outcome is Outcome.SCHEMA_CHANGED


@pytest.mark.parametrize(
    ("change", "value", "price"),
    [
        ("priceShow", None, 5900),
        ("priceShow", {"price": "面议"}, None),
        ("price", 12, 790),
    ],
)
def test_prices_are_what_is_shown_first(change: str, value: Any, price: int | None) -> None:
    """And nothing rather than zero for words."""
    (found,) = MARKET.parse_search(answer_to(results([row(1, **{change: value})]), URL)).listings
    assert found.price_minor == price


def test_captures_are_claimed() -> None:
    """By the interface, or by the page's script; the shell of today's page is nothing."""
    assert MARKET.claims(answer_to("x", URL)) == "search"
    assert MARKET.claims(answer_to(results([]).strip(), "")) == "search"
    assert MARKET.claims(answer_to(legacy_page([]), PAGE_URL)) == "search"
    assert MARKET.claims(answer_to(legacy_page([]), "")) == "search"
    assert MARKET.claims(answer_to(legacy_page([]), "https://other.example/")) is None
    assert MARKET.claims(answer_to("<html></html>", PAGE_URL)) is None
