"""What an assessment read out of an offer, as the store keeps it, and what can be asked of it.

Stored is what `monitor assess` writes: for each field a list of objects with their
span in the text. Rows that were written before spans were kept hold bare values in some
of the same fields and one price and quantity in fields of their own; both are read here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from monitor.errors import InputError

__all__ = ["OFFER_FILTERS", "OfferLine", "offer_filters", "offer_lines", "offer_values"]

OFFER_FILTERS = (
    "price",
    "currency",
    "unit",
    "quantity",
    "content",
    "origin",
    "target",
    "delivery",
    "handoff",
)
"""What hits can be filtered by: names for people, singular."""

NAMED = {
    "contents": "content",
    "origins": "origin",
    "targets": "target",
    "delivery": "delivery",
    "handoff": "handoff",
}
MAX_VALUE_CHARS = 80


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One thing that was read out.

    Attributes:
        name: ``"price"``, ``"quantity"``, or one of the names after them in `OFFER_FILTERS`.
        value: canonical; a price in whole money ("0.5"), a quantity in digits.
        currency: of a price, else "".
        unit: of a price or quantity, else "".
        quote: the words of the text that say so; "" where no span was kept.
    """

    name: str
    value: str
    currency: str
    unit: str
    quote: str


def offer_lines(stored: Mapping[str, Any], text: str, *, currency: str = "") -> list[OfferLine]:
    """What was read out, field by field.

    Args:
        stored: the assessment's offer.
        text: the masked text that the spans refer to.
        currency: of the listing, for rows of before that name none.
    """
    lines = [
        OfferLine("price", _money(row["minor"]), row["currency"], row["unit"] or "", quote)
        for row, quote in _rows(stored, "unit_prices", text)
    ]
    if isinstance(stored.get("unit_price_minor"), int):
        price = _money(stored["unit_price_minor"])
        lines.append(OfferLine("price", price, currency, str(stored.get("unit") or ""), ""))
    lines += [
        OfferLine("quantity", str(row["count"]), "", row["unit"] or "", quote)
        for row, quote in _rows(stored, "quantities", text)
    ]
    if isinstance(stored.get("quantity"), int):
        lines.append(OfferLine("quantity", str(stored["quantity"]), "", "", ""))
    for field, name in NAMED.items():
        lines += [
            OfferLine(name, str(row["value"]), "", "", quote)
            for row, quote in _rows(stored, field, text)
        ]
    return lines


def _rows(
    stored: Mapping[str, Any], field: str, text: str
) -> Iterator[tuple[Mapping[str, Any], str]]:
    for row in stored.get(field) or ():
        if isinstance(row, Mapping):
            yield row, text[row["start"] : row["end"]]
        else:
            yield {"value": row}, ""


def _money(minor: int) -> str:
    return f"{Decimal(minor) / 100:f}"


def offer_values(stored: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The values of each of `OFFER_FILTERS` that has any, each once."""
    found: dict[str, dict[str, None]] = {}
    for line in offer_lines(stored, ""):
        parts = {line.name: line.value, "currency": line.currency, "unit": line.unit}
        for name, value in parts.items():
            if value:
                found.setdefault(name, {})[value[:MAX_VALUE_CHARS]] = None
    return {name: tuple(found[name]) for name in OFFER_FILTERS if name in found}


def offer_filters(wanted: Sequence[str]) -> dict[str, list[str]]:
    """Filters as people write them, by name.

    >>> offer_filters(["target=wechat", "target=qq", "price=30.0"])
    {'target': ['wechat', 'qq'], 'price': ['30']}

    Raises:
        InputError: one is not ``name=value`` with a name of `OFFER_FILTERS`, or no offer can
            have the value.
    """
    possible = _possible_values()
    found: dict[str, list[str]] = {}
    for text in wanted:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in OFFER_FILTERS or not value:
            names = ", ".join(OFFER_FILTERS)
            raise InputError(f"--offer: {text!r} is not name=value; names: {names}")
        written = _written(name, value)
        _check(name, written, possible)
        found.setdefault(name, []).append(written)
    return found


def _possible_values() -> dict[str, dict[str, tuple[str, ...]]]:
    """For each name with canonical values, these, and the words by which each is known."""
    # Only who filters pays for reading the vocabulary.
    from classifiers.lexicon.offers import NOTHING, offer_words
    from classifiers.text.numerals import CURRENCIES
    from classifiers.text.units import UNITS

    possible: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in NAMED.values()}
    for word in offer_words():
        if word.value != NOTHING:
            values = possible[NAMED[word.field]]
            values[word.value] = (*values.get(word.value, ()), *word.phrases)
    for name, table in (("unit", UNITS), ("currency", CURRENCIES)):
        possible[name] = {
            value: tuple(word for word, meant in table.items() if meant == value)
            for value in sorted(filter(None, set(table.values())))
        }
    return possible


def _check(name: str, value: str, possible: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Refuse what nothing can have: it would find nothing, as if there were no such hits.

    Raises:
        InputError: with what is probably meant, or all that is possible.
    """
    if name not in possible:
        is_number = re.fullmatch(r"\d+(\.\d+)?" if name == "price" else r"\d+", value, re.ASCII)
        if not is_number:
            kind = "a number" if name == "price" else "a whole number"
            raise InputError(f"--offer: {name} is {kind}, not {value!r}")
        return
    values = possible[name]
    if value in values:
        return
    meant = [known for known, words in values.items() if value.lower() in words]
    near = meant or difflib.get_close_matches(value, values)
    said = f"did you mean {' or '.join(near)}?" if near else f"it is one of {', '.join(values)}"
    raise InputError(f"--offer: {name} is never {value!r}; {said}")


def _written(name: str, value: str) -> str:
    """A value as it is stored: 30.0 and 30 are one price, usdt is USDT."""
    if name == "price" and value.replace(".", "", 1).isdecimal():
        return _money(int((Decimal(value) * 100).to_integral_value()))
    return value.upper() if name == "currency" else value.lower() if value.isascii() else value
