"""Pictures as the store knows them: where they were, what was seen in them, what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = [
    "BlobKind",
    "ContentState",
    "EvidenceBlob",
    "EvidenceHold",
    "KnownPicture",
    "PictureAddress",
    "PictureContent",
    "PictureOutcome",
]


class PictureOutcome(StrEnum):
    """What came of one address."""

    WAITING = ""
    OPENED = "opened"
    EXPIRED = "expired"
    """The host gives it to nobody, or not any more (401, 403, 404, 410)."""
    TOO_LARGE = "too_large"
    DISALLOWED = "disallowed"
    UNREACHABLE = "unreachable"
    ERASED = "erased"
    """Erased by a person's act before it was opened: it stays closed."""


class ContentState(StrEnum):
    """What became of one picture's bytes."""

    KEPT = "kept"
    REFUSED = "refused"
    """Not a picture that may be decoded; the reason stands beside it."""
    STOPPED = "stopped"
    """Signs that end all processing; nothing but the keyed digest is kept."""
    ERASED = "erased"
    """Erased by a person's act; the keyed digest stays so that it is never kept again."""


class BlobKind(StrEnum):
    """What is sealed under a key of its own."""

    ORIGINAL = "original"
    FACE = "face"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class PictureAddress:
    """A picture of a listing.

    Attributes:
        id: the store's id.
        listing_id: whose picture it is.
        url: as the market wrote it; may hold a token that expires.
        url_key: keyed digest of what stays of the address while the picture stays.
        content_key: keyed digest of the bytes; None before they were read.
        outcome: of the last try.
    """

    id: int
    listing_id: int
    url: str
    url_key: str
    content_key: str | None
    outcome: PictureOutcome


@dataclass(frozen=True, slots=True)
class PictureContent:
    """What was learnt of a picture, once for all listings that show it.

    Attributes:
        content_key: keyed digest of the bytes as they came.
        state: what became of them.
        reason: why it was refused or stopped; "" otherwise.
        media_type: what the bytes are, whatever the server called them.
        width: of the upright picture, in pixels.
        height: likewise.
        size: of the file, in bytes.
        fingerprint: perceptual hash, hex; "" when the picture has too little in it.
        model_key: names the signals that looked.
        classes: probability per class of picture.
        evidence: what was seen: dicts with ``signal``, ``term``, ``why``, ``weight``,
            ``category`` and ``boxes``, each of these four shares of width and height
            (left, top, right, bottom).
        said: probability per category by the writing in it alone; empty when none was read.
        thumbnail: JPEG in which faces and writing are destroyed; empty when none is kept.
        created_at: when it was first read.
        id: the store's id; 0 before it is stored.
    """

    content_key: str
    state: ContentState
    created_at: datetime
    reason: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    fingerprint: str = ""
    model_key: str = ""
    classes: dict[str, float] = field(default_factory=dict)
    evidence: tuple[dict[str, Any], ...] = ()
    said: dict[str, float] = field(default_factory=dict)
    thumbnail: bytes = b""
    id: int = 0


@dataclass(frozen=True, slots=True)
class EvidenceHold:
    """Originals of a listing are kept, sealed, because somebody answers for it.

    Attributes:
        person: who answers for it, by name.
        basis: on what basis (a case number, an order).
        ends_at: when originals are erased, if nobody releases them before.
        released_at: when somebody did.
    """

    id: int
    listing_id: int
    person: str
    basis: str
    ends_at: datetime
    created_at: datetime
    created_by: str
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class EvidenceBlob:
    """A sealed original, face or text of a picture under hold.

    Attributes:
        uid: its name, which the sealing is bound to.
        key_id: the key that opens it, in the file of evidence keys.
        number: of the face in the picture, from 1; 0 for what there is one of.
        size: of the content, in bytes.
    """

    id: int
    listing_id: int
    uid: str
    key_id: str
    content_key: str
    kind: BlobKind
    number: int
    media_type: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """A picture that an operator judged, by its fingerprint.

    Attributes:
        id: the store's id.
        fingerprint: PDQ, 64 hexadecimal digits in lower case.
        label: ``"bad"`` or ``"good"``.
        name: what reasons call it.
        added_by: who judged it.
        added_at: UTC.
    """

    id: int
    fingerprint: str
    label: str
    name: str
    added_by: str
    added_at: datetime
