"""Sellers: who offers what is suspected, and under which other accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.hit import Hit, HitFilter
from monitor.domain.seller import Kin, Seller, SellerFilter
from monitor.pipeline.workspace import Workspace
from monitor.store import hits, sellers

__all__ = ["SellerDetail", "SellerPage", "detail", "list_sellers"]

SHOWN_HITS = 50


@dataclass(frozen=True, slots=True)
class SellerPage:
    """Some sellers, the most suspected first, and how many there are."""

    sellers: Sequence[Seller]
    total: int


@dataclass(frozen=True, slots=True)
class SellerDetail:
    """A seller and everything around it. All masked.

    Attributes:
        seller: the account.
        markets: where it and its kin were seen, by name.
        hits: its suspected listings in triage order, `SHOWN_HITS` at most.
        kin: other accounts that may be the same seller's.
    """

    seller: Seller
    markets: tuple[str, ...]
    hits: Sequence[Hit]
    kin: Sequence[Kin]


def list_sellers(
    workspace: Workspace, chosen: SellerFilter, *, limit: int = 50, offset: int = 0
) -> SellerPage:
    """Sellers with most hits first."""
    with workspace.database.read() as tx:
        found = sellers.most_suspected(tx, chosen, limit=limit, offset=offset)
        return SellerPage(found, sellers.count(tx, chosen))


def detail(workspace: Workspace, seller_id: int) -> SellerDetail:
    """Everything about one seller; raises `NotFoundError`."""
    with workspace.database.read() as tx:
        seller = sellers.get(tx, seller_id)
        kin = sellers.kin(tx, seller_id)
        return SellerDetail(
            seller=seller,
            markets=tuple(sorted({seller.source, *(one.source for one in kin)})),
            hits=hits.queue(
                tx,
                HitFilter(seller_id=(str(seller_id),)),
                now=workspace.database.now(),
                limit=SHOWN_HITS,
            ),
            kin=kin,
        )
