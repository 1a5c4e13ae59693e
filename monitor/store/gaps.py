"""Gaps: opened and closed in the transaction of the look that says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, insert, or_, select, update

from monitor.domain.gap import NOT_LOOKED, PAUSED, Gap, Reach
from monitor.domain.outcome import Outcome
from monitor.domain.watch import Watch
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.ordering import by_text
from monitor.store.politeness import Rest, newest_rest, newest_rests

__all__ = [
    "close",
    "close_by_capture",
    "end_by_pause",
    "has_open",
    "listed",
    "unlooked",
    "unseen_since",
    "widen",
]

_g, _w, _k, _v, _s = t.gap, t.watch, t.keyword, t.keyword_version, t.source
SEEING = tuple(outcome.value for outcome in Outcome if outcome.has_seen)
CAPTURED = (Reach.CAPTURE.value, Reach.CAPTURE_PART.value)


def _open(watch_id: int) -> Any:
    return and_(_g.c.watch_id == watch_id, _g.c.ended_at.is_(None))


def has_open(tx: Transaction, watch_id: int) -> bool:
    """Whether the newest look of the watch saw nothing."""
    return tx.execute(select(_g.c.id).where(_open(watch_id))).first() is not None


def unseen_since(tx: Transaction, watch: Watch, *, now: datetime) -> datetime | None:
    """Since when a watch was not seen, also where merely nobody looked; None without a gap."""
    began_at: datetime | None = tx.execute(select(_g.c.began_at).where(_open(watch.id))).scalar()
    if began_at is None and _is_late(watch, now):
        return _last_seen_at(tx, watch.id)
    return began_at


def _is_late(watch: Watch, now: datetime) -> bool:
    """Whether more than one interval has passed since the planned time of the look."""
    return (now - watch.next_poll_at).total_seconds() > watch.interval_s


def _with_last_seen() -> Select[Any]:
    """Watches, and when the last look of each that saw began, or what it would have seen was saved.

    The indexes find both.
    """
    seen = (
        select(t.poll.c.started_at)
        .where(t.poll.c.watch_id == _w.c.id, t.poll.c.outcome.in_(SEEING))
        .order_by(t.poll.c.started_at.desc())
        .limit(1)
        .scalar_subquery()
        .label("seen_at")
    )
    captured = (
        select(func.max(_g.c.ended_at))
        .where(_g.c.watch_id == _w.c.id, _g.c.reached.in_(CAPTURED))
        .scalar_subquery()
        .label("captured_at")
    )
    return select(_w, seen, captured)


def _began_at(row: Row[Any]) -> datetime:
    times = (row.seen_at, row.captured_at, row.resumed_at, row.created_at)
    newest: datetime = max(at for at in times if at is not None)
    return newest


def _last_seen_at(tx: Transaction, watch_id: int) -> datetime:
    return _began_at(tx.execute(_with_last_seen().where(_w.c.id == watch_id)).one())


def _cause(rest: Rest | None, interval_s: float, now: datetime) -> str:
    """Why nobody looked: the source rested until now, or until just now."""
    if rest and rest.until > now - timedelta(seconds=interval_s):
        return rest.outcome
    return NOT_LOOKED


def widen(tx: Transaction, watch_id: int, cause: str) -> None:
    """A look saw nothing: open a gap, or count the look in the one that is open."""
    changed = tx.execute(
        update(_g).where(_open(watch_id)).values(cause=cause, looks=_g.c.looks + 1)
    ).rowcount
    if not changed:
        _insert(tx, watch_id, _last_seen_at(tx, watch_id), None, cause, looks=1, reached="")


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
    if not closed and _is_late(watch, now):
        since = _last_seen_at(tx, watch.id)
        rest = newest_rest(tx, watch.source_id, "search")
        cause = _cause(rest, watch.interval_s, now)
        _insert(tx, watch.id, since, now, cause, looks=0, reached=reached.value)


def close_by_capture(
    tx: Transaction, source_id: int, term: str, *, saved_at: datetime, is_whole: bool
) -> None:
    """A person's browser saw: end the open gap of the watch for this term, if there is one.

    Args:
        tx: the transaction that records the answer.
        source_id: whose answer it is.
        term: what had been searched for.
        saved_at: when; an answer from before the gap says nothing about it.
        is_whole: whether it held all that the market said there was.
    """
    watched = (
        select(_w.c.id)
        .join(_k, _k.c.id == _w.c.keyword_id)
        .join(_v, and_(_v.c.keyword_id == _k.c.id, _v.c.number == _k.c.version))
        .where(_w.c.source_id == source_id, _v.c.term == term)
    )
    reached = Reach.CAPTURE if is_whole else Reach.CAPTURE_PART
    tx.execute(
        update(_g)
        .where(_g.c.watch_id.in_(watched), _g.c.ended_at.is_(None), _g.c.began_at < saved_at)
        .values(ended_at=saved_at, reached=reached.value)
    )


def end_by_pause(tx: Transaction, watch_id: int, *, now: datetime) -> None:
    """A person paused or resumed the watch: close the gap that is open, if one is."""
    tx.execute(update(_g).where(_open(watch_id)).values(ended_at=now, cause=PAUSED))


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


def _is_watched(now: datetime) -> Any:
    """Whether somebody wants the watch's keyword looked for; a quarantine is nobody's wish."""
    return and_(
        or_(_w.c.is_paused.is_(False), _w.c.last_outcome == Outcome.QUARANTINED.value),
        _k.c.retired_at.is_(None),
        or_(_v.c.expires_at.is_(None), _v.c.expires_at > now),
    )


def _named(query: Select[Any]) -> Select[Any]:
    """With the source's name and the keyword of the query's watches."""
    return (
        query.add_columns(_s.c.name, _v.c.term)
        .join(_s, _s.c.id == _w.c.source_id)
        .join(_k, _k.c.id == _w.c.keyword_id)
        .join(_v, and_(_v.c.keyword_id == _k.c.id, _v.c.number == _k.c.version))
    )


def listed(tx: Transaction, since: datetime, *, now: datetime) -> list[Gap]:
    """Recorded gaps; open ones first, then the newest.

    Args:
        tx: an open transaction.
        since: gaps that ended before it are left out.
        now: open gaps are left out of watches that nobody wants looked at by now.
    """
    rows = tx.execute(
        _named(select(_g).join(_w, _w.c.id == _g.c.watch_id))
        .where(or_(and_(_g.c.ended_at.is_(None), _is_watched(now)), _g.c.ended_at >= since))
        .order_by(_g.c.ended_at.is_not(None), _g.c.began_at.desc(), by_text(_v.c.term), _g.c.id)
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


def unlooked(tx: Transaction, now: datetime) -> list[Gap]:
    """Gaps that no look has recorded: of watches nobody looks at; by source and term.

    Like `close`, it waits for one interval after the planned time.
    """
    has_gap = exists().where(_g.c.watch_id == _w.c.id, _g.c.ended_at.is_(None))
    rows = tx.execute(
        _named(_with_last_seen())
        .where(_w.c.next_poll_at < now, _is_watched(now), ~has_gap)
        .order_by(by_text(_s.c.name), by_text(_v.c.term))
    )
    rests = newest_rests(tx)
    return [
        Gap(
            watch_id=row.id,
            source=row.name,
            term=row.term,
            began_at=_began_at(row),
            ended_at=None,
            cause=_cause(rests.get(row.source_id), row.interval_s, now),
            looks=0,
            reached=None,
        )
        for row in rows
        if now > row.next_poll_at + timedelta(seconds=row.interval_s)
    ]
