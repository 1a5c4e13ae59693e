"""Mutes: "never this again", until a time.

Until when a hit is muted stands in its own row, so that the queue need not ask all
mutes for each hit, and a mute ends by itself. Whatever changes which mutes cover a hit
calls `apply`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update

from monitor.domain.casework import Mute, MuteKind
from monitor.domain.hit import Hit
from monitor.errors import InputError, NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_all_sources

__all__ = ["add", "apply", "end", "get", "live_seller_ids", "recent", "subject_of"]

_m, _h, _l, _n = t.mute, t.hit, t.listing, t.listing_version
COLUMNS = {
    MuteKind.LISTING: (_m.c.listing_id, _l.c.id),
    MuteKind.SELLER: (_m.c.seller_id, _l.c.seller_id),
    MuteKind.TEXT: (_m.c.text_family_id, _n.c.text_family_id),
}
"""For each kind: where the mute names its subject, and where a hit does."""
SUBJECT_CHARS = 60
BATCH = 500


def _is_live(now: datetime) -> ColumnElement[bool]:
    return (_m.c.ended_at.is_(None)) & (_m.c.expires_at > now)


def live_seller_ids(now: datetime) -> Any:
    """A query for the sellers that a live mute names."""
    return select(_m.c.seller_id).where(_is_live(now), _m.c.seller_id.is_not(None))


def subject_of(tx: Transaction, hit: Hit, kind: MuteKind) -> int:
    """The id of what a mute of this kind names, taken from a hit.

    Raises:
        InputError: the hit's seller or text is not known.
    """
    column = COLUMNS[kind][1]
    found = tx.execute(
        select(column)
        .select_from(_l)
        .join(_n, _n.c.listing_id == _l.c.id)
        .where(_n.c.id == hit.version_id)
    ).scalar()
    if found is None:
        raise InputError(f"hit {hit.id}: its {kind} is not known, so it cannot be muted")
    return int(found)


def add(
    tx: Transaction,
    kind: MuteKind,
    subject_id: int,
    *,
    reason: str,
    actor: str,
    expires_at: datetime,
    now: datetime,
) -> Mute:
    """Mute everything that names the subject, what is there and what comes."""
    # Pages that are being recorded either see the mute or are covered by it afterwards.
    lock_all_sources(tx)
    mute_id = tx.execute(
        insert(_m)
        .values(
            {
                COLUMNS[kind][0].name: subject_id,
                "reason": reason,
                "actor": actor,
                "created_at": now,
                "expires_at": expires_at,
                "ended_by": "",
            }
        )
        .returning(_m.c.id)
    ).scalar_one()
    apply(tx, _covered(tx, kind, subject_id), now=now)
    return get(tx, mute_id)


def end(tx: Transaction, mute_id: int, *, actor: str, now: datetime) -> Mute:
    """End a mute before its time; one that is over stays as it is. Raises `NotFoundError`."""
    lock_all_sources(tx)
    mute = get(tx, mute_id)
    tx.execute(
        update(_m).where(_m.c.id == mute_id, _is_live(now)).values(ended_at=now, ended_by=actor)
    )
    named = select(COLUMNS[mute.kind][0]).where(_m.c.id == mute_id)
    apply(tx, _covered(tx, mute.kind, tx.execute(named).scalar_one()), now=now)
    return get(tx, mute_id)


def apply(tx: Transaction, hit_ids: Sequence[int], *, now: datetime) -> None:
    """Write onto hits until when they are muted: the latest end of all mutes that cover them."""
    covers = or_(*(names == named for names, named in COLUMNS.values()))
    until = (
        select(func.max(_m.c.expires_at))
        .select_from(_m)
        .join(_l, _l.c.id == _h.c.listing_id)
        .join(_n, _n.c.id == _h.c.version_id)
        .where(_is_live(now), covers)
        .correlate(_h)
        .scalar_subquery()
    )
    for start in range(0, len(hit_ids), BATCH):
        part = hit_ids[start : start + BATCH]
        tx.execute(update(_h).where(_h.c.id.in_(part)).values(muted_until=until))


def _covered(tx: Transaction, kind: MuteKind, subject_id: int) -> list[int]:
    named = COLUMNS[kind][1]
    rows = tx.execute(
        select(_h.c.id)
        .join(_l, _l.c.id == _h.c.listing_id)
        .join(_n, _n.c.id == _h.c.version_id)
        .where(named == subject_id)
        .order_by(_h.c.id)
    )
    return list(rows.scalars())


def get(tx: Transaction, mute_id: int) -> Mute:
    """Raises `NotFoundError`."""
    row = tx.execute(select(_m).where(_m.c.id == mute_id)).first()
    if row is None:
        raise NotFoundError(f"no mute with id {mute_id}")
    return _mute(tx, row)


def recent(tx: Transaction, *, now: datetime, is_all: bool, limit: int) -> list[Mute]:
    """The newest first; those that are over only with `is_all`."""
    query = select(_m).order_by(_m.c.id.desc()).limit(limit)
    if not is_all:
        query = query.where(_is_live(now))
    return [_mute(tx, row) for row in tx.execute(query).all()]


def _mute(tx: Transaction, row: Row[Any]) -> Mute:
    ids = {kind: getattr(row, names.name) for kind, (names, _) in COLUMNS.items()}
    kind = next(kind for kind, subject_id in ids.items() if subject_id is not None)
    return Mute(
        id=row.id,
        kind=kind,
        subject=_words(tx, kind, ids[kind]),
        hits=len(_covered(tx, kind, ids[kind])),
        reason=row.reason,
        actor=row.actor,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def _words(tx: Transaction, kind: MuteKind, subject_id: int) -> str:
    if kind is MuteKind.TEXT:
        title = tx.execute(
            select(_n.c.title).where(_n.c.text_family_id == subject_id).order_by(_n.c.id).limit(1)
        ).scalar()
        return (title or "")[:SUBJECT_CHARS]
    table = _l if kind is MuteKind.LISTING else t.seller
    row = tx.execute(
        select(t.source.c.name, table.c.native_id)
        .join(table, table.c.source_id == t.source.c.id)
        .where(table.c.id == subject_id)
    ).one()
    return f"{row.name} {row.native_id}"
