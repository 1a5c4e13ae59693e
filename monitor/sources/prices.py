"""From a price as shown to integer minor units (fen, cents).

Unknown is None and never 0: 面议, 详聊, 免费 and the like say nothing of what will be
asked for in the end. Bait prices (0.01, 99999) are kept as shown.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

__all__ = ["MAX_PRICE_CHARS", "minor_digits", "parse_price", "price_of_number"]

MAX_PRICE_CHARS = 200
"""Longer texts are no prices."""
MAX_MINOR = 10**15
"""Above this it is a mistake, and no column of the store would hold it."""

# ISO 4217: currencies whose minor unit is not a hundredth.
MINOR_DIGITS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

# What most rows show; taken apart without the rest of this module.
SIMPLE = re.compile(r"\s*[¥￥$£€]?(?P<whole>[0-9]{1,9})(?:\.(?P<fraction>[0-9]{1,2}))?元?\s*")
NUMBER = r"(?:\d{1,3}(?:[ ']\d{3})+(?!\d)(?:[.,]\d+)?|\d(?:[\d,.]*\d)?)"
FACTOR = r"(?:[万千亿]|[wWkK](?![A-Za-z]))"
TO = r"\s?[-~–—至到]\s?"
AMOUNT = re.compile(
    rf"(?P<number>(?:{NUMBER}|\.\d+))\s?(?P<factor>{FACTOR})?"
    rf"(?:{TO}[¥$£€]?\s?\d[\d,.]*\s?(?P<range_factor>{FACTOR}))?"
)
SIGNED = re.compile(r"(?:¥|\$|£|€|RMB|CNY|USD|EUR|GBP|HKD)\s?(?=\.?\d)", re.IGNORECASE)
NAMED = re.compile(
    rf"{NUMBER}\s?{FACTOR}?(?:{TO}\d[\d,.]*\s?{FACTOR}?)?"
    r"\s?(?:元|块|圆|¥|€|£|\$|RMB|CNY|USD|EUR)",
    re.IGNORECASE,
)
FACTORS = {"千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
CURRENT = ("现价", "当前价", "到手价", "券后价", "券后")
"""What follows one of these is the price; what stands before may be a struck-out one."""
GROUPS_BY_DOT = re.compile(r"€|EUR|R\$|kr|zł|₫", re.IGNORECASE)


def minor_digits(currency: str) -> int:
    """Decimal digits of a currency's minor unit: 2, but 0 for JPY and 3 for KWD."""
    return MINOR_DIGITS.get(currency, 2)


def parse_price(text: str, *, digits: int = 2) -> int | None:
    """Read a price as people write it.

    Of a range ("10-50", "10元起") the lower end is taken: it is what the seller
    advertises, and the text stays beside it. A number next to a currency sign goes
    before other numbers ("3件 ¥20" is 20). "1.2万" and "1.2k" are multiplied out.
    A comma before exactly three digits groups thousands, otherwise it is a decimal
    comma; a dot before three digits groups only beside €, R$ and their like.

    Args:
        text: as shown, sign and unit included.
        digits: decimal digits of the currency's minor unit, see `minor_digits`.

    Returns:
        Integer minor units, or None when the text holds no price that can be told.

    >>> parse_price("当前价¥1,200.5"), parse_price("1.2万"), parse_price("面议")
    (120050, 1200000, None)
    """
    simple = SIMPLE.fullmatch(text)
    if simple:
        fraction = simple["fraction"] or ""
        if len(fraction) <= digits:
            return int(simple["whole"] + fraction.ljust(digits, "0"))
    if len(text) > MAX_PRICE_CHARS:
        return None
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    for word in CURRENT:
        _, found, after = plain.rpartition(word)
        if found and any(mark.isdecimal() for mark in after):
            plain = after
            break
    amount = _amount(plain)
    if amount is None:
        return None
    number = _decimal(amount["number"], has_dot_groups=bool(GROUPS_BY_DOT.search(plain)))
    if number is None:
        return None
    factor = amount["factor"] or amount["range_factor"]
    return _minor(number * FACTORS[factor.lower()] if factor else number, digits)


def price_of_number(value: float | Decimal, *, digits: int = 2) -> int | None:
    """Minor units of a number in major units; None when it is negative or no number."""
    try:
        return _minor(Decimal(str(value)), digits)
    except InvalidOperation:
        return None


def _amount(text: str) -> re.Match[str] | None:
    signed = SIGNED.search(text)
    named = None if signed else NAMED.search(text)
    start = signed.end() if signed else named.start() if named else 0
    amount = AMOUNT.search(text, start)
    if amount is None:
        return None
    before, after = text[: amount.start()], text[amount.end() :]
    # "-50" is a discount; "1e5" and the like are no prices people write.
    is_discount = before.rstrip("¥$£€ ").endswith(("-", "−"))
    is_exponent = after[:1] in ("e", "E") and after[1:2].isdecimal()
    return None if is_discount or is_exponent else amount


def _decimal(written: str, *, has_dot_groups: bool) -> Decimal | None:
    """A number with its marks of grouping and fraction sorted out."""
    compact = written.replace(" ", "").replace("'", "")
    dots, commas = compact.count("."), compact.count(",")
    if dots and commas:
        fraction = "." if compact.rindex(".") > compact.rindex(",") else ","
        if compact.count(fraction) > 1:
            return None
        group = "," if fraction == "." else "."
        compact = compact.replace(group, "").replace(fraction, ".")
    elif commas:
        compact = _without_groups(compact, ",", is_grouping=len(compact.rpartition(",")[2]) == 3)
    elif dots:
        is_group = has_dot_groups and len(compact.rpartition(".")[2]) == 3
        compact = _without_groups(compact, ".", is_grouping=is_group and compact[0] != "0")
    try:
        return Decimal(compact) if compact else None
    except InvalidOperation:
        return None


def _without_groups(number: str, mark: str, *, is_grouping: bool) -> str:
    """Drop `mark` where it groups thousands, else make it the decimal point; "" if neither fits."""
    head, _, tail = number.rpartition(mark)
    if is_grouping or mark in head:
        groups = number.split(mark)
        is_regular = len(groups[-1]) == 3 and all(2 <= len(group) <= 3 for group in groups[1:])
        return number.replace(mark, "") if is_regular else ""
    return f"{head}.{tail}" if mark == "." or len(tail) <= 2 else ""


def _minor(number: Decimal, digits: int) -> int | None:
    if not number.is_finite() or number < 0 or number > MAX_MINOR:
        return None
    minor = int(number.scaleb(digits).to_integral_value(ROUND_HALF_UP))
    return minor if minor <= MAX_MINOR else None
