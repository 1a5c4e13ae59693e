"""Invented people whose papers can not pass for anybody's.

Three things are wrong with every number, each enough by itself: its area is none, its date
is none, its check digit is wrong. `faults_of` names them, and a test asks it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from classifiers.text.identifiers import ID_CHECKS, ID_WEIGHTS, PROVINCES

__all__ = ["Person", "bank_number", "faults_of", "invented_person", "nobody_phone"]

IMPOSSIBLE_AREAS: Final = ("00", "01", "02", "07", "08", "09", "10", "16", "18", "19")
"""None is a province; no bank card begins with their first digits either."""

CHINESE_FIRST: Final = (
    "南瓜",
    "土豆",
    "芝麻",
    "泡泡",
    "饺子",
    "云朵",
    "铅笔",
    "咸鱼",
    "月饼",
    "棉花",
)
CHINESE_LAST: Final = (
    "船长",
    "大王",
    "博士",
    "将军",
    "先锋",
    "教授",
    "侦探",
    "魔术师",
    "骑士",
    "飞人",
)
LATIN_FIRST: Final = ("CAPTAIN", "DOCTOR", "SIR", "LADY", "BARON", "PROFESSOR", "ADMIRAL", "AUNT")
LATIN_LAST: Final = (
    "TURNIP",
    "PANCAKE",
    "TEAPOT",
    "NOODLE",
    "PICKLE",
    "BUMBLE",
    "SPROUT",
    "WAFFLE",
)
CHINESE_TOWNS: Final = (
    "云上省棉花糖市",
    "月球省环形山市",
    "蘑菇省雨伞县",
    "海底省珊瑚区",
    "画里省墨水镇",
)
LATIN_TOWNS: Final = ("NOWHERE", "CLOUDTOWN", "TEAPOT BAY", "UPSIDE DOWN", "MOON CITY")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can not be.

    Attributes:
        name: absurd, in Chinese characters.
        latin_name: absurd, in Latin letters.
        number: 18 characters, laid out like a resident identity number.
        address: in Chinese, of a place that is none.
        town: in Latin letters, of a place that is none.
        born: as it is written on the card: in a month that is none.
    """

    name: str
    latin_name: str
    number: str
    address: str
    town: str
    born: str


def invented_person(rng: random.Random) -> Person:
    """Somebody else at each call."""
    year, month, day = rng.randint(1950, 2005), rng.randint(13, 19), rng.randint(1, 31)
    first = rng.choice(IMPOSSIBLE_AREAS) + f"{rng.randint(0, 9999):04d}"
    digits = f"{first}{year}{month}{day:02d}{rng.randint(0, 999):03d}"
    wrong = [check for check in ID_CHECKS.upper() if check != _check_of(digits).upper()]
    return Person(
        name=rng.choice(CHINESE_FIRST) + rng.choice(CHINESE_LAST),
        latin_name=f"{rng.choice(LATIN_FIRST)} {rng.choice(LATIN_LAST)}",
        number=digits + rng.choice(wrong),
        address=f"{rng.choice(CHINESE_TOWNS)}{rng.randint(1000, 9999)}号",
        town=f"{rng.randint(1000, 9999)} {rng.choice(LATIN_TOWNS)}",
        born=f"{year}年{month}月{day}日",
    )


def bank_number(rng: random.Random) -> str:
    """Sixteen digits in groups of four that no scheme has: they start with 0 and fail the check."""
    while True:
        digits = "0" + "".join(rng.choice("0123456789") for _ in range(15))
        if not _passes_luhn(digits):
            return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def nobody_phone(rng: random.Random) -> str:
    """Eleven digits that no telephone has: no mobile number starts with 10."""
    return "10" + "".join(rng.choice("0123456789") for _ in range(9))


def faults_of(number: str) -> frozenset[str]:
    """What is wrong with an identity number: any of ``area``, ``date``, ``check``."""
    faults = set()
    if number[:2] not in PROVINCES:
        faults.add("area")
    if not 1 <= int(number[10:12]) <= 12:
        faults.add("date")
    if _check_of(number[:17]).upper() != number[17].upper():
        faults.add("check")
    return frozenset(faults)


def _check_of(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, ID_WEIGHTS, strict=True))
    return ID_CHECKS[total % 11]


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
