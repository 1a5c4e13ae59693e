"""What binds one listing to another, and when one is the other put on the market again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Bond", "Related", "is_relist"]


class Bond(StrEnum):
    """What two listings have in common."""

    TEXT = "same text"
    """Their texts are of one family: one is a re-writing of the other."""
    PICTURE = "same picture"
    """One address or content of a picture that few listings show."""
    SELLER = "same seller"


@dataclass(frozen=True, slots=True)
class Related:
    """Another suspected listing that has something in common with one.

    Attributes:
        hit_id: the other's hit.
        source: its market.
        native_id: the market's id of it.
        title: masked.
        url: link for people.
        state: ``"seen"``, ``"not_seen"`` or ``"gone"``.
        verdict: what a person said of it, or "".
        first_seen_at: when we first saw it; aware UTC.
        last_seen_at: when we last saw it.
        bonds: what both have in common; one at least.
        is_relisted: whether the listing it was found for is this one under a new id.
        shared: longest pieces of text that both have, disguises undone; filled where people look.
    """

    hit_id: int
    source: str
    native_id: str
    title: str
    url: str
    state: str
    verdict: str
    first_seen_at: datetime
    last_seen_at: datetime
    bonds: tuple[Bond, ...]
    is_relisted: bool = False
    shared: tuple[str, ...] = ()


def is_relist(bonds: frozenset[Bond], *, same_market: bool, other_seller: bool) -> bool:
    """Whether the later of two listings is the earlier one under a new id.

    Copied adverts and borrowed pictures are common in the trade: of another seller it takes both.

    Args:
        bonds: what both have in common.
        same_market: whether one market shows both.
        other_seller: whether both sellers are known and differ; sellers whose ids are of
            different kinds cannot be compared.
    """
    goods = bonds & {Bond.TEXT, Bond.PICTURE}
    return same_market and len(goods) >= (2 if other_seller else 1)
