"""Numbers of people, views and sales as markets show them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

__all__ = ["Count", "parse_count"]

MAX_COUNT_CHARS = 100
COUNT = re.compile(
    r"(?P<number>\d[\d,]{0,20}(?:\.\d{1,6})?)\s?"
    r"(?P<factor>[千万亿]|[kKmMwWbB](?![A-Za-z]))?\s?(?P<plus>\+|多)?"
)
FACTORS = {"千": 10**3, "k": 10**3, "万": 10**4, "w": 10**4, "m": 10**6, "亿": 10**8, "b": 10**9}


class Count(NamedTuple):
    """A number and whether the market rounded it ("1.2万", "200+")."""

    value: int
    is_approximate: bool


def parse_count(text: str) -> Count | None:
    """Read the first number of a text; None when there is none.

    >>> parse_count("1.2万人想要")
    Count(value=12000, is_approximate=True)
    >>> parse_count("3292人想要")
    Count(value=3292, is_approximate=False)
    """
    if not text or len(text) > MAX_COUNT_CHARS:
        return None
    found = COUNT.search(text if text.isascii() else unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    number, factor, plus = found.groups()
    if factor is None and number.isdecimal():
        return Count(int(number), plus is not None)
    times = FACTORS[factor.lower()] if factor else 1
    value = int(Decimal(number.replace(",", "")) * times)
    return Count(value, times > 1 or plus is not None)
