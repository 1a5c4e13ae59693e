"""What the queue's address asks for, both ways: a view can be shared as a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from monitor.domain.hit import HitFilter
from monitor.search.protocol import HitQuery

__all__ = ["FILTERS", "PAGE_SIZE", "View"]

FILTERS = ("status", "decision", "category", "source", "verdict", "seller_id", "family")
PAGE_SIZE = 50
MAX_VALUES = 20
MAX_VALUE_CHARS = 100
MAX_TEXT_CHARS = 500
MAX_CURSOR_CHARS = 500
MAX_PAGE = 100_000
OPEN_ONLY: Mapping[str, tuple[str, ...]] = {"status": ("open",)}


@dataclass(frozen=True, slots=True)
class View:
    """A part of all hits.

    Attributes:
        text: words to search for; empty: no search, triage order.
        chosen: filter to accepted values; no value means any.
        page: 1 for the first, in triage order.
        cursor: where a page of search results starts; empty: at the first.
        place: of a hit in triage order, 0 for the first; None when not known.
        is_muted: only hits that are muted now. Without it, open ones that are muted are left out.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: OPEN_ONLY)
    page: int = 1
    cursor: str = ""
    place: int | None = None
    is_muted: bool = False

    @classmethod
    def of(cls, params: QueryParams) -> View:
        """Read an address. Values of a filter stand apart or with commas between.

        Without a word on status, only open hits are meant; ``status=`` means any.
        """
        chosen = {name: _values(params, name) for name in FILTERS}
        if "status" not in params:
            chosen["status"] = OPEN_ONLY["status"]
        return cls(
            text=params.get("q", "").strip()[:MAX_TEXT_CHARS],
            chosen={name: values for name, values in chosen.items() if values},
            page=_number(params.get("page", "")) or 1,
            cursor=params.get("cursor", "")[:MAX_CURSOR_CHARS],
            place=_number(params.get("place", "")),
            is_muted=params.get("muted", "") == "only",
        )

    @property
    def address(self) -> str:
        """The part of an address after the question mark; `of` reads the same view from it."""
        pairs = [("q", self.text)] if self.text else []
        status = self.chosen.get("status", ())
        if status != OPEN_ONLY["status"]:
            pairs.append(("status", ",".join(status)))
        pairs += [
            (name, ",".join(self.chosen[name]))
            for name in FILTERS
            if name != "status" and name in self.chosen
        ]
        if self.is_muted:
            pairs.append(("muted", "only"))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        if self.cursor:
            pairs.append(("cursor", self.cursor))
        if self.place is not None:
            pairs.append(("place", str(self.place)))
        return urlencode(pairs)

    @property
    def is_first_sight(self) -> bool:
        """Whether it is what people see who ask for nothing in particular."""
        return not (self.text or self.is_muted) and dict(self.chosen) == dict(OPEN_ONLY)

    @property
    def start(self) -> View:
        """Its first page."""
        return replace(self, page=1, cursor="", place=None)

    def at(self, place: int | None) -> View:
        """The same view with a hit's place in it, for the address of the hit's page."""
        return replace(self.start, place=place)

    @property
    def filter(self) -> HitFilter:
        """For the store."""
        chosen = self.chosen
        is_queue = dict(chosen).get("status") == OPEN_ONLY["status"]
        return HitFilter(
            status=chosen.get("status", ()),
            decision=chosen.get("decision", ()),
            category=chosen.get("category", ()),
            source=chosen.get("source", ()),
            verdict=chosen.get("verdict", ()),
            seller_id=chosen.get("seller_id", ()),
            family=chosen.get("family", ()),
            is_muted=True if self.is_muted else False if is_queue else None,
        )

    @property
    def query(self) -> HitQuery:
        """For the index."""
        return HitQuery(
            text=self.text, filters=self.chosen, limit=PAGE_SIZE, cursor=self.cursor or None
        )


def _values(params: QueryParams, name: str) -> tuple[str, ...]:
    values = ",".join(params.getlist(name)).split(",")[:MAX_VALUES]
    return tuple(dict.fromkeys(value[:MAX_VALUE_CHARS] for value in values if value))


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        return None
    return min(int(text), MAX_PAGE)
