"""Prices a unit and quantities, read from a folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = ["Amount", "read_amounts"]

NUMBER: Final = r"(?:\d{1,7}(?:\.\d{1,2})?|[一二两三四五六七八九十百千万半]{1,5})"
MONEY: Final = r"(?:元|块钱|块|rmb|毛|分|刀|美金|美元|usdt|usd|bucks|r(?![a-z])|u(?![a-z])|\$)"
UNITS: Final = {
    "套": "set", "组": "set", "份": "set", "set": "set", "pack": "set", "kit": "set",
    "张": "picture", "条": "record", "人": "person", "脸": "face", "位": "person", "face": "face",
    "次": "pass", "单": "pass", "pass": "pass", "个": "piece", "piece": "piece", "pc": "piece",
    "each": "piece", "ea": "piece", "号": "account", "account": "account", "acc": "account",
    "本": "document", "card": "document", "scan": "document",
}  # fmt: skip
UNIT: Final = "(?:" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")"
CURRENCY: Final = r"[¥$€£]"
SUFFIX: Final = r"(?![a-z])"
PATTERNS: Final = (
    # 80/套, 五毛一条, 30元每张, $5 each, 12$ per set
    re.compile(
        rf"(?P<currency>{CURRENCY})? ?(?P<price>{NUMBER}) ?(?P<money>{MONEY})? ?"
        rf"(?:/|一|每|per |a |(?= ?(?:each|ea))) ?(?P<unit>{UNIT})s?{SUFFIX}"
    ),
    # 一次35, 每套30元, 单套3800
    re.compile(
        rf"(?:一|每|单)(?P<unit>{UNIT})价?[ :]?(?P<currency>{CURRENCY})?"
        rf"(?P<price>{NUMBER}) ?(?P<money>{MONEY})?(?!\d|[套张份条个人])"
    ),
    # 十套30, 100份450元, 10 sets 30$
    re.compile(
        rf"(?P<count>{NUMBER}) ?(?P<unit>{UNIT})s?{SUFFIX} ?(?:for )?(?P<currency>{CURRENCY})?"
        rf"(?P<price>\d{{1,7}}(?:\.\d{{1,2}})?) ?(?P<money>{MONEY})?(?!\d|[套张份条个人天年月分小])"
    ),
)
QUANTITY: Final = re.compile(
    rf"(?P<count>{NUMBER})(?P<scale>[w万k千百]?)[+多余]? ?"
    r"(?:套|份|条|组|人份|records|sets|pcs|selfies|faces|ids|docs)"
)
# A count of which one person has no need.
BULK: Final = 50
DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
SCALES: Final = {"十": 10, "百": 100, "千": 1000, "万": 10000}
LETTER_SCALES: Final = {"": 1, "w": 10000, "万": 10000, "k": 1000, "千": 1000, "百": 100}
FEN: Final = {"毛": 10, "分": 1}


@dataclass(frozen=True, slots=True)
class Amount:
    """A price a unit, or a number of units, and where it stands in the folded view.

    Attributes:
        unit_price_minor: minor units of whatever money is meant; None for a bare quantity.
        unit: as in `classifiers.contract.Offer`.
        quantity: number of units, or None.
    """

    start: int
    end: int
    unit_price_minor: int | None = None
    unit: str | None = None
    quantity: int | None = None

    @property
    def is_bulk(self) -> bool:
        """Whether nobody needs so many for himself."""
        return self.quantity is not None and self.quantity >= BULK


def _number(text: str) -> Decimal:
    """The value of digits or Chinese numerals; 半 is a half."""
    if text[0].isdigit():
        return Decimal(text)
    if text == "半":
        return Decimal("0.5")
    total = 0
    current = 0
    for char in text:
        if char in DIGITS:
            current = DIGITS[char]
        elif char in SCALES:
            total += (current or 1) * SCALES[char]
            current = 0
    return Decimal(total + current)


def read_amounts(text: str) -> list[Amount]:
    """Unit prices and quantities of a folded text; what is found first keeps its place."""
    found: list[Amount] = []
    taken: set[int] = set()
    for amount in (*_prices(text), *_quantities(text)):
        places = range(amount.start, amount.end)
        if taken.isdisjoint(places):
            taken.update(places)
            found.append(amount)
    return found


def _prices(text: str) -> Iterator[Amount]:
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            price = _number(match["price"]) * FEN.get(match["money"] or "", 100)
            count = match.groupdict().get("count")
            quantity = _number(count) if count else Decimal(1)
            if price <= 0 or quantity <= 0:
                continue
            yield Amount(
                match.start(),
                match.end(),
                unit_price_minor=int((price / quantity).to_integral_value()),
                unit=UNITS[match["unit"]],
                quantity=int(quantity) if count else None,
            )


def _quantities(text: str) -> Iterator[Amount]:
    for match in QUANTITY.finditer(text):
        quantity = int(_number(match["count"]) * LETTER_SCALES[match["scale"]])
        if quantity > 0:
            yield Amount(match.start(), match.end(), quantity=quantity)
