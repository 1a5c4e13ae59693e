"""Claiming work: batches of rows under a lease with a token.

Three kinds of rows wait for later: a watch that is due, a listing that needs a
closer look, an outbox entry. A claim marks rows with a token and an end time;
the finishing write must still find its token there, so that a worker that was
thought dead can not write over its successor.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, or_, select, update

from monitor.errors import LeaseLost, StoreError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_source_of_listing

__all__ = ["Claim", "claim_rows", "free_all", "hold", "release"]

TOKEN_BYTES = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimed row: its id, and the token that proves the claim."""

    id: int
    token: str


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
    is_free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
    chosen = select(table.c.id).where(and_(due, is_free)).order_by(*order).limit(limit)
    # Other claimers skip rows that are being claimed; SQLite has one writer anyway.
    ids = tx.execute(chosen.with_for_update(skip_locked=True, of=table)).scalars().all()
    if not ids:
        return []
    token = secrets.token_hex(TOKEN_BYTES)
    tx.execute(
        update(table)
        .where(table.c.id.in_(ids))
        .values(lease_token=token, leased_until=now + timedelta(seconds=lease_s))
    )
    return [Claim(row_id, token) for row_id in ids]


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
