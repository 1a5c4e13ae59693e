"""What goes into an assessment and what comes out of it.

This is the border that the rest of the product relies on: a better scorer, a
trained model or a picture classifier replaces what is behind it and nothing
else. When a field is added here, `docs/reference/assessment.md` says what it
means, and `classifiers.jsonl` writes it.

All spans are half-open ``[start, end)`` offsets in characters (Python ``str``
indexes) into `Listing.text`, the text as the marketplace showed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

__all__ = [
    "ALERTING_CATEGORIES",
    "OFFER_INTENTS",
    "Assessment",
    "Box",
    "Category",
    "Contact",
    "ContactKind",
    "Decision",
    "Evidence",
    "Identifier",
    "IdentifierKind",
    "Intent",
    "Listing",
    "Mention",
    "Offer",
    "PictureClass",
    "PictureEvidence",
    "PictureReading",
    "Quantity",
    "Signal",
    "SignalResult",
    "Term",
    "UnitPrice",
]


class Category(StrEnum):
    """A trade that the monitor knows. The first four alert; the others wait for an operator."""

    FACE_ID_BUNDLE = "face_id_bundle"
    PHOTO_ANIMATION_TOOL = "photo_animation_tool"
    FACE_VERIFICATION_BYPASS = "face_verification_bypass"
    ACCOUNT_UNFREEZE_OR_REALNAME_BYPASS = "account_unfreeze_or_realname_bypass"
    REALNAME_ACCOUNT_SALE = "realname_account_sale"
    ID_DOCUMENT_SALE = "id_document_sale"
    PHOTO_HARVESTING_APP = "photo_harvesting_app"
    COVERT_FACE_CAPTURE = "covert_face_capture"


ALERTING_CATEGORIES: frozenset[Category] = frozenset(
    {
        Category.FACE_ID_BUNDLE,
        Category.PHOTO_ANIMATION_TOOL,
        Category.FACE_VERIFICATION_BYPASS,
        Category.ACCOUNT_UNFREEZE_OR_REALNAME_BYPASS,
    }
)
"""Categories that may alert a platform without an operator turning them on."""


class Intent(StrEnum):
    """What the writer wants. Only the first four make an offer."""

    SELL = "sell"
    BUY = "buy"
    SERVICE = "service"
    RECRUIT = "recruit"
    DISCUSS = "discuss"
    WARN = "warn"
    OTHER = "other"


OFFER_INTENTS: frozenset[Intent] = frozenset(
    {Intent.SELL, Intent.BUY, Intent.SERVICE, Intent.RECRUIT}
)


class Decision(StrEnum):
    """The band that a score falls into: ``hit`` alerts, ``review`` goes to triage only."""

    HIT = "hit"
    REVIEW = "review"
    CLEAR = "clear"


class ContactKind(StrEnum):
    """How a seller asks to be reached outside the marketplace."""

    WECHAT = "wechat"
    QQ = "qq"
    TELEGRAM = "telegram"
    PHONE = "phone"
    EMAIL = "email"
    NETDISK = "netdisk"
    LINK = "link"
    OTHER = "other"


class IdentifierKind(StrEnum):
    """A victim's identifier: never stored, never shown, only its kind and place are kept."""

    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing as a marketplace shows it.

    Attributes:
        title: the headline; for posts without one, the whole text.
        description: the rest; empty where the market gives none.
        price_minor: integer minor units (cents, fen) or None when unknown
            ("面议" is unknown, not zero).
        currency: ISO 4217 code of `price_minor`, e.g. ``"CNY"``.
        seller: display name, or None.
        images: paths or keys of pictures; the text cascade ignores them.
    """

    title: str
    description: str = ""
    price_minor: int | None = None
    currency: str | None = None
    seller: str | None = None
    images: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Title and description joined by a newline: what all spans refer to."""
        return f"{self.title}\n{self.description}" if self.description else self.title


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the trade for the lexicon: shipped, or an analyst's active keyword.

    Attributes:
        text: as people write it; it is normalised before it is matched.
        category: the trade it points to.
        weight: evidence in log-odds that one mention adds before context; 0 < weight <= 3.
        source: who says so: ``"starter"`` or ``"keyword:<id>@<version>"``.
    """

    text: str
    category: Category
    weight: float = 1.5
    source: str = "starter"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against, in words a reviewer can check.

    Attributes:
        signal: the detector, e.g. ``"lexicon"``, ``"lure"``, ``"benign_context"``.
        term: the canonical term or rule, e.g. ``"人脸四件套"``.
        start: first character in `Listing.text`; equals `end` when the reason
            has no place (a price, say).
        end: one past the last character.
        why: one short sentence; names the disguise that was undone, if any.
        weight: log-odds it added (negative: speaks for an ordinary listing).
        category: the trade it points to, or None when it is about all or none.
        source: the term's `Term.source`, or None.
    """

    signal: str
    term: str
    start: int
    end: int
    why: str
    weight: float
    category: Category | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A seller's contact found in the text.

    Attributes:
        kind: the service.
        value: normalised (lower case, width folded, separators removed) so that
            one account compares equal however it is written. Sensitive: store it
            encrypted, compare it by keyed hash.
        start: span in `Listing.text` of the account itself, not of the word before it.
        end: one past the last character.
        masked: what may be shown, same length as the span, e.g. ``"ab*****9"``.
    """

    kind: ContactKind
    value: str
    start: int
    end: int
    masked: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """Where a victim's identifier stood. The value is deliberately not kept."""

    kind: IdentifierKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price that an offer names; each step of a scale of prices is one.

    Attributes:
        minor: hundredths of `currency` for one `unit`, at least 1; 十套三百 is 3000 a set.
        currency: ISO 4217 code, or ``"USDT"``, ``"XMR"``, ``"BTC"``; where no money is
            named, CNY in a text with Chinese characters and USD in others.
        unit: ``"face"``, ``"set"``, ``"picture"``, ``"video"``, ``"pass"``, ``"account"``,
            ``"course"``, ``"tool"``, ``"document"``, ``"record"``, ``"person"``,
            ``"month"``, ``"piece"``; None for one sum, and for a day or a year.
        start: first character in `Listing.text`.
        end: one past the last.
    """

    minor: int
    currency: str
    unit: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """How many are on offer; never the least that is sold.

    Attributes:
        count: above 0.
        unit: as in `UnitPrice`; None where none is named (现货50).
        start: first character in `Listing.text`.
        end: one past the last.
    """

    count: int
    unit: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that an offer names, at the first place where it does.

    Attributes:
        value: canonical name, e.g. ``"held_id"`` or ``"wechat"``.
        start: first character in `Listing.text`.
        end: one past the last.
    """

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be read out of an offer, each value once, in text order; all may be empty.

    Attributes:
        unit_prices: what is asked, or paid by a buyer.
        quantities: how many there are.
        contents: what is handed over, e.g. ``"id_front"``, ``"held_id"``, ``"tutorial"``.
        origins: where the data is said to come from, e.g. ``"loan_platform"``.
        targets: apps and services that it is meant for, e.g. ``"alipay"``.
        delivery: how it is handed over, e.g. ``"netdisk"``, ``"auto_card"``.
        handoff: where the deal goes on, e.g. ``"telegram"``, ``"private_message"``.
    """

    unit_prices: tuple[UnitPrice, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    contents: tuple[Mention, ...] = ()
    origins: tuple[Mention, ...] = ()
    targets: tuple[Mention, ...] = ()
    delivery: tuple[Mention, ...] = ()
    handoff: tuple[Mention, ...] = ()


class PictureClass(StrEnum):
    """What a picture shows. The first seven speak for a trade; the others are ordinary."""

    ID_CARD = "id_card"
    HELD_ID = "held_id"
    FACE_WITH_ID = "face_with_id"
    FACE_GRID = "face_grid"
    BANK_CARD_KIT = "bank_card_kit"
    TOOL_SCREENSHOT = "tool_screenshot"
    ADVERT_TEXT = "advert_text"
    FACE = "face"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Box:
    """A place in a picture, in fractions of its upright width and height.

    It fits the original and its thumbnail alike; 0 <= left < right <= 1, the same for top
    and bottom.
    """

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PictureEvidence:
    """One reason that a picture gives.

    Attributes:
        signal: the detector: ``"faces"``, ``"documents"``, ``"codes"``, ``"known"``,
            ``"text"``, ``"classifier"``.
        term: the canonical name of what it found, such as ``"face_grid"``.
        why: one short sentence that quotes no text of the picture but listed words.
        weight: log-odds it added (negative: speaks for an ordinary picture).
        boxes: where; empty when it is about the whole picture.
        category: the trade it points to, or None.
    """

    signal: str
    term: str
    why: str
    weight: float
    boxes: tuple[Box, ...] = ()
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class PictureReading:
    """All signals of one picture together, or why it was not read.

    Attributes:
        picture: the path or key that the listing names.
        refused: the name of a reason why it was not read, or None.
        digest: SHA-256 of the file in hexadecimal; empty when no bytes were there.
        classes: probability per class, in [0, 1]; several may be high at once.
        evidence: strongest first.
        hashes: name of a perceptual hash to its hexadecimal value.
        stages: what was done: ``"decode"``, ``"classifier"``, ``"faces"``, ``"documents"``,
            ``"codes"``, ``"known"``, ``"text"``.
        notes: what was odd about the file, as in `classifiers.images.picture.Picture.notes`.
        text: what was read in it, line by line, victims' numbers included. It lives in
            memory; whoever keeps it encrypts it, under an evidence hold.
        said: what the text cascade says about `text`; None when nothing was read.
    """

    picture: str
    refused: str | None = None
    digest: str = ""
    classes: Mapping[PictureClass, float] = field(default_factory=dict)
    evidence: tuple[PictureEvidence, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    said: Assessment | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignalResult:
    """What one signal found: evidence, and nothing that is not in it."""

    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """All signals together.

    Attributes:
        score: in [0, 1]: that the listing is an offer in a counted category.
        decision: the highest band that any counted category reaches under its thresholds.
        categories: probability per category, all of them present, each in [0, 1]. They are
            relative to the most likely one, which has the probability of an offer; they
            do not add up to it.
        intent: the most likely intent.
        evidence: strongest first.
        contacts: sellers' contacts, in text order, not overlapping.
        identifiers: victims' identifiers, in text order, not overlapping.
        offer: what could be read out.
        model: name to version of everything that took part.
        stages: those that had a say: ``"rules"`` when any applied, ``"ngrams"``, and
            ``"encoder"`` when it was asked.
        pictures: what the listing's pictures showed, in the listing's order; empty when
            nobody looked.
    """

    score: float
    decision: Decision
    categories: Mapping[Category, float]
    intent: Intent
    evidence: tuple[Evidence, ...] = ()
    contacts: tuple[Contact, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    offer: Offer = field(default_factory=Offer)
    model: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    pictures: tuple[PictureReading, ...] = ()

    @property
    def top_category(self) -> Category:
        """The most probable category (the first in `Category` order on a tie)."""
        return max(Category, key=lambda category: self.categories.get(category, 0.0))


class Signal(Protocol):
    """One detector. Pure, deterministic, safe to call from several threads."""

    name: str
    version: str

    def examine(self, listing: Listing) -> SignalResult:
        """Look at one listing; never raises on any text."""
        ...
