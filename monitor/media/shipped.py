"""The shipped signals as a reader: `classifiers.images`, loaded when the first picture comes."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PIL import Image

from classifiers.contract import Assessment, Listing
from classifiers.fusion import FUSION_VERSION
from monitor.media.reading import Look

if TYPE_CHECKING:
    from classifiers.contract import Box
    from classifiers.images.known import Bank
    from classifiers.images.picture import Pixels

__all__ = ["ShippedReader"]

MEDIA_TYPES = {"HEIF": "image/heic"}
FACE_MARGIN = 0.2


class ShippedReader:
    """Looks with `classifiers.images`. Thread-safe; constructing it loads nothing.

    Args:
        assess: the text cascade, for writing in pictures.
        max_bytes: of a file.
        bank: gives the bank of known pictures, as it is then.
    """

    def __init__(
        self,
        assess: Callable[[Listing], Assessment],
        *,
        max_bytes: int,
        bank: Callable[[], Bank] | None = None,
    ) -> None:
        self._assess = assess
        self._bank = bank
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @property
    def version(self) -> str:
        """See `monitor.media.reading.PictureReader.version`."""
        from classifiers.images.classifier import shipped_classifier

        return f"{FUSION_VERSION}+{shipped_classifier().version}"

    def look(self, content: bytes, *, is_suspected: bool, is_held: bool) -> Look:
        """See `monitor.media.reading.PictureReader.look`."""
        from classifiers.contract import PictureReading
        from classifiers.images.picture import Refused
        from classifiers.images.reading import places_of

        reader, redactor = self._tools()
        picture = reader.decode(content)
        if isinstance(picture, Refused):
            return Look(PictureReading("", refused=picture.reason.value))
        reading = reader.read("", picture, is_suspected=is_suspected or is_held)
        # Redacting costs more than looking, and nobody would be shown the thumbnail.
        is_shown = is_suspected or any(item.weight > 0 for item in reading.evidence)
        thumbnail = redactor.redact(picture, places_of(reading)).content if is_shown else b""
        return Look(
            reading,
            media_type=MEDIA_TYPES.get(picture.kind, f"image/{picture.kind.lower()}"),
            width=picture.width,
            height=picture.height,
            thumbnail=thumbnail,
            faces=_cut_faces(picture.pixels) if is_held else (),
        )

    def close(self) -> None:
        """End the decoding process."""
        with self._lock:
            if self._loaded is not None:
                self._loaded[0].close()
                self._loaded = None

    def _tools(self) -> tuple[Any, Any]:
        from classifiers.images.picture import Limits
        from classifiers.images.reading import PictureReader
        from classifiers.images.redact import Redactor

        with self._lock:
            if self._loaded is None:
                limits = Limits(max_bytes=self._max_bytes)
                reader = PictureReader(self._assess, limits=limits, bank=self._bank)
                self._loaded = reader, Redactor()
            return self._loaded


def _cut_faces(pixels: Pixels) -> tuple[bytes, ...]:
    from classifiers.images.boxes import grown
    from classifiers.images.faces import shipped_faces

    found = shipped_faces().find(pixels)
    return tuple(_cut(pixels, grown(face.box, FACE_MARGIN, FACE_MARGIN)) for face in found)


def _cut(pixels: Pixels, box: Box) -> bytes:
    height, width, _ = pixels.shape
    top, bottom = int(box.top * height), max(int(box.bottom * height), int(box.top * height) + 1)
    left, right = int(box.left * width), max(int(box.right * width), int(box.left * width) + 1)
    out = io.BytesIO()
    Image.fromarray(pixels[top:bottom, left:right]).save(out, "PNG")
    return out.getvalue()
