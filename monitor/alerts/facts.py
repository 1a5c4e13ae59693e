"""What an alert is about, as its cause knows it. `render` decides what of it leaves the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "AlertFacts",
    "AlertKind",
    "EvidenceFacts",
    "HitFacts",
    "ListingFacts",
    "RelistFacts",
]


class AlertKind(StrEnum):
    """Why an endpoint is told something."""

    HIT_SUSPECTED = "hit.suspected"
    """The monitor suspects a listing; nobody has looked yet."""
    HIT_CONFIRMED = "hit.confirmed"
    """An analyst upheld the suspicion."""
    HIT_RETRACTED = "hit.retracted"
    """What was said before is taken back."""
    HIT_GONE = "hit.gone"
    """The market no longer shows the listing."""
    ENDPOINT_PING = "endpoint.ping"
    """A test of the way; about no listing."""


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """One reason: the detector, the term it found and why that counts. Masked."""

    signal: str
    term: str
    why: str


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """The listing that an alert is about.

    Attributes:
        source: name of the marketplace.
        native_id: the market's own id.
        url: where the market shows it; "" when unknown.
        title: masked.
        excerpt: masked; its beginning is sent.
        first_seen_at: aware UTC.
    """

    source: str
    native_id: str
    url: str
    title: str
    excerpt: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class RelistFacts:
    """The listing that this one is under a new id.

    Attributes:
        native_id: the market's id of the earlier one.
        reasons: what both have in common, `monitor.domain.sameness.Bond` values.
        first_seen_at: when the earlier one was first seen; aware UTC.
        last_seen_at: when it was last seen.
    """

    native_id: str
    reasons: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class HitFacts:
    """The assessment and what people said of it.

    Attributes:
        hit_id: the store's id, which the console shows too.
        listing: what it is about.
        score: in [0, 1].
        decision: ``"hit"`` or ``"review"``.
        categories: name to probability, most probable first.
        keywords: terms whose watches saw the listing.
        evidence: strongest first.
        found_at: when it became a hit; aware UTC.
        verdict_at: when a person decided, or None.
        reason: the verdict's reason, or why the listing counts as gone. Masked.
        console_url: the hit's page for the operator's own people, or "".
        relist_of: an earlier listing of the same goods, or None.
    """

    hit_id: int
    listing: ListingFacts
    score: float
    decision: str
    categories: tuple[tuple[str, float], ...]
    found_at: datetime
    keywords: tuple[str, ...] = ()
    evidence: tuple[EvidenceFacts, ...] = ()
    verdict_at: datetime | None = None
    reason: str = ""
    console_url: str = ""
    relist_of: RelistFacts | None = None


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """One alert.

    Attributes:
        alert_id: the id that is sent as ``webhook-id``.
        kind: why it is sent.
        created_at: when its cause happened; aware UTC.
        hit: None for a ping only.
    """

    alert_id: str
    kind: AlertKind
    created_at: datetime
    hit: HitFacts | None = None
