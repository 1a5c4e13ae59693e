"""Counts for people: keywords by what they brought, and the state of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select

from monitor.domain.outcome import Outcome
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.ordering import by_text

__all__ = ["KeywordStatistics", "Overview", "by_keyword", "overview"]

SEEING = tuple(outcome.value for outcome in Outcome if outcome.has_seen)


@dataclass(frozen=True, slots=True)
class KeywordStatistics:
    """What one keyword brought.

    Attributes:
        looks: finished polls.
        blind_looks: of these, polls that saw nothing because of trouble.
        listings: distinct listings seen.
        hits: of these, hits and reviews.
        confirmed: hits with that verdict.
        benign: hits with that verdict.
        last_hit_at: when its newest hit was found.
    """

    keyword_id: int
    term: str
    category: str
    looks: int
    blind_looks: int
    listings: int
    hits: int
    confirmed: int
    benign: int
    last_hit_at: datetime | None

    @property
    def precision(self) -> float | None:
        """Confirmed among judged hits, or None when nobody judged any."""
        judged = self.confirmed + self.benign
        return self.confirmed / judged if judged else None


def by_keyword(tx: Transaction) -> list[KeywordStatistics]:
    """Keywords with a watch, by hits and term."""
    k, v, w, p, s, h = t.keyword, t.keyword_version, t.watch, t.poll, t.sighting, t.hit
    looked = (
        select(
            w.c.keyword_id,
            func.count(p.c.id).label("looks"),
            func.sum(case((p.c.outcome.in_(SEEING), 0), else_=1)).label("blind"),
        )
        .join(p, and_(p.c.watch_id == w.c.id, p.c.outcome.is_not(None)))
        .group_by(w.c.keyword_id)
        .subquery()
    )
    seen = select(s.c.keyword_id, s.c.listing_id).distinct().subquery()
    brought = (
        select(
            seen.c.keyword_id,
            func.count().label("listings"),
            func.count(h.c.id).label("hits"),
            func.sum(case((h.c.verdict == "confirmed", 1), else_=0)).label("confirmed"),
            func.sum(case((h.c.verdict == "benign", 1), else_=0)).label("benign"),
            func.max(h.c.found_at).label("last_hit_at"),
        )
        .outerjoin(h, h.c.listing_id == seen.c.listing_id)
        .group_by(seen.c.keyword_id)
        .subquery()
    )
    rows = tx.execute(
        select(k.c.id, v.c.term, v.c.category, looked, brought)
        .join(v, and_(v.c.keyword_id == k.c.id, v.c.number == k.c.version))
        .outerjoin(looked, looked.c.keyword_id == k.c.id)
        .outerjoin(brought, brought.c.keyword_id == k.c.id)
        .where(k.c.id.in_(select(w.c.keyword_id)))
        .order_by(func.coalesce(brought.c.hits, 0).desc(), by_text(v.c.term))
    )
    return [
        KeywordStatistics(
            keyword_id=row.id,
            term=row.term,
            category=row.category,
            looks=row.looks or 0,
            blind_looks=row.blind or 0,
            listings=row.listings or 0,
            hits=row.hits or 0,
            confirmed=row.confirmed or 0,
            benign=row.benign or 0,
            last_hit_at=row.last_hit_at,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the whole at a glance."""

    keywords: int
    sources: int
    watches: int
    looks: int
    blind_looks: int
    listings: int
    versions: int
    hits: int
    reviews: int
    all_hits: int
    open_hits: int
    confirmed: int
    benign: int
    alerts: dict[str, int]


def overview(tx: Transaction) -> Overview:
    """Count everything once."""

    def count(query: object) -> int:
        number: int = tx.execute(query).scalar_one()  # type: ignore[call-overload]
        return number

    h, p = t.hit, t.poll
    of_hits = select(func.count()).select_from(h)
    of_polls = select(func.count()).select_from(p).where(p.c.outcome.is_not(None))
    states = tx.execute(select(t.alert.c.state, func.count()).group_by(t.alert.c.state))
    return Overview(
        keywords=count(
            select(func.count()).select_from(t.keyword).where(t.keyword.c.retired_at.is_(None))
        ),
        sources=count(select(func.count()).select_from(t.source)),
        watches=count(select(func.count()).select_from(t.watch)),
        looks=count(of_polls),
        blind_looks=count(of_polls.where(p.c.outcome.not_in(SEEING))),
        listings=count(select(func.count()).select_from(t.listing)),
        versions=count(select(func.count()).select_from(t.listing_version)),
        hits=count(of_hits.where(h.c.decision == "hit")),
        reviews=count(of_hits.where(h.c.decision == "review")),
        all_hits=count(of_hits),
        open_hits=count(of_hits.where(h.c.status == "open")),
        confirmed=count(of_hits.where(h.c.verdict == "confirmed")),
        benign=count(of_hits.where(h.c.verdict == "benign")),
        alerts={row.state: row[1] for row in states},
    )
