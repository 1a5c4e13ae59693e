"""What the work on a listing's pictures needs to know of the listing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from monitor.domain.listing import RecordedListing
from monitor.domain.watch import SourceRecord
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.watches import source_by_id

__all__ = ["ShownVersion", "of_hit", "of_seller", "score", "shown_version", "source_of"]

_l = t.listing


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """The version that speaks for a listing, as if it had just been recorded.

    Attributes:
        row: for the decision about the listing's hit.
        is_baseline: whether the last look that saw the listing alerts nobody.
    """

    row: RecordedListing
    is_baseline: bool


def source_of(tx: Transaction, listing_id: int) -> SourceRecord:
    """Where the listing is; raises `NotFoundError`."""
    source_id = tx.execute(select(_l.c.source_id).where(_l.c.id == listing_id)).scalar()
    if source_id is None:
        raise NotFoundError(f"no listing with id {listing_id}")
    return source_by_id(tx, source_id)


def of_hit(tx: Transaction, hit_id: int) -> int:
    """The listing of a hit; raises `NotFoundError`."""
    found = tx.execute(select(t.hit.c.listing_id).where(t.hit.c.id == hit_id)).scalar()
    if found is None:
        raise NotFoundError(f"no hit with id {hit_id}")
    return int(found)


def of_seller(tx: Transaction, seller_id: int) -> list[int]:
    """A seller's listings."""
    rows = tx.execute(select(_l.c.id).where(_l.c.seller_id == seller_id).order_by(_l.c.id))
    return list(rows.scalars())


def score(tx: Transaction, listing_id: int) -> float:
    """The highest score that any version of a listing was given; 0 without any."""
    n, a = t.listing_version, t.assessment
    highest = tx.execute(
        select(func.max(a.c.score))
        .join(n, n.c.id == a.c.version_id)
        .where(n.c.listing_id == listing_id)
    ).scalar()
    return float(highest or 0.0)


def shown_version(tx: Transaction, listing_id: int) -> ShownVersion | None:
    """The hit's version, else the item page's, else the search row's; None without any."""
    row = tx.execute(
        select(_l, t.hit.c.version_id.label("hit_version"), t.hit.c.is_baseline)
        .outerjoin(t.hit, t.hit.c.listing_id == _l.c.id)
        .where(_l.c.id == listing_id)
    ).one()
    version_id = row.hit_version or row.item_version or row.search_version
    if version_id is None:
        return None
    n = t.listing_version
    origin = tx.execute(select(n.c.origin).where(n.c.id == version_id)).scalar_one()
    is_baseline = row.is_baseline
    if is_baseline is None:
        s, p = t.sighting, t.poll
        is_baseline = tx.execute(
            select(p.c.is_baseline)
            .join(s, s.c.poll_id == p.c.id)
            .where(s.c.listing_id == listing_id)
            .order_by(p.c.id.desc())
            .limit(1)
        ).scalar()
    recorded = RecordedListing(
        listing_id=listing_id,
        native_id=row.native_id,
        version_id=version_id,
        is_new=False,
        needs_decision=True,
        is_changed=False,
        origin=origin,
    )
    return ShownVersion(recorded, is_baseline=is_baseline is not False)
