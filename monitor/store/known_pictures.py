"""Known pictures: fingerprints that an operator judged bad or good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from monitor.domain.picture import KnownPicture
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = ["add", "all_known", "entries", "get", "labels", "remove", "stamp"]

_k = t.known_picture
BATCH = 500


def add(tx: Transaction, pictures: Sequence[KnownPicture]) -> None:
    """Add those whose fingerprint is not known; their ids are not looked at."""
    for start in range(0, len(pictures), BATCH):
        rows = [
            {
                "fingerprint": picture.fingerprint,
                "label": picture.label,
                "name": picture.name,
                "added_by": picture.added_by,
                "added_at": picture.added_at,
            }
            for picture in pictures[start : start + BATCH]
        ]
        insert_missing(tx, _k, rows, ["fingerprint"])


def remove(tx: Transaction, known_id: int) -> KnownPicture:
    """Forget one; returns what it was. Raises `NotFoundError`."""
    found = get(tx, known_id)
    tx.execute(delete(_k).where(_k.c.id == known_id))
    return found


def get(tx: Transaction, known_id: int) -> KnownPicture:
    """Raises `NotFoundError`."""
    row = tx.execute(select(_k).where(_k.c.id == known_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"no known picture with id {known_id}")
    return KnownPicture(**row)


def labels(tx: Transaction, fingerprints: Sequence[str]) -> dict[str, str]:
    """What those of `fingerprints` that are known were judged."""
    found: dict[str, str] = {}
    for start in range(0, len(fingerprints), BATCH):
        part = fingerprints[start : start + BATCH]
        rows = tx.execute(select(_k.c.fingerprint, _k.c.label).where(_k.c.fingerprint.in_(part)))
        found.update({row.fingerprint: row.label for row in rows})
    return found


def all_known(tx: Transaction) -> list[KnownPicture]:
    """All, in the order in which they were added."""
    rows = tx.execute(select(_k).order_by(_k.c.id)).mappings()
    return [KnownPicture(**row) for row in rows]


def entries(tx: Transaction) -> list[tuple[str, str, str]]:
    """Fingerprint, label and name of each: what a bank is made of."""
    rows = tx.execute(select(_k.c.fingerprint, _k.c.label, _k.c.name))
    return [(row.fingerprint, row.label, row.name) for row in rows]


def stamp(tx: Transaction) -> tuple[int, int, datetime | None]:
    """Differs whenever the entries do: how many, and which was added last, when."""
    row: Any = tx.execute(
        select(func.count(), func.coalesce(func.max(_k.c.id), 0), func.max(_k.c.added_at))
    ).one()
    return row[0], row[1], row[2]
