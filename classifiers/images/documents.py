"""Shapes of cards: quadrilaterals as wide as identity and bank cards, and what lies on them.

A shape alone says little: books, screens and boxes have it too. It becomes a card by the
portrait on it, and a held card by the larger face beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from classifiers.contract import Box
from classifiers.images.boxes import area, overlap, within
from classifiers.images.faces import Face
from classifiers.images.picture import Pixels
from classifiers.images.scale import reduced

__all__ = ["Card", "find_cards"]

EDGE: Final = 480
"""Longer edge at which shapes are sought, in pixels."""
MIN_SHARE: Final = 0.012
MAX_SHARE: Final = 0.92
"""Of the picture's area that a card may cover."""
MIN_RATIO: Final = 1.25
MAX_RATIO: Final = 2.0
"""Long edge to short; an ID-1 card has 1.586, and is seen aslant."""
MIN_FILL: Final = 0.82
"""Of the smallest slanted rectangle around it that the shape fills; corners are round."""
SAME: Final = 0.6
PORTRAIT_HEIGHT: Final = (0.2, 0.8)
"""Height of a face on a card, to the height of the card."""
CANNY: Final = ((20, 60), (80, 200))
MAX_CARDS: Final = 64


@dataclass(frozen=True, slots=True)
class Card:
    """One shape of a card.

    Attributes:
        box: upright box around it.
        has_portrait: whether a face lies on it as on an identity card.
        share: of the picture's area that the shape itself covers.
    """

    box: Box
    has_portrait: bool
    share: float


def find_cards(pixels: Pixels, faces: Sequence[Face] = ()) -> list[Card]:
    """Shapes of cards, those with a portrait first, then the largest.

    Args:
        pixels: the picture.
        faces: found in it.
    """
    seen = reduced(pixels, EDGE)
    size = (seen.shape[1], seen.shape[0])
    found: list[Card] = []
    for contour in _contours(seen):
        card = _card(contour, size, faces)
        if card is not None and not any(overlap(card.box, other.box) > SAME for other in found):
            found.append(card)
        if len(found) >= MAX_CARDS:
            break
    return sorted(found, key=lambda card: (not card.has_portrait, -card.share))


def _contours(seen: Pixels) -> list[Any]:
    """Outlines of all edges in brightness and in colour, the largest first."""
    smooth = cv2.bilateralFilter(seen, 5, 12, 5)
    hue = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
    planes = (cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY), hue[:, :, 1])
    kernel = np.ones((3, 3), np.uint8)
    outlines: list[Any] = []
    for plane in planes:
        for low, high in CANNY:
            edges = cv2.dilate(cv2.Canny(plane, low, high), kernel)
            outlines += cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    least = MIN_SHARE * seen.shape[0] * seen.shape[1]
    large = [outline for outline in outlines if cv2.contourArea(outline) >= least]
    return sorted(large, key=cv2.contourArea, reverse=True)


def _card(contour: Any, size: tuple[int, int], faces: Sequence[Face]) -> Card | None:
    hull = cv2.convexHull(contour)
    (_, _), (wide, high), _ = cv2.minAreaRect(hull)
    covered = float(cv2.contourArea(hull))
    whole = float(size[0] * size[1])
    if not MIN_SHARE * whole <= covered <= MAX_SHARE * whole or min(wide, high) < 1:
        return None
    ratio = max(wide, high) / min(wide, high)
    if not MIN_RATIO <= ratio <= MAX_RATIO or covered < MIN_FILL * wide * high:
        return None
    # Lines of text and pictures inside a card give hulls as well; a card's own outline is full.
    if cv2.contourArea(contour) < 0.7 * covered:
        return None
    left, top, broad, tall = cv2.boundingRect(hull)
    box = Box(
        left / size[0],
        top / size[1],
        min(1.0, (left + broad) / size[0]),
        min(1.0, (top + tall) / size[1]),
    )
    short = min(wide, high) / size[1]
    return Card(box, any(_is_portrait(face, box, short) for face in faces), covered / whole)


def _is_portrait(face: Face, card: Box, short: float) -> bool:
    """A face wholly on the card, of the size of a portrait on it."""
    height = face.box.bottom - face.box.top
    low, high = PORTRAIT_HEIGHT
    fits = low * short <= height <= high * short
    return fits and within(face.box, card) > 0.9 and face.share < 0.35 * area(card)
