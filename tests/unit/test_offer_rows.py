"""Offers as the store keeps them: now, and from before spans were kept."""

from __future__ import annotations

from typing import Any

import pytest

from classifiers.lexicon.offers import NOTHING, offer_words
from classifiers.text.numerals import CURRENCIES
from classifiers.text.offer import ACCOUNT, CONTACTED, MARKETS, MESSENGERS, WAYS
from classifiers.text.units import UNITS
from monitor.domain.offer import (
    NAMED,
    OFFER_FILTERS,
    OfferLine,
    offer_filters,
    offer_lines,
    offer_values,
)
from monitor.errors import InputError

TEXT = "微信号 五毛一条 现货50 加飞机"
NOW: dict[str, Any] = {
    "unit_prices": [{"minor": 50, "currency": "CNY", "unit": "record", "start": 4, "end": 8}],
    "quantities": [{"count": 50, "unit": None, "start": 11, "end": 13}],
    "targets": [{"value": "wechat", "start": 0, "end": 2}],
    "handoff": [{"value": "telegram", "start": 14, "end": 17}],
}
BEFORE: dict[str, Any] = {
    "unit_price_minor": 50,
    "unit": "record",
    "quantity": 20000,
    "contents": ["手持"],
    "origins": ["网贷"],
    "targets": [],
    "handoff": ["telegram"],
}


def test_each_thing_is_shown_with_its_words() -> None:
    """The quote is what the span holds in the masked text."""
    assert offer_lines(NOW, TEXT) == [
        OfferLine("price", "0.5", "CNY", "record", "五毛一条"),
        OfferLine("quantity", "50", "", "", "50"),
        OfferLine("target", "wechat", "", "", "微信"),
        OfferLine("handoff", "telegram", "", "", "加飞机"),
    ]


def test_rows_of_before_are_still_read() -> None:
    """They have no spans, and the listing's currency stands for the price's."""
    assert offer_lines(BEFORE, TEXT, currency="CNY") == [
        OfferLine("price", "0.5", "CNY", "record", ""),
        OfferLine("quantity", "20000", "", "", ""),
        OfferLine("content", "手持", "", "", ""),
        OfferLine("origin", "网贷", "", "", ""),
        OfferLine("handoff", "telegram", "", "", ""),
    ]
    assert offer_values(BEFORE)["unit"] == ("record",)


def test_values_for_filters_stand_once() -> None:
    """One price in two units is one price and two units."""
    prices = [
        {"minor": 3000, "currency": "CNY", "unit": unit, "start": 0, "end": 1}
        for unit in ("set", "piece")
    ]
    assert offer_values({"unit_prices": prices}) == {
        "price": ("30",),
        "currency": ("CNY",),
        "unit": ("set", "piece"),
    }
    assert offer_values({}) == {}


def test_filters_are_read_as_people_write_them() -> None:
    """30.0 finds 30, and letters' case does not matter."""
    wanted = ["target=WeChat", "target=qq", "price=30.0", "price=0.50", "currency=usdt"]
    assert offer_filters(wanted) == {
        "target": ["wechat", "qq"],
        "price": ["30", "0.5"],
        "currency": ["USDT"],
    }


@pytest.mark.parametrize("wanted", ["target", "target=", "smell=bad", "=x", ""])
def test_a_filter_that_cannot_be_is_refused(wanted: str) -> None:
    """The message names what can be asked for."""
    with pytest.raises(InputError, match="handoff"):
        offer_filters([wanted])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("target=weixin", "did you mean wechat"),
        ("target=微信", "did you mean wechat"),
        ("content=held", "did you mean held_id"),
        ("unit=套", "did you mean set"),
        ("currency=rmb", "did you mean CNY"),
        ("delivery=netdisks", "did you mean netdisk"),
        ("origin=zzz", "is one of loan_platform, .*hotel"),
        ("handoff=-", "is one of"),
        ("price=cheap", "is a number"),
        ("quantity=1.5", "is a whole number"),
    ],
)
def test_a_value_that_no_offer_can_have_is_refused(wanted: str, said: str) -> None:
    """It would silently find nothing; what is meant is named, or all there is."""
    with pytest.raises(InputError, match=said):
        offer_filters([wanted])


def test_every_value_that_is_ever_read_can_be_asked_for() -> None:
    """From words, from ways to the seller, from contacts; every unit and currency."""
    possible: dict[str, set[str]] = {
        "content": {ACCOUNT},
        "target": {*MESSENGERS, *MARKETS},
        "handoff": {name for name, _ in WAYS} | set(CONTACTED.values()) | MESSENGERS,
        "unit": set(filter(None, UNITS.values())),
        "currency": {*CURRENCIES.values(), "USD", "CNY"},
    }
    for word in offer_words():
        if word.value != NOTHING:
            possible.setdefault(NAMED[word.field], set()).add(word.value)
    assert set(possible) == {*OFFER_FILTERS} - {"price", "quantity"}
    for name, values in possible.items():
        wanted = sorted(values)
        assert offer_filters([f"{name}={value}" for value in wanted]) == {name: wanted}
