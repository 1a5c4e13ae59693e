"""Sources, watches, and which of them are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, or_, select, update

from monitor.domain.outcome import Outcome
from monitor.domain.watch import SourceRecord, Watch, WatchPlan
from monitor.errors import NotFoundError
from monitor.store import gaps
from monitor.store import tables as t
from monitor.store.claims import Claim, FreeRow, claim_rows, free_rows, is_suspect
from monitor.store.database import Transaction
from monitor.store.ordering import by_text
from monitor.store.writing import insert_missing

__all__ = [
    "add_watch",
    "all_sources",
    "all_watches",
    "claim_due",
    "due",
    "due_count",
    "due_rows",
    "finish",
    "get_watch",
    "plan",
    "put_source",
    "quarantine",
    "set_paused",
    "source_by_id",
    "source_by_name",
]

_w, _s, _k, _v = t.watch, t.source, t.keyword, t.keyword_version


def _source(row: Row[Any]) -> SourceRecord:
    return SourceRecord(row.id, row.name, row.kind, row.definition, row.created_at)


def put_source(
    tx: Transaction, name: str, kind: str, definition: dict[str, Any], *, now: datetime
) -> SourceRecord:
    """Add a source, or replace the definition of the one with this name."""
    row = {"name": name, "kind": kind, "definition": definition, "created_at": now}
    added = insert_missing(tx, _s, [{**row, "updated_at": now}], ["name"])
    if not added:
        changed = {"kind": kind, "definition": definition, "updated_at": now}
        tx.execute(update(_s).where(_s.c.name == name).values(changed))
    return source_by_name(tx, name)


def all_sources(tx: Transaction) -> list[SourceRecord]:
    """By name."""
    return [_source(row) for row in tx.execute(select(_s).order_by(by_text(_s.c.name)))]


def source_by_name(tx: Transaction, name: str) -> SourceRecord:
    """Raises `NotFoundError` that names the sources there are."""
    row = tx.execute(select(_s).where(_s.c.name == name)).first()
    if row is None:
        known = ", ".join(source.name for source in all_sources(tx)) or "none yet"
        raise NotFoundError(f"no source {name!r}; there are: {known}")
    return _source(row)


def source_by_id(tx: Transaction, source_id: int) -> SourceRecord:
    """Raises `NotFoundError`."""
    row = tx.execute(select(_s).where(_s.c.id == source_id)).first()
    if row is None:
        raise NotFoundError(f"no source with id {source_id}")
    return _source(row)


def _watches() -> Select[Any]:
    return (
        select(_w, _v.c.term, _v.c.id.label("keyword_version_id"), _s.c.name.label("source"))
        .join(_k, _k.c.id == _w.c.keyword_id)
        .join(_v, and_(_v.c.keyword_id == _k.c.id, _v.c.number == _k.c.version))
        .join(_s, _s.c.id == _w.c.source_id)
    )


def _watch(row: Row[Any]) -> Watch:
    return Watch(
        id=row.id,
        keyword_id=row.keyword_id,
        term=row.term,
        source_id=row.source_id,
        source=row.source,
        interval_s=row.interval_s,
        is_paused=row.is_paused,
        next_poll_at=row.next_poll_at,
        baseline_at=row.baseline_at,
        last_poll_at=row.last_poll_at,
        last_outcome=Outcome(row.last_outcome) if row.last_outcome else None,
        failures=row.failures,
    )


def all_watches(tx: Transaction) -> list[Watch]:
    """By source and term."""
    query = _watches().order_by(by_text(_s.c.name), by_text(_v.c.term))
    return [_watch(row) for row in tx.execute(query)]


def get_watch(tx: Transaction, watch_id: int) -> Watch:
    """Raises `NotFoundError`."""
    row = tx.execute(_watches().where(_w.c.id == watch_id)).first()
    if row is None:
        raise NotFoundError(f"no watch with id {watch_id}")
    return _watch(row)


def add_watch(
    tx: Transaction,
    keyword_id: int,
    source_id: int,
    interval_s: float,
    *,
    first_poll_at: datetime,
    now: datetime,
) -> bool:
    """Add a watch, or give the one there is this interval and wake it; True when added."""
    row = {
        "keyword_id": keyword_id,
        "source_id": source_id,
        "interval_s": interval_s,
        "is_paused": False,
        "next_poll_at": first_poll_at,
        "created_at": now,
        "failures": 0,
    }
    added = insert_missing(tx, _w, [row], ["keyword_id", "source_id"])
    if not added:
        mine = and_(_w.c.keyword_id == keyword_id, _w.c.source_id == source_id)
        watch_id = tx.execute(select(_w.c.id).where(mine)).scalar_one()
        tx.execute(update(_w).where(mine).values(interval_s=interval_s))
        set_paused(tx, watch_id, paused=False, now=now)
    return bool(added)


def set_paused(tx: Transaction, watch_id: int, *, paused: bool, now: datetime) -> None:
    """Pause or resume; raises `NotFoundError`.

    A pause is no gap: it ends the one that is open, and a resumed watch starts afresh.
    """
    watch = get_watch(tx, watch_id)
    if watch.is_paused == paused:
        return
    values: dict[str, Any] = {"is_paused": paused}
    if not paused:
        values |= {"resumed_at": now, "next_poll_at": max(now, watch.next_poll_at)}
    tx.execute(update(_w).where(_w.c.id == watch_id).values(values))
    # Nobody chose a quarantine: what it hid stays a gap until a look sees again.
    if watch.last_outcome is not Outcome.QUARANTINED:
        gaps.end_by_pause(tx, watch_id, now=now)


def _is_due(now: datetime) -> Any:
    # A source that refused us rests as a whole; so does a keyword that is over.
    open_circuit = exists().where(
        t.circuit.c.source_id == _w.c.source_id,
        t.circuit.c.scope == "search",
        t.circuit.c.closed_at.is_(None),
        t.circuit.c.open_until > now,
    )
    live_keyword = exists().where(
        _k.c.id == _w.c.keyword_id,
        _k.c.retired_at.is_(None),
        _v.c.keyword_id == _k.c.id,
        _v.c.number == _k.c.version,
        or_(_v.c.expires_at.is_(None), _v.c.expires_at > now),
    )
    return and_(_w.c.is_paused.is_(False), _w.c.next_poll_at <= now, ~open_circuit, live_keyword)


def claim_due(
    tx: Transaction,
    *,
    now: datetime,
    lease_s: float,
    limit: int,
    watch_ids: list[int] | None = None,
    among: Sequence[int] | None = None,
    suspects: bool = False,
) -> list[Claim]:
    """Claim watches whose time has come, the longest waiting first.

    Args:
        tx: an open transaction.
        now: the time that decides.
        lease_s: how long the claim holds.
        limit: most watches.
        watch_ids: claim these only, due or not (a person asked for a look).
        among: claim these only, and only if they are due.
        suspects: with `among`: claim suspects instead of all others.
    """
    due = _is_due(now) if watch_ids is None else _w.c.id.in_(watch_ids)
    if among is not None:
        due = and_(due, _w.c.id.in_(among), is_suspect(_w).is_(suspects))
    return claim_rows(tx, _w, due, [_w.c.next_poll_at], now=now, lease_s=lease_s, limit=limit)


def due(now: datetime) -> Select[tuple[int]]:
    """Ids of watches whose time has come, claimed ones included, for use in other queries."""
    return select(_w.c.id).where(_is_due(now)).correlate(None)


def due_rows(tx: Transaction, *, now: datetime, limit: int) -> list[FreeRow]:
    """Watches that `claim_due` would claim now, the longest waiting first."""
    return free_rows(tx, _w, _is_due(now), [_w.c.next_poll_at], now=now, limit=limit)


def due_count(tx: Transaction, now: datetime) -> int:
    """How many watches wait to be polled."""
    return len(tx.execute(select(_w.c.id).where(_is_due(now))).all())


def plan(tx: Transaction, watch_id: int) -> WatchPlan:
    """Read what a poll needs; raises `NotFoundError`."""
    query = _watches().add_columns(_s.c.kind, _s.c.definition, _s.c.created_at.label("since"))
    row = tx.execute(query.where(_w.c.id == watch_id)).first()
    if row is None:
        raise NotFoundError(f"no watch with id {watch_id}")
    source = SourceRecord(row.source_id, row.source, row.kind, row.definition, row.since)
    return WatchPlan(_watch(row), row.keyword_version_id, source)


def finish(
    tx: Transaction,
    claim: Claim,
    *,
    outcome: Outcome,
    next_poll_at: datetime,
    failures: int,
    is_baseline_done: bool,
    now: datetime,
) -> None:
    """Schedule the next look and give the claim back; the caller has proved the claim."""
    values: dict[str, Any] = {
        "last_outcome": outcome.value,
        "last_poll_at": now,
        "next_poll_at": next_poll_at,
        "failures": failures,
        "lease_token": None,
        "leased_until": None,
        "crashes": 0,
    }
    if is_baseline_done:
        values["baseline_at"] = now
    tx.execute(
        update(_w).where(_w.c.id == claim.id, _w.c.lease_token == claim.token).values(values)
    )


def quarantine(tx: Transaction, watch_id: int, *, now: datetime) -> None:
    """Pause a watch whose page kills the process that reads it.

    It stays a suspect: after a person has resumed it, it is tried apart from all others.
    """
    tx.execute(
        update(_w)
        .where(_w.c.id == watch_id)
        .values(
            is_paused=True,
            last_outcome=Outcome.QUARANTINED.value,
            last_poll_at=now,
            lease_token=None,
            leased_until=None,
            crashes=1,
        )
    )
