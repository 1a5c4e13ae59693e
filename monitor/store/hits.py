"""Hits and triage. Reading joins everything a person needs; writing bumps the revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, insert, or_, select, update

from monitor.domain.hit import Hit, HitFilter, HitStatus, TriageEvent
from monitor.domain.listing import RecordedListing
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.assessments import PICTURES
from monitor.store.database import Transaction
from monitor.store.outbox import request

__all__ = [
    "add_event",
    "apply_assessment",
    "attention_needed",
    "contacts",
    "count",
    "events",
    "get",
    "has_new_contact",
    "ids_after",
    "in_triage_order",
    "load",
    "matching",
    "queue",
    "set_verdict",
    "stored_assessment",
    "touch",
    "versions",
]

_h, _l, _n, _a = t.hit, t.listing, t.listing_version, t.assessment
SEVERITIES = ("low", "medium", "high")


def stored_assessment(tx: Transaction, version_id: int) -> Row[Any] | None:
    """The newest assessment of a version, or None."""
    return tx.execute(
        select(_a).where(_a.c.version_id == version_id).order_by(_a.c.id.desc()).limit(1)
    ).first()


def _category(assessment: Row[Any]) -> str:
    categories: dict[str, float] = assessment.categories
    return max(categories, key=lambda name: categories[name]) if categories else ""


def attention_needed(tx: Transaction, recorded: Sequence[RecordedListing]) -> set[int]:
    """Listings that have a hit or may become one; most rows of a page are neither.

    Args:
        tx: a transaction.
        recorded: rows of one page.

    Returns:
        Ids of listings for `apply_assessment`; it would do nothing with the others.
    """
    if not recorded:
        return set()
    is_flagged = exists().where(_a.c.version_id == _n.c.id, _a.c.decision != "clear")
    has_hit = exists().where(_h.c.listing_id == _n.c.listing_id)
    found = tx.execute(
        select(_n.c.listing_id).where(
            _n.c.id.in_([row.version_id for row in recorded]), or_(is_flagged, has_hit)
        )
    )
    return set(found.scalars())


def apply_assessment(
    tx: Transaction, listing_id: int, version_id: int, *, is_baseline: bool, now: datetime
) -> tuple[int, float | None] | None:
    """Make or change the listing's hit after a version was recorded.

    The item page's fuller text decides over the row of a search page; a search
    row alone can raise a hit but never take it back, since sellers clean titles.
    A row that is still a hit and names a new way to the seller counts as well, and what
    its own pictures say of it.

    Returns:
        (hit id, its score before or None when it is new) when the hit needs
        attention now, else None.
    """
    assessment = stored_assessment(tx, version_id)
    if assessment is None:
        return None
    origin = tx.execute(select(_n.c.origin).where(_n.c.id == version_id)).scalar_one()
    # Locked: a verdict that is being written now must be seen here.
    old = tx.execute(
        select(_h).where(_h.c.listing_id == listing_id).with_for_update(key_share=True)
    ).first()
    if old is None:
        if assessment.decision == "clear":
            return None
        return _insert(tx, listing_id, assessment, is_baseline=is_baseline, now=now), None
    is_looked_into = version_id == old.version_id and PICTURES in assessment.model
    if origin == "search" and assessment.score <= old.score and not is_looked_into:
        is_hit = assessment.decision == "hit"
        if not is_hit or not _names_new_contact(tx, listing_id, version_id):
            return None
    is_worse = assessment.decision != "clear" and assessment.score > old.score
    values: dict[str, Any] = {
        "version_id": version_id,
        "assessment_id": assessment.id,
        "decision": assessment.decision,
        "score": assessment.score,
        "category": _category(assessment),
    }
    if is_worse and old.verdict == "benign":
        values.update(status="open", verdict="")
    elif assessment.decision == "clear" and not old.verdict:
        values["status"] = "closed"
    elif assessment.decision != "clear" and old.decision == "clear" and not old.verdict:
        values["status"] = "open"
    _change(tx, old.id, values, now)
    return old.id, old.score


def _insert(
    tx: Transaction, listing_id: int, assessment: Row[Any], *, is_baseline: bool, now: datetime
) -> int:
    hit_id: int = tx.execute(
        insert(_h)
        .values(
            listing_id=listing_id,
            version_id=assessment.version_id,
            assessment_id=assessment.id,
            decision=assessment.decision,
            score=assessment.score,
            category=_category(assessment),
            status="open",
            verdict="",
            is_baseline=is_baseline,
            revision=1,
            found_at=now,
            updated_at=now,
        )
        .returning(_h.c.id)
    ).scalar_one()
    request(tx, "index", hit_id, now=now)
    return hit_id


def _change(tx: Transaction, hit_id: int, values: dict[str, Any], now: datetime) -> None:
    tx.execute(
        update(_h)
        .where(_h.c.id == hit_id)
        .values({**values, "revision": _h.c.revision + 1, "updated_at": now})
    )
    request(tx, "index", hit_id, now=now)


def touch(tx: Transaction, hit_id: int, *, now: datetime) -> None:
    """Something that the index shows changed outside the hit's own row."""
    _change(tx, hit_id, {}, now)


def set_verdict(
    tx: Transaction, hit_id: int, *, verdict: str, status: HitStatus, now: datetime
) -> None:
    """Write the verdict of the newest triage event onto the hit; nobody works on it any more."""
    values = {"claimed_by": None, "claimed_until": None}
    _change(tx, hit_id, {**values, "verdict": verdict, "status": status.value}, now)


def add_event(
    tx: Transaction, hit: Hit, *, verdict: str, reason: str, actor: str, now: datetime
) -> int:
    """Keep who said what, when and why; never changed."""
    event_id: int = tx.execute(
        insert(t.triage_event)
        .values(
            hit_id=hit.id,
            version_id=hit.version_id,
            verdict=verdict,
            reason=reason,
            actor=actor,
            created_at=now,
        )
        .returning(t.triage_event.c.id)
    ).scalar_one()
    return event_id


def events(tx: Transaction, hit_id: int) -> list[TriageEvent]:
    """Oldest first."""
    e, one, b = t.triage_event, t.batch_hit, t.triage_batch
    rows = tx.execute(
        select(e, b.c.id.label("batch_id"), b.c.undone_at, b.c.undone_by)
        .outerjoin(one, one.c.event_id == e.c.id)
        .outerjoin(b, b.c.id == one.c.batch_id)
        .where(e.c.hit_id == hit_id)
        .order_by(e.c.id)
    )
    names = TriageEvent.__dataclass_fields__
    return [
        TriageEvent(
            **{name: getattr(row, name) for name in names if name != "undone_by"},
            undone_by=row.undone_by or "",
        )
        for row in rows
    ]


def _hits() -> Select[Any]:
    return (
        select(
            _h,
            _l.c.native_id,
            _l.c.url,
            _l.c.region,
            _l.c.price_minor,
            _l.c.price_raw,
            _l.c.currency,
            _l.c.state,
            _l.c.item_state,
            _l.c.first_seen_at,
            _l.c.last_seen_at,
            _l.c.seller_id,
            _n.c.number.label("version_number"),
            _n.c.content_key,
            _n.c.title,
            _n.c.description,
            _n.c.text_family_id.label("family_id"),
            _a.c.categories,
            _a.c.intent,
            _a.c.evidence,
            _a.c.offer,
            _a.c.identifiers,
            _a.c.model,
            t.source.c.name.label("source"),
            t.seller.c.name.label("seller"),
        )
        .join(_l, _l.c.id == _h.c.listing_id)
        .join(_n, _n.c.id == _h.c.version_id)
        .join(_a, _a.c.id == _h.c.assessment_id)
        .join(t.source, t.source.c.id == _l.c.source_id)
        .outerjoin(t.seller, t.seller.c.id == _l.c.seller_id)
    )


def _finish_hits(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Hit]:
    terms = _keywords_of(tx, [row.listing_id for row in rows])
    hits = []
    for row in rows:
        keywords = terms.get(row.listing_id, {})
        severity = max(keywords.values(), key=SEVERITIES.index) if keywords else "medium"
        fields = {name: getattr(row, name) for name in _ROW_FIELDS}
        hits.append(
            Hit(
                **fields,
                keywords=tuple(sorted(keywords)),
                severity=severity,
                status=HitStatus(row.status),
                seller=row.seller or "",
                claimed_by=row.claimed_by or "",
            )
        )
    return hits


_ROW_FIELDS = tuple(
    name
    for name in Hit.__dataclass_fields__
    if name not in {"keywords", "severity", "status", "seller", "claimed_by"}
)


def _keywords_of(tx: Transaction, listing_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    k, v, s = t.keyword, t.keyword_version, t.sighting
    rows = tx.execute(
        select(s.c.listing_id, v.c.term, v.c.severity)
        .distinct()
        .join(k, k.c.id == s.c.keyword_id)
        .join(v, and_(v.c.keyword_id == k.c.id, v.c.number == k.c.version))
        .where(s.c.listing_id.in_(list(listing_ids)))
    )
    found: dict[int, dict[str, str]] = {}
    for listing_id, term, severity in rows:
        found.setdefault(listing_id, {})[term] = severity
    return found


def load(tx: Transaction, hit_ids: Iterable[int]) -> list[Hit]:
    """Hits by id, in id order; unknown ids are left out."""
    rows = tx.execute(_hits().where(_h.c.id.in_(list(hit_ids))).order_by(_h.c.id)).all()
    return _finish_hits(tx, rows)


def get(tx: Transaction, hit_id: int) -> Hit:
    """Raises `NotFoundError`."""
    found = load(tx, [hit_id])
    if not found:
        raise NotFoundError(f"no hit with id {hit_id}")
    return found[0]


def matching(query: Select[Any], chosen: HitFilter, now: datetime) -> Select[Any]:
    """Narrow a query over hits and their sources."""
    columns = {
        _h.c.status: chosen.status,
        _h.c.decision: chosen.decision,
        _h.c.category: chosen.category,
        t.source.c.name: chosen.source,
        _h.c.verdict: chosen.verdict,
    }
    ids = {_l.c.seller_id: chosen.seller_id, _n.c.text_family_id: chosen.family}
    for column, values in columns.items():
        if values:
            query = query.where(column.in_(values))
    for column, values in ids.items():
        if values:
            query = query.where(column.in_([_row_id(value) for value in values]))
    if chosen.among is not None:
        query = query.where(_h.c.id.in_(chosen.among))
    if chosen.is_muted is not None:
        is_over = or_(_h.c.muted_until.is_(None), _h.c.muted_until <= now)
        query = query.where(_h.c.muted_until > now if chosen.is_muted else is_over)
    return query


def _row_id(text: str) -> int:
    """An id that a person wrote; 0, which nothing has, for what is none."""
    is_id = text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if is_id else 0


def in_triage_order(query: Select[Any]) -> Select[Any]:
    """Sure ones first, then by score, then the freshest."""
    return query.order_by(_h.c.score.desc(), _h.c.found_at.desc(), _h.c.id.desc())


def queue(
    tx: Transaction, chosen: HitFilter, *, now: datetime, limit: int, offset: int = 0
) -> list[Hit]:
    """Hits in triage order."""
    query = in_triage_order(matching(_hits(), chosen, now))
    return _finish_hits(tx, tx.execute(query.limit(limit).offset(offset)).all())


def count(tx: Transaction, chosen: HitFilter, *, now: datetime) -> int:
    """How many hits match."""
    query = (
        select(func.count())
        .select_from(_h)
        .join(_l, _l.c.id == _h.c.listing_id)
        .join(_n, _n.c.id == _h.c.version_id)
        .join(t.source, t.source.c.id == _l.c.source_id)
    )
    total: int = tx.execute(matching(query, chosen, now)).scalar_one()
    return total


def ids_after(tx: Transaction, after: int, limit: int) -> list[tuple[int, int]]:
    """(hit id, revision) in id order, for walks over all hits."""
    rows = tx.execute(
        select(_h.c.id, _h.c.revision).where(_h.c.id > after).order_by(_h.c.id).limit(limit)
    )
    return [(row.id, row.revision) for row in rows]


def versions(tx: Transaction, listing_id: int) -> list[dict[str, Any]]:
    """All versions of a listing with their scores, oldest first."""
    rows = tx.execute(
        select(_n, _a.c.score, _a.c.decision)
        .outerjoin(_a, _a.c.version_id == _n.c.id)
        .where(_n.c.listing_id == listing_id)
        .order_by(_n.c.number)
    )
    return [
        {
            "number": row.number,
            "origin": row.origin,
            "title": row.title,
            "description": row.description,
            "score": row.score,
            "decision": row.decision,
            "created_at": row.created_at,
        }
        for row in rows
    ]


def contacts(tx: Transaction, listing_id: int) -> list[dict[str, Any]]:
    """Masked contacts of a listing, and in how many other listings each stands."""
    c, vc, other = t.contact, t.version_contact, t.listing_version.alias("other")
    mine = select(vc.c.contact_id).join(_n, _n.c.id == vc.c.version_id)
    mine = mine.where(_n.c.listing_id == listing_id)
    rows = tx.execute(
        select(c.c.id, c.c.kind, c.c.masked, func.count(other.c.listing_id.distinct()))
        .join(vc, vc.c.contact_id == c.c.id)
        .join(other, other.c.id == vc.c.version_id)
        .where(c.c.id.in_(mine))
        .group_by(c.c.id, c.c.kind, c.c.masked)
        .order_by(c.c.id)
    )
    return [
        {"id": cid, "kind": kind, "masked": masked, "listings": listings}
        for cid, kind, masked, listings in rows
    ]


def has_new_contact(tx: Transaction, hit: Hit) -> bool:
    """Whether the hit's version names a contact that no earlier version of the listing did."""
    return _names_new_contact(tx, hit.listing_id, hit.version_id)


def _names_new_contact(tx: Transaction, listing_id: int, version_id: int) -> bool:
    vc = t.version_contact
    number = select(_n.c.number).where(_n.c.id == version_id).scalar_subquery()
    earlier = (
        select(vc.c.contact_id)
        .join(_n, _n.c.id == vc.c.version_id)
        .where(_n.c.listing_id == listing_id, _n.c.number < number)
    )
    mine = select(vc.c.contact_id).where(
        vc.c.version_id == version_id, vc.c.contact_id.not_in(earlier)
    )
    return tx.execute(mine.limit(1)).first() is not None
