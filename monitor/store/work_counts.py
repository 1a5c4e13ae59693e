"""Looks, waiting work and deliveries, counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from monitor.domain.outcome import Outcome
from monitor.domain.scope import Scope
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.looks import due as looks_due
from monitor.store.watches import due as watches_due

__all__ = [
    "AlertTimes",
    "AttemptCount",
    "Looks",
    "Waiting",
    "alert_times",
    "attempt_counts",
    "looks",
    "waiting",
    "watches_looked_at",
]

_p, _w, _v, _l, _h, _o = t.poll, t.watch, t.keyword_version, t.listing, t.hit, t.outbox
_source = t.source.c.name
SEEING = tuple(outcome.value for outcome in Outcome if outcome.has_seen)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Looks:
    """Finished looks of one source with one outcome."""

    source: str
    outcome: str
    looks: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work of one kind and source that is due.

    Attributes:
        kind: ``"poll"``, ``"look"``, ``"pictures"`` (of a listing), ``"index"`` or ``"send"``.
        due: rows whose time has come, held ones included.
        held: of these, rows that a process has in hand.
        failing: of these, rows that were tried before, in vain.
        oldest_due_at: since when the longest waiting one has been due.
    """

    kind: str
    source: str
    due: int
    held: int
    failing: int
    oldest_due_at: datetime


@dataclass(frozen=True, slots=True)
class AlertTimes:
    """One alert's way; `delivered_at` is None unless it arrived."""

    endpoint: str
    state: str
    attempts: int
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttemptCount:
    """Tries of one endpoint that ended alike."""

    endpoint: str
    result: str
    http_status: int | None
    attempts: int
    last_at: datetime


def looks(tx: Transaction, scope: Scope, since: datetime, until: datetime) -> list[Looks]:
    """Finished looks that began in a time, by source and outcome; only of the scope's sources."""
    columns = select(_source, _p.c.outcome, func.count())
    rows = tx.execute(_polls(columns, scope, since, until).group_by(_source, _p.c.outcome))
    return [Looks(*row) for row in rows]


def watches_looked_at(
    tx: Transaction, scope: Scope, since: datetime, until: datetime
) -> dict[str, tuple[int, int]]:
    """(watches looked at, of these seen at least once) by source; captures have no watch."""
    saw = case((_p.c.outcome.in_(SEEING), _p.c.watch_id))
    columns = select(_source, func.count(_p.c.watch_id.distinct()), func.count(saw.distinct()))
    rows = tx.execute(_polls(columns, scope, since, until).group_by(_source))
    return {source: (looked, seen) for source, looked, seen in rows}


def _polls(columns: Select[Any], scope: Scope, since: datetime, until: datetime) -> Select[Any]:
    sources = select(t.source.c.id)
    if scope.sources:
        sources = sources.where(_source.in_(scope.sources))
    query = (
        columns.select_from(_p)
        .join(t.source, t.source.c.id == _p.c.source_id)
        # Named ids first, so that the index on source and time serves any time.
        .where(_p.c.source_id.in_(sources), _p.c.outcome.is_not(None))
        .where(_p.c.started_at >= since, _p.c.started_at < until)
    )
    if scope.categories:
        query = query.join(_v, _v.c.id == _p.c.keyword_version_id)
        query = query.where(_v.c.category.in_(scope.categories))
    return query


def waiting(
    tx: Transaction, sources: tuple[str, ...], categories: tuple[str, ...], now: datetime
) -> list[Waiting]:
    """What is due, by kind and source; "" for work whose listing is gone.

    The category of a poll is its keyword's; of all other work, the hit's.
    """
    found: list[Waiting] = []
    for kind, (columns, is_due, category) in _kinds(now).items():
        query = columns.where(is_due).group_by(_source)
        if sources:
            query = query.where(_source.in_(sources))
        if categories:
            query = query.where(category.in_(categories))
        rows = [Waiting(kind, source or "", *counts) for source, *counts in tx.execute(query)]
        found += sorted(rows, key=lambda row: row.source)
    return found


def _kinds(now: datetime) -> dict[str, tuple[Select[Any], ColumnElement[bool], Any]]:
    keyword = and_(_v.c.keyword_id == t.keyword.c.id, _v.c.number == t.keyword.c.version)
    polls = (
        _load(_w, _w.c.next_poll_at, _w.c.failures, now)
        .join(t.source, t.source.c.id == _w.c.source_id)
        .join(t.keyword, t.keyword.c.id == _w.c.keyword_id)
        .join(_v, keyword)
    )
    closer = (
        _load(_l, _l.c.look_due_at, _l.c.look_failures, now)
        .join(t.source, t.source.c.id == _l.c.source_id)
        .outerjoin(_h, _h.c.listing_id == _l.c.id)
    )
    entries = _load(_o, _o.c.due_at, _o.c.failures, now)
    opening = entries.outerjoin(_l, _l.c.id == _o.c.ref_id)
    opening = opening.outerjoin(t.source, t.source.c.id == _l.c.source_id)
    opening = opening.outerjoin(_h, _h.c.listing_id == _l.c.id)
    index = entries.outerjoin(_h, _h.c.id == _o.c.ref_id)
    send = entries.outerjoin(t.alert, t.alert.c.id == _o.c.ref_id)
    send = send.outerjoin(_h, _h.c.id == t.alert.c.hit_id)
    is_due = _o.c.due_at <= now
    return {
        "poll": (polls, _w.c.id.in_(watches_due(now)), _v.c.category),
        "look": (closer, _l.c.id.in_(looks_due(now)), _h.c.category),
        "pictures": (opening, and_(_o.c.kind == "pictures", is_due), _h.c.category),
        "index": (_to_source(index), and_(_o.c.kind == "index", is_due), _h.c.category),
        "send": (_to_source(send), and_(_o.c.kind == "send", is_due), _h.c.category),
    }


def _load(table: Any, due_at: Any, failures: Any, now: datetime) -> Select[Any]:
    held = func.sum(case((table.c.leased_until > now, 1), else_=0))
    failing = func.sum(case((failures > 0, 1), else_=0))
    return select(_source, func.count(table.c.id), held, failing, func.min(due_at)).select_from(
        table
    )


def _to_source(query: Select[Any]) -> Select[Any]:
    query = query.outerjoin(_l, _l.c.id == _h.c.listing_id)
    return query.outerjoin(t.source, t.source.c.id == _l.c.source_id)


def alert_times(tx: Transaction, scope: Scope) -> Iterator[AlertTimes]:
    """Alerts that were written in the scope's time."""
    columns = (
        t.endpoint.c.name,
        t.alert.c.state,
        t.alert.c.attempts,
        t.alert.c.created_at,
        t.alert.c.delivered_at,
    )
    query = select(*columns).join(t.endpoint, t.endpoint.c.id == t.alert.c.endpoint_id)
    return (AlertTimes(*row) for row in tx.execute(_of_alerts(query, scope)))


def attempt_counts(tx: Transaction, scope: Scope) -> list[AttemptCount]:
    """Tries to deliver the scope's alerts, by endpoint and how they ended."""
    a = t.attempt
    group = (t.endpoint.c.name, a.c.result, a.c.http_status)
    query = (
        select(*group, func.count(), func.max(a.c.started_at))
        .select_from(a)
        .join(t.alert, t.alert.c.id == a.c.alert_id)
        .join(t.endpoint, t.endpoint.c.id == t.alert.c.endpoint_id)
        .group_by(*group)
    )
    return [AttemptCount(*row) for row in tx.execute(_of_alerts(query, scope))]


def _of_alerts(query: Select[Any], scope: Scope) -> Select[Any]:
    created = t.alert.c.created_at
    query = query.where(created >= scope.since, created < scope.until)
    if scope.sources or scope.categories:
        query = query.join(_h, _h.c.id == t.alert.c.hit_id).join(_l, _l.c.id == _h.c.listing_id)
        query = query.join(t.source, t.source.c.id == _l.c.source_id)
    if scope.sources:
        query = query.where(_source.in_(scope.sources))
    if scope.categories:
        query = query.where(_h.c.category.in_(scope.categories))
    return query
