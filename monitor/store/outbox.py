"""The outbox: what is still to be indexed or sent, claimed in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select, update

from monitor.store import tables as t
from monitor.store.claims import Claim, claim_rows
from monitor.store.database import Transaction
from monitor.store.writing import insert_or_change

__all__ = [
    "Entry",
    "begin",
    "claim",
    "done",
    "due_count",
    "due_refs",
    "failing_count",
    "holds_all_hits",
    "oldest_due",
    "postpone",
    "put_off",
    "request",
    "waiting_for",
]

_o = t.outbox


@dataclass(frozen=True, slots=True)
class Entry:
    """A claimed entry.

    Attributes:
        claim: proves that the entry is ours.
        ref_id: the hit to index or the alert to send.
        generation: how often it was asked for; a request that arrives while we
            work raises it, and the entry then stays for another round.
        failures: tries that failed so far.
    """

    claim: Claim
    ref_id: int
    generation: int
    failures: int


def request(
    tx: Transaction, kind: str, ref_id: int, *, now: datetime, due_at: datetime | None = None
) -> None:
    """Ask for work on `ref_id`, now or at a later time; asking twice is asking once."""
    due_at = due_at or now
    row = {
        "kind": kind,
        "ref_id": ref_id,
        "generation": 1,
        "failures": 0,
        "due_at": due_at,
        "created_at": now,
    }
    again = {"generation": _o.c.generation + 1, "due_at": due_at}
    insert_or_change(tx, _o, row, ["kind", "ref_id"], again)


def claim(
    tx: Transaction,
    kind: str,
    *,
    now: datetime,
    lease_s: float,
    limit: int,
    ref_id: int | None = None,
) -> list[Entry]:
    """Claim due entries of one kind (or the one about `ref_id`), the longest waiting first."""
    due = and_(_o.c.kind == kind, _o.c.due_at <= now)
    if ref_id is not None:
        due = and_(due, _o.c.ref_id == ref_id)
    claims = claim_rows(tx, _o, due, [_o.c.due_at, _o.c.id], now=now, lease_s=lease_s, limit=limit)
    by_id = {held.id: held for held in claims}
    rows = tx.execute(select(_o).where(_o.c.id.in_(by_id)).order_by(_o.c.due_at, _o.c.id))
    return [Entry(by_id[row.id], row.ref_id, row.generation, row.failures) for row in rows]


def done(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Drop finished entries; one asked for again meanwhile stays and is due."""
    by_token: dict[str, dict[int, int]] = {}
    for entry in entries:
        by_token.setdefault(entry.claim.token, {})[entry.claim.id] = entry.generation
    for token, generations in by_token.items():
        mine = and_(_o.c.lease_token == token, _o.c.id.in_(generations))
        # In one order, so that two transactions never wait for each other.
        held = tx.execute(
            select(_o.c.id, _o.c.generation).where(mine).order_by(_o.c.id).with_for_update()
        ).all()
        finished = [row.id for row in held if row.generation == generations[row.id]]
        tx.execute(delete(_o).where(_o.c.id.in_(finished)))
        if len(finished) < len(held):
            tx.execute(update(_o).where(mine).values(lease_token=None, leased_until=None))


def begin(tx: Transaction, entry: Entry) -> None:
    """Count a failure beforehand: whoever dies over this entry has no chance to do it then.

    `done`, `postpone` and `put_off` make the count right again.
    """
    tx.execute(
        update(_o)
        .where(_o.c.id == entry.claim.id, _o.c.lease_token == entry.claim.token)
        .values(failures=entry.failures + 1)
    )


def postpone(tx: Transaction, entry: Entry, *, due_at: datetime) -> None:
    """Give the entry back for a later try and count the failure."""
    tx.execute(
        update(_o)
        .where(_o.c.id == entry.claim.id, _o.c.lease_token == entry.claim.token)
        .values(due_at=due_at, failures=entry.failures + 1, lease_token=None, leased_until=None)
    )


def put_off(tx: Transaction, entry: Entry, *, due_at: datetime) -> None:
    """Give the entry back for later without counting a failure."""
    tx.execute(
        update(_o)
        .where(_o.c.id == entry.claim.id, _o.c.lease_token == entry.claim.token)
        .values(due_at=due_at, failures=entry.failures, lease_token=None, leased_until=None)
    )


def due_count(tx: Transaction, kind: str, now: datetime) -> int:
    """Entries that wait, claimed ones included."""
    total: int = tx.execute(
        select(func.count()).select_from(_o).where(_o.c.kind == kind, _o.c.due_at <= now)
    ).scalar_one()
    return total


def due_refs(tx: Transaction, kind: str, *, now: datetime, limit: int) -> list[int]:
    """What entries that `claim` would claim now are about, the longest waiting first."""
    is_free = or_(_o.c.leased_until.is_(None), _o.c.leased_until <= now)
    rows = tx.execute(
        select(_o.c.ref_id)
        .where(_o.c.kind == kind, _o.c.due_at <= now, is_free)
        .order_by(_o.c.due_at, _o.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def failing_count(tx: Transaction, kind: str, failures: int) -> int:
    """Entries that failed at least so often."""
    total: int = tx.execute(
        select(func.count()).select_from(_o).where(_o.c.kind == kind, _o.c.failures >= failures)
    ).scalar_one()
    return total


def waiting_for(tx: Transaction, kind: str, ref_ids: Sequence[int]) -> set[int]:
    """Those of `ref_ids`, at most a few thousand, that have an entry."""
    rows = tx.execute(select(_o.c.ref_id).where(_o.c.kind == kind, _o.c.ref_id.in_(ref_ids)))
    return set(rows.scalars())


def holds_all_hits(tx: Transaction) -> bool:
    """Whether every hit there is waits to be indexed; also when there is none."""
    waits = exists().where(_o.c.kind == "index", _o.c.ref_id == t.hit.c.id)
    return tx.execute(select(t.hit.c.id).where(~waits).limit(1)).first() is None


def oldest_due(tx: Transaction, kind: str) -> datetime | None:
    """Since when the longest waiting entry has been due, or None."""
    oldest: datetime | None = tx.execute(
        select(func.min(_o.c.due_at)).where(_o.c.kind == kind)
    ).scalar_one()
    return oldest
