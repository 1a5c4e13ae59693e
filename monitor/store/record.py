"""Recording a page: sellers, listings, versions, prices, pictures, contacts, sightings.

Everything happens in sets, inside the caller's one transaction per page, and
recording the same page twice changes nothing but the sighting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, insert, or_, select, tuple_, update

from monitor.domain.listing import ListingDraft, RecordedListing, VersionDraft
from monitor.domain.page import ItemState, Precision
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.locks import lock_source
from monitor.store.writing import insert_missing, one_of

__all__ = ["known_versions", "record_listings", "see"]

_l, _n = t.listing, t.listing_version


def known_versions(
    tx: Transaction, source_id: int, keys: Iterable[tuple[str, str]], model_key: str
) -> set[tuple[str, str]]:
    """Which (native_id, content_key) pairs are stored and assessed by this very model.

    A keyword or model that changed makes listings unknown again, so that they are
    assessed anew when they are next seen.
    """
    wanted = set(keys)
    rows = tx.execute(
        select(_l.c.native_id, _n.c.content_key)
        .join(_n, _n.c.listing_id == _l.c.id)
        .join(t.assessment, t.assessment.c.version_id == _n.c.id)
        .where(
            _l.c.source_id == source_id,
            one_of(tx, _l.c.native_id, {native for native, _ in wanted}),
            t.assessment.c.model_key == model_key,
        )
    )
    return {(row.native_id, row.content_key) for row in rows} & wanted


def record_listings(
    tx: Transaction, source_id: int, drafts: Sequence[ListingDraft], *, now: datetime
) -> list[RecordedListing]:
    """Write what is new about each draft and say what that was, in the order given.

    Drafts must have distinct native ids. A draft without `version` whose
    content the store does not hold (erased meanwhile) is skipped.
    """
    lock_source(tx, source_id)
    # One order for writers of all sources, who share contacts and text families.
    ordered = sorted(drafts, key=lambda draft: draft.native_id)
    sellers = _record_sellers(tx, source_id, ordered, now)
    before = _listings(tx, source_id, ordered)
    fresh = [draft for draft in ordered if draft.native_id not in before and draft.version]
    insert_missing(
        tx,
        _l,
        [_listing_row(source_id, draft, sellers, now) for draft in fresh],
        ["source_id", "native_id"],
    )
    rows = {**before, **_listings(tx, source_id, fresh)} if fresh else before
    known = [draft for draft in ordered if draft.native_id in rows]
    _record_prices(tx, known, rows, before, now)
    _refresh(tx, known, rows, before, sellers)
    _record_pictures(tx, known, rows, now)
    versions = _record_versions(tx, known, rows, now)
    recorded = {}
    for draft in known:
        row = rows[draft.native_id]
        version_id = versions.get((row.id, draft.content_key))
        if version_id is None:
            continue
        shown = row.item_version if draft.origin == "item" else row.search_version
        recorded[draft.native_id] = RecordedListing(
            listing_id=row.id,
            native_id=draft.native_id,
            version_id=version_id,
            is_new=draft.native_id not in before,
            needs_decision=draft.version is not None or shown != version_id,
            is_changed=shown != version_id,
            origin=draft.origin,
        )
    _point_to_versions(tx, list(recorded.values()))
    return [recorded[draft.native_id] for draft in drafts if draft.native_id in recorded]


def see(
    tx: Transaction,
    recorded: Sequence[RecordedListing],
    *,
    poll_id: int,
    watch_id: int | None,
    keyword_id: int | None,
    first_rank: int,
    now: datetime,
) -> None:
    """Write that a poll saw these listings, in this order.

    Args:
        tx: the page's transaction.
        recorded: the page's listings in page order.
        poll_id: the look.
        watch_id: whose look it was; from now on it is for this watch's looks to say
            that they are not seen any more. None for captures, which look once.
        keyword_id: what was searched for.
        first_rank: place of the first one.
        now: the time of the look.
    """
    rows = [
        {
            "poll_id": poll_id,
            "listing_id": row.listing_id,
            "version_id": row.version_id,
            "keyword_id": keyword_id,
            "rank": first_rank + place,
            "seen_at": now,
        }
        for place, row in enumerate(recorded)
    ]
    # Pages of one look overlap: the first, better rank stays.
    insert_missing(tx, t.sighting, rows, ["poll_id", "listing_id"])
    seen: dict[str, Any] = {"last_seen_at": now, "last_seen_on": now.date()}
    if watch_id is not None:
        seen["last_watch_id"] = watch_id
    ids = [row.listing_id for row in recorded]
    tx.execute(
        update(_l).where(one_of(tx, _l.c.id, ids)).values(state="seen", gone_at=None, **seen)
    )


def _listings(
    tx: Transaction, source_id: int, drafts: Sequence[ListingDraft]
) -> dict[str, Row[Any]]:
    natives = [draft.native_id for draft in drafts]
    rows = tx.execute(
        select(_l).where(_l.c.source_id == source_id, one_of(tx, _l.c.native_id, natives))
    )
    return {row.native_id: row for row in rows}


def _listing_row(
    source_id: int,
    draft: ListingDraft,
    sellers: dict[tuple[str, str], int],
    now: datetime,
) -> dict[str, Any]:
    seller = draft.seller
    return {
        "source_id": source_id,
        "native_id": draft.native_id,
        "url": draft.url,
        "seller_id": sellers.get((seller.id_space, seller.native_id)) if seller else None,
        "state": "seen",
        "item_state": draft.item_state.value,
        "versions": 0,
        "price_minor": draft.price_minor,
        "price_raw": draft.price_raw,
        "currency": draft.currency,
        "region": draft.region,
        "published_at": draft.published_at,
        "published_precision": draft.published_precision.value,
        "extra": draft.extra,
        "first_seen_at": now,
        "last_seen_at": now,
        "last_seen_on": now.date(),
        "look_reason": "",
        "look_failures": 0,
    }


def _record_sellers(
    tx: Transaction, source_id: int, drafts: Sequence[ListingDraft], now: datetime
) -> dict[tuple[str, str], int]:
    wanted = {
        (draft.seller.id_space, draft.seller.native_id): draft.seller
        for draft in drafts
        if draft.seller
    }
    if not wanted:
        return {}
    s = t.seller
    is_wanted = and_(
        s.c.source_id == source_id, tuple_(s.c.id_space, s.c.native_id).in_(list(wanted))
    )
    rows = [
        {
            "source_id": source_id,
            "id_space": seller.id_space,
            "native_id": seller.native_id,
            "name": seller.name,
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for _, seller in sorted(wanted.items())
    ]
    insert_missing(tx, s, rows, ["source_id", "id_space", "native_id"])
    tx.execute(update(s).where(is_wanted).values(last_seen_at=now))
    found = tx.execute(select(s.c.id, s.c.id_space, s.c.native_id).where(is_wanted))
    return {(row.id_space, row.native_id): row.id for row in found}


def _record_prices(
    tx: Transaction,
    drafts: Sequence[ListingDraft],
    rows: dict[str, Row[Any]],
    before: dict[str, Row[Any]],
    now: datetime,
) -> None:
    moved = [
        draft
        for draft in drafts
        if draft.native_id not in before
        or (draft.price_raw and draft.price_minor != before[draft.native_id].price_minor)
    ]
    points = [
        {
            "listing_id": rows[draft.native_id].id,
            "price_minor": draft.price_minor,
            "currency": draft.currency,
            "price_raw": draft.price_raw,
            "seen_at": now,
        }
        for draft in moved
    ]
    if points:
        tx.execute(insert(t.price_point), points)
    for draft in moved:
        if draft.native_id in before:
            tx.execute(
                update(_l)
                .where(_l.c.id == rows[draft.native_id].id)
                .values(price_minor=draft.price_minor, price_raw=draft.price_raw)
            )


def _refresh(
    tx: Transaction,
    drafts: Sequence[ListingDraft],
    rows: dict[str, Row[Any]],
    before: dict[str, Row[Any]],
    sellers: dict[tuple[str, str], int],
) -> None:
    # Fields that one kind of page knows better than the other: fill in, never blank.
    for draft in drafts:
        old = before.get(draft.native_id)
        if old is None:
            continue
        values: dict[str, Any] = {}
        if draft.url and not old.url:
            values.update(url=draft.url, extra=draft.extra)
        if draft.item_state is not ItemState.UNKNOWN and draft.item_state != old.item_state:
            values["item_state"] = draft.item_state.value
        if draft.region and draft.region != old.region:
            values["region"] = draft.region
        if draft.published_at and old.published_precision == Precision.UNKNOWN:
            values["published_at"] = draft.published_at
            values["published_precision"] = draft.published_precision.value
        if draft.seller and old.seller_id is None:
            values["seller_id"] = sellers.get((draft.seller.id_space, draft.seller.native_id))
        if values:
            tx.execute(update(_l).where(_l.c.id == rows[draft.native_id].id).values(values))


def _record_pictures(
    tx: Transaction, drafts: Sequence[ListingDraft], rows: dict[str, Row[Any]], now: datetime
) -> None:
    pictures = {
        (rows[draft.native_id].id, key): url
        for draft in drafts
        if draft.version
        for key, url in draft.pictures
    }
    insert_missing(
        tx,
        t.picture,
        [
            {"listing_id": listing_id, "url_key": key, "url": url, "first_seen_at": now}
            for (listing_id, key), url in sorted(pictures.items())
        ],
        ["listing_id", "url_key"],
    )


def _record_versions(
    tx: Transaction, drafts: Sequence[ListingDraft], rows: dict[str, Row[Any]], now: datetime
) -> dict[tuple[int, str], int]:
    """Insert missing versions with their assessments and contacts; all ids by key."""
    keys = [(rows[draft.native_id].id, draft.content_key) for draft in drafts]
    existing = _version_ids(tx, keys)
    assessed = {
        pair: draft.version for draft, pair in zip(drafts, keys, strict=True) if draft.version
    }
    fresh = {pair: version for pair, version in assessed.items() if pair not in existing}
    erased = {}
    if len(fresh) < len(assessed):
        again = {pair: assessed[pair] for pair in assessed.keys() - fresh.keys()}
        erased = _write_anew(tx, again, existing, now)
    if fresh:
        _insert_versions(tx, fresh, rows, now)
        existing = {**existing, **_version_ids(tx, list(fresh))}
    _record_contacts(tx, {**fresh, **erased}, existing, now)
    _record_assessments(tx, assessed, existing, now)
    return existing


def _insert_versions(
    tx: Transaction,
    fresh: dict[tuple[int, str], VersionDraft],
    rows: dict[str, Row[Any]],
    now: datetime,
) -> None:
    families = _record_families(tx, fresh.values(), now)
    numbers = {row.id: row.versions for row in rows.values()}
    values = []
    for (listing_id, key), version in fresh.items():
        numbers[listing_id] += 1
        values.append(
            {
                "listing_id": listing_id,
                "number": numbers[listing_id],
                "origin": version.origin,
                "content_key": key,
                "title": version.title,
                "description": version.description,
                "text_family_id": families[version.family_key],
                "created_at": now,
            }
        )
    insert_missing(tx, _n, values, ["listing_id", "content_key"])


def _write_anew(
    tx: Transaction,
    assessed: dict[tuple[int, str], VersionDraft],
    ids: dict[tuple[int, str], int],
    now: datetime,
) -> dict[tuple[int, str], VersionDraft]:
    """Give versions that retention erased their texts back; which ones."""
    wanted = {ids[key]: key for key in assessed}
    found = tx.execute(
        select(_n.c.id).where(_n.c.id.in_(wanted), _n.c.title == "", _n.c.description == "")
    ).scalars()
    erased = {wanted[version_id]: assessed[wanted[version_id]] for version_id in found}
    families = _record_families(tx, erased.values(), now) if erased else {}
    for key, version in erased.items():
        tx.execute(
            update(_n)
            .where(_n.c.id == ids[key])
            .values(
                title=version.title,
                description=version.description,
                text_family_id=families[version.family_key],
            )
        )
    return erased


def _version_ids(tx: Transaction, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    listing_ids = {listing_id for listing_id, _ in keys}
    wanted = set(keys)
    rows = tx.execute(
        select(_n.c.id, _n.c.listing_id, _n.c.content_key).where(
            one_of(tx, _n.c.listing_id, listing_ids)
        )
    )
    found = {(row.listing_id, row.content_key): row.id for row in rows}
    return {key: version_id for key, version_id in found.items() if key in wanted}


def _record_families(
    tx: Transaction, versions: Iterable[VersionDraft], now: datetime
) -> dict[str, int]:
    keys = sorted({version.family_key for version in versions})
    f = t.text_family
    insert_missing(
        tx, f, [{"family_key": key, "first_seen_at": now} for key in keys], ["family_key"]
    )
    rows = tx.execute(select(f.c.id, f.c.family_key).where(one_of(tx, f.c.family_key, keys)))
    return {row.family_key: row.id for row in rows}


def _record_assessments(
    tx: Transaction,
    assessed: dict[tuple[int, str], VersionDraft],
    ids: dict[tuple[int, str], int],
    now: datetime,
) -> None:
    rows = []
    for key, version in assessed.items():
        draft = version.assessment
        rows.append(
            {
                "version_id": ids[key],
                "model_key": draft.model_key,
                "score": draft.score,
                "decision": draft.decision,
                "intent": draft.intent,
                "categories": draft.categories,
                "evidence": draft.evidence,
                "identifiers": draft.identifiers,
                "offer": draft.offer,
                "model": draft.model,
                "created_at": now,
            }
        )
    insert_missing(tx, t.assessment, rows, ["version_id", "model_key"])


def _record_contacts(
    tx: Transaction,
    fresh: dict[tuple[int, str], VersionDraft],
    ids: dict[tuple[int, str], int],
    now: datetime,
) -> None:
    drafts = {
        (draft.kind, draft.value_key): draft
        for version in fresh.values()
        for draft in version.contacts
    }
    if not drafts:
        return
    c = t.contact
    rows = [
        {
            "kind": draft.kind,
            "value_key": draft.value_key,
            "sealed": draft.sealed,
            "masked": draft.masked,
            "first_seen_at": now,
        }
        for _, draft in sorted(drafts.items())
    ]
    insert_missing(tx, c, rows, ["kind", "value_key"])
    is_wanted = or_(
        *(and_(c.c.kind == kind, c.c.value_key == value_key) for kind, value_key in drafts)
    )
    found = tx.execute(select(c.c.id, c.c.kind, c.c.value_key).where(is_wanted))
    contact_ids = {(row.kind, row.value_key): row.id for row in found}
    links = {
        (ids[key], contact_ids[(draft.kind, draft.value_key)])
        for key, version in fresh.items()
        for draft in version.contacts
    }
    insert_missing(
        tx,
        t.version_contact,
        [{"version_id": version, "contact_id": contact} for version, contact in sorted(links)],
        ["version_id", "contact_id"],
    )


def _point_to_versions(tx: Transaction, recorded: Sequence[RecordedListing]) -> None:
    newest = select(func.max(_n.c.number)).where(_n.c.listing_id == bindparam("key"))
    for origin, column in (("search", "search_version"), ("item", "item_version")):
        changed = [
            {"key": row.listing_id, "shown": row.version_id}
            for row in recorded
            if row.is_changed and row.origin == origin
        ]
        if changed:
            values = {column: bindparam("shown"), "versions": newest.scalar_subquery()}
            tx.execute(update(_l).where(_l.c.id == bindparam("key")).values(values), changed)
