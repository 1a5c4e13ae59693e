"""Erasing what is past its time. What stays is counted in `kept`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from monitor.domain.alert import AlertState
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_all_sources
from monitor.store.outbox import request

__all__ = [
    "clear_listings_before",
    "erase_hits",
    "erase_listings",
    "erase_orphan_contacts",
    "erase_orphan_sellers",
    "has_text",
    "hits_before",
]

BATCH = 10_000
"""Contacts or sellers erased by one statement."""

_l, _n, _h, _al = t.listing, t.listing_version, t.hit, t.alert


def has_text() -> ColumnElement[bool]:
    """Whether a listing still says what it was."""
    words = exists().where(
        _n.c.listing_id == _l.c.id, or_(_n.c.title != "", _n.c.description != "")
    )
    return or_(_l.c.url != "", words)


def clear_listings_before(
    tx: Transaction, before: datetime, *, after_id: int = 0, limit: int | None = None
) -> list[int]:
    """Listings that are no hit, hold a text, and were last seen before a time; in id order."""
    is_hit = exists().where(_h.c.listing_id == _l.c.id)
    rows = tx.execute(
        select(_l.c.id)
        .where(
            _l.c.id > after_id,
            _l.c.last_seen_on <= before.date(),
            _l.c.last_seen_at < before,
            has_text(),
            ~is_hit,
        )
        .order_by(_l.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def hits_before(
    tx: Transaction, before: datetime, *, limit: int | None = None
) -> list[tuple[int, int]]:
    """(hit id, listing id) of hits neither seen nor changed since a time; in id order."""
    rows = tx.execute(
        select(_h.c.id, _h.c.listing_id)
        .join(_l, _l.c.id == _h.c.listing_id)
        .where(_l.c.last_seen_at < before, _h.c.updated_at < before)
        .order_by(_h.c.id)
        .limit(limit)
    )
    return [(row.id, row.listing_id) for row in rows]


def erase_hits(tx: Transaction, hit_ids: Sequence[int], *, now: datetime) -> int:
    """Forget hits with their verdicts; their listings are clear from then on.

    Of their alerts it stays that they were sent, when and to whom, and not a word of
    what they said.

    Returns:
        How many alerts lost their words.
    """
    lock_all_sources(tx)
    ids = sorted(hit_ids)
    alerts = tx.execute(select(_al.c.id).where(_al.c.hit_id.in_(ids))).scalars().all()
    tx.execute(
        update(_al)
        .where(_al.c.id.in_(alerts), _al.c.state == AlertState.PENDING.value)
        .values(state=AlertState.CANCELLED.value)
    )
    tx.execute(
        update(_al).where(_al.c.id.in_(alerts)).values(hit_id=None, version_id=None, body=b"")
    )
    for hit_id in ids:
        # The index drops what it finds no more.
        request(tx, "index", hit_id, now=now)
    tx.execute(delete(_h).where(_h.c.id.in_(ids)))
    return len(alerts)


def erase_listings(tx: Transaction, listing_ids: Sequence[int]) -> None:
    """Leave the key and the version's keyed digest, and nothing that says what it was.

    Listings that became hits since they were chosen stay as they are.
    """
    lock_all_sources(tx)
    hits = tx.execute(select(_h.c.listing_id).where(_h.c.listing_id.in_(listing_ids)))
    listing_ids = sorted(set(listing_ids) - set(hits.scalars()))
    versions = select(_n.c.id).where(_n.c.listing_id.in_(listing_ids))
    tx.execute(delete(t.version_contact).where(t.version_contact.c.version_id.in_(versions)))
    # Without one, the version is assessed and written anew when it is seen again.
    tx.execute(delete(t.assessment).where(t.assessment.c.version_id.in_(versions)))
    tx.execute(
        update(_n)
        .where(_n.c.listing_id.in_(listing_ids))
        .values(title="", description="", text_family_id=None)
    )
    for table in (t.picture, t.price_point):
        tx.execute(delete(table).where(table.c.listing_id.in_(listing_ids)))
    tx.execute(
        update(_l)
        .where(_l.c.id.in_(listing_ids))
        .values(
            url="",
            region="",
            price_minor=None,
            price_raw="",
            extra={},
            seller_id=None,
            look_due_at=None,
        )
    )


def erase_orphan_contacts(tx: Transaction) -> int:
    """Drop contacts that stand in no text any more; how many."""
    contact = t.contact
    is_used = exists().where(t.version_contact.c.contact_id == contact.c.id)
    erased = 0
    # Found first, which may take long; the lock is for the erasing, and pages wait for it.
    while found := tx.execute(select(contact.c.id).where(~is_used).limit(BATCH)).scalars().all():
        lock_all_sources(tx)
        erased += tx.execute(delete(contact).where(contact.c.id.in_(found), ~is_used)).rowcount
    return erased


def erase_orphan_sellers(tx: Transaction) -> int:
    """Drop sellers of whom no listing is left; how many."""
    seller = t.seller
    is_used = exists().where(_l.c.seller_id == seller.c.id)
    erased = 0
    while found := tx.execute(select(seller.c.id).where(~is_used).limit(BATCH)).scalars().all():
        lock_all_sources(tx)
        erased += tx.execute(delete(seller).where(seller.c.id.in_(found), ~is_used)).rowcount
    return erased
