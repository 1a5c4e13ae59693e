"""What each rule of a source finds on one page: the verdicts of `monitor sources check`.

Examples are short and masked: a check is run beside other people, and its output
lands in chats and tickets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from monitor.domain.page import Answer, ParsedListing
from monitor.sources.protocol import Source
from monitor.sources.texts import one_line

__all__ = ["FieldProbe", "FieldVerdict", "Probe", "ProbedSource", "check_search", "mask"]

EXAMPLE_CHARS = 24
MIN_MASKED_DIGITS = 5
"""Shorter runs of digits are prices and counts; longer ones could be a phone or an id."""
REQUIRED = ("container", "row", "rows", "native_id", "title")
LISTING_FIELDS = (
    "native_id",
    "title",
    "url",
    "description",
    "price_raw",
    "seller_name",
    "seller_id",
    "region",
    "published_at",
    "picture_urls",
)


@dataclass(frozen=True, slots=True)
class FieldProbe:
    """One rule and what it found in each row; None or "" where it found nothing."""

    field: str
    expression: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """A page as the rules see it.

    Attributes:
        rows: how many rows there are.
        fields: one entry for each rule that reads rows.
        page: (name, expression, value) of rules for the whole page; "" when not found.
    """

    rows: int
    fields: tuple[FieldProbe, ...]
    page: tuple[tuple[str, str, str], ...] = ()


@runtime_checkable
class ProbedSource(Protocol):
    """A source that can say what each of its rules finds."""

    def probe(self, answer: Answer) -> Probe:
        """Try every rule on a page. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """How one rule did.

    Attributes:
        field: what it reads.
        expression: the selector or expression, as written.
        found: rows in which it found something.
        rows: rows there were (1 for a rule of the whole page).
        example: the first value, masked and short.
        is_required: without it no row can be used.
    """

    field: str
    expression: str
    found: int
    rows: int
    example: str
    is_required: bool

    @property
    def is_good(self) -> bool:
        """Found in every row, or, for what is not required, at least somewhere."""
        return self.found > 0 and (self.found == self.rows or not self.is_required)


def check_search(source: Source, answer: Answer) -> list[FieldVerdict]:
    """Verdicts on every rule of `source` over one page of results, in the order they are written.

    A source without rules (goofish) is judged by the listings that it makes.
    """
    if isinstance(source, ProbedSource):
        probe = source.probe(answer)
    else:
        probe = _from_listings(source.parse_search(answer).listings)
    page = [
        FieldVerdict(name, expression, int(bool(value)), 1, mask(value), name in REQUIRED)
        for name, expression, value in probe.page
    ]
    return page + [_verdict(each, probe.rows) for each in probe.fields]


def mask(value: Any) -> str:
    """A short form that shows what kind of value it is, with long runs of digits dotted out.

    >>> mask("微信 13900000000 了解详情,照片活化,一手货源")
    '微信 ••••••••••• 了解详情,照片…'
    """
    text = one_line(_text(value))
    digits = 0
    marks = list(text)
    for place, mark in enumerate([*text, ""]):
        if mark.isdecimal():
            digits += 1
            continue
        if digits >= MIN_MASKED_DIGITS:
            marks[place - digits : place] = "•" * digits
        digits = 0
    return "".join(marks) if len(marks) <= EXAMPLE_CHARS else "".join(marks[:22]) + "…"


def _verdict(probe: FieldProbe, rows: int) -> FieldVerdict:
    found = [value for value in probe.values if value not in (None, "", [], ())]
    return FieldVerdict(
        probe.field,
        probe.expression,
        len(found),
        rows,
        mask(found[0]) if found else "",
        probe.field in REQUIRED,
    )


def _from_listings(listings: Sequence[ParsedListing]) -> Probe:
    fields = tuple(
        FieldProbe(name, "", tuple(getattr(listing, name) for listing in listings))
        for name in LISTING_FIELDS
    )
    return Probe(len(listings), fields)


def _text(value: Any) -> str:
    return _text(value[0]) if isinstance(value, list | tuple) and value else str(value or "")
