"""Evidence: holds on listings, sealed blobs of their pictures, erasure, duty notices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, select, update

from monitor.domain.picture import BlobKind, ContentState, EvidenceBlob, EvidenceHold
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = [
    "acknowledge",
    "add_blob",
    "add_hold",
    "add_notice",
    "all_uids",
    "blob_ids",
    "blobs",
    "change_seal",
    "erase_blobs",
    "erase_contents",
    "hold_of",
    "holds",
    "is_held",
    "notices",
    "overdue_uids",
    "release",
    "sealed",
    "sealed_if_there",
    "uids_of",
]

PIECE = 500
_e, _b, _c, _p, _d = (
    t.evidence_hold,
    t.evidence_blob,
    t.picture_content,
    t.picture,
    t.duty_notice,
)
_NOTHING: dict[str, Any] = {
    "state": ContentState.ERASED.value,
    "reason": "",
    "media_type": "",
    "width": 0,
    "height": 0,
    "size": 0,
    "fingerprint": "",
    "model_key": "",
    "classes": {},
    "evidence": [],
    "said": {},
    "thumbnail": b"",
}
"""What an erased picture's row still says."""
_BLOB_COLUMNS = tuple(_b.c[name] for name in EvidenceBlob.__dataclass_fields__)


def _is_active(now: datetime) -> ColumnElement[bool]:
    return and_(_e.c.released_at.is_(None), _e.c.ends_at > now)


def is_held(listing_id: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """Whether a listing is under hold, for use in other queries."""
    return exists().where(_e.c.listing_id == listing_id, _is_active(now))


def add_hold(
    tx: Transaction,
    listing_id: int,
    *,
    person: str,
    basis: str,
    ends_at: datetime,
    actor: str,
    now: datetime,
) -> EvidenceHold:
    """Put a listing under hold."""
    row = tx.execute(
        insert(_e)
        .values(
            listing_id=listing_id,
            person=person,
            basis=basis,
            ends_at=ends_at,
            created_at=now,
            created_by=actor,
        )
        .returning(_e)
    ).one()
    return _hold(row)


def hold_of(tx: Transaction, listing_id: int, *, now: datetime) -> EvidenceHold | None:
    """The listing's hold that lasts longest from now, or None."""
    row = tx.execute(
        select(_e)
        .where(_e.c.listing_id == listing_id, _is_active(now))
        .order_by(_e.c.ends_at.desc())
        .limit(1)
    ).first()
    return _hold(row) if row else None


def holds(tx: Transaction, *, active_at: datetime | None = None) -> list[EvidenceHold]:
    """All holds, or those that are active at a time; the one that ends first comes first."""
    query = select(_e).order_by(_e.c.ends_at, _e.c.id)
    if active_at is not None:
        query = query.where(_is_active(active_at))
    return [_hold(row) for row in tx.execute(query)]


def release(tx: Transaction, hold_id: int, *, now: datetime) -> EvidenceHold:
    """End a hold before its time; raises `NotFoundError` when it is none or over."""
    row = tx.execute(
        update(_e).where(_e.c.id == hold_id, _is_active(now)).values(released_at=now).returning(_e)
    ).first()
    if row is None:
        raise NotFoundError(f"no active hold with id {hold_id}")
    return _hold(row)


def add_blob(
    tx: Transaction,
    *,
    listing_id: int,
    uid: str,
    key_id: str,
    content_key: str,
    kind: BlobKind,
    number: int,
    media_type: str,
    size: int,
    sealed: bytes,
    now: datetime,
) -> bool:
    """Keep a sealed blob; False when the listing has this one already."""
    row = {
        "listing_id": listing_id,
        "uid": uid,
        "key_id": key_id,
        "content_key": content_key,
        "kind": kind.value,
        "number": number,
        "media_type": media_type,
        "size": size,
        "sealed": sealed,
        "created_at": now,
    }
    return insert_missing(tx, _b, [row], ["listing_id", "content_key", "kind", "number"]) > 0


def blobs(tx: Transaction, listing_id: int) -> list[EvidenceBlob]:
    """What is sealed of a listing's pictures."""
    query = select(*_BLOB_COLUMNS).where(_b.c.listing_id == listing_id)
    return [_blob(row) for row in tx.execute(query.order_by(_b.c.id))]


def all_uids(tx: Transaction) -> set[str]:
    """Names of all blobs there are."""
    return set(tx.execute(select(_b.c.uid)).scalars())


def blob_ids(tx: Transaction) -> list[int]:
    """All blobs, the oldest first."""
    return list(tx.execute(select(_b.c.id).order_by(_b.c.id)).scalars())


def sealed(tx: Transaction, blob_id: int) -> tuple[EvidenceBlob, bytes]:
    """A blob with its sealed bytes; raises `NotFoundError`."""
    found = sealed_if_there(tx, blob_id)
    if found is None:
        raise NotFoundError(f"no sealed picture with id {blob_id}")
    return found


def sealed_if_there(tx: Transaction, blob_id: int) -> tuple[EvidenceBlob, bytes] | None:
    """The same, or None for one that was erased meanwhile."""
    row = tx.execute(select(_b).where(_b.c.id == blob_id).with_for_update()).first()
    return (_blob(row), row.sealed) if row else None


def change_seal(tx: Transaction, blob: EvidenceBlob, *, key_id: str, sealed: bytes) -> None:
    """Put newly sealed bytes in the place of the old."""
    tx.execute(update(_b).where(_b.c.id == blob.id).values(key_id=key_id, sealed=sealed))


def overdue_uids(tx: Transaction, *, now: datetime) -> list[str]:
    """Names of the blobs of listings that are under hold no more."""
    query = select(_b.c.uid).where(~is_held(_b.c.listing_id, now)).order_by(_b.c.id)
    return list(tx.execute(query).scalars())


def erase_blobs(tx: Transaction, uids: Iterable[str]) -> int:
    """Drop sealed blobs; their keys go first, see `monitor.media.keys`."""
    return sum(
        tx.execute(delete(_b).where(_b.c.uid.in_(piece))).rowcount for piece in _pieces(set(uids))
    )


def erase_contents(tx: Transaction, content_keys: Collection[str], *, now: datetime) -> int:
    """Forget all that was learnt or sealed of these pictures, and never keep them again.

    Safe to do again; how many pictures and sealed blobs it found.
    """
    found = 0
    for piece in _pieces(set(content_keys)):
        found += tx.execute(delete(_b).where(_b.c.content_key.in_(piece))).rowcount
        is_there = and_(_c.c.content_key.in_(piece), _c.c.state != ContentState.ERASED.value)
        found += tx.execute(update(_c).where(is_there).values(_NOTHING)).rowcount
        rows = [{**_NOTHING, "content_key": key, "created_at": now} for key in piece]
        insert_missing(tx, _c, rows, ["content_key"])
    return found


def uids_of(tx: Transaction, content_keys: Collection[str]) -> set[str]:
    """Names of the blobs that are sealed of these pictures."""
    return {
        uid
        for piece in _pieces(set(content_keys))
        for uid in tx.execute(select(_b.c.uid).where(_b.c.content_key.in_(piece))).scalars()
    }


def add_notice(tx: Transaction, listing_id: int, reason: str, *, now: datetime) -> int:
    """A duty notice to the operator; its id."""
    notice_id: int = tx.execute(
        insert(_d)
        .values(listing_id=listing_id, reason=reason, created_at=now, acknowledged_by="")
        .returning(_d.c.id)
    ).scalar_one()
    return notice_id


def notices(tx: Transaction, *, listing_id: int | None = None) -> list[dict[str, Any]]:
    """Duty notices that nobody acknowledged yet come first; of one listing or all."""
    query = select(_d).order_by(_d.c.acknowledged_at.is_not(None), _d.c.id)
    if listing_id is not None:
        query = query.where(_d.c.listing_id == listing_id)
    return [dict(row) for row in tx.execute(query).mappings()]


def acknowledge(tx: Transaction, notice_id: int, *, actor: str, now: datetime) -> None:
    """Somebody has taken note; raises `NotFoundError` when it is none, or was taken before."""
    changed = tx.execute(
        update(_d)
        .where(_d.c.id == notice_id, _d.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=actor)
    )
    if changed.rowcount != 1:
        raise NotFoundError(f"no open duty notice with id {notice_id}")


def _hold(row: Row[Any]) -> EvidenceHold:
    return EvidenceHold(*(getattr(row, name) for name in EvidenceHold.__dataclass_fields__))


def _blob(row: Row[Any]) -> EvidenceBlob:
    fields = {name: getattr(row, name) for name in EvidenceBlob.__dataclass_fields__}
    return EvidenceBlob(**{**fields, "kind": BlobKind(row.kind)})


def _pieces(keys: Collection[str]) -> Iterable[Sequence[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + PIECE] for start in range(0, len(ordered), PIECE))
