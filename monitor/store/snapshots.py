"""Snapshots of what a hit showed. Written once, never changed; they go with their hit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from monitor.domain.casework import Snapshot
from monitor.domain.hit import Hit
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = ["FORM", "canonical", "digest", "get", "of_hit", "take"]

FORM = 1
"""Number of the canonical form; it grows when fields are added."""

_s, _l, _n = t.snapshot, t.listing, t.listing_version


def canonical(fields: Mapping[str, Any]) -> str:
    """JSON with sorted names, no blanks and nothing escaped that need not be."""
    return json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def digest(body: str) -> str:
    """SHA-256 of a body, as ``sha256sum`` prints it for the file that holds it."""
    return hashlib.sha256(body.encode()).hexdigest()


def take(tx: Transaction, hit: Hit, *, now: datetime) -> None:
    """Keep what the hit shows; a version that has its snapshot keeps the one it has."""
    is_taken = select(_s.c.id).where(
        _s.c.hit_id == hit.id, _s.c.version_number == hit.version_number
    )
    if tx.execute(is_taken).first() is not None:
        return
    body = canonical(_fields(tx, hit, now))
    row = {
        "hit_id": hit.id,
        "version_number": hit.version_number,
        "body": body,
        "sha256": digest(body),
        "taken_at": now,
    }
    insert_missing(tx, _s, [row], ["hit_id", "version_number"])


def _fields(tx: Transaction, hit: Hit, now: datetime) -> dict[str, Any]:
    listing = tx.execute(
        select(_l.c.published_at, t.seller.c.id_space, t.seller.c.native_id.label("seller_id"))
        .outerjoin(t.seller, t.seller.c.id == _l.c.seller_id)
        .where(_l.c.id == hit.listing_id)
    ).one()
    version = tx.execute(
        select(_n.c.origin, _n.c.created_at).where(_n.c.id == hit.version_id)
    ).one()
    pictures = tx.execute(
        select(t.picture.c.url_key).where(t.picture.c.listing_id == hit.listing_id)
    )
    contacts = tx.execute(
        select(t.contact.c.kind, t.contact.c.masked)
        .join(t.version_contact, t.version_contact.c.contact_id == t.contact.c.id)
        .where(t.version_contact.c.version_id == hit.version_id)
    )
    return {
        "form": FORM,
        "taken_at": now.isoformat(),
        "source": hit.source,
        "native_id": hit.native_id,
        "url": hit.url,
        "title": hit.title,
        "description": hit.description,
        "price": {"minor": hit.price_minor, "currency": hit.currency, "shown": hit.price_raw},
        "region": hit.region,
        "item_state": hit.item_state,
        "seller": {"id_space": listing.id_space, "id": listing.seller_id, "name": hit.seller},
        "contacts": sorted([row.kind, row.masked] for row in contacts),
        "identifiers": hit.identifiers,
        "picture_keys": sorted(pictures.scalars()),
        "published_at": listing.published_at.isoformat() if listing.published_at else None,
        "first_seen_at": hit.first_seen_at.isoformat(),
        "version": {
            "number": hit.version_number,
            "origin": version.origin,
            "content_key": hit.content_key,
            "seen_at": version.created_at.isoformat(),
        },
        "found": {
            "keywords": list(hit.keywords),
            "decision": hit.decision,
            "score": hit.score,
            "category": hit.category,
            "intent": hit.intent,
            "model": hit.model,
        },
    }


def of_hit(tx: Transaction, hit_id: int) -> list[Snapshot]:
    """Oldest version first; none for a hit that is older than snapshots are."""
    rows = tx.execute(select(_s).where(_s.c.hit_id == hit_id).order_by(_s.c.version_number))
    return [_snapshot(row) for row in rows]


def get(tx: Transaction, hit_id: int, version_number: int) -> Snapshot:
    """Raises `NotFoundError`."""
    row = tx.execute(
        select(_s).where(_s.c.hit_id == hit_id, _s.c.version_number == version_number)
    ).first()
    if row is None:
        raise NotFoundError(f"hit {hit_id} has no evidence of version {version_number}")
    return _snapshot(row)


def _snapshot(row: Row[Any]) -> Snapshot:
    return Snapshot(
        id=row.id,
        hit_id=row.hit_id,
        version_number=row.version_number,
        body=row.body,
        sha256=row.sha256,
        taken_at=row.taken_at,
        is_intact=digest(row.body) == row.sha256,
    )
