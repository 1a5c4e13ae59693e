"""Stored texts of listings, newest first, each with what became of it. All masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["StoredText", "newest"]

_n, _h = t.listing_version, t.hit


@dataclass(frozen=True, slots=True)
class StoredText:
    """One version of a listing.

    Attributes:
        version_id: grows with time.
        hit_id: of the listing's hit, or None.
        decision: of that hit; ``"clear"`` without one.
        verdict: of that hit; "" without one.
    """

    version_id: int
    listing_id: int
    title: str
    description: str
    created_at: datetime
    hit_id: int | None
    decision: str
    verdict: str

    @property
    def text(self) -> str:
        """Title and description, joined as `classifiers.contract.Listing.text` is."""
        return f"{self.title}\n{self.description}" if self.description else self.title


def newest(tx: Transaction, *, before_id: int | None, limit: int) -> list[StoredText]:
    """Texts that are not erased, the newest first.

    Args:
        tx: a transaction.
        before_id: only versions that are older than this one; None: from the newest on.
        limit: most rows.
    """
    query = (
        select(_n, _h.c.id.label("hit_id"), _h.c.decision, _h.c.verdict)
        .outerjoin(_h, _h.c.listing_id == _n.c.listing_id)
        .where(or_(_n.c.title != "", _n.c.description != ""))
        .order_by(_n.c.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(_n.c.id < before_id)
    return [
        StoredText(
            version_id=row.id,
            listing_id=row.listing_id,
            title=row.title,
            description=row.description,
            created_at=row.created_at,
            hit_id=row.hit_id,
            decision=row.decision or "clear",
            verdict=row.verdict or "",
        )
        for row in tx.execute(query)
    ]
