"""Claiming work: batches of rows under a lease with a token.

Three kinds of rows wait for later: a watch that is due, a listing that needs a
closer look, an outbox entry. A claim marks rows with a token and an end time;
the finishing write must still find its token there, so that a worker that was
thought dead can not write over its successor.

A lease that ends with its token still there is the mark of a process that died
over its work. Rows of which that is known are suspects (`crashes` > 0, for watches
and listings): the workers try them apart from all others.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, case, or_, select, update

from monitor.errors import LeaseLost, StoreError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_source_of_listing

__all__ = [
    "Claim",
    "FreeRow",
    "abandon",
    "claim_rows",
    "count_crash",
    "free_all",
    "free_rows",
    "hold",
    "is_suspect",
    "release",
]

TOKEN_BYTES = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimed row: its id, and the token that proves the claim."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class FreeRow:
    """A row that waits and that nobody holds.

    Attributes:
        is_suspect: whether a process died over it, and nobody has finished it since.
    """

    id: int
    is_suspect: bool


def _is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


def is_suspect(table: Table) -> ColumnElement[bool]:
    """Of a free row: whether a process died over it, and nobody has finished it since."""
    return or_(table.c.crashes > 0, table.c.lease_token.is_not(None))


def free_rows(
    tx: Transaction,
    table: Table,
    due: ColumnElement[bool],
    order: Sequence[ColumnElement[object]],
    *,
    now: datetime,
    limit: int,
) -> list[FreeRow]:
    """What a claim would find now; nothing is claimed."""
    rows = tx.execute(
        select(table.c.id, is_suspect(table).label("is_suspect"))
        .where(due, _is_free(table, now))
        .order_by(*order)
        .limit(limit)
    )
    return [FreeRow(row.id, bool(row.is_suspect)) for row in rows]


def claim_rows(
    tx: Transaction,
    table: Table,
    due: ColumnElement[bool],
    order: Sequence[ColumnElement[object]],
    *,
    now: datetime,
    lease_s: float,
    limit: int,
) -> list[Claim]:
    """Claim up to `limit` rows that are due and not leased to anybody else."""
    chosen = select(table.c.id).where(and_(due, _is_free(table, now))).order_by(*order).limit(limit)
    # Other claimers skip rows that are being claimed; SQLite has one writer anyway.
    chosen = chosen.with_for_update(skip_locked=True, of=table)
    token = secrets.token_hex(TOKEN_BYTES)
    values = {"lease_token": token, "leased_until": now + timedelta(seconds=lease_s)}
    if "crashes" in table.c:
        died = and_(table.c.lease_token.is_not(None), table.c.crashes == 0)
        values["crashes"] = case((died, 1), else_=table.c.crashes)
    # The choice is made once, before anything is changed, and not again for each row.
    first = chosen.cte("first").prefix_with("MATERIALIZED", dialect="postgresql")
    claimed = update(table).where(table.c.id.in_(select(first.c.id))).values(values)
    rows = tx.execute(claimed.returning(table.c.id, *order)).all()
    return [Claim(row.id, token) for row in sorted(rows, key=lambda row: row[1:])]


def hold(tx: Transaction, table: Table, claim: Claim, *, until: datetime) -> None:
    """Prove the claim inside the caller's transaction and extend it.

    Raises:
        LeaseLost: the row was given to someone else; the caller must write nothing.
    """
    if table is t.listing:
        # Whoever records a page takes the source first and listings after it: so must we.
        lock_source_of_listing(tx, claim.id)
    done = tx.execute(
        update(table)
        .where(table.c.id == claim.id, table.c.lease_token == claim.token)
        .values(leased_until=until)
    )
    if done.rowcount != 1:
        raise LeaseLost(f"{table.name} {claim.id} was claimed by someone else meanwhile")


def release(tx: Transaction, table: Table, claim: Claim) -> None:
    """Give the row back; a lease that was lost is no matter here."""
    tx.execute(
        update(table)
        .where(table.c.id == claim.id, table.c.lease_token == claim.token)
        .values(lease_token=None, leased_until=None)
    )


def abandon(tx: Transaction, table: Table, claim: Claim) -> None:
    """Give up after an error: the row rests until its lease ends, and nobody is thought dead."""
    tx.execute(
        update(table)
        .where(table.c.id == claim.id, table.c.lease_token == claim.token)
        .values(lease_token=None)
    )


def count_crash(tx: Transaction, table: Table, claim: Claim) -> int:
    """The process that worked on this row alone has died: give it back; how often by now.

    Returns:
        0 when the row was given to someone else meanwhile.
    """
    mine = and_(table.c.id == claim.id, table.c.lease_token == claim.token)
    changed = tx.execute(
        update(table)
        .where(mine)
        .values(crashes=table.c.crashes + 1, lease_token=None, leased_until=None)
    )
    if changed.rowcount != 1:
        return 0
    return int(tx.execute(select(table.c.crashes).where(table.c.id == claim.id)).scalar_one())


def free_all(tx: Transaction) -> int:
    """Free every claim; only for the one process that holds the embedded lock.

    Returns:
        How many claims an earlier process had left behind.

    Raises:
        StoreError: on PostgreSQL, where the claims may be other machines'; their
            leases end by themselves.
    """
    if tx.dialect.name != "sqlite":
        raise StoreError("claims of a shared database end with their leases only")
    freed = 0
    for table in (t.watch, t.listing, t.outbox):
        freed += tx.execute(
            update(table)
            .where(table.c.lease_token.is_not(None))
            .values(lease_token=None, leased_until=None)
        ).rowcount
    return freed
