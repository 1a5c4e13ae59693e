"""Captures that were handed in: how much of each is recorded, so that none is recorded twice.

A capture's answers are recorded one transaction each, and each of these transactions
counts the capture on. Who comes to an answer that was counted meanwhile, by another
process, has lost the capture to it; who starts again after a crash skips what is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from monitor.errors import LeaseLost
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = ["MAX_RESULTS", "CaptureRow", "begin", "count_on", "erase_before", "finish", "forget"]

MAX_RESULTS = 200
"""Results kept of one capture; later answers are only counted."""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A capture as far as it is recorded.

    Attributes:
        id: its row.
        digest: SHA-256 of the bytes that came first under this key.
        answers: how many answers are recorded or reported.
        is_finished: whether that was all.
        results: one for each of the first `MAX_RESULTS` answers.
    """

    id: int
    digest: str
    answers: int
    is_finished: bool
    results: tuple[Mapping[str, Any], ...]


def begin(tx: Transaction, *, key: str, digest: str, now: datetime) -> CaptureRow:
    """The capture of this key, made if it is new."""
    c = t.capture
    row = {"key": key, "digest": digest, "started_at": now, "answers": 0, "results": []}
    insert_missing(tx, c, [row], ["key"])
    found = tx.execute(select(c).where(c.c.key == key)).one()
    is_finished = found.finished_at is not None
    return CaptureRow(found.id, found.digest, found.answers, is_finished, tuple(found.results))


def count_on(tx: Transaction, capture_id: int, *, answers: int, result: Mapping[str, Any]) -> None:
    """Count one answer more, in the transaction that records it.

    Args:
        tx: that transaction.
        capture_id: whose.
        answers: how many were counted before it.
        result: what came of it.

    Raises:
        LeaseLost: another process has counted it meanwhile, or all was forgotten.
    """
    c = t.capture
    mine = (c.c.id == capture_id) & (c.c.answers == answers) & c.c.finished_at.is_(None)
    found = tx.execute(select(c.c.results).where(mine).with_for_update()).first()
    if found is None:
        raise LeaseLost("another process has taken this capture over")
    values: dict[str, Any] = {"answers": answers + 1}
    if answers < MAX_RESULTS:
        values["results"] = [*found.results, dict(result)]
    tx.execute(update(c).where(c.c.id == capture_id).values(values))


def finish(tx: Transaction, capture_id: int, *, now: datetime) -> None:
    """Nothing of it is left to record."""
    tx.execute(update(t.capture).where(t.capture.c.id == capture_id).values(finished_at=now))


def forget(tx: Transaction, capture_id: int) -> None:
    """As if it had never come, so that it can come again."""
    tx.execute(delete(t.capture).where(t.capture.c.id == capture_id))


def erase_before(tx: Transaction, before: datetime) -> int:
    """Forget captures that came before a time; how many."""
    return tx.execute(delete(t.capture).where(t.capture.c.started_at < before)).rowcount
