"""Prices as people write them, to integer minor units; unknown is None and never 0."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.prices import minor_digits, parse_price, price_of_number


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("28", 2800),
        ("40.80", 4080),
        ("¥40.80", 4080),
        ("".join(["¥", "40", ".80"]), 4080),
        ("当前价¥30", 3000),
        ("当前价 4999.50", 499950),
        ("¥1,200", 120000),
        ("¥1,200.50", 120050),
        ("¥1,234,567", 123456700),
        ("1200元", 120000),
        ("1200 块", 120000),
        ("1.2万", 1200000),
        ("1.2万元", 1200000),
        ("3千", 300000),
        ("1.2w", 1200000),
        ("2k", 200000),
        ("¥0.50", 50),
        ("0.01", 1),
        (".80", 80),
        ("¥ .80", 80),
        ("￥２８．５０", 2850),
        ("￥ 28", 2800),
        ("¥28起", 2800),
        ("10-50", 1000),
        ("¥10 - ¥50", 1000),
        ("10~50元", 1000),
        ("10至50", 1000),
        ("10元-50元", 1000),
        ("28 50", 2800),
        ("1-2万", 1000000),
        ("£9.99", 999),
        ("$1,234.50", 123450),
        ("US $12", 1200),
        ("12,50 €", 1250),
        ("1.234,50 €", 123450),
        ("1.200 €", 120000),
        ("1 234,50 €", 123450),
        ("1'200.00", 120000),
        ("12,34,567", 123456700),
        ("3件 ¥20", 2000),
        ("2件套 20元", 2000),
        ("原价¥299 现价¥199", 19900),
        ("99999", 9999900),
        ("0", 0),
        ("RMB 35", 3500),
    ],
)
def test_a_price_becomes_minor_units(text: str, minor: int) -> None:
    """Every form that was seen on a market has one reading."""
    assert parse_price(text) == minor


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "面议", "详聊", "免费", "价格私聊", "¥", "元", "万", "-50", "立减 -¥5", "1e5"),
        *("1,2345", "1.2.3.4", "9" * 30, "¥" * 500, "1" * 500, "1,1,1", "２" * 300, "N/A"),
    ],
)
def test_what_cannot_be_told_is_none(text: str) -> None:
    """Words, discounts and nonsense are unknown, never 0."""
    assert parse_price(text) is None


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [("JPY", "¥1200", 1200), ("KWD", "1.234", 1234), ("CNY", "1.234", 123), ("EUR", "5", 500)],
)
def test_a_currency_has_its_own_digits(currency: str, text: str, minor: int) -> None:
    """Yen have no hundredths and dinars have thousandths."""
    assert parse_price(text, digits=minor_digits(currency)) == minor


def test_a_number_is_in_major_units() -> None:
    """Floats do not lose a fen on the way, and what is no number is unknown."""
    assert price_of_number(40.8) == 4080
    assert price_of_number(1.005) == 101
    assert price_of_number(Decimal("0.1")) == 10
    assert price_of_number(-1) is None
    assert price_of_number(float("nan")) is None
    assert price_of_number(float("inf")) is None
    assert price_of_number(1e300) is None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["¥{}", "{}元", "{}", "￥ {}", "{} 起", "当前价¥{}"]))
def test_any_amount_survives_being_written(minor: int, form: str) -> None:
    """Writing an amount and reading it again gives it back."""
    whole, cents = divmod(minor, 100)
    for written in (f"{whole}.{cents:02d}", f"{whole:,}.{cents:02d}"):
        assert parse_price(form.format(written)) == minor


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300) | st.text("0123456789.,¥元万-~ €k'", max_size=250))
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever a seller writes gives a number that the store can hold, or None."""
    price = parse_price(text)
    assert price is None or 0 <= price <= 10**15


def test_hostile_lengths_cost_nothing() -> None:
    """A field of a megabyte is answered at once, and so is the worst short one."""
    started = time.perf_counter()
    for text in ("1," * 500_000, "¥" * 1_000_000, "1 " * 99, "1-" * 99, "." * 199, "¥ " * 99):
        parse_price(text)
    assert time.perf_counter() - started < 0.5
