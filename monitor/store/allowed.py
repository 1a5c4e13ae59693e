"""Allowed sellers: their listings are assessed and never become hits.

What would be a hit without that stands in `kept_back`, with the version that would
decide, so that it can be looked at, and judged after all when the seller is allowed no
longer. It goes with its listing's text, as every clear listing's does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, func, insert, or_, select
from sqlalchemy import update as update_

from monitor.domain.casework import AllowedSeller, KeptBack
from monitor.errors import ConflictError, NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.hits import stored_assessment
from monitor.store.locks import lock_all_sources
from monitor.store.writing import insert_or_change

__all__ = [
    "Freed",
    "add",
    "allowing",
    "find_seller",
    "free",
    "get",
    "keep_back",
    "kept_back",
    "live_seller_ids",
    "recent",
    "remove",
]

_w, _k, _l, _s = t.allowed_seller, t.kept_back, t.listing, t.seller


@dataclass(frozen=True, slots=True)
class Freed:
    """A listing that was kept back, and the version that would have made it a hit."""

    listing_id: int
    version_id: int


def _is_live(now: datetime) -> ColumnElement[bool]:
    return and_(_w.c.removed_at.is_(None), or_(_w.c.expires_at.is_(None), _w.c.expires_at > now))


def live_seller_ids(now: datetime) -> Any:
    """A query for the sellers that are allowed."""
    return select(_w.c.seller_id).where(_is_live(now))


def find_seller(tx: Transaction, source: str, native_id: str) -> int:
    """The id of a seller of whom a listing is stored; raises `NotFoundError`."""
    found = tx.execute(
        select(_s.c.id)
        .join(t.source, t.source.c.id == _s.c.source_id)
        .where(t.source.c.name == source, _s.c.native_id == native_id)
        .order_by(_s.c.id)
    ).scalar()
    if found is None:
        raise NotFoundError(f"no listing of a seller {native_id!r} of {source!r} is stored")
    return int(found)


def add(
    tx: Transaction,
    seller_id: int,
    *,
    reason: str,
    actor: str,
    expires_at: datetime | None,
    now: datetime,
) -> AllowedSeller:
    """Allow a seller; raises `ConflictError` when that is so already."""
    lock_all_sources(tx)
    old = tx.execute(select(_w.c.id).where(_w.c.seller_id == seller_id, _is_live(now))).scalar()
    if old is not None:
        raise ConflictError(f"this seller is allowed already, by entry {old}: remove that first")
    allowed_id = tx.execute(
        insert(_w)
        .values(
            seller_id=seller_id,
            reason=reason,
            actor=actor,
            created_at=now,
            expires_at=expires_at,
            removed_by="",
        )
        .returning(_w.c.id)
    ).scalar_one()
    return get(tx, allowed_id)


def remove(tx: Transaction, allowed_id: int, *, actor: str, now: datetime) -> AllowedSeller:
    """Allow a seller no longer. Raises `NotFoundError`, or `ConflictError` when it is over."""
    lock_all_sources(tx)
    if not get(tx, allowed_id).is_live(now):
        raise ConflictError(f"entry {allowed_id} is over already")
    tx.execute(update_(_w).where(_w.c.id == allowed_id).values(removed_at=now, removed_by=actor))
    return get(tx, allowed_id)


def allowing(tx: Transaction, listing_id: int, *, now: datetime) -> int | None:
    """The live entry that allows a listing's seller, or None."""
    return tx.execute(
        select(_w.c.id)
        .join(_l, _l.c.seller_id == _w.c.seller_id)
        .where(_l.c.id == listing_id, _is_live(now))
    ).scalar()


def keep_back(tx: Transaction, allowed_id: int, freed: Freed, *, now: datetime) -> None:
    """Note what an entry kept from becoming a hit; a clear version is nothing to note."""
    assessment = stored_assessment(tx, freed.version_id)
    if assessment is None or assessment.decision == "clear":
        return
    changes = {
        "version_id": freed.version_id,
        "allowed_seller_id": allowed_id,
        "kept_at": now,
    }
    row = {"listing_id": freed.listing_id, **changes}
    insert_or_change(tx, _k, row, ["listing_id"], changes)


def free(
    tx: Transaction,
    *,
    now: datetime,
    listing_ids: Collection[int] | None = None,
    allowed_id: int | None = None,
    limit: int | None = None,
) -> list[Freed]:
    """Take out what nothing keeps back any longer, of some listings or of an entry."""
    is_kept = exists().where(_w.c.seller_id == _l.c.seller_id, _is_live(now))
    query = (
        select(_k.c.listing_id, _k.c.version_id)
        .join(_l, _l.c.id == _k.c.listing_id)
        .where(~is_kept)
        .order_by(_k.c.listing_id)
        .limit(limit)
    )
    if listing_ids is not None:
        query = query.where(_k.c.listing_id.in_(listing_ids))
    if allowed_id is not None:
        query = query.where(_k.c.allowed_seller_id == allowed_id)
    found = [Freed(row.listing_id, row.version_id) for row in tx.execute(query)]
    if found:
        tx.execute(delete(_k).where(_k.c.listing_id.in_([one.listing_id for one in found])))
    return found


def _entries() -> Select[Any]:
    count = select(func.count()).where(_k.c.allowed_seller_id == _w.c.id).scalar_subquery()
    return (
        select(_w, _s.c.id_space, _s.c.native_id, _s.c.name, t.source.c.name.label("source"))
        .add_columns(count.label("kept_back"))
        .join(_s, _s.c.id == _w.c.seller_id)
        .join(t.source, t.source.c.id == _s.c.source_id)
    )


def _entry(row: Row[Any]) -> AllowedSeller:
    names = AllowedSeller.__dataclass_fields__
    return AllowedSeller(**{name: getattr(row, name) for name in names})


def get(tx: Transaction, allowed_id: int) -> AllowedSeller:
    """Raises `NotFoundError`."""
    row = tx.execute(_entries().where(_w.c.id == allowed_id)).first()
    if row is None:
        raise NotFoundError(f"no allowed seller with id {allowed_id}")
    return _entry(row)


def recent(tx: Transaction, *, now: datetime, is_all: bool, limit: int) -> list[AllowedSeller]:
    """The newest first; those that are over only with `is_all`."""
    query = _entries().order_by(_w.c.id.desc()).limit(limit)
    if not is_all:
        query = query.where(_is_live(now))
    return [_entry(row) for row in tx.execute(query)]


def kept_back(tx: Transaction, *, allowed_id: int | None = None, limit: int) -> list[KeptBack]:
    """What entries keep from becoming hits, the newest first."""
    a, n = t.assessment, t.listing_version
    any_ = a.alias("any_assessment")
    newest = (
        select(func.max(any_.c.id)).where(any_.c.version_id == _k.c.version_id).scalar_subquery()
    )
    query = (
        select(
            _k.c.listing_id,
            _k.c.allowed_seller_id.label("allowed_id"),
            _k.c.kept_at,
            _l.c.native_id,
            t.source.c.name.label("source"),
            _s.c.name.label("seller"),
            n.c.title,
            a.c.decision,
            a.c.score,
            a.c.categories,
        )
        .join(_l, _l.c.id == _k.c.listing_id)
        .join(t.source, t.source.c.id == _l.c.source_id)
        .join(_s, _s.c.id == _l.c.seller_id)
        .join(n, n.c.id == _k.c.version_id)
        .join(a, a.c.id == newest)
        .order_by(_k.c.kept_at.desc(), _k.c.listing_id.desc())
        .limit(limit)
    )
    if allowed_id is not None:
        query = query.where(_k.c.allowed_seller_id == allowed_id)
    return [KeptBack(**row) for row in tx.execute(query).mappings()]
