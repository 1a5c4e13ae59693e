"""Each host's next free slot and each source's circuit: rows, so that all workers share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from monitor.store import tables as t
from monitor.store.database import Database, Transaction
from monitor.store.writing import insert_missing

__all__ = ["Circuit", "DatabaseHostSlots", "circuits", "close_circuit", "open_circuit"]

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


class DatabaseHostSlots:
    """Slots of hosts in the database: no two workers ever ask one host too soon."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, host: str, interval_s: float) -> float:
        """Take the host's next slot and say how many seconds to wait for it."""
        with self._database.write(durable=False) as tx:
            now = self._database.now()
            insert_missing(tx, _h, [{"host": host, "next_free_at": now}], ["host"])
            query = select(_h.c.next_free_at).where(_h.c.host == host).with_for_update()
            free_at = max(tx.execute(query).scalar_one(), now)
            after = free_at + timedelta(seconds=interval_s)
            tx.execute(update(_h).where(_h.c.host == host).values(next_free_at=after))
        return float((free_at - now).total_seconds())

    def block_until(self, host: str, until: datetime) -> None:
        """Nobody asks the host before `until` (it said so)."""
        with self._database.write(durable=False) as tx:
            insert_missing(tx, _h, [{"host": host, "next_free_at": until}], ["host"])
            tx.execute(
                update(_h)
                .where(_h.c.host == host, _h.c.next_free_at < until)
                .values(next_free_at=until)
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


def close_circuit(tx: Transaction, source_id: int, *, actor: str, now: datetime) -> int:
    """Close all circuits of a source by hand; how many were open."""
    return tx.execute(
        update(_c)
        .where(_c.c.source_id == source_id, _c.c.closed_at.is_(None), _c.c.open_until > now)
        .values(closed_at=now, closed_by=actor)
    ).rowcount
