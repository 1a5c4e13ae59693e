"""Pictures to measure on: a folder with a ``truth.jsonl``, as the renderers of training write it.

A line that cannot be used becomes a `Problem` and the rest goes on. Names of files lead
nowhere but into the folder.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifiers.contract import PictureClass
from classifiers.evaluation.rows import Problem

__all__ = ["TRUTH", "PictureRow", "Place", "read_pictures"]

TRUTH: Final = "truth.jsonl"
CORNERS: Final = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is that a contact sheet must not show, or a card.

    Attributes:
        subject: ``"card"``, ``"face"`` or ``"text"``.
        corners: four, in pixels of the upright picture.
    """

    subject: str
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture and what is true about it.

    Attributes:
        file: as the truth names it.
        path: where it lies.
        renderer: what made it; it begins with ``photos.`` for an ordinary photo as it was taken.
        shows: classes that are in it for sure.
        undecided: classes of which nobody can say.
        disturbances: what happened to it, in order.
        places: of cards, faces and texts; None where nobody marked them.
        kept_out: whether no training picture came from that renderer.
    """

    file: str
    path: Path
    renderer: str
    shows: frozenset[PictureClass]
    undecided: frozenset[PictureClass] = frozenset()
    disturbances: tuple[str, ...] = ()
    places: tuple[Place, ...] | None = None
    kept_out: bool = True


def read_pictures(folder: Path, problems: list[Problem]) -> list[PictureRow]:
    """The rows of a folder whose pictures are there.

    Args:
        folder: with ``truth.jsonl`` in it.
        problems: lines that cannot be used are added to it.

    Raises:
        OSError: the file cannot be read.
    """
    root = folder.resolve()
    found = []
    for number, line in enumerate((folder / TRUTH).read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(_row(root, json.loads(line)))
        except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
            problems.append(Problem(TRUTH, number, _reason(error)))
    return found


def _row(root: Path, value: Any) -> PictureRow:
    if not isinstance(value, Mapping):
        raise TypeError("no object")
    name = _text(value["file"])
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ValueError("the file lies outside the folder")
    if not path.is_file():
        raise ValueError("there is no such file")
    marks = value.get("marks")
    return PictureRow(
        file=name,
        path=path,
        renderer=_text(value["renderer"]),
        shows=_classes(value["shows"]),
        undecided=_classes(value.get("undecided", [])),
        disturbances=tuple(_text(name) for name in _list(value.get("disturbances", []))),
        places=None if marks is None else tuple(_place(mark) for mark in _list(marks)),
        kept_out=bool(value.get("kept_out", True)),
    )


def _place(mark: Any) -> Place:
    corners = tuple((float(x), float(y)) for x, y in _list(mark["quad"]))
    if len(corners) != CORNERS or not all(
        map(math.isfinite, (edge for corner in corners for edge in corner))
    ):
        raise ValueError("a mark has four corners")
    return Place(_text(mark["subject"]), corners)


def _classes(names: Any) -> frozenset[PictureClass]:
    return frozenset(PictureClass(_text(name)) for name in _list(names))


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is needed")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a name is missing")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
        return "no JSON"
    return error.strerror or "cannot be read" if isinstance(error, OSError) else str(error)
