"""Numbers of people, views and sales as markets show them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Count", "parse_count"]

MAX_COUNT_CHARS = 100
COUNT = re.compile(
    r"(?P<number>\d[\d,]{0,20}(?:\.\d{1,6})?)\s?"
    r"(?P<factor>[千万亿]|[kKmMwWbB](?![A-Za-z]))?\s?(?P<plus>\+|多)?"
)
FACTORS = {"千": 10**3, "k": 10**3, "万": 10**4, "w": 10**4, "m": 10**6, "亿": 10**8, "b": 10**9}


@dataclass(frozen=True, slots=True)
class Count:
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
    if len(text) > MAX_COUNT_CHARS:
        return None
    found = COUNT.search(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    factor = FACTORS[found["factor"].lower()] if found["factor"] else 1
    number = Decimal(found["number"].replace(",", "")) * factor
    is_approximate = factor > 1 or found["plus"] is not None
    return Count(int(number), is_approximate)
