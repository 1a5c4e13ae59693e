"""Erasing what is past its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select, update

from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_all_sources

__all__ = ["clear_listings_before", "erase_listings", "erase_orphan_contacts"]

CONTACTS = 10_000
"""Contacts erased by one statement."""


def clear_listings_before(
    tx: Transaction, before: datetime, *, after_id: int, limit: int
) -> list[int]:
    """Listings that are no hit, hold a text, and were last seen before a time; in id order."""
    listing, version = t.listing, t.listing_version
    has_text = exists().where(version.c.listing_id == listing.c.id, version.c.title != "")
    is_hit = exists().where(t.hit.c.listing_id == listing.c.id)
    rows = tx.execute(
        select(listing.c.id)
        .where(listing.c.id > after_id, listing.c.last_seen_at < before, has_text, ~is_hit)
        .order_by(listing.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def erase_listings(tx: Transaction, listing_ids: Sequence[int]) -> None:
    """Leave the key and the version's keyed digest, and nothing that says what it was.

    Listings that became hits since they were chosen stay as they are.
    """
    lock_all_sources(tx)
    listing, version = t.listing, t.listing_version
    hits = tx.execute(select(t.hit.c.listing_id).where(t.hit.c.listing_id.in_(listing_ids)))
    listing_ids = sorted(set(listing_ids) - set(hits.scalars()))
    versions = select(version.c.id).where(version.c.listing_id.in_(listing_ids))
    tx.execute(delete(t.version_contact).where(t.version_contact.c.version_id.in_(versions)))
    tx.execute(
        update(t.assessment)
        .where(t.assessment.c.version_id.in_(versions))
        .values(evidence=[], offer={}, identifiers=[])
    )
    tx.execute(
        update(version)
        .where(version.c.listing_id.in_(listing_ids))
        .values(title="", description="", text_family_id=None)
    )
    for table in (t.picture, t.price_point):
        tx.execute(delete(table).where(table.c.listing_id.in_(listing_ids)))
    tx.execute(
        update(listing)
        .where(listing.c.id.in_(listing_ids))
        .values(url="", region="", extra={}, seller_id=None, look_due_at=None)
    )


def erase_orphan_contacts(tx: Transaction) -> int:
    """Drop contacts that stand in no text any more; how many."""
    contact = t.contact
    is_used = exists().where(t.version_contact.c.contact_id == contact.c.id)
    erased = 0
    # Found first, which may take long; the lock is for the erasing, and pages wait for it.
    while found := tx.execute(select(contact.c.id).where(~is_used).limit(CONTACTS)).scalars().all():
        lock_all_sources(tx)
        erased += tx.execute(delete(contact).where(contact.c.id.in_(found), ~is_used)).rowcount
    return erased
