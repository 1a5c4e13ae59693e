"""One protocol for the index of hits, and one query grammar.

`sqlite.py` (embedded) and, for many machines, `elastic.py` answer alike: the
contract suite in `tests/contract/test_search_index.py` runs over each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from monitor.domain.offer import OFFER_FILTERS

__all__ = [
    "FACETS",
    "OFFER_FACETS",
    "Filling",
    "HitDocument",
    "HitIndex",
    "HitPage",
    "HitQuery",
    "Interval",
    "Refused",
]

Interval = Literal["hour", "day", "week", "month"]
"""Lengths of time that hits are counted by."""

OFFER_FACETS = {f"offer_{name}": name for name in OFFER_FILTERS}
"""Facets of what was read out of an offer, and the name of each in `HitDocument.offer`."""

FACETS = (
    "source",
    "category",
    "decision",
    "status",
    "verdict",
    "keyword",
    "seller",
    "seller_id",
    "family",
    "region",
    *OFFER_FACETS,
)
"""Fields that can be filtered on and counted."""


@dataclass(frozen=True, slots=True)
class HitDocument:
    """One hit as people search it. Text is masked; nothing here is secret.

    Attributes:
        hit_id: the store's id.
        revision: grows with every change; an older one never overwrites a newer.
        source: source name.
        native_id: the market's id of the listing.
        url: link for people.
        title: masked title.
        text: masked title and description.
        decision: ``"hit"`` or ``"review"``.
        score: in [0, 1].
        categories: names over the review threshold, most probable first.
        intent: an `Intent` value.
        keywords: terms whose watch saw the listing.
        status: ``"open"`` or ``"closed"``.
        verdict: ``"confirmed"``, ``"benign"``, ``"unsure"`` or "".
        seller: masked seller name or "".
        region: as shown or "".
        price_minor: minor units or None.
        currency: ISO 4217.
        first_seen_at: when we first saw the listing; aware UTC.
        found_at: when it became a hit; aware UTC.
        offer: what was read out of it: values by name, both as in `monitor.domain.offer`.
        seller_id: the store's id of the seller, or "".
        family: the store's id of the family of texts, or "".
    """

    hit_id: int
    revision: int
    source: str
    native_id: str
    url: str
    title: str
    text: str
    decision: str
    score: float
    categories: tuple[str, ...]
    intent: str
    keywords: tuple[str, ...]
    status: str
    verdict: str
    seller: str
    region: str
    price_minor: int | None
    currency: str
    first_seen_at: datetime
    found_at: datetime
    offer: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seller_id: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class HitQuery:
    """What to look for. Empty means everything.

    Attributes:
        text: words that must all occur; ``"quoted words"`` must occur as a phrase;
            a run of Chinese without spaces is a phrase.
        filters: facet field to accepted values (OR within a field, AND between fields).
        since: only hits with ``found_at >= since``.
        until: only hits with ``found_at < until``.
        min_score: only hits with at least this score.
        limit: 1 to 1,000 documents.
        cursor: `HitPage.cursor` of the page before; None for the first.
    """

    text: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    min_score: float = 0.0
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class HitPage:
    """Matching documents, newest `found_at` first, then highest `hit_id`.

    Attributes:
        documents: one page.
        total: exact number of matches.
        cursor: where the next page starts; None at the end. Opaque.
    """

    documents: tuple[HitDocument, ...]
    total: int
    cursor: str | None


Refused = Mapping[int, str]
"""Ids of hits that an index did not take, each with the reason, which quotes no content."""


class Filling(Protocol):
    """An index that is being filled in order of ids."""

    @property
    def walked_to(self) -> int:
        """The highest id that `put` was given; not 0 at the start: an earlier walk broke off."""
        ...

    @property
    def done(self) -> int:
        """How many documents `put` was given, earlier walks included."""
        ...

    def put(self, documents: Sequence[HitDocument]) -> Refused:
        """Add the next documents. Returns and raises as `HitIndex.put` does."""
        ...


class HitIndex(Protocol):
    """A searchable view of hits. Safe to call from several threads.

    Elasticsearch shows a change to searches within about a second.
    """

    @property
    def needs_rebuild(self) -> bool:
        """Whether the index was found missing, damaged or of an older shape, and is empty."""
        ...

    def put(self, documents: Iterable[HitDocument]) -> Refused:
        """Add or replace by `hit_id`; a lower `revision` than the stored one is ignored.

        Returns:
            What was not taken; all others were, whatever happened to these.

        Raises:
            SearchError: any of them may have been taken or not; putting all again is fine.
        """
        ...

    def remove(self, hit_ids: Iterable[int]) -> Refused:
        """Forget documents; unknown ids are fine. Returns and raises as `put` does.

        Where several machines write, a put of a removed hit that comes late changes
        nothing: ids are never used twice.
        """
        ...

    def find(self, query: HitQuery) -> HitPage:
        """One page of matches. Raises `InputError` for a query that cannot be read."""
        ...

    def count_by(self, query: HitQuery, facet: str) -> list[tuple[str, int]]:
        """Values of a `FACETS` field among all matches with their counts, most frequent first.

        Ties are ordered by value; empty values are left out.
        """
        ...

    def histogram(
        self, query: HitQuery, *, interval: Interval, zone: str
    ) -> list[tuple[datetime, int]]:
        """Matches by the time they were found: starts of periods with counts, oldest first.

        Empty periods are included, from `query.since` (or the first match) to `query.until`
        (or the last one). A count at an end that cuts a period holds only its part inside.

        Args:
            query: what to count; its limit and cursor do not matter.
            interval: length of a period; weeks start on Monday.
            zone: IANA name of the time zone that days, weeks and months begin in.

        Raises:
            InputError: a query, interval or zone that cannot be read, or more than 10,000
                periods.
        """
        ...

    def revisions(self, after: int, limit: int) -> list[tuple[int, int]]:
        """(hit_id, revision) pairs with ``hit_id > after`` in order, for the drift check."""
        ...

    def walk(self, query: HitQuery) -> Iterator[HitDocument]:
        """All matches in the order of `find`, of one moment: what comes later is not met.

        The query's limit is the size of the pieces they are read in; its cursor does not
        matter. Close the iterator when leaving it early.
        """
        ...

    def rebuilding(self) -> AbstractContextManager[Filling]:
        """Fill the index anew beside the one that is searched; it takes its place at the end.

        Meanwhile searches answer from the old one, and what is put or removed is not lost.
        Left by an error, the old one stays, and an index that can goes on from there next time.
        """
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
