"""The cheap look that decides which signals a picture is worth, in some 10 ms.

It asks for hints only: anything that a face might be, in a small copy and at a confidence
that no answer could rest on, and the share of the area that looks like lines of text. A
picture with neither shows no face, no card and no advert, and is left at that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from classifiers.images.faces import FaceFinder
from classifiers.images.picture import Pixels
from classifiers.images.scale import reduced

__all__ = ["Gate", "look_at"]

EDGE: Final = 256
FACE_HINT: Final = 0.1
"""Confidence in a face that is a hint; a fifth of ordinary photos have such a place."""
MIN_TEXT: Final = 0.02
SOME_TEXT: Final = 0.05
MUCH_TEXT: Final = 0.12
"""Shares from which text of a suspected listing and of any listing is read."""
STROKE: Final = 60
"""Step of brightness at the edge of a stroke of writing."""
MIN_LINE: Final = 3.0
"""Width to height of a line of text."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the cheap look saw.

    Attributes:
        faces: how many places might be faces.
        text: share of the area that looks like lines of text.
    """

    faces: int
    text: float

    @property
    def passes(self) -> bool:
        """Whether dearer signals are to look."""
        return self.faces > 0 or self.text >= MIN_TEXT

    def is_worth_reading(self, *, is_suspected: bool) -> bool:
        """Whether there is so much text that reading it is worth its time."""
        return self.text >= (SOME_TEXT if is_suspected else MUCH_TEXT)


def look_at(pixels: Pixels, finder: FaceFinder) -> Gate:
    """Take the cheap look."""
    seen = reduced(pixels, EDGE)
    hints = finder.find(seen, edge=EDGE, threshold=FACE_HINT)
    return Gate(len(hints), _text_share(seen))


def _text_share(seen: Pixels) -> float:
    """Area of wide, low shapes that close rows of strokes make, lying or standing."""
    grey = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)
    strokes = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
    marks = np.where(strokes > STROKE, 255, 0).astype(np.uint8)
    shares = []
    for upright in (marks, np.ascontiguousarray(marks.T)):
        rows = cv2.morphologyEx(upright, cv2.MORPH_CLOSE, np.ones((1, 7), np.uint8))
        rows = cv2.morphologyEx(rows, cv2.MORPH_OPEN, np.ones((2, 5), np.uint8))
        _, _, found, _ = cv2.connectedComponentsWithStats(rows)
        wide, high, full = (found[1:, at].astype(float) for at in (2, 3, 4))
        is_line = (wide >= MIN_LINE * high) & (high >= 3) & (full >= 0.5 * wide * high)
        shares.append(float((wide * high)[is_line].sum()) / marks.size)
    return max(shares)
