"""Families of texts that are re-writings of one another, across all sources.

A family is founded by a text that is like no founder known, and holds what is like its
founder from then on; what is like several founders goes to the oldest, today and in a year.
Families never merge and never split, so their ids stay what they are.

Only likely listings have one: ordinary ones need none, and stay out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from sqlalchemy import func, insert, select, update

from classifiers.text.alike import Sketch, are_alike, bands
from monitor.domain.hit import Hit
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_families

__all__ = ["families_of", "family_of"]

CANDIDATES = 50
"""Families that a text is compared with: those with which it has the most bands in common."""

_f, _b = t.text_family, t.text_band


def family_of(hit: Hit) -> int | None:
    """The family of the text that a hit's decision rests on; None for one from before families."""
    return hit.family_id


def families_of(tx: Transaction, texts: Mapping[str, Sketch], *, now: datetime) -> dict[str, int]:
    """The family of each text, founded where there is none.

    Args:
        tx: a writing transaction.
        texts: keyed digest of a text to its sketch; the first may found a family for the next.
        now: when the texts were seen.

    Returns:
        Digest to family id.
    """
    lock_families(tx)
    rows = tx.execute(
        select(_f.c.id, _f.c.family_key, _f.c.sketch).where(_f.c.family_key.in_(list(texts)))
    ).all()
    founders = {row.family_key: row.id for row in rows}
    for row in rows:
        if row.sketch is None:
            _describe(tx, row.id, texts[row.family_key])
    found = {}
    for key, sketch in texts.items():
        found[key] = founders.get(key) or _oldest_alike(tx, sketch) or _found(tx, key, sketch, now)
    return found


def _oldest_alike(tx: Transaction, sketch: Sketch) -> int | None:
    if not sketch:
        return None
    near = (
        select(_b.c.text_family_id, func.count().label("common"))
        .where(_b.c.band_key.in_(bands(sketch)))
        .group_by(_b.c.text_family_id)
        .order_by(func.count().desc(), _b.c.text_family_id)
        .limit(CANDIDATES)
        .subquery()
    )
    rows = tx.execute(select(_f.c.id, _f.c.sketch).join(near, near.c.text_family_id == _f.c.id))
    return min((row.id for row in rows if are_alike(sketch, _unpacked(row.sketch))), default=None)


def _found(tx: Transaction, key: str, sketch: Sketch, now: datetime) -> int:
    family_id: int = tx.execute(
        insert(_f).values(family_key=key, first_seen_at=now).returning(_f.c.id)
    ).scalar_one()
    _describe(tx, family_id, sketch)
    return family_id


def _describe(tx: Transaction, family_id: int, sketch: Sketch) -> None:
    tx.execute(update(_f).where(_f.c.id == family_id).values(sketch=_packed(sketch)))
    rows = [{"band_key": key, "text_family_id": family_id} for key in bands(sketch)]
    if rows:
        tx.execute(insert(_b), rows)


def _packed(sketch: Sketch) -> bytes:
    return np.array(sketch, dtype="<u4").tobytes()


def _unpacked(content: bytes) -> Sketch:
    return tuple(np.frombuffer(content, dtype="<u4").tolist())
