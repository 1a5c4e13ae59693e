"""Listings that wait for a closer look at their item page, and what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select, update

from monitor.domain.watch import SourceRecord
from monitor.store import tables as t
from monitor.store.claims import Claim, FreeRow, claim_rows, free_rows, is_suspect
from monitor.store.database import Transaction
from monitor.store.watches import source_by_id

__all__ = [
    "LookPlan",
    "ask",
    "claim_due",
    "count_look",
    "due",
    "due_count",
    "due_rows",
    "finish",
    "listing_named",
    "looks_since",
    "mark_gone",
    "plan",
    "put_off",
    "quarantine",
    "quarantined_count",
]

_l = t.listing


@dataclass(frozen=True, slots=True)
class LookPlan:
    """What a closer look needs to know."""

    listing_id: int
    native_id: str
    url: str
    source: SourceRecord
    reason: str
    failures: int
    hit_id: int | None
    has_item_version: bool


def ask(tx: Transaction, listing_id: int, reason: str, *, due_at: datetime) -> None:
    """Ask for a closer look; one that waits already keeps its earlier time."""
    tx.execute(
        update(_l)
        .where(_l.c.id == listing_id, or_(_l.c.look_due_at.is_(None), _l.c.look_due_at > due_at))
        .values(look_due_at=due_at, look_reason=reason, look_failures=0)
    )


def _is_due(now: datetime) -> Any:
    open_circuit = exists().where(
        t.circuit.c.source_id == _l.c.source_id,
        t.circuit.c.scope == "item",
        t.circuit.c.closed_at.is_(None),
        t.circuit.c.open_until > now,
    )
    return and_(_l.c.look_due_at <= now, ~open_circuit)


def claim_due(
    tx: Transaction,
    *,
    now: datetime,
    lease_s: float,
    limit: int,
    among: Sequence[int] | None = None,
    suspects: bool = False,
) -> list[Claim]:
    """Claim listings to look at, the longest waiting first.

    Args:
        tx: an open transaction.
        now: the time that decides.
        lease_s: how long the claim holds.
        limit: most listings.
        among: claim these only.
        suspects: with `among`: claim suspects instead of all others.
    """
    due = _is_due(now)
    if among is not None:
        due = and_(due, _l.c.id.in_(among), is_suspect(_l).is_(suspects))
    return claim_rows(tx, _l, due, [_l.c.look_due_at], now=now, lease_s=lease_s, limit=limit)


def due_rows(tx: Transaction, *, now: datetime, limit: int) -> list[FreeRow]:
    """Listings that `claim_due` would claim now, the longest waiting first."""
    return free_rows(tx, _l, _is_due(now), [_l.c.look_due_at], now=now, limit=limit)


def due(now: datetime) -> Select[tuple[int]]:
    """Ids of listings whose closer look is due, claimed ones included, for use in other queries."""
    return select(_l.c.id).where(_is_due(now)).correlate(None)


def due_count(tx: Transaction, now: datetime) -> int:
    """How many listings wait."""
    total: int = tx.execute(select(func.count()).select_from(_l).where(_is_due(now))).scalar_one()
    return total


def plan(tx: Transaction, listing_id: int) -> LookPlan:
    """Read what the look needs."""
    row = tx.execute(
        select(_l, t.hit.c.id.label("hit_id"))
        .outerjoin(t.hit, t.hit.c.listing_id == _l.c.id)
        .where(_l.c.id == listing_id)
    ).one()
    return LookPlan(
        listing_id=row.id,
        native_id=row.native_id,
        url=row.url,
        source=source_by_id(tx, row.source_id),
        reason=row.look_reason,
        failures=row.look_failures,
        hit_id=row.hit_id,
        has_item_version=row.item_version is not None,
    )


def looks_since(tx: Transaction, source_id: int, since: datetime) -> int:
    """How many item pages of a source were read since a time."""
    total: int = tx.execute(
        select(func.count())
        .select_from(_l)
        .where(_l.c.source_id == source_id, _l.c.looked_at >= since)
    ).scalar_one()
    return total


def count_look(tx: Transaction, listing_id: int, *, now: datetime) -> None:
    """An item page was read out of turn: it counts among those of the hour."""
    tx.execute(update(_l).where(_l.c.id == listing_id).values(looked_at=now))


def finish(
    tx: Transaction,
    claim: Claim,
    *,
    now: datetime,
    retry_at: datetime | None = None,
) -> None:
    """Write what came of the look and give the claim back.

    Args:
        tx: the transaction in which the claim was proved.
        claim: the listing.
        now: the time of the look.
        retry_at: when to try again after a failure; None when the look is done.
    """
    values: dict[str, Any] = {
        "lease_token": None,
        "leased_until": None,
        "crashes": 0,
        "look_due_at": retry_at,
        "look_failures": _l.c.look_failures + 1 if retry_at else 0,
    }
    if retry_at is None:
        values["looked_at"] = now
    tx.execute(
        update(_l).where(_l.c.id == claim.id, _l.c.lease_token == claim.token).values(values)
    )


def listing_named(tx: Transaction, source_id: int, native_id: str) -> int | None:
    """The listing with a market's own id, or None."""
    return tx.execute(
        select(_l.c.id).where(_l.c.source_id == source_id, _l.c.native_id == native_id)
    ).scalar_one_or_none()


def mark_gone(tx: Transaction, listing_id: int, *, now: datetime) -> int | None:
    """An item page said that the listing is gone; its hit's id, if it has one."""
    tx.execute(
        update(_l).where(_l.c.id == listing_id).values(state="gone", item_state="gone", gone_at=now)
    )
    return tx.execute(
        select(t.hit.c.id).where(t.hit.c.listing_id == listing_id)
    ).scalar_one_or_none()


def put_off(tx: Transaction, claim: Claim, *, until: datetime) -> None:
    """Give the claim back for later without counting a failure."""
    tx.execute(
        update(_l)
        .where(_l.c.id == claim.id, _l.c.lease_token == claim.token)
        .values(look_due_at=until, lease_token=None, leased_until=None, crashes=0)
    )


def quarantine(tx: Transaction, listing_id: int) -> None:
    """Look no more at a listing whose item page kills the process that reads it."""
    tx.execute(
        update(_l)
        .where(_l.c.id == listing_id)
        .values(
            look_due_at=None,
            look_reason="quarantined",
            lease_token=None,
            leased_until=None,
            crashes=1,
        )
    )


def quarantined_count(tx: Transaction) -> int:
    """How many listings are no more looked at, for that reason."""
    total: int = tx.execute(
        select(func.count()).select_from(_l).where(_l.c.look_reason == "quarantined")
    ).scalar_one()
    return total
