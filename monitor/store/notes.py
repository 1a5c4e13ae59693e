"""Notes beside hits. Appended only; they go with their hit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from monitor.domain.casework import Note
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["add", "of_hit"]


def add(tx: Transaction, hit_id: int, *, text: str, actor: str, now: datetime) -> None:
    """Write a note; its text must be masked."""
    row = {"hit_id": hit_id, "text": text, "actor": actor, "created_at": now}
    tx.execute(insert(t.hit_note).values(row))


def of_hit(tx: Transaction, hit_id: int) -> list[Note]:
    """Oldest first."""
    n = t.hit_note
    rows = tx.execute(select(n).where(n.c.hit_id == hit_id).order_by(n.c.id))
    return [Note(row.id, row.hit_id, row.text, row.actor, row.created_at) for row in rows]
