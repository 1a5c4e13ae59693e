"""Where faces are: their boxes, how many, how large, whether they form a grid.

CenterFace (`classifiers.images.carried`) finds them at any rotation.
It cannot tell whose they are; nothing here compares a face with another.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from classifiers.contract import Box
from classifiers.images.carried import face_network
from classifiers.images.picture import Pixels
from classifiers.images.scale import resized
from classifiers.text.onnx import open_net

__all__ = ["Face", "FaceFinder", "grid_of", "shipped_faces"]

STRIDE: Final = 4
"""Pixels of the network's input to one cell of its answer."""
STEP: Final = 32
"""The network takes edges that are a multiple of it."""
OVERLAP: Final = 0.3
"""Boxes that share more of their union are one face."""
GRID_FACES: Final = 6
GRID_ALIKE: Final = 0.35
"""Faces of a grid differ in size from their median by at most this share of it."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    Attributes:
        box: where.
        sure: the network's confidence, in [0, 1].
        share: of the picture's area that the box covers.
    """

    box: Box
    sure: float
    share: float


class FaceFinder:
    """Finds faces. Safe in threads.

    Raises:
        NetworkMissing: it is not installed.
    """

    def __init__(self) -> None:
        self._net: Any = open_net(face_network(), log_severity=3)
        self._input = self._net.get_inputs()[0].name

    def find(self, pixels: Pixels, *, edge: int = 416, threshold: float = 0.4) -> list[Face]:
        """The faces, surest first.

        Args:
            pixels: the picture.
            edge: longer edge that the network sees, in pixels; faces under a thirtieth of
                it are missed. Time grows with its square.
            threshold: of confidence.
        """
        height, width = pixels.shape[:2]
        scale = min(1.0, edge / max(height, width))
        wide, high = (max(STEP, round(size * scale / STEP) * STEP) for size in (width, height))
        seen = resized(pixels, wide, high)
        blob = np.ascontiguousarray(seen.transpose(2, 0, 1)[None], np.float32)
        heat, size, offset = self._net.run(None, {self._input: blob})
        rows, columns = np.nonzero(heat[0, 0] > threshold)
        if not len(rows):
            return []
        sure = heat[0, 0, rows, columns]
        tall, broad = np.exp(np.minimum(size[0, :, rows, columns].T, 10.0)) * STRIDE
        top = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE - tall / 2
        left = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE - broad / 2
        boxes = np.stack([left, top, broad, tall], axis=1)
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), sure.tolist(), threshold, OVERLAP)
        return [_face(boxes[at], float(sure[at]), wide, high) for at in np.array(kept).ravel()]


@cache
def _finder() -> FaceFinder:
    return FaceFinder()


_loading: Final = threading.Lock()


def shipped_faces() -> FaceFinder:
    """The shipped finder, loaded once for all threads."""
    with _loading:
        return _finder()


def _face(box: Any, sure: float, wide: int, high: int) -> Face:
    left, top, broad, tall = (float(value) for value in box)
    place = Box(
        max(0.0, left / wide),
        max(0.0, top / high),
        min(1.0, (left + broad) / wide),
        min(1.0, (top + tall) / high),
    )
    return Face(place, sure, (place.right - place.left) * (place.bottom - place.top))


def grid_of(faces: Sequence[Face]) -> list[Face]:
    """The faces that form a grid: six or more of about one size in rows; empty if none do.

    A crowd has as many, but in all sizes and at all heights.
    """
    if len(faces) < GRID_FACES:
        return []
    heights = [face.box.bottom - face.box.top for face in faces]
    usual = float(np.median(heights))
    alike = [
        face
        for face, height in zip(faces, heights, strict=True)
        if abs(height - usual) <= GRID_ALIKE * usual
    ]
    in_rows = _aligned(alike, usual)
    return in_rows if len(in_rows) >= GRID_FACES else []


def _aligned(faces: Sequence[Face], usual: float) -> list[Face]:
    """Those with a neighbour on their row and one in their column, within half a face."""
    middles = [((f.box.left + f.box.right) / 2, (f.box.top + f.box.bottom) / 2) for f in faces]
    kept = []
    for face, (x, y) in zip(faces, middles, strict=True):
        others = [(a, b) for a, b in middles if (a, b) != (x, y)]
        has_row = any(abs(b - y) < usual / 2 for _, b in others)
        has_column = any(abs(a - x) < usual / 2 for a, _ in others)
        if has_row and has_column:
            kept.append(face)
    return kept
