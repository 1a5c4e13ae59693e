"""Assessments of a version: the text's, and those in which its pictures had a say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from monitor.domain.listing import AssessmentDraft
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["PICTURES", "Stored", "add", "newest", "of_text"]

_a = t.assessment
PICTURES = "pictures"
"""Stands in the list of models where pictures took part."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An assessment as stored; see `monitor.domain.listing.AssessmentDraft`."""

    id: int
    version_id: int
    model_key: str
    score: float
    decision: str
    intent: str
    categories: dict[str, float]
    evidence: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]
    offer: dict[str, Any]
    model: dict[str, str]


def newest(tx: Transaction, version_id: int) -> Stored | None:
    """The one that decides."""
    found = _all(tx, version_id)
    return found[0] if found else None


def of_text(tx: Transaction, version_id: int) -> Stored | None:
    """The newest one in which no picture had a say."""
    return next((each for each in _all(tx, version_id) if PICTURES not in each.model), None)


def add(tx: Transaction, version_id: int, draft: AssessmentDraft, *, now: datetime) -> None:
    """Write one, which is then the newest; one with the same `model_key` must not be there."""
    values = {name: getattr(draft, name) for name in AssessmentDraft.__dataclass_fields__}
    tx.execute(insert(_a).values(version_id=version_id, created_at=now, **values))


def _all(tx: Transaction, version_id: int) -> list[Stored]:
    rows = tx.execute(select(_a).where(_a.c.version_id == version_id).order_by(_a.c.id.desc()))
    return [Stored(*(getattr(row, name) for name in Stored.__dataclass_fields__)) for row in rows]
