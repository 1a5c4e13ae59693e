"""A picture while it is drawn, together with what is true about it.

Everything that is drawn onto a scene leaves a `Mark` with the corners of its place; when a
scene is laid onto another, turned or cropped, its marks go with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from classifiers.training.pictures.people import Person

__all__ = [
    "Colour",
    "Mark",
    "Quad",
    "Scene",
    "Subject",
    "bounds",
    "homography",
    "rectangle",
    "shrunk",
    "turned",
]

Colour = tuple[int, int, int]
Quad = npt.NDArray[np.float64]
"""Four corners (x, y) in pixels: top left, top right, bottom right, bottom left."""


UPRIGHT: Final = 0.5
"""Corners that are off by less, in pixels, are those of an upright rectangle."""


class Subject(StrEnum):
    """What a mark tells the place of."""

    CARD = "card"
    FACE = "face"
    TEXT = "text"


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Where something is.

    Attributes:
        subject: what it is.
        quad: its corners in the scene.
        text: what is written, of a text; the card's style, of a card.
    """

    subject: Subject
    quad: Quad
    text: str = ""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in pixels."""
        low, high = self.quad.min(axis=0), self.quad.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def longest_side(self) -> float:
        """In pixels."""
        return float(np.linalg.norm(self.quad - np.roll(self.quad, 1, axis=0), axis=1).max())


@dataclass(slots=True, eq=False)
class Scene:
    """A picture, the marks on it, and the persons that it invents.

    Attributes:
        image: RGB, or RGBA for a piece with soft edges.
        marks: in the order in which they were drawn.
        people: whose cards are shown.
    """

    image: Image.Image
    marks: list[Mark] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.size

    def mark(self, subject: Subject, quad: Quad, text: str = "") -> None:
        """Remember where something was drawn."""
        self.marks.append(Mark(subject, quad, text))

    def lay(self, piece: Scene, quad: Quad, *, shadow: float = 0.0) -> None:
        """Lay another scene onto this one, its corners on those of `quad`.

        Args:
            piece: transparent parts of it stay transparent.
            quad: may reach over the edges.
            shadow: how dark a shadow it throws, in [0, 1].
        """
        matrix = homography(rectangle(0, 0, *piece.size), quad)
        left, top = np.floor(quad.min(axis=0)).astype(int)
        right, bottom = np.ceil(quad.max(axis=0)).astype(int)
        size = (max(int(right - left), 1), max(int(bottom - top), 1))
        upright = bounds([quad])
        if np.abs(quad - upright).max() < UPRIGHT:
            warped = piece.image.convert("RGBA").resize(size, Image.Resampling.BICUBIC)
        else:
            warped = _warped(piece.image, matrix, (int(left), int(top)), size)
        alpha = warped.getchannel("A")
        if shadow:
            reach = max(2, piece.size[0] // 40)
            dark = alpha.point(lambda value: int(value * shadow))
            soft = dark.filter(ImageFilter.GaussianBlur(reach))
            self.image.paste((20, 18, 16), (int(left) + reach, int(top) + reach), soft)
        self.image.paste(warped.convert("RGB"), (int(left), int(top)), alpha)
        self.adopt(piece, matrix)

    def adopt(self, piece: Scene, matrix: npt.NDArray[np.float64]) -> None:
        """Take over the marks and persons of a piece that `matrix` moves to its place here."""
        self.marks += [
            Mark(mark.subject, moved(mark.quad, matrix), mark.text) for mark in piece.marks
        ]
        self.people += piece.people

    def over(self, subject: Subject) -> list[Mark]:
        """The marks of one subject."""
        return [mark for mark in self.marks if mark.subject is subject]


def _warped(
    image: Image.Image,
    matrix: npt.NDArray[np.float64],
    corner: tuple[int, int],
    size: tuple[int, int],
) -> Image.Image:
    """What `matrix` makes of a picture, as far as it lies in a window."""
    shift = np.array([[1, 0, corner[0]], [0, 1, corner[1]], [0, 0, 1]], dtype=float)
    back = np.linalg.inv(matrix) @ shift
    back /= back[2, 2]
    return image.convert("RGBA").transform(
        size,
        Image.Transform.PERSPECTIVE,
        back.flatten()[:8].tolist(),
        Image.Resampling.BICUBIC,
    )


def rectangle(left: float, top: float, width: float, height: float) -> Quad:
    """Corners of an upright rectangle."""
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)


def turned(quad: Quad, degrees: float) -> Quad:
    """A quad turned about its middle, clockwise as it is seen."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    middle = quad.mean(axis=0)
    return (quad - middle) @ turn + middle


def shrunk(quad: Quad, scale: float) -> Quad:
    """A quad made smaller (or larger) about its middle."""
    middle = quad.mean(axis=0)
    return (quad - middle) * scale + middle


def moved(points: Quad, matrix: npt.NDArray[np.float64]) -> Quad:
    """Points after a change of perspective."""
    lifted = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(lifted[:, :2] / lifted[:, 2:], dtype=float)


def homography(source: Quad, target: Quad) -> npt.NDArray[np.float64]:
    """The 3 x 3 matrix that moves the corners of `source` onto those of `target`.

    Raises:
        numpy.linalg.LinAlgError: three corners lie on one line.
    """
    rows: list[Sequence[float]] = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append((x, y, 1, 0, 0, 0, -u * x, -u * y))
        rows.append((0, 0, 0, x, y, 1, -v * x, -v * y))
    solved = np.linalg.solve(np.array(rows, dtype=float), target.flatten())
    return np.append(solved, 1.0).reshape(3, 3)


def bounds(quads: Iterable[Quad]) -> Quad:
    """The upright rectangle around some quads."""
    points = np.concatenate(list(quads))
    low, high = points.min(axis=0), points.max(axis=0)
    return rectangle(low[0], low[1], high[0] - low[0], high[1] - low[1])
