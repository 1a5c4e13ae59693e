"""A listing on its way into the store, and what the store made of it.

Everything here is fit to be written: texts are masked, contacts sealed,
identifiers gone. `monitor.pipeline.assess` makes these values, nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.domain.page import ItemState, Precision

__all__ = [
    "AssessmentDraft",
    "ContactDraft",
    "ListingDraft",
    "RecordedListing",
    "SellerDraft",
    "VersionDraft",
]


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A seller's contact: sealed to be read by an audited act, keyed to be compared."""

    kind: str
    value_key: str
    sealed: bytes
    masked: str


@dataclass(frozen=True, slots=True)
class AssessmentDraft:
    """An assessment as stored; JSON values only.

    Spans refer to the version's masked text, which has the same length as the original.
    """

    model_key: str
    score: float
    decision: str
    intent: str
    categories: dict[str, float]
    evidence: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]
    offer: dict[str, Any]
    model: dict[str, str]


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """One state of a listing's words and pictures.

    Attributes:
        origin: ``"search"`` or ``"item"``.
        content_key: keyed digest of origin, original text and picture addresses.
        title: masked, same length as the original.
        description: masked, same length as the original.
        family_key: keyed digest of the canonical text: equal for re-posted texts.
        sketch: by which texts that are alike are found, see `classifiers.text.alike`;
            None for an unlikely listing, which belongs to no family.
        assessment: what the classifiers said.
        contacts: found in the text.
    """

    origin: str
    content_key: str
    title: str
    description: str
    family_key: str
    assessment: AssessmentDraft
    contacts: tuple[ContactDraft, ...] = ()
    sketch: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class SellerDraft:
    """Who offers it. `name` is masked."""

    id_space: str
    native_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ListingDraft:
    """One row of an answer, ready to be recorded.

    `version` is None when the store holds this content, assessed by the current model: then nothing
    but the sighting (and a price that moved) is written.
    """

    native_id: str
    url: str
    origin: str
    content_key: str
    version: VersionDraft | None
    seller: SellerDraft | None
    price_minor: int | None
    price_raw: str
    currency: str
    region: str
    published_at: datetime | None
    published_precision: Precision
    item_state: ItemState
    pictures: tuple[tuple[str, str], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedListing:
    """What recording one row did.

    Attributes:
        listing_id: the store's id.
        native_id: the market's id.
        version_id: the version that the row showed.
        is_new: the listing was never seen before.
        needs_decision: the version is assessed anew, or another one is shown: the
            listing's hit has to be looked at again.
        is_changed: the row shows another version than the last look of this origin.
        origin: ``"search"`` or ``"item"``.
    """

    listing_id: int
    native_id: str
    version_id: int
    is_new: bool
    needs_decision: bool
    is_changed: bool
    origin: str
