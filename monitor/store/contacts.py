"""Sellers' contacts: found by their keyed digest, kept sealed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["find", "sealed"]

_c, _vc, _n, _h = t.contact, t.version_contact, t.listing_version, t.hit


def find(tx: Transaction, value_keys: Collection[str], *, kind: str = "") -> list[dict[str, Any]]:
    """Contacts with one of these digests, masked, and the hits whose listings name them.

    Args:
        tx: a transaction.
        value_keys: digests of what is searched for.
        kind: only of this kind; empty: of any.
    """
    query = (
        select(_c.c.id, _c.c.kind, _c.c.masked, _c.c.first_seen_at)
        .where(_c.c.value_key.in_(value_keys))
        .order_by(_c.c.id)
    )
    if kind:
        query = query.where(_c.c.kind == kind)
    rows = tx.execute(query).all()
    named = (
        select(_vc.c.contact_id, _n.c.listing_id, _h.c.id.label("hit_id"))
        .distinct()
        .join(_n, _n.c.id == _vc.c.version_id)
        .outerjoin(_h, _h.c.listing_id == _n.c.listing_id)
        .where(_vc.c.contact_id.in_([row.id for row in rows]))
    )
    listings: dict[int, list[int | None]] = {}
    for contact_id, _, hit_id in tx.execute(named):
        listings.setdefault(contact_id, []).append(hit_id)
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "masked": row.masked,
            "first_seen_at": row.first_seen_at,
            "listings": len(listings.get(row.id, ())),
            "hits": sorted(hit for hit in listings.get(row.id, ()) if hit is not None),
        }
        for row in rows
    ]


def sealed(tx: Transaction, contact_id: int) -> tuple[str, bytes]:
    """(kind, sealed value) of a contact; raises `NotFoundError`."""
    row = tx.execute(select(_c.c.kind, _c.c.sealed).where(_c.c.id == contact_id)).first()
    if row is None:
        raise NotFoundError(f"no contact with id {contact_id}")
    return row.kind, row.sealed
