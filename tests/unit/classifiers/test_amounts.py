"""Prices a unit and quantities."""

from __future__ import annotations

import pytest

from classifiers.text.amounts import read_amounts, read_sums
from classifiers.text.normalise import fold


@pytest.mark.parametrize(
    ("text", "price", "unit"),
    [
        ("80/套", 8000, "set"),
        ("五毛一条", 50, "record"),
        ("0.5一张", 50, "picture"),
        ("30元每套", 3000, "set"),
        ("一次35", 3500, "pass"),
        ("每套30元", 3000, "set"),
        ("十套30", 300, "set"),
        ("100份450元", 450, "set"),
        ("12$ each", 1200, "piece"),
        ("$5 per set", 500, "set"),
        ("45u each", 4500, "piece"),
    ],
)
def test_unit_price_is_read(text: str, price: int, unit: str) -> None:
    """Prices a unit in the forms that sellers use, in minor units."""
    amount = next(a for a in read_amounts(fold(text).text) if a.unit_price_minor is not None)
    assert (amount.unit_price_minor, amount.unit) == (price, unit)


@pytest.mark.parametrize(
    ("text", "quantity"), [("两万套", 20000), ("5w条", 50000), ("500 sets", 500), ("三百份", 300)]
)
def test_quantity_is_read(text: str, quantity: int) -> None:
    """Numbers of units, in digits and characters."""
    assert [a.quantity for a in read_amounts(fold(text).text)] == [quantity]


@pytest.mark.parametrize("text", ["四件套", "2023年", "1.8米", "第一次来", "0元一套", ""])
def test_other_numbers_are_no_price(text: str) -> None:
    """Counts, years, sizes and nothing are no price a unit."""
    assert [a for a in read_amounts(fold(text).text) if a.unit_price_minor is not None] == []


@pytest.mark.parametrize(
    "text", ["¥1e5", "¥1.5e5", "1e5元一套", "¥1,000e5", "教程 1e+5", "现货1e5套", "$2e-3 each"]
)
def test_a_power_of_ten_is_not_read(text: str) -> None:
    """Neither as its first digit nor as its last."""
    folded = fold(text).text
    assert read_amounts(folded) == []
    assert read_sums(folded, []) == []
