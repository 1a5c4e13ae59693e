"""Each host's next free slot and its requests of a day: rows, so that all workers share them."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, case, literal, or_, select, update

from monitor.store import tables as t
from monitor.store.database import Database, Transaction
from monitor.store.writing import insert_missing

__all__ = ["DatabaseHostSlots"]

_h = t.host_slot

ASK_AGAIN_S = 0.1
"""While another's request takes longer to leave than the interval."""
DAY = timedelta(days=1)


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

    def spent(self, host: str, per_day: int) -> float:
        """See `HostSlots.spent`."""
        with self._database.read() as tx:
            return self._left_s(tx, host, per_day)

    def spend(self, host: str, per_day: int) -> float:
        """See `HostSlots.spend`."""
        return self._database.run(lambda tx: self._spend(tx, host, per_day), durable=False)

    def _spend(self, tx: Transaction, host: str, per_day: int) -> float:
        now = self._database.now()
        insert_missing(tx, _h, [{"host": host, "next_free_at": now}], ["host"])
        mine, yesterday = _h.c.host == host, now - DAY
        begun = update(_h).where(mine, _is_past(_h.c.day_began_at, yesterday))
        if tx.execute(begun.values(day_began_at=now, day_requests=1)).rowcount:
            return 0.0
        # Who waited for another worker's change of the row sees that change here.
        counted = update(_h).where(mine, _h.c.day_requests < per_day)
        if tx.execute(counted.values(day_requests=_h.c.day_requests + 1)).rowcount:
            return 0.0
        # At the very end of a day, there is a moment to wait at least.
        return max(ASK_AGAIN_S, self._left_s(tx, host, per_day))

    def _left_s(self, tx: Transaction, host: str, per_day: int) -> float:
        began_at = tx.execute(
            select(_h.c.day_began_at).where(_h.c.host == host, _h.c.day_requests >= per_day)
        ).scalar()
        return self._until(began_at + DAY if began_at else None)

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
