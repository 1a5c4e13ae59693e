"""Goofish's saved answers: every field, every class of `ret`, and what is not a result."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.outcome import Outcome
from monitor.domain.page import ItemState, Precision
from monitor.sources.discovery import build
from monitor.sources.goofish import GoofishSource
from tests.answers.definitions import GOOFISH, changed
from tests.answers.goofish import DETAIL_API, detail, envelope, row, search, tag
from tests.answers.pages import FETCHED_AT, answer_to

SEARCH_URL = "https://h5api.m.goofish.com/h5/mtop.taobao.idlemtopsearch.pc.search/1.0/"
built = build(changed(GOOFISH))
assert isinstance(built, GoofishSource)
GOODS = built


def test_nothing_is_asked_of_the_market() -> None:
    """Only captures are read."""
    assert GOODS.search_request("台灯") is None
    assert GOODS.item_request("1", "https://www.goofish.com/item?id=1") is None


def test_every_field_of_a_row_is_read() -> None:
    """All that the table of sources.md 2.2 lists is kept, the rest by name."""
    page = GOODS.parse_search(answer_to(envelope(search([row(1)])), SEARCH_URL))
    assert (page.outcome, page.total, page.problems) == (Outcome.OK, 152_156, ())
    (found,) = page.listings
    assert found.native_id == "880000000001"
    assert found.title.startswith("台灯 1 号 全新未拆封 包邮")
    assert found.description.startswith("台灯 1 号 全新未拆封\n包邮")
    assert found.url == "https://www.goofish.com/item?id=880000000001"
    assert (found.price_minor, found.price_raw, found.currency) == (4080, "40.80", "CNY")
    assert (found.seller_name, found.seller_id) == ("灯具小铺", "aW52ZW50ZWQtc2VsbGVyMQ==")
    assert found.seller_id_space == "search"
    assert found.region == "广东"
    assert found.published_at == datetime.fromtimestamp(1_785_900_000, UTC)
    assert found.published_precision is Precision.EXACT
    assert found.picture_urls == ("http://img.market.example/1.heic",)
    assert found.extra == {
        "original_price": "¥299",
        "seller_avatar": "http://img.market.example/avatar.jpg",
        "seller_reputation": ["364条评价"],
        "tags": ["几乎全新", "某牌", "3292人想要", "累计降价10%", "卖家信用极好"],
        "market_tags": "freeship/credit-6",
        "market_tag_names": "包邮/极好",
        "item_type": "goods",
        "picture_width": 164.0,
        "picture_height": 218.6,
        "card": "idlefish_search_item_new_tags",
        "condition": "几乎全新",
        "brand": "某牌",
        "price_reduced": "累计降价10%",
        "credit": "卖家信用极好",
        "free_shipping": True,
        "want_count": {"value": 3292, "is_approximate": False},
    }


def test_what_the_market_did_with_the_query_is_kept() -> None:
    """A rewritten query and the controls may tell that a word is suppressed."""
    notes = GOODS.parse_search(answer_to(envelope(search([row(1)])), SEARCH_URL)).notes
    assert notes["rewritten_query"] == "(台灯 OR 灯)"
    assert notes["similar"] is False
    assert notes["forceEraseSearchKeywords"] is False
    assert notes["has_next_page"] is True


def test_prices_come_from_wherever_they_are() -> None:
    """Auction rows lack detailParams, trimmed captures lack both texts."""
    bare: dict[str, Any] = row(1, detailParams=None, price=[])
    del bare["data"]["item"]["main"]["clickParam"]["args"]["price"]
    bare["data"]["item"]["main"]["exContent"]["price"] = [
        {"text": "当前价¥"},
        {"text": "40"},
        {"text": ".80"},
    ]
    (found,) = GOODS.parse_search(answer_to(envelope(search([bare])))).listings
    assert (found.price_minor, found.price_raw) == (4080, "当前价¥40.80")


@pytest.mark.parametrize(
    ("tags", "precision"),
    [
        ([tag("752", "22小时前发布")], Precision.HOUR),
        ([tag("752", "刚刚发布")], Precision.MINUTE),
        ([tag("756", "3小时前降价")], Precision.UNKNOWN),
        ([], Precision.UNKNOWN),
    ],
)
def test_a_fuzzy_time_stands_in_for_a_missing_one(tags: list[Any], precision: Precision) -> None:
    """A price drop is no publish time."""
    card = row(1, publishTime=None, fishTags={"r2": {"tagList": tags}})
    (found,) = GOODS.parse_search(answer_to(envelope(search([card])))).listings
    assert found.published_precision is precision
    assert (found.published_at is None) is (precision is Precision.UNKNOWN)


def test_pages_overlap_and_rows_break() -> None:
    """A repeated id counts once; a row of another shape is reported and loses itself only."""
    rows: list[Any] = [row(1), row(1), {"data": {"id": "5", "title": "new shape"}}, None, 7]
    rows += [row(2, itemId="", item_id="", id="", detailParams={}), row(3)]
    rows[5]["data"]["item"]["main"]["targetUrl"] = ""
    page = GOODS.parse_search(answer_to(envelope(search(rows))))
    assert [found.native_id[-1] for found in page.listings] == ["1", "3"]
    assert [(lost.row, lost.field) for lost in page.problems] == [
        (2, "row"),
        (3, "row"),
        (4, "row"),
        (5, "native_id"),
    ]


@pytest.mark.parametrize(
    ("controls", "outcome"),
    [
        ({"hasItems": False}, Outcome.EMPTY),
        ({"hasItems": "false"}, Outcome.EMPTY),
        ({"srpFeedsItemsDataEmpty": True}, Outcome.EMPTY),
        ({"numFound": 0}, Outcome.EMPTY),
        ({"similar": True}, Outcome.RELATED_ONLY),
        ({"hasItems": "true", "similar": "false"}, Outcome.OK),
        ({"hasItems": None}, Outcome.OK),
    ],
)
def test_recommendations_are_no_results(controls: dict[str, Any], outcome: Outcome) -> None:
    """The controls decide; rows that come along match nothing."""
    page = GOODS.parse_search(answer_to(envelope(search([row(1), row(2)], **controls))))
    assert page.outcome is outcome
    assert bool(page.listings) is (outcome is Outcome.OK)


def test_an_answer_without_its_controls_has_changed() -> None:
    """Without them an empty list proves nothing."""
    data = search([])
    assert GOODS.parse_search(answer_to(envelope(data))).outcome is Outcome.SCHEMA_CHANGED
    del data["resultInfo"]["searchResControlFields"]
    assert GOODS.parse_search(answer_to(envelope(data))).outcome is Outcome.SCHEMA_CHANGED
    assert GOODS.parse_search(answer_to(envelope({}))).outcome is Outcome.SCHEMA_CHANGED
    assert GOODS.parse_search(answer_to(envelope(None))).outcome is Outcome.SCHEMA_CHANGED


RETS = [
    (["FAIL_SYS_TOKEN_EXOIRED::令牌过期"], "token_stale"),
    (["FAIL_SYS_TOKEN_EMPTY::令牌为空"], "token_stale"),
    (["FAIL_SYS_TOKEN_ILLEGAL::x"], "token_stale"),
    (["FAIL_SYS_SESSION_EXPIRED::Session过期"], "login_required"),
    (["FAIL_SYS_USER_VALIDATE", "RGV587_ERROR::SM::哎哟喂,被挤爆啦,请稍后重试!"], "challenged"),
    (["RGV587_ERROR::SM::x"], "challenged"),
    (["RRXVv_ERROR::x"], "challenged"),
    (["FAIL_SYS_ILLEGAL_ACCESS::非法请求"], "challenged"),
    (["ILLEGAL_REQUEST::x"], "challenged"),
    (["FAIL_SYS_TRAFFIC_LIMIT::x"], "rate_limited"),
    (["FAIL_SYS_USER_LIMIT::x"], "rate_limited"),
    (["FAIL_SYS_SERVICE_FACADE_TIMEOUT::x"], "transport_error"),
    (["FAIL_SYS_TIMEOUT::x"], "transport_error"),
    (["ANDROID_SYS_NETWORK_ERROR::x"], "transport_error"),
    (["FAIL_SYS_API_NOT_FOUNDED::x"], "schema_changed"),
    (["FAIL_SYS_SERVICE_NOT_EXIST::x"], "schema_changed"),
    (["FAIL_SYS_BIZPARAM_MISSED::x"], "schema_changed"),
    (["FAIL_BIZ_PARAM_ERROR::x"], "schema_changed"),
    (["FAIL_BIZ_ITEM_DEL_NOT_FOUND::您要看的宝贝不存在或已被删除啦!"], "not_found"),
    (["FAIL_BIZ_SOMETHING_NEW::x"], "schema_changed"),
    ([""], "schema_changed"),
]


@pytest.mark.parametrize(("ret", "outcome"), RETS)
def test_every_class_of_ret_has_an_outcome(ret: list[str], outcome: str) -> None:
    """The table of sources.md 2.1, codes in either string."""
    page = GOODS.parse_search(answer_to(envelope({}, *ret)))
    assert page.outcome == outcome
    assert "过期" not in page.detail
    assert "宝贝" not in page.detail


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('{"rgv587_flag":"sm","url":"https://x/deny_h5"}', "challenged"),
        ('{"rgv587_flag":"sm","url":"https://login.taobao.com/"}', "login_required"),
        (envelope({"url": "https://x/_____tmd_____/punish?x5secdata=1"}), "challenged"),
        (
            envelope({"url": "https://passport.goofish.com/mini_login.htm"}, "FAIL::x"),
            "login_required",
        ),
        ("<html>安全验证</html>", "challenged"),
        ('{"ret": 5, "data": 6}', "schema_changed"),
        ('{"ret": [null]}', "schema_changed"),
        ("{}", "schema_changed"),
        ("[1]", "schema_changed"),
        ("", "schema_changed"),
        (envelope(detail(), api=DETAIL_API), "schema_changed"),
    ],
)
def test_other_answers_are_named_too(text: str, outcome: str) -> None:
    """Older block shapes, HTML, and answers of another interface."""
    assert GOODS.parse_search(answer_to(text)).outcome == outcome


def test_jsonp_is_unwrapped() -> None:
    """type=jsonp wraps the same answer."""
    text = f" mtopjsonp3({envelope(search([row(1)]))})"
    assert GOODS.parse_search(answer_to(text)).outcome is Outcome.OK


def test_an_item_detail_is_read() -> None:
    """Full text, pictures, state, and the seller in its own id space."""
    page = GOODS.parse_item(answer_to(envelope(detail(), api=DETAIL_API)))
    assert (page.outcome, page.state) == (Outcome.OK, ItemState.ON_SALE)
    found = page.listing
    assert found is not None
    assert found.description == "台灯 1 号\n包邮\n可调光"
    assert (found.price_minor, found.seller_id, found.seller_id_space) == (
        72_000,
        "3300000001",
        "item",
    )
    assert (found.seller_name, found.region) == ("灯具小铺", "广州")
    assert found.published_at == datetime.fromtimestamp(1_785_900_000, UTC)
    assert found.extra["want_count"] == 12
    assert found.extra["properties"] == ["成色: 几乎全新"]
    assert found.extra["report_url"] == "https://market.example/report"
    assert found.extra["seller_level"] == "5"
    assert "original_price" not in found.extra


@pytest.mark.parametrize(
    ("text", "outcome", "state"),
    [
        (envelope(detail(itemStatusStr="卖掉了")), "ok", "sold"),
        (envelope(detail(itemStatusStr="已下架", itemStatus=-2)), "ok", "gone"),
        (envelope(detail(itemStatusStr="审核中", itemStatus=0)), "ok", "unknown"),
        (envelope(detail(itemStatusStr=None, itemStatus=0)), "ok", "on_sale"),
        (envelope({}, "FAIL_BIZ_ITEM_DEL_NOT_FOUND::x"), "ok", "gone"),
        (envelope({}, "FAIL_SYS_USER_VALIDATE::x"), "challenged", "unknown"),
        (envelope({}), "schema_changed", "unknown"),
        (envelope({"itemDO": {}}), "schema_changed", "unknown"),
        ("<html>安全验证</html>", "challenged", "unknown"),
    ],
)
def test_gone_is_only_what_says_so(text: str, outcome: str, state: str) -> None:
    """A challenge on an item page is not a takedown."""
    page = GOODS.parse_item(answer_to(text))
    assert (page.outcome, page.state) == (outcome, state)


def test_answers_are_known_by_their_interface() -> None:
    """By address, or by the body's own name; the site's scripts are no answers."""
    assert GOODS.claims(answer_to("{}", SEARCH_URL)) == "search"
    assert GOODS.claims(answer_to(envelope({}), "")) == "search"
    assert GOODS.claims(answer_to(envelope({}, api=DETAIL_API), "")) == "item"
    assert GOODS.claims(answer_to('var api="mtop.taobao.idle.pc.detail"', "https://x/a.js")) is None
    assert GOODS.claims(answer_to(json.dumps({"ret": []}), "")) is None


def test_the_time_of_the_look_is_not_needed_for_exact_times() -> None:
    """Epoch times do not move with the capture."""
    (found,) = GOODS.parse_search(answer_to(envelope(search([row(1)])))).listings
    assert found.published_at is not None
    assert found.published_at < FETCHED_AT
