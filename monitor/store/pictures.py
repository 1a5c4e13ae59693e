"""Pictures: the addresses of a listing's pictures, and what was learnt of each one's bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, select, update

from monitor.domain.hit import Verdict
from monitor.domain.picture import (
    ContentState,
    PictureAddress,
    PictureContent,
    PictureOutcome,
)
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = [
    "addresses",
    "close_unopened",
    "content_of",
    "contents_of_listing",
    "counts",
    "drop_needless_thumbnails",
    "drop_thumbnails",
    "erase_orphan_contents",
    "finish",
    "key_of_content",
    "keys_of_listings",
    "known_at_address",
    "of_proven_sellers",
    "opened_since",
    "put_content",
    "renew_addresses",
    "thumbnail",
    "waiting_count",
]

LEARNT_ANEW = ("classes", "evidence", "said", "model_key", "thumbnail")
_p, _c, _l, _h = t.picture, t.picture_content, t.listing, t.hit


def addresses(tx: Transaction, listing_id: int) -> list[PictureAddress]:
    """A listing's pictures in the order in which they were first seen."""
    rows = tx.execute(select(_p).where(_p.c.listing_id == listing_id).order_by(_p.c.id))
    return [
        PictureAddress(
            row.id,
            row.listing_id,
            row.url,
            row.url_key,
            row.content_key,
            PictureOutcome(row.outcome),
        )
        for row in rows
    ]


def finish(
    tx: Transaction,
    picture_id: int,
    outcome: PictureOutcome,
    *,
    content_key: str | None = None,
    now: datetime,
) -> bool:
    """Write what came of an address; False when it was erased meanwhile and stays closed."""
    changed = tx.execute(
        update(_p)
        .where(_p.c.id == picture_id, _p.c.outcome != PictureOutcome.ERASED.value)
        .values(outcome=outcome.value, content_key=content_key, tried_at=now)
    )
    return changed.rowcount == 1


def renew_addresses(tx: Transaction, shown: Mapping[int, Mapping[str, str]]) -> set[int]:
    """Take over fresh addresses of pictures that could not be had.

    Args:
        tx: an open transaction.
        shown: what a page shows now: addresses by digest, by listing.

    Returns:
        Listings of which a picture is worth another try.
    """
    lost = tx.execute(
        select(_p.c.id, _p.c.listing_id, _p.c.url_key, _p.c.url).where(
            _p.c.listing_id.in_(shown),
            _p.c.outcome.in_((PictureOutcome.EXPIRED.value, PictureOutcome.UNREACHABLE.value)),
        )
    ).all()
    renewed = set()
    for row in lost:
        url = shown[row.listing_id].get(row.url_key, row.url)
        if url != row.url:
            values = {"url": url, "outcome": PictureOutcome.WAITING.value}
            tx.execute(update(_p).where(_p.c.id == row.id).values(values))
            renewed.add(row.listing_id)
    return renewed


def close_unopened(tx: Transaction, listing_ids: Sequence[int]) -> None:
    """Never open what was not opened yet of these listings."""
    tx.execute(
        update(_p)
        .where(_p.c.listing_id.in_(listing_ids), _p.c.content_key.is_(None))
        .values(outcome=PictureOutcome.ERASED.value)
    )


def keys_of_listings(tx: Transaction, listing_ids: Sequence[int]) -> set[str]:
    """Keyed digests of the pictures that these listings showed, as far as they were opened."""
    rows = tx.execute(
        select(_p.c.content_key).where(
            _p.c.listing_id.in_(listing_ids), _p.c.content_key.is_not(None)
        )
    )
    return set(rows.scalars())


def key_of_content(tx: Transaction, content_id: int) -> str:
    """The keyed digest of a picture; raises `NotFoundError`."""
    found = tx.execute(select(_c.c.content_key).where(_c.c.id == content_id)).scalar()
    if found is None:
        raise NotFoundError(f"no picture with id {content_id}")
    return str(found)


def opened_since(tx: Transaction, source_id: int, since: datetime) -> int:
    """How many pictures of a source's listings were asked for since a time."""
    total: int = tx.execute(
        select(func.count())
        .select_from(_p.join(_l, _l.c.id == _p.c.listing_id))
        .where(_l.c.source_id == source_id, _p.c.tried_at >= since)
    ).scalar_one()
    return total


def waiting_count(tx: Transaction, now: datetime) -> int:
    """Pictures to be opened of listings whose turn has come."""
    _o = t.outbox
    total: int = tx.execute(
        select(func.count())
        .select_from(_p.join(_o, _o.c.ref_id == _p.c.listing_id))
        .where(_o.c.kind == "pictures", _o.c.due_at <= now)
        .where(_p.c.outcome == PictureOutcome.WAITING.value)
    ).scalar_one()
    return total


def of_proven_sellers(tx: Transaction, listing_ids: Sequence[int]) -> set[int]:
    """Those of `listing_ids` whose seller has a listing that somebody confirmed."""
    theirs = t.listing.alias("theirs")
    is_proven = (
        exists()
        .where(
            theirs.c.seller_id == _l.c.seller_id,
            _h.c.listing_id == theirs.c.id,
            _h.c.verdict == Verdict.CONFIRMED.value,
        )
        .correlate(_l)
    )
    return set(tx.execute(select(_l.c.id).where(_l.c.id.in_(listing_ids), is_proven)).scalars())


def known_at_address(tx: Transaction, url_key: str) -> PictureContent | None:
    """What another listing's picture at the same address was found to be, or None."""
    row = tx.execute(
        select(_c)
        .join(_p, _p.c.content_key == _c.c.content_key)
        .where(_p.c.url_key == url_key)
        .limit(1)
    ).first()
    return _content(row) if row else None


def content_of(tx: Transaction, content_key: str) -> PictureContent | None:
    """What is known of these bytes, or None."""
    row = tx.execute(select(_c).where(_c.c.content_key == content_key)).first()
    return _content(row) if row else None


def contents_of_listing(tx: Transaction, listing_id: int) -> list[PictureContent]:
    """What is known of a listing's pictures, each content once, first seen first."""
    shown = (
        select(_p.c.content_key, func.min(_p.c.id).label("first"))
        .where(_p.c.listing_id == listing_id)
        .group_by(_p.c.content_key)
        .subquery()
    )
    rows = tx.execute(
        select(_c).join(shown, shown.c.content_key == _c.c.content_key).order_by(shown.c.first)
    )
    return [_content(row) for row in rows]


def put_content(tx: Transaction, content: PictureContent) -> PictureContent:
    """Keep what was learnt; what is known already stays, unless it lacks a thumbnail.

    Then nobody had looked closely, or no hit needed one: the newer look says more.

    Returns:
        The content as stored.
    """
    values = asdict(content)
    del values["id"]
    values.update(state=content.state.value, evidence=list(content.evidence))
    insert_missing(tx, _c, [values], ["content_key"])
    if content.thumbnail:
        tx.execute(
            update(_c)
            .where(
                _c.c.content_key == content.content_key,
                _c.c.thumbnail == b"",
                _c.c.state == ContentState.KEPT.value,
            )
            .values({name: values[name] for name in LEARNT_ANEW})
        )
    stored = content_of(tx, content.content_key)
    if stored is None:
        raise NotFoundError("the picture was erased meanwhile")
    return stored


def thumbnail(tx: Transaction, content_id: int) -> bytes:
    """The redacted thumbnail; raises `NotFoundError` when none is kept."""
    found: bytes | None = tx.execute(
        select(_c.c.thumbnail).where(_c.c.id == content_id)
    ).scalar_one_or_none()
    if not found:
        raise NotFoundError(f"no thumbnail of picture {content_id}")
    return found


def drop_thumbnails(tx: Transaction, listing_id: int) -> None:
    """Keep no thumbnail of any picture that this listing shows."""
    mine = select(_p.c.content_key).where(_p.c.listing_id == listing_id)
    tx.execute(update(_c).where(_c.c.content_key.in_(mine)).values(thumbnail=b""))


def drop_needless_thumbnails(tx: Transaction, listing_id: int) -> None:
    """Keep no thumbnail of this listing's pictures that no hit shows."""
    mine = select(_p.c.content_key).where(_p.c.listing_id == listing_id)
    is_of_hit = exists().where(
        _p.c.content_key == _c.c.content_key, _h.c.listing_id == _p.c.listing_id
    )
    tx.execute(
        update(_c)
        .where(_c.c.content_key.in_(mine), _c.c.thumbnail != b"", ~is_of_hit)
        .values(thumbnail=b"")
    )


def erase_orphan_contents(tx: Transaction) -> int:
    """Drop what was learnt of pictures that no listing shows any more; how many.

    The keyed digests of erased and stopped ones stay, so that they are not kept again.
    """
    is_shown = exists().where(_p.c.content_key == _c.c.content_key)
    states = (ContentState.KEPT.value, ContentState.REFUSED.value)
    return tx.execute(delete(_c).where(~is_shown, _c.c.state.in_(states))).rowcount


def counts(tx: Transaction) -> dict[str, int]:
    """How many pictures are in each state."""
    rows = tx.execute(select(_c.c.state, func.count().label("n")).group_by(_c.c.state))
    found = {row.state: row.n for row in rows}
    return {state.value: found.get(state.value, 0) for state in ContentState}


def _content(row: Row[Any]) -> PictureContent:
    fields = {name: getattr(row, name) for name in PictureContent.__dataclass_fields__}
    fields.update(state=ContentState(row.state), evidence=tuple(row.evidence))
    return PictureContent(**fields)
