"""What people said of hits, counted; and the texts of hits, for terms that become frequent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, select

from monitor.domain.scope import Scope
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["GROUPS", "HitText", "Verdicts", "hit_texts", "verdicts_by"]

_h, _l, _n = t.hit, t.listing, t.listing_version

GROUPS = ("keyword", "model", "source", "category", "decision")
"""What verdicts can be counted by."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Hits of one group: all, and those that people judged.

    Attributes:
        value: the group's name; for ``"model"`` its parts as JSON.
        hits: all of them.
        confirmed: hits with that verdict.
        benign: hits with that verdict.
        unsure: hits with that verdict.
    """

    value: str
    hits: int
    confirmed: int
    benign: int
    unsure: int


@dataclass(frozen=True, slots=True)
class HitText:
    """A hit's masked words and who wrote them."""

    hit_id: int
    seller_id: int | None
    text: str


def verdicts_by(tx: Transaction, scope: Scope, group: str) -> list[Verdicts]:
    """Hits found in the scope's time by one of `GROUPS`; the same hit counts once in a group."""
    query = _counts(_GROUP_COLUMNS[group]).select_from(_h).join(_l, _l.c.id == _h.c.listing_id)
    query = query.join(t.source, t.source.c.id == _l.c.source_id)
    if group == "keyword":
        query = _join_keywords(query)
    if group == "model":
        query = query.join(t.assessment, t.assessment.c.id == _h.c.assessment_id)
    rows = [Verdicts(*row) for row in tx.execute(_narrowed(query, scope))]
    if group == "model":
        rows = _equal_models(rows)
    return sorted(rows, key=lambda row: (-(row.confirmed + row.benign), -row.hits, row.value))


_GROUP_COLUMNS: dict[str, ColumnElement[Any]] = {
    "keyword": t.keyword_version.c.term,
    "model": cast(t.assessment.c.model, Text),
    "source": t.source.c.name,
    "category": _h.c.category,
    "decision": _h.c.decision,
}


def _counts(column: ColumnElement[Any]) -> Select[Any]:
    def with_verdict(verdict: str) -> ColumnElement[int]:
        return func.sum(case((_h.c.verdict == verdict, 1), else_=0))

    verdicts = (with_verdict(name) for name in ("confirmed", "benign", "unsure"))
    return select(column, func.count(_h.c.id), *verdicts).group_by(column)


def _join_keywords(query: Select[Any]) -> Select[Any]:
    """Keywords that saw the listing, each once, by their present term."""
    k, v, s = t.keyword, t.keyword_version, t.sighting
    seen = select(s.c.keyword_id, s.c.listing_id).distinct().subquery()
    return (
        query.join(seen, seen.c.listing_id == _h.c.listing_id)
        .join(k, k.c.id == seen.c.keyword_id)
        .join(v, and_(v.c.keyword_id == k.c.id, v.c.number == k.c.version))
    )


def _narrowed(query: Select[Any], scope: Scope) -> Select[Any]:
    query = query.where(_h.c.found_at >= scope.since, _h.c.found_at < scope.until)
    if scope.sources:
        query = query.where(t.source.c.name.in_(scope.sources))
    if scope.categories:
        query = query.where(_h.c.category.in_(scope.categories))
    return query


def _equal_models(rows: list[Verdicts]) -> list[Verdicts]:
    """One database keeps the order in which names were written, the other does not."""
    merged: dict[str, Verdicts] = {}
    for row in rows:
        value = json.dumps(json.loads(row.value), sort_keys=True)
        old = merged.get(value, Verdicts(value, 0, 0, 0, 0))
        merged[value] = Verdicts(
            value,
            old.hits + row.hits,
            old.confirmed + row.confirmed,
            old.benign + row.benign,
            old.unsure + row.unsure,
        )
    return list(merged.values())


def hit_texts(tx: Transaction, scope: Scope, *, limit: int) -> list[HitText]:
    """Masked texts of the newest hits of a scope; hits that were taken back are left out."""
    query = (
        select(_h.c.id, _l.c.seller_id, _n.c.title, _n.c.description)
        .join(_l, _l.c.id == _h.c.listing_id)
        .join(_n, _n.c.id == _h.c.version_id)
        .join(t.source, t.source.c.id == _l.c.source_id)
        .where(_h.c.decision != "clear")
        .order_by(_h.c.found_at.desc(), _h.c.id.desc())
        .limit(limit)
    )
    return [
        HitText(row.id, row.seller_id, f"{row.title}\n{row.description}")
        for row in tx.execute(_narrowed(query, scope))
    ]
