"""What looking into a picture's bytes gives, and who looks.

The signals live in `classifiers.images`; `monitor.pipeline.pictures` only knows the
protocols here. Nothing of a picture leaves memory but what `Reading` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Box", "Finding", "PictureReader", "Reading", "StopDetector"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the upright picture's width and height."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen in a picture.

    Attributes:
        signal: the detector, e.g. ``"documents"``.
        term: what it is, e.g. ``"held_id"``.
        why: one short sentence for a reviewer, without any writing of the picture's.
        weight: log-odds that it adds (negative: speaks for an ordinary listing).
        category: name of the trade that it points to; None when it is about all or none.
        box: where; None when it is about the whole picture.
    """

    signal: str
    term: str
    why: str
    weight: float
    category: str | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look gave.

    Attributes:
        refused: why the bytes are no picture that may be decoded; then nothing else is set.
        media_type: by content, e.g. ``"image/jpeg"``.
        width: of the upright picture, in pixels.
        height: likewise.
        fingerprint: perceptual hash, hex; "" when there is too little in the picture.
        classes: probability per class.
        findings: strongest first.
        text: what is written in it, as read; kept under hold only, sealed.
        faces: where faces are; cropped and sealed under hold only.
        thumbnail: JPEG in which faces and writing are destroyed.
    """

    refused: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    fingerprint: str = ""
    classes: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    text: str = ""
    faces: tuple[Box, ...] = ()
    thumbnail: bytes = b""


class PictureReader(Protocol):
    """Looks into pictures. Thread-safe; bounded in time and memory for any bytes."""

    @property
    def version(self) -> str:
        """Names the signals that look; equal versions see alike."""
        ...

    def read(self, content: bytes) -> Reading:
        """Look into one picture's bytes; never raises on any bytes."""
        ...

    def crop(self, content: bytes, box: Box) -> bytes:
        """One part of a picture as PNG, for sealing; raises `InputError` for other bytes."""
        ...


class StopDetector(Protocol):
    """Looks for signs of minors or sexual content before anything else looks.

    No detector is shipped; `monitor doctor` says so. An installed package offers one as an
    entry point in the group ``monitor.stop_detectors``.
    """

    def examine(self, content: bytes) -> str:
        """``"minor"``, ``"sexual"``, or "" for none; never raises on any bytes."""
        ...
