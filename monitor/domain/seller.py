"""A seller: who offers suspected goods, under which account of which market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Kin", "KinBond", "Seller", "SellerFilter"]


@dataclass(frozen=True, slots=True)
class Seller:
    """One account of one market, and what was seen of it.

    Attributes:
        id: the store's id.
        source: the market.
        id_space: which kind of id `native_id` is: ``"search"``, ``"item"``; ``"name"`` where the
            market gives none and a keyed digest of the name stands for it.
        native_id: the market's id of the account.
        name: as shown, masked; or "".
        first_seen_at: when we first saw a listing of it; aware UTC.
        last_seen_at: when we last did.
        listings: how many we hold.
        hits: of these, suspected ones.
        reviews: of these, those that may be.
        confirmed: of these, those that a person upheld.
        benign: of these, those that a person cleared.
        max_score: highest score among hits and reviews; 0 without any.
    """

    id: int
    source: str
    id_space: str
    native_id: str
    name: str
    first_seen_at: datetime
    last_seen_at: datetime
    listings: int
    hits: int
    reviews: int
    confirmed: int
    benign: int
    max_score: float


@dataclass(frozen=True, slots=True)
class SellerFilter:
    """Which sellers to list.

    Attributes:
        source: only of these markets; empty means any.
        with_hits: only those with a hit or a review; ordinary sellers are nobody's business.
    """

    source: tuple[str, ...] = ()
    with_hits: bool = True


class KinBond(StrEnum):
    """Why two accounts may be one seller's."""

    CONTACT = "same contact"
    """Their listings name one account outside the market."""
    TEXT = "same text"
    """Their listings have texts of one family."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Another account that may be the same seller's.

    Attributes:
        seller_id: the store's id of it.
        source: its market.
        name: masked.
        bonds: what binds both, with how many contacts or families they have in common.
    """

    seller_id: int
    source: str
    name: str
    bonds: dict[KinBond, int]
