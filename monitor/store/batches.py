"""Batches: one verdict on many hits at once, with what stood before, so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, insert, select, update

from monitor.domain.casework import Batch
from monitor.domain.hit import HitFilter
from monitor.errors import ConflictError, NotFoundError
from monitor.store import hits
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = [
    "Candidate",
    "Member",
    "add",
    "add_members",
    "candidates",
    "get",
    "members",
    "recent",
    "undo",
]

_b, _m, _h = t.triage_batch, t.batch_hit, t.hit


@dataclass(frozen=True, slots=True)
class Member:
    """A hit of a batch.

    Attributes:
        event_id: the verdict that the batch gave it.
        status_before: its status before that.
        verdict_before: its verdict before that, "" for none.
        alerts_written: ids of alerts that the verdict caused.
        alerts_cancelled: ids of alerts that it cancelled before a byte of them was sent.
        is_untouched: whether it still stands as the batch left it.
    """

    hit_id: int
    event_id: int
    status_before: str
    verdict_before: str
    alerts_written: Sequence[int] = field(default=())
    alerts_cancelled: Sequence[int] = field(default=())
    is_untouched: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit that a batch may take in.

    Attributes:
        holder: who works on it, "" for nobody.
    """

    hit_id: int
    revision: int
    holder: str


def candidates(
    tx: Transaction, chosen: HitFilter, *, now: datetime, limit: int, is_locking: bool
) -> list[Candidate]:
    """Matching hits in triage order.

    Args:
        tx: a transaction.
        chosen: which hits.
        now: the database's time.
        limit: most of them.
        is_locking: whether no other verdict may come before this transaction's end.
    """
    columns = (_h.c.id, _h.c.revision, _h.c.claimed_by, _h.c.claimed_until)
    query = (
        hits.in_triage_order(hits.matching(select(*columns), chosen, now))
        .join(t.listing, t.listing.c.id == _h.c.listing_id)
        .join(t.source, t.source.c.id == t.listing.c.source_id)
        .limit(limit)
    )
    if is_locking:
        query = query.with_for_update(key_share=True, of=_h)
    return [
        Candidate(
            hit_id=row.id,
            revision=row.revision,
            holder=row.claimed_by if row.claimed_until and row.claimed_until > now else "",
        )
        for row in tx.execute(query)
    ]


def add(
    tx: Transaction,
    *,
    verdict: str,
    reason: str,
    filters: Mapping[str, Sequence[str]],
    hits: int,
    actor: str,
    now: datetime,
    undo_until: datetime,
) -> int:
    """Write a batch; its id."""
    row = {
        "verdict": verdict,
        "reason": reason,
        "filters": dict(filters),
        "hits": hits,
        "actor": actor,
        "created_at": now,
        "undo_until": undo_until,
        "undone_by": "",
    }
    return int(tx.execute(insert(_b).values(row).returning(_b.c.id)).scalar_one())


def add_members(tx: Transaction, batch_id: int, members: Sequence[Member]) -> None:
    """Write what stood before."""
    rows = [
        {
            "batch_id": batch_id,
            "hit_id": member.hit_id,
            "event_id": member.event_id,
            "status_before": member.status_before,
            "verdict_before": member.verdict_before,
            "alerts_written": list(member.alerts_written),
            "alerts_cancelled": list(member.alerts_cancelled),
        }
        for member in members
    ]
    if rows:
        tx.execute(insert(_m), rows)


def undo(tx: Transaction, batch_id: int, *, actor: str, now: datetime) -> Batch:
    """Mark a batch as undone, which only one can do.

    Raises:
        NotFoundError: no such batch.
        ConflictError: it was undone already, or its time is over.
    """
    batch = get(tx, batch_id)
    if batch.undone_at is not None:
        raise ConflictError(f"batch {batch_id} was undone already, by {batch.undone_by}")
    if batch.undo_until <= now:
        raise ConflictError(f"batch {batch_id} is too old to be undone; judge its hits anew")
    done = tx.execute(
        update(_b)
        .where(_b.c.id == batch_id, _b.c.undone_at.is_(None))
        .values(undone_at=now, undone_by=actor)
    )
    if done.rowcount != 1:
        raise ConflictError(f"batch {batch_id} is being undone by somebody else")
    return get(tx, batch_id)


def members(tx: Transaction, batch: Batch) -> list[Member]:
    """The hits of a batch that are still there, locked, in order of ids."""
    e = t.triage_event
    of_batch = select(_m.c.hit_id).where(_m.c.batch_id == batch.id)
    # In a statement of its own: what was judged before the lock is seen by the next one.
    tx.execute(
        select(_h.c.id)
        .where(_h.c.id.in_(of_batch))
        .order_by(_h.c.id)
        .with_for_update(key_share=True)
    )
    is_judged_since = exists().where(e.c.hit_id == _m.c.hit_id, e.c.id > _m.c.event_id)
    rows = tx.execute(
        select(_m, is_judged_since.label("is_judged_since"), _h.c.status, _h.c.verdict)
        .join(_h, _h.c.id == _m.c.hit_id)
        .where(_m.c.batch_id == batch.id)
        .order_by(_m.c.hit_id)
    )
    return [
        Member(
            hit_id=row.hit_id,
            event_id=row.event_id,
            status_before=row.status_before,
            verdict_before=row.verdict_before,
            alerts_written=row.alerts_written,
            alerts_cancelled=row.alerts_cancelled,
            is_untouched=not row.is_judged_since
            and (row.status, row.verdict) == ("closed", batch.verdict),
        )
        for row in rows
    ]


def get(tx: Transaction, batch_id: int) -> Batch:
    """Raises `NotFoundError`."""
    row = tx.execute(select(_b).where(_b.c.id == batch_id)).first()
    if row is None:
        raise NotFoundError(f"no batch with id {batch_id}")
    return _batch(row)


def recent(tx: Transaction, *, limit: int) -> list[Batch]:
    """The newest first."""
    return [_batch(row) for row in tx.execute(select(_b).order_by(_b.c.id.desc()).limit(limit))]


def _batch(row: Row[Any]) -> Batch:
    return Batch(**{name: getattr(row, name) for name in Batch.__dataclass_fields__})
