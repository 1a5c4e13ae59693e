"""Each host's next free slot and each source's circuit: rows, so that all workers share them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Database, Transaction
from monitor.store.locks import lock_source
from monitor.store.writing import insert_missing

__all__ = [
    "Circuit",
    "DatabaseHostSlots",
    "Rest",
    "circuit",
    "circuits",
    "close_circuits",
    "newest_rest",
    "newest_rests",
    "open_circuit",
    "resting",
]

_c, _h = t.circuit, t.host_slot

ASK_AGAIN_S = 0.1
"""While another's request takes longer to leave than the interval."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """A source that refused us and rests. `scope` is ``"search"`` or ``"item"``."""

    id: int
    source_id: int
    source: str
    scope: str
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


class DatabaseHostSlots:
    """Slots of hosts in the database, see `HostSlots`: no two workers ever ask one host too soon.

    ``next_free_at`` is the end of the queue of booked slots. ``clear_at`` is when the next
    request may leave, counted from the one that really left last. Between a departure
    and the word that the request has left, ``held_until`` keeps all others back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, host: str, interval_s: float, *, within_s: float = math.inf) -> float:
        """See `HostSlots.reserve`."""
        if interval_s <= 0:
            with self._database.read() as tx:
                slot = tx.execute(_slot(host)).scalar()
        else:
            slot = self._database.run(
                lambda tx: self._take(tx, host, interval_s, within_s), durable=False
            )
        # Counted from here: waiting for the row and for the commit has taken time.
        return self._until(slot)

    def _take(self, tx: Transaction, host: str, interval_s: float, within_s: float) -> datetime:
        query = _slot(host).with_for_update()
        free_at = tx.execute(query).scalar()
        if free_at is None:
            row = {"host": host, "next_free_at": self._database.now()}
            insert_missing(tx, _h, [row], ["host"])
            free_at = tx.execute(query).scalar_one()
        # The row is ours: only now is it known that nobody takes a later slot meanwhile.
        now = self._database.now()
        slot: datetime = max(free_at, now)
        if (slot - now).total_seconds() <= within_s:
            after = slot + timedelta(seconds=interval_s)
            tx.execute(update(_h).where(_h.c.host == host).values(next_free_at=after))
        return slot

    def depart(self, host: str, interval_s: float, hold_s: float) -> float:
        """See `HostSlots.depart`."""
        return self._database.run(
            lambda tx: self._depart(tx, host, interval_s, hold_s), durable=False
        )

    def _depart(self, tx: Transaction, host: str, interval_s: float, hold_s: float) -> float:
        now = self._database.now()
        held_until = now + timedelta(seconds=hold_s)
        departed = tx.execute(
            update(_h)
            .where(_h.c.host == host, _is_past(_h.c.clear_at, now), _is_past(_h.c.held_until, now))
            .values(held_until=held_until)
        )
        if departed.rowcount:
            return 0.0
        row = tx.execute(select(_h.c.clear_at, _h.c.held_until).where(_h.c.host == host)).one()
        if wait_s := self._until(row.clear_at):
            return wait_s
        # Whoever holds it departed `hold_s` before that, and is not clear any sooner.
        return max(ASK_AGAIN_S, self._until(row.held_until) - hold_s + interval_s)

    def sent(self, host: str, interval_s: float) -> None:
        """See `HostSlots.sent`."""
        now = self._database.now()
        clear_at = now + timedelta(seconds=interval_s)

        release = _postponed(clear_at) | {_h.c.held_until: now}
        change = update(_h).where(_h.c.host == host).values(release)
        self._database.run(lambda tx: tx.execute(change), durable=False)

    def block_until(self, host: str, until: datetime) -> None:
        """See `HostSlots.block_until`."""

        def work(tx: Transaction) -> None:
            insert_missing(tx, _h, [{"host": host, "next_free_at": until}], ["host"])
            tx.execute(update(_h).where(_h.c.host == host).values(_postponed(until)))

        self._database.run(work, durable=False)

    def _until(self, moment: datetime | None) -> float:
        if moment is None:
            return 0.0
        return max(0.0, float((moment - self._database.now()).total_seconds()))


def _slot(host: str) -> Select[Any]:
    return select(_h.c.next_free_at).where(_h.c.host == host)


def _is_past(moment: Column[Any], now: datetime) -> ColumnElement[bool]:
    return or_(moment.is_(None), moment <= now)


def _postponed(until: datetime) -> dict[Column[Any], ColumnElement[datetime]]:
    """Neither a booked slot nor a departure before `until`."""
    return {
        moment: case((moment >= until, moment), else_=literal(until, moment.type))
        for moment in (_h.c.next_free_at, _h.c.clear_at)
    }


def open_circuit(
    tx: Transaction,
    source_id: int,
    scope: str,
    *,
    outcome: str,
    reason: str,
    until: datetime,
    now: datetime,
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
    tx: Transaction, source_id: int, *, only: int | None = None, actor: str, now: datetime
) -> int:
    """Close circuits of a source by hand, all or the one with an id; how many were open."""
    mine = and_(_c.c.source_id == source_id, _c.c.closed_at.is_(None), _c.c.open_until > now)
    if only is not None:
        mine = and_(mine, _c.c.id == only)
    return tx.execute(update(_c).where(mine).values(closed_at=now, closed_by=actor)).rowcount
