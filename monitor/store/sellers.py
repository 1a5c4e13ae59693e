"""Sellers: what was seen of each, and which accounts may be one seller's. Reads only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from monitor.domain.seller import Kin, KinBond, Seller, SellerFilter
from monitor.errors import NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["count", "get", "kin", "most_suspected"]

COMMON = 20
"""A contact or a family of more sellers is a marketplace's help line, or a stock phrase."""

_s, _l, _h, _n, _vc = t.seller, t.listing, t.hit, t.listing_version, t.version_contact


def most_suspected(
    tx: Transaction, chosen: SellerFilter, *, limit: int, offset: int = 0
) -> list[Seller]:
    """Sellers with most hits first, then with the highest score, then the last seen."""
    summed = _sums(chosen)
    query = summed.order_by(
        summed.selected_columns.hits.desc(),
        summed.selected_columns.max_score.desc(),
        _s.c.last_seen_at.desc(),
        _s.c.id,
    )
    return [_seller(row) for row in tx.execute(query.limit(limit).offset(offset))]


def count(tx: Transaction, chosen: SellerFilter) -> int:
    """How many sellers match."""
    total: int = tx.execute(select(func.count()).select_from(_sums(chosen).subquery())).scalar_one()
    return total


def get(tx: Transaction, seller_id: int) -> Seller:
    """Raises `NotFoundError`."""
    row = tx.execute(_sums(SellerFilter(with_hits=False)).where(_s.c.id == seller_id)).first()
    if row is None:
        raise NotFoundError(f"no seller with id {seller_id}")
    return _seller(row)


def kin(tx: Transaction, seller_id: int, *, limit: int = 20) -> list[Kin]:
    """Other accounts, of any market, that name the same contacts or write the same texts."""
    columns: dict[KinBond, tuple[ColumnElement[int], Select[Any]]] = {
        KinBond.CONTACT: (
            _vc.c.contact_id,
            select(_vc.c.contact_id, _l.c.seller_id)
            .join(_n, _n.c.id == _vc.c.version_id)
            .join(_l, _l.c.id == _n.c.listing_id),
        ),
        KinBond.TEXT: (
            _n.c.text_family_id,
            select(_n.c.text_family_id, _l.c.seller_id).join(_l, _l.c.id == _n.c.listing_id),
        ),
    }
    bonds: dict[int, dict[KinBond, int]] = {}
    for bond, (column, held) in columns.items():
        for other, shared in _shared(tx, seller_id, column, held):
            bonds.setdefault(other, {})[bond] = shared
    rows = tx.execute(
        select(_s.c.id, _s.c.name, t.source.c.name.label("source"))
        .join(t.source, t.source.c.id == _s.c.source_id)
        .where(_s.c.id.in_(bonds))
    )
    found = [Kin(row.id, row.source, row.name, bonds[row.id]) for row in rows]
    found.sort(key=lambda one: (-len(one.bonds), -sum(one.bonds.values()), one.seller_id))
    return found[:limit]


def _shared(
    tx: Transaction, seller_id: int, column: ColumnElement[int], held: Select[Any]
) -> list[tuple[int, int]]:
    """(seller, how many of them) of all who hold what this seller holds and few others do."""
    mine = held.where(_l.c.seller_id == seller_id, column.is_not(None)).subquery()
    key = mine.c[0]
    rare = (
        held.with_only_columns(column.label("key"))
        .where(column.in_(select(key)), _l.c.seller_id.is_not(None))
        .group_by(column)
        .having(func.count(_l.c.seller_id.distinct()) <= COMMON)
    )
    rows = tx.execute(
        held.with_only_columns(_l.c.seller_id, func.count(column.distinct()))
        .where(column.in_(rare), _l.c.seller_id.is_not(None), _l.c.seller_id != seller_id)
        .group_by(_l.c.seller_id)
    )
    return [(other, shared) for other, shared in rows]


def _sums(chosen: SellerFilter) -> Select[Any]:
    hits = _how_many(_h.c.decision == "hit")
    reviews = _how_many(_h.c.decision == "review")
    query = (
        select(
            _s,
            t.source.c.name.label("source"),
            func.count(_l.c.id).label("listings"),
            hits.label("hits"),
            reviews.label("reviews"),
            _how_many(_h.c.verdict == "confirmed").label("confirmed"),
            _how_many(_h.c.verdict == "benign").label("benign"),
            func.coalesce(func.max(case((_h.c.decision != "clear", _h.c.score))), 0.0).label(
                "max_score"
            ),
        )
        .join(t.source, t.source.c.id == _s.c.source_id)
        .outerjoin(_l, _l.c.seller_id == _s.c.id)
        .outerjoin(_h, _h.c.listing_id == _l.c.id)
        .group_by(_s.c.id, t.source.c.name)
    )
    if chosen.source:
        query = query.where(t.source.c.name.in_(chosen.source))
    if chosen.with_hits:
        suspected = select(_l.c.seller_id).join(_h, _h.c.listing_id == _l.c.id)
        query = query.where(_s.c.id.in_(suspected.where(_h.c.decision != "clear")))
    return query


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _seller(row: Row[Any]) -> Seller:
    return Seller(**{name: getattr(row, name) for name in Seller.__dataclass_fields__})
