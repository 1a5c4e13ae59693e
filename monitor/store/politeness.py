"""Each host's next free slot and each source's circuit: rows, so that all workers share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from monitor.store import tables as t
from monitor.store.database import Database, Transaction
from monitor.store.locks import lock_source
from monitor.store.writing import insert_missing

__all__ = [
    "Circuit",
    "DatabaseHostSlots",
    "Rest",
    "circuits",
    "close_circuit",
    "newest_rests",
    "open_circuit",
    "resting",
]

_c, _h = t.circuit, t.host_slot


@dataclass(frozen=True, slots=True)
class Circuit:
    """A source that refused us and rests. `scope` is ``"search"`` or ``"item"``."""

    id: int
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
    """Slots of hosts in the database: no two workers ever ask one host too soon."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, host: str, interval_s: float) -> float:
        """Take the host's next slot and say how many seconds to wait for it."""
        if interval_s <= 0:
            with self._database.read() as tx:
                free_at = tx.execute(_slot(host)).scalar()
        else:
            free_at = self._database.run(lambda tx: self._take(tx, host, interval_s), durable=False)
        if free_at is None:
            return 0.0
        # Counted from here: waiting for the row and for the commit has taken time.
        return max(0.0, float((free_at - self._database.now()).total_seconds()))

    def _take(self, tx: Transaction, host: str, interval_s: float) -> datetime:
        query = _slot(host).with_for_update()
        free_at = tx.execute(query).scalar()
        if free_at is None:
            row = {"host": host, "next_free_at": self._database.now()}
            insert_missing(tx, _h, [row], ["host"])
            free_at = tx.execute(query).scalar_one()
        # The row is ours: only now is it known that nobody takes a later slot meanwhile.
        slot: datetime = max(free_at, self._database.now())
        after = slot + timedelta(seconds=interval_s)
        tx.execute(update(_h).where(_h.c.host == host).values(next_free_at=after))
        return slot

    def block_until(self, host: str, until: datetime) -> None:
        """Nobody asks the host before `until` (it said so)."""
        self._database.run(lambda tx: _block(tx, host, until), durable=False)


def _slot(host: str) -> Select[Any]:
    return select(_h.c.next_free_at).where(_h.c.host == host)


def _block(tx: Transaction, host: str, until: datetime) -> None:
    insert_missing(tx, _h, [{"host": host, "next_free_at": until}], ["host"])
    tx.execute(
        update(_h).where(_h.c.host == host, _h.c.next_free_at < until).values(next_free_at=until)
    )


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
    rows = tx.execute(
        select(_c, t.source.c.name)
        .join(t.source, t.source.c.id == _c.c.source_id)
        .where(_c.c.closed_at.is_(None), _c.c.open_until > now)
        .order_by(_c.c.id.desc())
    )
    return [
        Circuit(
            row.id,
            row.name,
            row.scope,
            row.outcome,
            row.reason,
            row.opened_at,
            row.open_until,
            row.closed_at,
        )
        for row in rows
    ]


def newest_rests(tx: Transaction, source_id: int | None = None) -> dict[int, Rest]:
    """The newest rest of each source that ever had one, over or not, by the source's id."""
    newest = select(func.max(_c.c.id)).where(_c.c.scope == "search").group_by(_c.c.source_id)
    if source_id is not None:
        newest = newest.where(_c.c.source_id == source_id)
    rows = tx.execute(select(_c).where(_c.c.id.in_(newest)))
    return {
        row.source_id: Rest(row.outcome, min(row.open_until, row.closed_at or row.open_until))
        for row in rows
    }


def resting(tx: Transaction, source_id: int, now: datetime) -> Rest | None:
    """The rest that the source is in; None when it may be searched."""
    rest = newest_rests(tx, source_id).get(source_id)
    return rest if rest and rest.until > now else None


def close_circuit(tx: Transaction, source_id: int, *, actor: str, now: datetime) -> int:
    """Close all circuits of a source by hand; how many were open."""
    return tx.execute(
        update(_c)
        .where(_c.c.source_id == source_id, _c.c.closed_at.is_(None), _c.c.open_until > now)
        .values(closed_at=now, closed_by=actor)
    ).rowcount
