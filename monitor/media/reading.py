"""What looking into a picture's bytes gives, and who looks.

The signals live in `classifiers.images`; `monitor.pipeline.pictures` only knows the
protocols here. Nothing of a picture leaves memory but what `Look` names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from classifiers.contract import PictureReading

__all__ = ["Look", "PictureReader", "StopDetector"]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave.

    Attributes:
        reading: what the signals say, or why the bytes were refused; then nothing else is set.
            Its text is kept under hold only, sealed.
        media_type: by content, e.g. ``"image/jpeg"``.
        width: of the upright picture, in pixels.
        height: likewise.
        thumbnail: JPEG in which faces and writing are destroyed; empty when nothing was
            seen in it and nothing was suspected.
        faces: faces cut out, each as PNG; kept under hold only, sealed.
    """

    reading: PictureReading
    media_type: str = ""
    width: int = 0
    height: int = 0
    thumbnail: bytes = b""
    faces: tuple[bytes, ...] = ()


class PictureReader(Protocol):
    """Looks into pictures. Thread-safe; bounded in time and memory for any bytes."""

    @property
    def version(self) -> str:
        """Names the signals that look; equal versions see alike."""
        ...

    def look(self, content: bytes, *, is_suspected: bool, is_held: bool) -> Look:
        """Look into one picture's bytes; never raises on any bytes.

        Args:
            content: the file.
            is_suspected: whether there is reason to look closely, at some cost.
            is_held: whether faces are to be cut out, for sealing.
        """
        ...

    def close(self) -> None:
        """End what was started for looking."""
        ...


class StopDetector(Protocol):
    """Looks for signs of minors or sexual content before anything else looks.

    No detector is shipped; `monitor doctor` says so. An installed package offers one as an
    entry point in the group ``monitor.stop_detectors``.
    """

    def examine(self, content: bytes) -> str:
        """``"minor"``, ``"sexual"``, or "" for none; never raises on any bytes."""
        ...
