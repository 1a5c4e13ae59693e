"""Clear listings that are kept to measure what the classifiers miss, and verdicts on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select, update

from monitor.domain.scope import Scope
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = [
    "ClearListing",
    "clear_count",
    "clear_ids",
    "clear_listings",
    "put_verdict",
    "verdict_counts",
]

_l, _n, _s = t.listing, t.listing_version, t.sample_verdict


@dataclass(frozen=True, slots=True)
class ClearListing:
    """A listing that no assessment flagged, with its newest masked words.

    Attributes:
        id: the store's id of the listing.
        version_id: the version that the words are of.
        verdict: what a person said of it; "" before.
    """

    id: int
    version_id: int
    source: str
    url: str
    title: str
    description: str
    verdict: str
    first_seen_at: datetime


def _is_hit() -> Any:
    return exists().where(t.hit.c.listing_id == _l.c.id, t.hit.c.decision != "clear")


def _in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    query = query.where(_l.c.first_seen_at >= scope.since, _l.c.first_seen_at < scope.until)
    if scope.sources:
        named = select(t.source.c.id).where(t.source.c.name.in_(scope.sources))
        query = query.where(_l.c.source_id.in_(named))
    return query


def clear_count(tx: Transaction, scope: Scope) -> int:
    """Listings first seen in the scope's time that are clear, erased texts included."""
    query = select(func.count()).select_from(_l).where(~_is_hit())
    total: int = tx.execute(_in_scope(query, scope)).scalar_one()
    return total


def verdict_counts(tx: Transaction, scope: Scope) -> dict[str, int]:
    """Judged listings of the sample by verdict, as long as no assessment flags them."""
    query = (
        select(_s.c.verdict, func.count())
        .join(_l, _l.c.id == _s.c.listing_id)
        .where(~_is_hit())
        .group_by(_s.c.verdict)
    )
    return {row.verdict: row[1] for row in tx.execute(_in_scope(query, scope))}


def clear_ids(tx: Transaction, after: int, limit: int) -> list[int]:
    """Ids of clear listings that nobody judged and whose words are still there, in order."""
    has_text = exists().where(_n.c.listing_id == _l.c.id, _n.c.title != "")
    judged = exists().where(_s.c.listing_id == _l.c.id)
    rows = tx.execute(
        select(_l.c.id)
        .where(_l.c.id > after, has_text, ~judged, ~_is_hit())
        .order_by(_l.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def clear_listings(tx: Transaction, listing_ids: Sequence[int]) -> list[ClearListing]:
    """Clear listings in the order of their ids' sequence; unknown ones are left out."""
    any_version = _n.alias("any_version")
    newest = select(func.max(any_version.c.id)).where(any_version.c.listing_id == _l.c.id)
    rows = tx.execute(
        select(_l, _n.c.id.label("version_id"), _n.c.title, _n.c.description)
        .add_columns(t.source.c.name.label("source"), func.coalesce(_s.c.verdict, "").label("said"))
        .select_from(_l)
        .join(_n, _n.c.id == newest.scalar_subquery())
        .join(t.source, t.source.c.id == _l.c.source_id)
        .outerjoin(_s, _s.c.listing_id == _l.c.id)
        .where(_l.c.id.in_(listing_ids), ~_is_hit())
    )
    found = {
        row.id: ClearListing(
            id=row.id,
            version_id=row.version_id,
            source=row.source,
            url=row.url,
            title=row.title,
            description=row.description,
            verdict=row.said,
            first_seen_at=row.first_seen_at,
        )
        for row in rows
    }
    return [found[listing_id] for listing_id in listing_ids if listing_id in found]


def put_verdict(
    tx: Transaction, listing_id: int, *, verdict: str, reason: str, actor: str, now: datetime
) -> None:
    """Keep a verdict on a clear listing; a later one replaces it.

    Raises:
        NotFoundError: there is no such listing, or it is a hit.
    """
    found = clear_listings(tx, [listing_id])
    if not found:
        raise NotFoundError(f"no clear listing with id {listing_id}")
    values = {
        "version_id": found[0].version_id,
        "verdict": verdict,
        "reason": reason,
        "actor": actor,
        "created_at": now,
    }
    if not insert_missing(tx, _s, [{"listing_id": listing_id, **values}], ["listing_id"]):
        tx.execute(update(_s).where(_s.c.listing_id == listing_id).values(values))
