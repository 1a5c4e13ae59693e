"""Who works on which hit: one person at a time, for a time.

A claim stands in the hit's own row, so that the one statement that takes it also sees
whether it is free. Not the index but the store shows it: revisions do not grow.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, update

from monitor.domain.hit import HitFilter
from monitor.store import hits
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["claim", "claim_next", "holder", "is_any_free", "release"]

_h = t.hit


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(_h.c.claimed_until.is_(None), _h.c.claimed_until <= now)


def claim(
    tx: Transaction,
    hit_id: int,
    *,
    actor: str,
    until: datetime,
    now: datetime,
    is_forced: bool = False,
) -> bool:
    """Take a hit that is free or one's own, which extends it; False when somebody else has it.

    Args:
        tx: a transaction.
        hit_id: the hit.
        actor: who takes it.
        until: when it is free again by itself.
        now: the database's time.
        is_forced: take it from whoever has it.
    """
    query = update(_h).where(_h.c.id == hit_id)
    if not is_forced:
        query = query.where(or_(_is_free(now), _h.c.claimed_by == actor))
    return tx.execute(query.values(claimed_by=actor, claimed_until=until)).rowcount == 1


def claim_next(
    tx: Transaction, chosen: HitFilter, *, actor: str, until: datetime, now: datetime
) -> int | None:
    """Take the first hit in triage order that nobody has; its id.

    Rows that somebody is taking or judging at this moment are passed over.

    Returns:
        None when none was found; where others took hits meanwhile one may be left.
    """
    first = hits.in_triage_order(_free(chosen, now)).limit(1)
    hit_id = tx.execute(first.with_for_update(skip_locked=True, key_share=True, of=_h)).scalar()
    if hit_id is None or not claim(tx, hit_id, actor=actor, until=until, now=now):
        return None
    return int(hit_id)


def is_any_free(tx: Transaction, chosen: HitFilter, *, now: datetime) -> bool:
    """Whether a hit is left that nobody has, whoever may be about to take it."""
    return tx.execute(_free(chosen, now).limit(1)).first() is not None


def _free(chosen: HitFilter, now: datetime) -> Select[Any]:
    query = (
        select(_h.c.id)
        .join(t.listing, t.listing.c.id == _h.c.listing_id)
        .join(t.source, t.source.c.id == t.listing.c.source_id)
        .where(_is_free(now))
    )
    return hits.matching(query, chosen, now)


def release(tx: Transaction, hit_id: int, *, actor: str) -> bool:
    """Give a hit back; False when it is not this person's."""
    done = tx.execute(
        update(_h)
        .where(_h.c.id == hit_id, _h.c.claimed_by == actor)
        .values(claimed_by=None, claimed_until=None)
    )
    return done.rowcount == 1


def holder(tx: Transaction, hit_id: int, *, now: datetime) -> tuple[str, datetime] | None:
    """(who, until when) of a live claim, or None. The row stays locked: nobody takes it now."""
    row = tx.execute(
        select(_h.c.claimed_by, _h.c.claimed_until)
        .where(_h.c.id == hit_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None or row.claimed_until is None or row.claimed_until <= now:
        return None
    return row.claimed_by, row.claimed_until
