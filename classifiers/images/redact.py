"""What may be kept of a picture: a small copy without faces, cards, text or codes.

Places are filled with one flat colour, so nothing of them is left that could be computed
back, as it can be from blur and from small mosaics. The copy is then looked at again by the
finders; what they still find is filled too, and a copy that does not come clean is reduced
to a few blots. A thumbnail helps a person to recognise a listing, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from classifiers.contract import Box
from classifiers.images.boxes import grown
from classifiers.images.codes import find_codes
from classifiers.images.documents import find_cards
from classifiers.images.faces import FaceFinder, shipped_faces
from classifiers.images.ocr import TextReader, shipped_reader
from classifiers.images.picture import Picture, Pixels
from classifiers.images.scale import reduced, resized

__all__ = ["EDGE", "FLAT", "Redactor", "Thumbnail", "redact"]

EDGE: Final = 320
"""Longer edge of a thumbnail, in pixels."""
SOUGHT_EDGE: Final = 960
"""Longer edge at which faces and text are sought; small pictures are enlarged to it."""
AGAIN_EDGE: Final = 640
"""The same when the thumbnail is looked at again."""
CARD_MARGINS: Final = (0.03, 0.03)
FACE_SURE: Final = 0.15
FACE_MARGIN: Final = 0.35
"""By which a face is grown on each side, so that hair, chin and ears go too."""
TEXT_MARGIN: Final = (0.02, 0.25)
"""The same for a line of text, as shares of its width and of its height."""
GAP: Final = 24
"""What lies between places so near to each other is filled, too, in pixels of the thumbnail:
they are most likely parts of one document."""
ROUNDS: Final = 4
FLAT: Final = (96, 96, 96)
"""What replaces a place: red, green, blue."""
BLOTS: Final = 6
"""Edge of what is left of a picture that does not come clean, in blots."""
QUALITY: Final = 80


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A redacted copy that may be stored and shown.

    Attributes:
        content: a JPEG without metadata.
        width: in pixels, at most 320.
        height: in pixels, at most 320.
        destroyed: places whose pixels were replaced.
        came_clean: False when the finders would not stop finding and only blots are left.
    """

    content: bytes
    width: int
    height: int
    destroyed: tuple[Box, ...]
    came_clean: bool


class Redactor:
    """Makes thumbnails. Safe in threads.

    Args:
        faces: finds faces; the shipped one by default.
        text: finds text; the shipped one by default.
    """

    def __init__(self, faces: FaceFinder | None = None, text: TextReader | None = None) -> None:
        self._faces = faces or shipped_faces()
        self._text = text or shipped_reader()

    def redact(self, picture: Picture, boxes: Sequence[Box] = ()) -> Thumbnail:
        """A small copy in which every face and every line of text is gone for good.

        Args:
            picture: as decoded.
            boxes: further places to destroy, such as cards.
        """
        small = reduced(picture.pixels, EDGE).copy()
        places = [*boxes, *self._places(picture.pixels, SOUGHT_EDGE)]
        places += [code.box for code in find_codes(picture.pixels)]
        places += [grown(card.box, *CARD_MARGINS) for card in find_cards(picture.pixels)]
        _fill(small, places)
        came_clean = False
        for _ in range(ROUNDS):
            left = self._places(small, AGAIN_EDGE)
            if not left:
                came_clean = True
                break
            places += left
            _fill(small, places)
        if not came_clean:
            small = _blots(small)
        height, width = small.shape[:2]
        how = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        _, coded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), how)
        return Thumbnail(coded.tobytes(), width, height, tuple(places), came_clean)

    def _places(self, pixels: Pixels, edge: int) -> list[Box]:
        """Faces and lines of text with margins, sought upright and turned by a quarter."""
        seen = _enlarged(pixels, edge)
        turned = np.ascontiguousarray(np.rot90(seen))
        return self._upright(seen, edge) + [
            Box(1 - box.bottom, box.left, 1 - box.top, box.right)
            for box in self._upright(turned, edge)
        ]

    def _upright(self, seen: Pixels, edge: int) -> list[Box]:
        faces = self._faces.find(seen, edge=edge, threshold=FACE_SURE)
        return [grown(face.box, FACE_MARGIN, FACE_MARGIN) for face in faces] + [
            grown(box, *TEXT_MARGIN) for box in self._text.find(seen)
        ]


def redact(picture: Picture, boxes: Sequence[Box] = ()) -> Thumbnail:
    """`Redactor.redact` with the shipped finders."""
    return Redactor().redact(picture, boxes)


def _enlarged(pixels: Pixels, edge: int) -> Pixels:
    """Small pictures enlarged: the finders miss what is few pixels high, people do not."""
    height, width = pixels.shape[:2]
    scale = edge / max(height, width)
    if scale <= 1:
        return pixels
    return resized(pixels, round(width * scale) or 1, round(height * scale) or 1)


def _fill(pixels: Pixels, places: Iterable[Box]) -> None:
    """Paint over places and what lies between near ones, a pixel more on each side than needed."""
    height, width = pixels.shape[:2]
    destroyed = np.zeros((height, width), np.uint8)
    for box in places:
        left, right = int(box.left * width) - 1, int(np.ceil(box.right * width)) + 1
        top, bottom = int(box.top * height) - 1, int(np.ceil(box.bottom * height)) + 1
        destroyed[max(0, top) : bottom, max(0, left) : right] = 1
    # With a rim, or the closing would fill to the edges.
    rimmed = cv2.copyMakeBorder(destroyed, GAP, GAP, GAP, GAP, cv2.BORDER_CONSTANT, value=0)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (GAP + 1, GAP + 1))
    closed = cv2.morphologyEx(rimmed, cv2.MORPH_CLOSE, kernel)
    pixels[closed[GAP : GAP + height, GAP : GAP + width] == 1] = FLAT


def _blots(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    few = resized(pixels, min(BLOTS, width), min(BLOTS, height))
    return resized(few, width, height)
