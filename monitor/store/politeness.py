"""Each source's circuits: rows, so that all workers share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from monitor.domain.outcome import Outcome
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_source

__all__ = [
    "Circuit",
    "Rest",
    "circuit",
    "circuits",
    "close_circuits",
    "newest_rest",
    "newest_rests",
    "open_circuit",
    "resting",
]

_c = t.circuit


@dataclass(frozen=True, slots=True)
class Circuit:
    """A source that refused us and rests.

    Attributes:
        scope: its endpoint, ``"search"`` or ``"item"``.
        login: the login that was refused, or "" for a request without one. The endpoint
            rests whatever login it might be asked with.
    """

    id: int
    source_id: int
    source: str
    scope: str
    login: str
    outcome: str
    reason: str
    opened_at: datetime
    open_until: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rest:
    """The newest time in which a source was not searched, because it had refused us.

    Attributes:
        outcome: of the look that was refused.
        until: when it ends or ended.
    """

    outcome: str
    until: datetime


def open_circuit(
    tx: Transaction,
    source_id: int,
    scope: str,
    *,
    outcome: str,
    reason: str,
    until: datetime,
    now: datetime,
    login: str = "",
) -> None:
    """Let a source rest until a time, or until a person closes the circuit."""
    lock_source(tx, source_id)
    tx.execute(
        update(_c)
        .where(_c.c.source_id == source_id, _c.c.scope == scope, _c.c.closed_at.is_(None))
        .values(closed_at=now, closed_by="monitor")
    )
    tx.execute(
        insert(_c).values(
            source_id=source_id,
            scope=scope,
            login=login,
            outcome=outcome,
            reason=reason[:500],
            opened_at=now,
            open_until=until,
            closed_by="",
        )
    )


def circuits(tx: Transaction, now: datetime) -> list[Circuit]:
    """Open ones, newest first."""
    query = _circuits().where(_c.c.closed_at.is_(None), _c.c.open_until > now)
    return [_circuit(row) for row in tx.execute(query.order_by(_c.c.id.desc()))]


def circuit(tx: Transaction, circuit_id: int) -> Circuit:
    """Raises `NotFoundError`."""
    row = tx.execute(_circuits().where(_c.c.id == circuit_id)).first()
    if row is None:
        raise NotFoundError(f"no circuit with id {circuit_id}")
    return _circuit(row)


def _circuits() -> Select[Any]:
    return select(_c, t.source.c.name).join(t.source, t.source.c.id == _c.c.source_id)


def _circuit(row: Row[Any]) -> Circuit:
    return Circuit(
        id=row.id,
        source_id=row.source_id,
        source=row.name,
        scope=row.scope,
        login=row.login,
        outcome=row.outcome,
        reason=row.reason,
        opened_at=row.opened_at,
        open_until=row.open_until,
        closed_at=row.closed_at,
    )


def newest_rests(tx: Transaction) -> dict[int, Rest]:
    """The newest rest of each source's search that ever had one, over or not, by source's id."""
    newest = select(func.max(_c.c.id)).where(_c.c.scope == "search").group_by(_c.c.source_id)
    rows = tx.execute(select(_c).where(_c.c.id.in_(newest)))
    return {row.source_id: _rest(row) for row in rows}


def newest_rest(tx: Transaction, source_id: int, scope: str) -> Rest | None:
    """The newest rest of one source and endpoint, over or not."""
    mine = and_(_c.c.source_id == source_id, _c.c.scope == scope)
    row = tx.execute(select(_c).where(mine).order_by(_c.c.id.desc()).limit(1)).first()
    return _rest(row) if row else None


def resting(tx: Transaction, source_id: int, scope: str, now: datetime) -> Rest | None:
    """The rest that a source's endpoint is in; None when it may be asked."""
    rest = newest_rest(tx, source_id, scope)
    return rest if rest and rest.until > now else None


def _rest(row: Row[Any]) -> Rest:
    return Rest(row.outcome, min(row.open_until, row.closed_at or row.open_until))


def close_circuits(
    tx: Transaction, source_id: int, *, only: Circuit | None = None, actor: str, now: datetime
) -> int:
    """Close circuits of a source by hand; how many were open.

    Args:
        tx: an open transaction.
        source_id: the source.
        only: this one; of a login that was refused, all that the refusal opened. None: all.
        actor: who says so.
        now: the time.
    """
    mine = and_(_c.c.source_id == source_id, _c.c.closed_at.is_(None), _c.c.open_until > now)
    if only is not None:
        is_same = and_(_c.c.login == only.login, _c.c.login != "", _c.c.outcome == only.outcome)
        is_login = only.outcome == Outcome.LOGIN_REQUIRED
        mine = and_(mine, or_(_c.c.id == only.id, is_same) if is_login else _c.c.id == only.id)
    return tx.execute(update(_c).where(mine).values(closed_at=now, closed_by=actor)).rowcount
