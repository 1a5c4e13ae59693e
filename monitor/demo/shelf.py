"""What the sample market has on show at any moment. Thread-safe; knows nothing of HTTP.

Listings appear, change and vanish as their rows say, counted from when the market
began to move, and whenever a caller says so. Nothing runs in the background: what
is due happens at the next look, with the time at which it was due.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from monitor.demo.listings import Change, MarketListing
from monitor.demo.matching import Degree, compact, parse_query
from monitor.domain.clock import Clock
from monitor.errors import ConflictError, InputError, NotFoundError

__all__ = ["Shelf", "ShownListing", "Verdict"]

CACHED_QUERIES = 64
MAX_RECOMMENDATIONS = 20
EDITABLE = frozenset({"title", "description", "price", "picture", "pictures", "region"})


@dataclass(frozen=True, slots=True)
class ShownListing:
    """A listing on show.

    Attributes:
        listing: its present state.
        published_at: as the market tells it.
        appeared_at: since when it can be found; for the first ones the start.
        edits: how often it was edited.
    """

    listing: MarketListing
    published_at: datetime
    appeared_at: datetime
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a query, newest first.

    Attributes:
        listings: all of them; the pages cut them.
        is_related: nothing matches, and these are mere recommendations.
    """

    listings: tuple[ShownListing, ...]
    is_related: bool = False


class Shelf:
    """See the module.

    Args:
        listings: those with `appears_after_s` wait.
        clock: decides what is due.
        is_moving: whether time counts from now on; otherwise from `begin`.

    Raises:
        ConflictError: an id is there twice.
    """

    def __init__(
        self, listings: Iterable[MarketListing], clock: Clock, *, is_moving: bool = True
    ) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._shown: dict[str, tuple[ShownListing, str]] = {}
        self._appeared: dict[str, datetime] = {}
        self._removed: set[str] = set()
        self._plans: list[tuple[float, int, Callable[[datetime], None]]] = []
        self._numbers = itertools.count()
        self._answers: OrderedDict[str, Verdict] = OrderedDict()
        self._opened_at = clock.now()
        self._began_at: datetime | None = self._opened_at if is_moving else None
        known: set[str] = set()
        for listing in listings:
            if listing.id in known:
                raise ConflictError(f"listing {listing.id} is there twice")
            known.add(listing.id)
            self._take_in(listing)

    def begin(self) -> None:
        """Let the planned events begin to happen; a second call changes nothing."""
        with self._lock:
            if self._began_at is None:
                self._began_at = self._clock.now()

    def add(self, listing: MarketListing) -> datetime:
        """Put a listing on show; returns since when.

        Its plans (`changes`, `vanishes_after_s`) count from here, and
        `appears_after_s` is passed over.

        Raises:
            ConflictError: its id was used before.
        """
        with self._lock:
            self._advance()
            if listing.id in self._appeared:
                raise ConflictError(f"listing {listing.id} exists already")
            now = self._clock.now()
            self._show(listing, now, now)
            began = self._began_at
            shift = (now - began).total_seconds() if began else 0.0
            self._plan_rest(listing, shift)
            return now

    def edit(self, listing_id: str, **changes: Any) -> None:
        """Change what the page shows (title, description, price, region, picture, pictures).

        Raises:
            NotFoundError: it is not on show.
            InputError: a field that can not be edited, or a value that does not fit.
        """
        unknown = sorted(set(changes) - EDITABLE)
        if unknown or not changes:
            raise InputError(f"can not edit {', '.join(unknown) or 'nothing'}")
        with self._lock:
            self._advance()
            shown, _ = self._find(listing_id)
            values = {**shown.listing.model_dump(), **changes}
            try:
                listing = MarketListing.model_validate(values)
            except ValidationError as error:
                first = error.errors(include_input=False)[0]
                raise InputError(f"{first['loc'][0]}: {first['msg']}") from None
            self._put(replace(shown, listing=listing, edits=shown.edits + 1))

    def remove(self, listing_id: str) -> None:
        """Take a listing down; its page says so from then on.

        Raises:
            NotFoundError: it is not on show.
        """
        with self._lock:
            self._advance()
            self._find(listing_id)
            self._drop(listing_id)

    def search(self, text: str) -> Verdict:
        """All listings that match, or recommendations, or nothing. Remembered until a change."""
        with self._lock:
            self._advance()
            if text in self._answers:
                self._answers.move_to_end(text)
                return self._answers[text]
            verdict = self._search(text)
            self._answers[text] = verdict
            if len(self._answers) > CACHED_QUERIES:
                self._answers.popitem(last=False)
            return verdict

    def get(self, listing_id: str) -> ShownListing | None:
        """A listing on show, or None."""
        with self._lock:
            self._advance()
            entry = self._shown.get(listing_id)
            return entry[0] if entry else None

    def was_removed(self, listing_id: str) -> bool:
        """Whether it was on show once and is no longer."""
        with self._lock:
            self._advance()
            return listing_id in self._removed

    def appeared_at(self, listing_id: str) -> datetime:
        """Since when it could be found, exactly; raises `NotFoundError` before that."""
        with self._lock:
            self._advance()
            if listing_id not in self._appeared:
                raise NotFoundError(f"listing {listing_id} did not appear yet")
            return self._appeared[listing_id]

    def appeared(self) -> dict[str, datetime]:
        """Of all that could ever be found: since when."""
        with self._lock:
            self._advance()
            return dict(self._appeared)

    def listings(self) -> list[MarketListing]:
        """All on show at the moment, newest first."""
        return [shown.listing for shown in self.search("").listings]

    def __len__(self) -> int:
        with self._lock:
            self._advance()
            return len(self._shown)

    def _take_in(self, listing: MarketListing) -> None:
        if listing.appears_after_s is None:
            published = self._opened_at - timedelta(seconds=listing.published_s_ago)
            self._show(listing, published, self._opened_at)
        else:
            self._plan(listing.appears_after_s, lambda at: self._show(listing, at, at))
        self._plan_rest(listing, 0.0)

    def _plan_rest(self, listing: MarketListing, shift_s: float) -> None:
        for change in listing.changes:
            self._plan(shift_s + change.after_s, self._changer(listing.id, change))
        if listing.vanishes_after_s is not None:
            self._plan(shift_s + listing.vanishes_after_s, lambda _: self._drop(listing.id))

    def _changer(self, listing_id: str, change: Change) -> Callable[[datetime], None]:
        update = change.model_dump(exclude={"after_s"}, exclude_none=True)

        def apply(_: datetime) -> None:
            entry = self._shown.get(listing_id)
            if entry is not None:
                listing = entry[0].listing.model_copy(update=update)
                self._put(replace(entry[0], listing=listing, edits=entry[0].edits + 1))

        return apply

    def _plan(self, after_s: float, action: Callable[[datetime], None]) -> None:
        heapq.heappush(self._plans, (after_s, next(self._numbers), action))

    def _advance(self) -> None:
        if self._began_at is None:
            return
        elapsed = (self._clock.now() - self._began_at).total_seconds()
        while self._plans and self._plans[0][0] <= elapsed:
            after_s, _, action = heapq.heappop(self._plans)
            action(self._began_at + timedelta(seconds=after_s))

    def _show(self, listing: MarketListing, published: datetime, appeared: datetime) -> None:
        if listing.id in self._appeared:
            return
        self._appeared[listing.id] = appeared
        self._put(ShownListing(listing, published, appeared))

    def _put(self, shown: ShownListing) -> None:
        listing = shown.listing
        self._shown[listing.id] = (shown, compact(f"{listing.title}{listing.description}"))
        self._answers.clear()

    def _drop(self, listing_id: str) -> None:
        if self._shown.pop(listing_id, None) is not None:
            self._removed.add(listing_id)
            self._answers.clear()

    def _find(self, listing_id: str) -> tuple[ShownListing, str]:
        if listing_id not in self._shown:
            raise NotFoundError(f"no listing {listing_id} on show")
        return self._shown[listing_id]

    def _search(self, text: str) -> Verdict:
        query = parse_query(text)
        found: dict[Degree, list[ShownListing]] = {degree: [] for degree in Degree}
        for shown, compacted in self._shown.values():
            found[query.degree(compacted)].append(shown)
        matches = found[Degree.MATCH]
        chosen = matches or found[Degree.RELATED]
        chosen.sort(key=lambda shown: (shown.published_at, shown.listing.id), reverse=True)
        if matches:
            return Verdict(tuple(chosen))
        return Verdict(tuple(chosen[:MAX_RECOMMENDATIONS]), is_related=bool(chosen))
