"""From the raw values of a row to a listing: one way for all adapters.

An adapter finds values; here they are cleaned, parsed and bounded. A row that
cannot be used raises `BadRow` and costs only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.domain.page import ItemState, ParsedListing, RowProblem
from monitor.errors import SourceError
from monitor.sources.counts import parse_count
from monitor.sources.definition import SourceDefinition
from monitor.sources.links import Links
from monitor.sources.options import StateWords
from monitor.sources.pictures import absolute_pictures
from monitor.sources.prices import minor_digits, parse_price, price_of_number
from monitor.sources.templates import fill_url
from monitor.sources.texts import many_lines, one_line
from monitor.sources.times import parse_time

__all__ = [
    "MAX_ROWS",
    "BadRow",
    "PriceUnit",
    "RowReader",
    "collect_rows",
    "missing_fields",
    "raw_value",
]

MAX_ROWS = 1_000
"""Of one page; markets show 20 to 100."""
MAX_ID_CHARS = 200
MAX_PROBLEMS = 50
"""Reported of one page; a last one counts the rest."""
MAX_RAW_PRICE_CHARS = 60

NO_STATES = StateWords()
NOTHING: Mapping[str, Any] = {}
PriceUnit = Literal["major", "minor", "unknown"]
Row = TypeVar("Row")


class BadRow(Exception):
    """A row that cannot be used: which field, and why, without the row's own text."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RowReader:
    """Makes listings from raw values.

    Attributes:
        currency: ISO 4217.
        zone: of times shown without one.
        price_unit: what prices count: major units (yuan), minor units (fen), or
            ``"unknown"``: then only the text is kept.
        id_space: of seller ids.
        states: words for availability.
        link: template of a listing's address for rows without one.
        digits: decimal digits of the currency's minor unit.
    """

    currency: str
    zone: tzinfo
    price_unit: PriceUnit = "major"
    id_space: str = "search"
    states: StateWords = NO_STATES
    link: str = ""
    digits: int = 2

    @classmethod
    def of(
        cls,
        definition: SourceDefinition,
        *,
        price_unit: PriceUnit = "major",
        id_space: str = "search",
        states: StateWords | None = None,
        link: str = "",
    ) -> RowReader:
        """A reader with the definition's currency and zone; raises `SourceError`."""
        try:
            zone = ZoneInfo(definition.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SourceError(
                f"source {definition.name}: timezone: unknown zone {definition.timezone!r}"
            ) from None
        return cls(
            definition.currency,
            zone,
            price_unit,
            id_space,
            states or NO_STATES,
            link,
            minor_digits(definition.currency),
        )

    def read(self, values: Mapping[str, Any], base: Links, fetched_at: datetime) -> ParsedListing:
        """Make a listing.

        Args:
            values: by the names of `ParsedListing` fields (``price`` and
                ``pictures`` for the raw ones), and ``counts`` and ``extra`` as
                mappings; None or a missing key means that nothing was found.
            base: of the page that the row is on.
            fetched_at: aware; what relative times count from.

        Raises:
            BadRow: without an id or any text.
        """
        found = values.get
        native_id = _native_id(found("native_id"))
        title = _line(found("title"))
        description = many_lines(_text(found("description")))
        if not title and not description:
            raise BadRow("title", "nothing found")
        published = found("published_at")
        when = published if isinstance(published, int | float) else _text(published)
        at, precision = parse_time(when, fetched_at, self.zone)
        price = found("price")
        return ParsedListing(
            native_id=native_id,
            url=self._url(found("url"), native_id, base),
            title=title,
            description="" if description == title else description,
            price_minor=self._price(price),
            price_raw=_line(price)[:MAX_RAW_PRICE_CHARS],
            currency=self.currency,
            seller_name=_line(found("seller_name")) or None,
            seller_id=_line(found("seller_id"))[:MAX_ID_CHARS] or None,
            seller_id_space=self.id_space,
            region=_line(found("region")) or None,
            published_at=at,
            published_precision=precision,
            picture_urls=absolute_pictures(found("pictures") or (), base),
            state=self.state_of(_line(found("state"))),
            extra=_extra(values),
        )

    def state_of(self, text: str) -> ItemState:
        """What a state text says; `ItemState.UNKNOWN` for words that nobody declared."""
        if not text:
            return ItemState.UNKNOWN
        for state in (ItemState.GONE, ItemState.SOLD, ItemState.ON_SALE):
            for word in getattr(self.states, state.value):
                is_within = len(word) > 1 and not word.isdecimal() and word in text
                if word == text or is_within:
                    return state
        return ItemState.UNKNOWN

    def _url(self, found: Any, native_id: str, base: Links) -> str:
        link = base.resolve(_text(found))
        if not link and self.link:
            link = base.resolve(fill_url(self.link, {"native_id": native_id}))
        return link

    def _price(self, value: Any) -> int | None:
        digits = self.digits
        if isinstance(value, str) and self.price_unit == "major":
            return parse_price(value, digits=digits)
        if value is None or isinstance(value, bool) or self.price_unit == "unknown":
            return None
        if self.price_unit == "minor":
            return _whole(value, digits)
        if _is_number(value):
            return price_of_number(value, digits=digits)
        return parse_price(_text(value), digits=digits)


def collect_rows(
    rows: Iterable[Row], read: Callable[[Row], ParsedListing | None], *, count: int
) -> tuple[tuple[ParsedListing, ...], tuple[RowProblem, ...]]:
    """Read the rows of a page, dropping repeats of an id, and report each row that was lost.

    Args:
        rows: in page order.
        read: makes a listing, raises `BadRow`, or returns None for a row to be passed over.
        count: how many rows the page has; only the first `MAX_ROWS` are read.
    """
    found: dict[str, ParsedListing] = {}
    problems: list[RowProblem] = []
    lost = 0
    for place, row in enumerate(islice(rows, MAX_ROWS)):
        try:
            listing = read(row)
        except BadRow as bad:
            lost += 1
            if lost <= MAX_PROBLEMS:
                problems.append(RowProblem(place, bad.field, bad.reason))
            continue
        if listing is not None:
            found.setdefault(listing.native_id, listing)
    if count > MAX_ROWS:
        reason = f"the page holds {count} rows; the first {MAX_ROWS} were read"
        problems.append(RowProblem(MAX_ROWS, "page", reason))
    if lost > MAX_PROBLEMS:
        reason = f"{lost} rows were lost; the first {MAX_PROBLEMS} are listed"
        problems.append(RowProblem(MAX_PROBLEMS, "page", reason))
    return tuple(found.values()), tuple(problems)


def missing_fields(names: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Declared fields that no row of the page had: the first sign of a changed page.

    Args:
        names: of fields; ``counts.x`` is x in the group counts.
        rows: raw values as `RowReader.read` takes them.
    """
    return [name for name in names if not any(raw_value(row, name) for row in rows)]


def raw_value(row: Mapping[str, Any], name: str) -> Any:
    """A raw value by its full name, ``counts.x`` for x in the group counts."""
    group, _, own_name = name.partition(".")
    return (row.get(group) or {}).get(own_name) if own_name else row.get(name)


def _native_id(value: Any) -> str:
    if isinstance(value, bool):
        raise BadRow("native_id", "nothing found")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    native_id = _line(value)
    if not native_id:
        raise BadRow("native_id", "nothing found")
    if len(native_id) > MAX_ID_CHARS:
        raise BadRow("native_id", f"longer than {MAX_ID_CHARS} characters")
    return native_id


def _line(value: Any) -> str:
    """A value as one clean line of text."""
    if isinstance(value, str):
        return one_line(value)
    return "" if value is None else one_line(_text(value))


def _text(value: Any) -> str:
    """A value as text; structures are no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return " ".join(_text(each) for each in value[:50] if not isinstance(each, list | tuple))
    return str(value) if _is_number(value) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any, digits: int) -> int | None:
    """Minor units that arrive as a whole number, in digits or as a number."""
    try:
        amount = Decimal(_text(value).strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount != amount.to_integral_value():
        return None
    return price_of_number(amount.scaleb(-digits), digits=digits)


def _extra(values: Mapping[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for name, value in (values.get("extra") or NOTHING).items():
        cleaned = _plain(value)
        if cleaned not in (None, "", []):
            extra[name] = cleaned
    for name, value in (values.get("counts") or NOTHING).items():
        count = parse_count(_text(value))
        if count is not None:
            extra[name] = {"value": count.value, "is_approximate": count.is_approximate}
    return extra


def _plain(value: Any) -> Any:
    """A JSON value that may be kept beside a listing: scalars and short lists of them."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value[:50] if not isinstance(each, list | tuple | dict)]
    if value is None or isinstance(value, bool) or _is_number(value):
        return value
    return one_line(_text(value))[:2_000]
