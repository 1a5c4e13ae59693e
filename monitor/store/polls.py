"""Polls: one row for every look, whatever came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, insert, select, update

from monitor.domain.outcome import Outcome
from monitor.domain.watch import PollSummary
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.ordering import by_text
from monitor.store.writing import one_of

__all__ = [
    "FoundListing",
    "OutcomeCount",
    "add_page",
    "are_known",
    "finish",
    "found_last",
    "get",
    "interrupt_unfinished",
    "newest_start",
    "not_seen_any_more",
    "outcomes_by_source",
    "recent",
    "seen_rows",
    "start",
]

_p = t.poll
LARGEST_TOTAL = 2**31 - 1
PROBLEMS_KEPT = 50
"""Rows that could not be used are counted all, and described up to this many."""


def start(
    tx: Transaction,
    *,
    source_id: int,
    watch_id: int | None,
    keyword_version_id: int | None,
    origin: str,
    is_baseline: bool,
    now: datetime,
) -> int:
    """Begin a look; its outcome stays empty until `finish`."""
    values: dict[str, Any] = {
        "source_id": source_id,
        "watch_id": watch_id,
        "keyword_version_id": keyword_version_id,
        "origin": origin,
        "is_baseline": is_baseline,
        "started_at": now,
        "problems": [],
        "notes": {},
        "detail": "",
        "pages": 0,
        "rows": 0,
        "new_listings": 0,
        "changed_listings": 0,
        "hits": 0,
    }
    poll_id: int = tx.execute(insert(_p).values(values).returning(_p.c.id)).scalar_one()
    return poll_id


def newest_start(tx: Transaction) -> datetime | None:
    """When the look began that was recorded last; None before the first one."""
    return tx.execute(select(_p.c.started_at).order_by(_p.c.id.desc()).limit(1)).scalar()


def add_page(
    tx: Transaction,
    poll_id: int,
    *,
    rows: int,
    new_listings: int,
    changed_listings: int,
    hits: int,
    total_claimed: int | None,
    problems: list[dict[str, Any]],
    notes: dict[str, Any],
) -> None:
    """Add one page's counts; `problems` and `notes` are those of the whole look so far."""
    # A market may claim any number; the column holds 32 bits on PostgreSQL.
    claimed = min(total_claimed or 0, LARGEST_TOTAL)
    tx.execute(
        update(_p)
        .where(_p.c.id == poll_id)
        .values(
            pages=_p.c.pages + 1,
            rows=_p.c.rows + rows,
            new_listings=_p.c.new_listings + new_listings,
            changed_listings=_p.c.changed_listings + changed_listings,
            hits=_p.c.hits + hits,
            total_claimed=_p.c.total_claimed if total_claimed is None else claimed,
            problems=problems[:PROBLEMS_KEPT],
            notes=notes,
        )
    )


def finish(tx: Transaction, poll_id: int, outcome: Outcome, detail: str, *, now: datetime) -> None:
    """Name the outcome; a poll that has one is never changed."""
    tx.execute(
        update(_p)
        .where(_p.c.id == poll_id, _p.c.outcome.is_(None))
        .values(outcome=outcome.value, detail=detail[:500], finished_at=now)
    )


def interrupt_unfinished(tx: Transaction, watch_id: int, *, now: datetime) -> int:
    """Close looks of this watch that a dead process left open, as `partial`."""
    return tx.execute(
        update(_p)
        .where(_p.c.watch_id == watch_id, _p.c.outcome.is_(None))
        .values(outcome=Outcome.PARTIAL.value, detail="interrupted", finished_at=now)
    ).rowcount


def not_seen_any_more(
    tx: Transaction, poll_id: int, watch_id: int, *, started_at: datetime, now: datetime
) -> int:
    """After a complete look: mark what this watch saw before and nobody has seen since it began.

    A listing that another watch saw last is that watch's to miss: two words that find
    the same listing, one of them not any more, would mark and unmark it for ever.
    "Not seen" says nothing about the listing being gone: only its item page can.
    Listings that are hits get a closer look. The caller has locked the source.

    Returns:
        How many listings were marked.
    """
    s, listing = t.sighting, t.listing
    gone_quiet = and_(
        listing.c.last_watch_id == watch_id,
        listing.c.state == "seen",
        # A capture may have shown it while this look was under way.
        listing.c.last_seen_at <= started_at,
        listing.c.id.not_in(select(s.c.listing_id).where(s.c.poll_id == poll_id)),
    )
    ids = tx.execute(select(listing.c.id).where(gone_quiet)).scalars().all()
    if not ids:
        return 0
    tx.execute(update(listing).where(listing.c.id.in_(ids)).values(state="not_seen"))
    tx.execute(
        update(listing)
        .where(listing.c.id.in_(select(t.hit.c.listing_id).where(t.hit.c.listing_id.in_(ids))))
        .values(look_due_at=now, look_reason="not_seen", look_failures=0)
    )
    return len(ids)


def _polls() -> Select[Any]:
    return (
        select(_p, t.source.c.name.label("source"), t.keyword_version.c.term)
        .join(t.source, t.source.c.id == _p.c.source_id)
        .outerjoin(t.keyword_version, t.keyword_version.c.id == _p.c.keyword_version_id)
    )


def _summary(row: Row[Any]) -> PollSummary:
    return PollSummary(
        id=row.id,
        watch_id=row.watch_id,
        source=row.source,
        term=row.term or "",
        origin=row.origin,
        is_baseline=row.is_baseline,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        detail=row.detail,
        pages=row.pages,
        rows=row.rows,
        new_listings=row.new_listings,
        changed_listings=row.changed_listings,
        hits=row.hits,
        total_claimed=row.total_claimed,
        problems=row.problems,
        notes=row.notes,
    )


def get(tx: Transaction, poll_id: int) -> PollSummary:
    """Raises `NotFoundError`."""
    row = tx.execute(_polls().where(_p.c.id == poll_id)).first()
    if row is None:
        raise NotFoundError(f"no poll with id {poll_id}")
    return _summary(row)


def recent(tx: Transaction, *, limit: int, watch_id: int | None = None) -> list[PollSummary]:
    """The newest looks first."""
    query = _polls().order_by(_p.c.id.desc()).limit(limit)
    if watch_id is not None:
        query = query.where(_p.c.watch_id == watch_id)
    return [_summary(row) for row in tx.execute(query)]


def seen_rows(tx: Transaction, watch_id: int, since: datetime, *, limit: int) -> list[int]:
    """Rows of the newest looks of a watch that saw, newest first."""
    seeing = [outcome.value for outcome in Outcome if outcome.has_seen]
    query = (
        select(_p.c.rows)
        .where(_p.c.watch_id == watch_id, _p.c.outcome.in_(seeing), _p.c.started_at >= since)
        .order_by(_p.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def found_last(tx: Transaction, watch_id: int, since: datetime) -> list[FoundListing]:
    """Listings of the newest look that saw, those known longest first; none if it is older."""
    s, listing = t.sighting, t.listing
    seeing = [outcome.value for outcome in Outcome if outcome.has_seen]
    newest = (
        select(_p.c.id)
        .where(_p.c.watch_id == watch_id, _p.c.outcome.in_(seeing), _p.c.started_at >= since)
        .order_by(_p.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(listing.c.id, listing.c.native_id, listing.c.url)
        .join(s, s.c.listing_id == listing.c.id)
        .where(s.c.poll_id == newest, listing.c.state == "seen")
        .order_by(listing.c.first_seen_at, listing.c.id)
    )
    return [FoundListing(*row) for row in rows]


def are_known(tx: Transaction, watch_id: int, native_ids: Sequence[str]) -> bool:
    """Whether earlier looks of a watch have seen all these listings."""
    s, listing = t.sighting, t.listing
    source_id = select(t.watch.c.source_id).where(t.watch.c.id == watch_id).scalar_subquery()
    was_seen = (
        exists()
        .where(s.c.listing_id == listing.c.id, _p.c.id == s.c.poll_id)
        .where(_p.c.watch_id == watch_id, _p.c.outcome.is_not(None))
    )
    # One sighting of each is enough: a listing that stays for a year has thousands.
    seen = (
        select(func.count())
        .select_from(listing)
        .where(listing.c.source_id == source_id, one_of(tx, listing.c.native_id, native_ids))
        .where(was_seen)
    )
    return bool(tx.execute(seen).scalar_one() == len(set(native_ids)))


@dataclass(frozen=True, slots=True)
class FoundListing:
    """A listing that a look found; its `native_id` is the market's own id."""

    id: int
    native_id: str
    url: str


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Looks for one keyword in one source that ended alike; no outcome: still running."""

    source: str
    term: str
    outcome: Outcome | None
    looks: int
    pages: int
    newest_at: datetime


def outcomes_by_source(tx: Transaction, since: datetime) -> list[OutcomeCount]:
    """Looks since a time by source, keyword and outcome: the ledger of looks."""
    rows = tx.execute(
        select(
            t.source.c.name,
            func.coalesce(t.keyword_version.c.term, ""),
            _p.c.outcome,
            func.count(),
            func.sum(_p.c.pages),
            func.max(_p.c.started_at),
        )
        .join(t.source, t.source.c.id == _p.c.source_id)
        .outerjoin(t.keyword_version, t.keyword_version.c.id == _p.c.keyword_version_id)
        .where(_p.c.started_at >= since)
        .group_by(t.source.c.name, t.keyword_version.c.term, _p.c.outcome)
        .order_by(
            by_text(t.source.c.name),
            by_text(func.coalesce(t.keyword_version.c.term, "")),
            by_text(func.coalesce(_p.c.outcome, "")),
        )
    )
    return [
        OutcomeCount(name, term, Outcome(outcome) if outcome else None, looks, pages, newest)
        for name, term, outcome, looks, pages, newest in rows
    ]
