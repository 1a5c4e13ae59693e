"""A hit: a listing that needs a person, and what people said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["Hit", "HitFilter", "HitStatus", "TriageEvent", "Verdict"]


class HitStatus(StrEnum):
    """Whether a hit waits for a person."""

    OPEN = "open"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What a person says of a listing."""

    CONFIRMED = "confirmed"
    BENIGN = "benign"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit with all that a triage page shows. Texts are masked.

    Attributes:
        id: the store's id.
        revision: grows with every change.
        listing_id: the listing; one listing has at most one hit.
        version_id: the version that the decision rests on.
        version_number: its number, 1 for the first.
        content_key: its content key.
        decision: ``"hit"``, ``"review"``, or ``"clear"`` when the item page exculpated it.
        score: in [0, 1].
        category: the most probable one.
        categories: probability per category.
        intent: a `classifiers.contract.Intent` value.
        evidence: as stored, strongest first; spans into title + newline + description.
        keywords: terms whose watches saw the listing.
        severity: highest severity among `keywords`, ``"medium"`` without any.
        state: ``"seen"``, ``"not_seen"`` or ``"gone"``.
        is_baseline: it was there before anybody asked for it: it alerts nobody by itself.
        claimed_by: who took it to work on it last; "" for nobody.
        claimed_until: until when that person has it; it may be past.
        muted_until: until when mutes keep it out of the queue; it may be past.
        family_id: the family of texts like this version's, see `monitor.store.families`;
            None for a version from before there were families.
    """

    id: int
    revision: int
    listing_id: int
    version_id: int
    version_number: int
    content_key: str
    source: str
    native_id: str
    url: str
    title: str
    description: str
    decision: str
    score: float
    category: str
    categories: dict[str, float]
    intent: str
    evidence: list[dict[str, Any]]
    offer: dict[str, Any]
    identifiers: list[dict[str, Any]]
    keywords: tuple[str, ...]
    severity: str
    status: HitStatus
    verdict: str
    seller: str
    seller_id: int | None
    region: str
    price_minor: int | None
    price_raw: str
    currency: str
    state: str
    item_state: str
    is_baseline: bool
    first_seen_at: datetime
    last_seen_at: datetime
    found_at: datetime
    updated_at: datetime
    model: dict[str, str]
    claimed_by: str
    claimed_until: datetime | None
    muted_until: datetime | None
    family_id: int | None = None

    def holder(self, now: datetime) -> str:
        """Who works on it at this time; "" for nobody."""
        is_held = self.claimed_until is not None and self.claimed_until > now
        return self.claimed_by if is_held else ""

    def is_muted(self, now: datetime) -> bool:
        """Whether it is kept out of the queue at this time."""
        return self.muted_until is not None and self.muted_until > now

    @property
    def text(self) -> str:
        """Masked title and description, joined as `classifiers.contract.Listing.text` is."""
        return f"{self.title}\n{self.description}" if self.description else self.title

    def passage(self, evidence: Mapping[str, Any]) -> str:
        """The words that a piece of `evidence` rests on, on one line; "" when it has no place."""
        return " ".join(self.text[evidence["start"] : evidence["end"]].split())


@dataclass(frozen=True, slots=True)
class HitFilter:
    """Which hits to list. Empty tuples mean any.

    Attributes:
        seller_id: ids of seller records, as text.
        family: ids of text families, as text.
        among: ids of hits, only those of which are meant; None: any. A search's result, say.
        is_muted: only hits that a mute covers now, or only others; None: both.
    """

    status: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    seller_id: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    among: frozenset[int] | None = None
    is_muted: bool | None = None


@dataclass(frozen=True, slots=True)
class TriageEvent:
    """One verdict, by whom and why.

    Attributes:
        batch_id: of the batch that it was a part of, or None.
        undone_at: when that batch was undone, or None.
    """

    id: int
    hit_id: int
    version_id: int
    verdict: str
    reason: str
    actor: str
    created_at: datetime
    batch_id: int | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
