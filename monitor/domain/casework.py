"""What people do with hits beside verdicts: evidence, notes, mutes, allowed sellers, batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["AllowedSeller", "Batch", "KeptBack", "Mute", "MuteKind", "Note", "Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a version of a listing showed when it became, or changed, a hit. Never changed.

    Attributes:
        version_number: of the listing, 1 for the first.
        body: the fields as JSON in one canonical form, masked as the store masks.
        sha256: of the body's bytes in UTF-8, in hexadecimal.
        is_intact: whether the digest is still that of the body.
    """

    id: int
    hit_id: int
    version_number: int
    body: str
    sha256: str
    taken_at: datetime
    is_intact: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote beside a hit."""

    id: int
    hit_id: int
    text: str
    actor: str
    created_at: datetime


class MuteKind(StrEnum):
    """What a mute silences."""

    LISTING = "listing"
    """This listing, whatever its text becomes."""
    SELLER = "seller"
    """All hits of this seller."""
    TEXT = "text"
    """All hits that say the same, whoever sells them."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Hits that nobody wants to see again until a time.

    Attributes:
        kind: what it silences.
        subject: that thing in words: source and id, or the muted text's beginning.
        hits: how many hits it covers now.
        ended_at: when somebody ended it before its time, or None.
    """

    id: int
    kind: MuteKind
    subject: str
    hits: int
    reason: str
    actor: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class AllowedSeller:
    """A seller whose listings are assessed and never become hits.

    Attributes:
        source: name of the market.
        native_id: the market's id of the seller.
        kept_back: listings that would be hits without it.
        expires_at: None: until it is removed.
    """

    id: int
    source: str
    id_space: str
    native_id: str
    name: str
    kept_back: int
    reason: str
    actor: str
    created_at: datetime
    expires_at: datetime | None
    removed_at: datetime | None
    removed_by: str

    def is_live(self, now: datetime) -> bool:
        """Whether it counts at this time."""
        return self.removed_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A listing that would be a hit if its seller were not allowed. Masked."""

    listing_id: int
    allowed_id: int
    source: str
    native_id: str
    seller: str
    title: str
    decision: str
    score: float
    categories: Mapping[str, float]
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """One verdict on many hits at once.

    Attributes:
        filters: which hits were meant: filter to values.
        hits: how many it closed.
        undo_until: after this time it stays.
    """

    id: int
    verdict: str
    reason: str
    filters: Mapping[str, Sequence[Any]]
    hits: int
    actor: str
    created_at: datetime
    undo_until: datetime
    undone_at: datetime | None
    undone_by: str
