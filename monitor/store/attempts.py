"""The last tries to reach an endpoint, and what waits for it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select

from monitor.domain.alert import AlertState, Attempt
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["Backlog", "Try", "backlogs", "latest"]

_al, _at, _o = t.alert, t.attempt, t.outbox


@dataclass(frozen=True, slots=True)
class Try:
    """One try, and where its alert stands now.

    Attributes:
        kind: of the alert.
        hit_id: that it tells of; None for a test, and when the hit was erased.
        state: of the alert.
        is_last: whether it is the alert's last try so far.
        next_at: when the alert is tried again; None when it is not, or this is not the last try.
    """

    alert_id: int
    kind: str
    hit_id: int | None
    state: AlertState
    attempt: Attempt
    is_last: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Alerts that wait for one endpoint.

    Attributes:
        alerts: how many.
        tried: of these, those that were tried before, in vain.
        next_at: when the first of them is due; it may be past.
    """

    alerts: int
    tried: int
    next_at: datetime | None


def latest(tx: Transaction, endpoint_id: int, *, limit: int) -> list[Try]:
    """The newest tries of an endpoint first."""
    rows = tx.execute(
        select(_at, _al.c.kind, _al.c.hit_id, _al.c.state, _al.c.attempts, _o.c.due_at)
        .join(_al, _al.c.id == _at.c.alert_id)
        .outerjoin(_o, _waits())
        .where(_al.c.endpoint_id == endpoint_id)
        .order_by(_at.c.id.desc())
        .limit(limit)
    )
    return [
        Try(
            alert_id=row.alert_id,
            kind=row.kind,
            hit_id=row.hit_id,
            state=AlertState(row.state),
            attempt=Attempt(
                row.number,
                row.started_at,
                row.duration_s,
                row.result,
                row.http_status,
                row.detail,
            ),
            is_last=row.number == row.attempts,
            next_at=row.due_at if row.number == row.attempts else None,
        )
        for row in rows
    ]


def backlogs(tx: Transaction) -> dict[int, Backlog]:
    """What waits, by endpoint; one for which nothing waits is left out."""
    rows = tx.execute(
        select(
            _al.c.endpoint_id,
            func.count().label("alerts"),
            func.count(case((_al.c.attempts > 0, 1))).label("tried"),
            func.min(_o.c.due_at).label("next_at"),
        )
        .outerjoin(_o, _waits())
        .where(_al.c.state == AlertState.PENDING.value)
        .group_by(_al.c.endpoint_id)
    )
    return {row.endpoint_id: Backlog(row.alerts, row.tried, row.next_at) for row in rows}


def _waits() -> ColumnElement[bool]:
    """An alert's entry in the outbox."""
    return and_(
        _o.c.kind == "send",
        _o.c.ref_id == _al.c.id,
        _al.c.state == AlertState.PENDING.value,
    )
