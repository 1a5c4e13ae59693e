"""What would be orphaned by an erasure, and what of everything is kept. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, Executable, exists, func, select

from monitor.domain.picture import ContentState
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.retention import has_text, is_named

__all__ = ["alerts_of", "kept", "orphaned_contacts", "orphaned_pictures", "orphaned_sellers"]

BATCH = 500
Key = TypeVar("Key", int, str)
_l, _n, _vc = t.listing, t.listing_version, t.version_contact


def alerts_of(tx: Transaction, hit_ids: Sequence[int]) -> int:
    """How many alerts speak of these hits."""
    counts = (
        tx.execute(select(func.count()).where(t.alert.c.hit_id.in_(batch))).scalar_one()
        for batch in _batches(hit_ids)
    )
    return sum(counts)


def orphaned_contacts(tx: Transaction, listing_ids: Sequence[int]) -> int:
    """How many contacts would stand in no text without these listings' texts."""
    gone: Counter[int] = Counter()
    for batch in _batches(listing_ids):
        query = (
            select(_vc.c.contact_id, func.count())
            .join(_n, _n.c.id == _vc.c.version_id)
            .where(_n.c.listing_id.in_(batch))
            .group_by(_vc.c.contact_id)
        )
        _add(gone, tx, query)
    is_used = exists().where(_vc.c.contact_id == t.contact.c.id)
    unused: int = tx.execute(
        select(func.count()).select_from(t.contact).where(~is_used)
    ).scalar_one()
    return unused + _wholly_gone(tx, gone, _vc.c.contact_id)


def orphaned_sellers(tx: Transaction, listing_ids: Sequence[int], *, now: datetime) -> int:
    """How many sellers would have no listing without these, and are neither allowed nor muted."""
    gone: Counter[int] = Counter()
    for batch in _batches(listing_ids):
        query = (
            select(_l.c.seller_id, func.count())
            .join(t.seller, t.seller.c.id == _l.c.seller_id)
            .where(_l.c.id.in_(batch), ~is_named(now))
            .group_by(_l.c.seller_id)
        )
        _add(gone, tx, query)
    is_used = exists().where(_l.c.seller_id == t.seller.c.id)
    unused: int = tx.execute(
        select(func.count()).select_from(t.seller).where(~is_used, ~is_named(now))
    ).scalar_one()
    return unused + _wholly_gone(tx, gone, _l.c.seller_id)


def orphaned_pictures(tx: Transaction, listing_ids: Sequence[int]) -> int:
    """How many pictures' findings no listing would show without these."""
    p, c = t.picture, t.picture_content
    gone: Counter[str] = Counter()
    states = (ContentState.KEPT.value, ContentState.REFUSED.value)
    is_droppable = c.c.state.in_(states)
    for batch in _batches(listing_ids):
        query = (
            select(c.c.content_key, func.count())
            .join(p, p.c.content_key == c.c.content_key)
            .where(p.c.listing_id.in_(batch), is_droppable)
            .group_by(c.c.content_key)
        )
        _add(gone, tx, query)
    is_shown = exists().where(p.c.content_key == c.c.content_key)
    unshown: int = tx.execute(
        select(func.count()).select_from(c).where(~is_shown, is_droppable)
    ).scalar_one()
    return unshown + _wholly_gone(tx, gone, p.c.content_key)


def _wholly_gone(tx: Transaction, gone: Counter[Key], column: ColumnElement[Key]) -> int:
    """Of how many ids every use is among those that go."""
    used: Counter[Key] = Counter()
    for batch in _batches(gone):
        _add(used, tx, select(column, func.count()).where(column.in_(batch)).group_by(column))
    return sum(used[key] == count for key, count in gone.items())


def _add(counter: Counter[Key], tx: Transaction, query: Executable) -> None:
    # Not Counter.update of a mapping with rows: the ids repeat among batches.
    for key, count in tx.execute(query):
        counter[key] += count


def _batches(ids: Iterable[Key]) -> Iterator[list[Key]]:
    waiting = iter(ids)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def kept(tx: Transaction) -> dict[str, tuple[int, datetime | None]]:
    """How many rows of each kind there are, and since when the oldest one stands."""
    is_hit = exists().where(t.hit.c.listing_id == _l.c.id)
    clear = select(func.count(), func.min(_l.c.last_seen_at)).where(~is_hit)
    is_kept = t.picture_content.c.state == ContentState.KEPT.value
    queries: dict[str, Executable] = {
        "clear listings": clear.where(has_text()),
        "erased listings": clear.where(~has_text()),
        "hits": _since(t.hit.c.found_at),
        "pictures": _since(t.picture_content.c.created_at, is_kept),
        "erased pictures": _since(t.picture_content.c.created_at, ~is_kept),
        "known pictures": _since(t.known_picture.c.added_at),
        "evidence": _since(t.evidence_blob.c.created_at),
        "verdicts": _since(t.triage_event.c.created_at),
        "notes": _since(t.hit_note.c.created_at),
        "snapshots": _since(t.snapshot.c.taken_at),
        "contacts": _since(t.contact.c.first_seen_at),
        "sellers": _since(t.seller.c.first_seen_at),
        "text families": _since(t.text_family.c.first_seen_at),
        "alerts": _since(t.alert.c.created_at),
        "polls": _since(t.poll.c.started_at),
        "audit entries": _since(t.audit_entry.c.at),
    }
    found = {}
    for name, query in queries.items():
        count, oldest = tx.execute(query).one()
        found[name] = (count, oldest)
    return found


def _since(column: ColumnElement[datetime], *where: ColumnElement[bool]) -> Executable:
    return select(func.count(), func.min(column)).where(*where)
