"""Gaps: opened and closed in the transaction of the look that says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from monitor.domain.gap import NOT_LOOKED, Gap, Reach
from monitor.domain.outcome import Outcome
from monitor.domain.watch import Watch
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.ordering import by_text

__all__ = ["close", "has_open", "last_seen_at", "listed", "widen"]

_g = t.gap
SEEING = tuple(outcome.value for outcome in Outcome if outcome.has_seen)


def _open(watch_id: int) -> Any:
    return and_(_g.c.watch_id == watch_id, _g.c.ended_at.is_(None))


def has_open(tx: Transaction, watch_id: int) -> bool:
    """Whether the newest look of the watch saw nothing."""
    return tx.execute(select(_g.c.id).where(_open(watch_id))).first() is not None


def last_seen_at(tx: Transaction, watch_id: int) -> datetime:
    """When the last look that saw began; when the watch was made if none did."""
    seen = select(func.max(t.poll.c.started_at)).where(
        t.poll.c.watch_id == watch_id, t.poll.c.outcome.in_(SEEING)
    )
    made = select(t.watch.c.created_at).where(t.watch.c.id == watch_id)
    at: datetime = tx.execute(seen).scalar() or tx.execute(made).scalar_one()
    return at


def widen(tx: Transaction, watch_id: int, cause: str) -> None:
    """A look saw nothing: open a gap, or count the look in the one that is open."""
    changed = tx.execute(
        update(_g).where(_open(watch_id)).values(cause=cause, looks=_g.c.looks + 1)
    ).rowcount
    if not changed:
        _insert(tx, watch_id, last_seen_at(tx, watch_id), None, cause, looks=1, reached="")


def close(tx: Transaction, watch: Watch, reached: Reach, *, now: datetime) -> None:
    """A look saw: close the open gap, or record that nobody looked for too long.

    Too long is more than one interval after the planned time of the look.

    Args:
        tx: the transaction that ends the look, before the look's outcome is written.
        watch: as it was before the look.
        reached: how far back the look went.
        now: the end of the look.
    """
    closed = tx.execute(
        update(_g).where(_open(watch.id)).values(ended_at=now, reached=reached.value)
    ).rowcount
    lateness_s = (now - watch.next_poll_at).total_seconds()
    if not closed and lateness_s > watch.interval_s:
        since = last_seen_at(tx, watch.id)
        _insert(tx, watch.id, since, now, NOT_LOOKED, looks=0, reached=reached.value)


def _insert(
    tx: Transaction,
    watch_id: int,
    began_at: datetime,
    ended_at: datetime | None,
    cause: str,
    *,
    looks: int,
    reached: str,
) -> None:
    tx.execute(
        insert(_g).values(
            watch_id=watch_id,
            began_at=began_at,
            ended_at=ended_at,
            cause=cause,
            looks=looks,
            reached=reached,
        )
    )


def listed(tx: Transaction, since: datetime) -> list[Gap]:
    """Recorded gaps that are open or ended since a time; open ones first, then the newest."""
    w, k, v, s = t.watch, t.keyword, t.keyword_version, t.source
    rows = tx.execute(
        select(_g, s.c.name, v.c.term)
        .join(w, w.c.id == _g.c.watch_id)
        .join(s, s.c.id == w.c.source_id)
        .join(k, k.c.id == w.c.keyword_id)
        .join(v, and_(v.c.keyword_id == k.c.id, v.c.number == k.c.version))
        .where(or_(_g.c.ended_at.is_(None), _g.c.ended_at >= since))
        .order_by(_g.c.ended_at.is_not(None), _g.c.began_at.desc(), by_text(v.c.term), _g.c.id)
    )
    return [
        Gap(
            watch_id=row.watch_id,
            source=row.name,
            term=row.term,
            began_at=row.began_at,
            ended_at=row.ended_at,
            cause=row.cause,
            looks=row.looks,
            reached=Reach(row.reached) if row.reached else None,
        )
        for row in rows
    ]
