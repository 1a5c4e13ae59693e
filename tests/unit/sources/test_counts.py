"""Counts as markets show them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.counts import parse_count


@pytest.mark.parametrize(
    ("text", "value", "is_approximate"),
    [
        ("3292人想要", 3292, False),
        ("0人想要", 0, False),
        ("1.2万人想要", 12_000, True),
        ("1万", 10_000, True),
        ("200+人付款", 200, True),
        ("10万+", 100_000, True),
        ("150000+", 150_000, True),
        ("1.2K", 1_200, True),
        ("3M views", 3_000_000, True),
        ("1,234 views", 1_234, False),
        ("已售 56", 56, False),
        ("300多人", 300, True),
        ("１２人", 12, False),
        ("5 kg", 5, False),
    ],
)
def test_a_count_has_a_value_and_says_whether_it_is_rounded(
    text: str, value: int, is_approximate: bool
) -> None:
    """Rounded numbers are marked, so that nobody counts with them."""
    assert parse_count(text) == (value, is_approximate)


@pytest.mark.parametrize("text", ["", "多人想要", "万", "+", "1" * 101])
def test_without_a_number_there_is_no_count(text: str) -> None:
    """None is not 0."""
    assert parse_count(text) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120))
def test_no_text_makes_it_fail(text: str) -> None:
    """Any text gives a non-negative number or None."""
    count = parse_count(text)
    assert count is None or count.value >= 0
