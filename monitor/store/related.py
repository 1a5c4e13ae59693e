"""Listings that have a text family, a picture or a seller in common. Reads only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from monitor.domain.hit import Hit
from monitor.domain.sameness import Bond, Related, is_relist
from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = ["related", "relisted"]

PLACEHOLDER = 20
"""A picture that more listings show is a market's stand-in, or everybody's."""
NEWEST = 50
"""Listings that are looked at for each bond."""

_h, _l, _n, _p, _s = t.hit, t.listing, t.listing_version, t.picture, t.seller


def related(tx: Transaction, hit: Hit, *, limit: int = 10) -> list[Related]:
    """Other suspected listings bound to this one: re-listed ones, then those with most in common.

    Args:
        tx: a transaction.
        hit: the listing.
        limit: how many at most.
    """
    mine = tx.execute(_listings().where(_l.c.id == hit.listing_id)).one()
    bonds: dict[int, set[Bond]] = {}
    rows: dict[int, Row[Any]] = {}
    for bond, condition in _conditions(tx, mine).items():
        query = _listings().where(condition, _l.c.id != mine.listing_id)
        for row in tx.execute(query.order_by(_l.c.first_seen_at.desc(), _l.c.id).limit(NEWEST)):
            rows[row.listing_id] = row
            bonds.setdefault(row.listing_id, set()).add(bond)
    found = [_related(mine, row, frozenset(bonds[key])) for key, row in rows.items()]
    found.sort(key=lambda one: one.first_seen_at, reverse=True)
    found.sort(key=lambda one: (not one.is_relisted, -len(one.bonds)))
    return found[:limit]


def relisted(tx: Transaction, hit: Hit) -> Related | None:
    """The latest listing that this one is under a new id, or None."""
    found = related(tx, hit, limit=1)
    return found[0] if found and found[0].is_relisted else None


def _listings() -> Select[Any]:
    return (
        select(
            _h.c.id.label("hit_id"),
            _h.c.verdict,
            _l.c.id.label("listing_id"),
            _l.c.source_id,
            _l.c.native_id,
            _l.c.url,
            _l.c.state,
            _l.c.first_seen_at,
            _l.c.last_seen_at,
            _l.c.seller_id,
            _s.c.id_space,
            _n.c.title,
            t.source.c.name.label("source"),
        )
        .join(_l, _l.c.id == _h.c.listing_id)
        .join(_n, _n.c.id == _h.c.version_id)
        .join(t.source, t.source.c.id == _l.c.source_id)
        .outerjoin(_s, _s.c.id == _l.c.seller_id)
    )


def _conditions(tx: Transaction, mine: Row[Any]) -> dict[Bond, ColumnElement[bool]]:
    """For each bond that the listing has, who else has it."""
    found: dict[Bond, ColumnElement[bool]] = {}
    # Of all its versions: a row of a search page says less than the item page.
    families = select(_n.c.text_family_id).where(
        _n.c.listing_id == mine.listing_id, _n.c.text_family_id.is_not(None)
    )
    found[Bond.TEXT] = _l.c.id.in_(select(_n.c.listing_id).where(_n.c.text_family_id.in_(families)))
    pictures = [
        column.in_(keys)
        for column in (_p.c.url_key, _p.c.content_key)
        if (keys := _rare_pictures(tx, mine.listing_id, column))
    ]
    if pictures:
        is_shown = pictures[0] if len(pictures) == 1 else pictures[0] | pictures[1]
        found[Bond.PICTURE] = _l.c.id.in_(select(_p.c.listing_id).where(is_shown))
    if mine.seller_id is not None:
        found[Bond.SELLER] = _l.c.seller_id == mine.seller_id
    return found


def _rare_pictures(tx: Transaction, listing_id: int, column: ColumnElement[str]) -> list[str]:
    own = select(column).where(_p.c.listing_id == listing_id, column.is_not(None))
    shown = select(column).where(column.in_(own)).group_by(column)
    rows = tx.execute(shown.having(func.count(_p.c.listing_id.distinct()) <= PLACEHOLDER))
    return list(rows.scalars())


def _related(mine: Row[Any], row: Row[Any], bonds: frozenset[Bond]) -> Related:
    other_seller = (
        Bond.SELLER not in bonds
        and mine.id_space is not None
        and mine.id_space == row.id_space
        and mine.source_id == row.source_id
    )
    is_earlier = (row.first_seen_at, row.listing_id) < (mine.first_seen_at, mine.listing_id)
    return Related(
        hit_id=row.hit_id,
        source=row.source,
        native_id=row.native_id,
        title=row.title,
        url=row.url,
        state=row.state,
        verdict=row.verdict,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        bonds=tuple(bond for bond in Bond if bond in bonds),
        is_relisted=is_earlier
        and is_relist(
            bonds, same_market=mine.source_id == row.source_id, other_seller=other_seller
        ),
    )
