"""What a threshold implies: false alarms, recall and reviews, read from a measured curve.

`classifiers.evaluation` measures and writes ``curve.json``; one is shipped beside the
models. Between two of its points everything is interpolated; beyond them nothing is told.
A file of before categories were measured is read, too: it tells of all of them together.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeGuard

import classifiers
from classifiers.evaluation.curve import CurvePoint

__all__ = [
    "ENOUGH",
    "ENOUGH_OF_CATEGORY",
    "SHIPPED_CURVE",
    "CurveError",
    "MeasuredCurve",
    "Points",
    "read_curve",
]

SHIPPED_CURVE: Final = Path(classifiers.__file__).parent / "models" / "curve.json"

ENOUGH: Final[Mapping[str, int]] = {
    "ordinary": 10_000,
    "lookalikes": 100,
    "offers": 100,
    "listings": 1_000,
}
"""Of fewer texts of a kind nothing is told."""

ENOUGH_OF_CATEGORY: Final[Mapping[str, int]] = {**ENOUGH, "offers": 50}
"""The same for a single category, which has fewer offers."""

MEASURED_ON: Final[Mapping[str, str]] = {
    "ordinary_per_million": "ordinary",
    "ordinary_upper": "ordinary",
    "lookalikes": "lookalikes",
    "lookalikes_upper": "lookalikes",
    "recall": "offers",
    "recall_low": "offers",
    "recall_high": "offers",
    "flagged_per_1000": "listings",
}
"""Which texts each figure of a point was measured on."""

FORMER_NAMES: Final[Mapping[str, str]] = {"flagged_per_1000": "reviews_per_1000"}
"""How files of before categories were measured call the same figure."""

SHARES: Final = frozenset({"lookalikes", "lookalikes_upper", "recall", "recall_low", "recall_high"})


class CurveError(ValueError):
    """A file that holds no curve; the text names the point and the field."""


@dataclass(frozen=True, slots=True)
class Points:
    """A curve.

    Attributes:
        n: how many texts of each kind in `ENOUGH`.
        points: by rising score; figures whose `n` is too small are None.
    """

    n: Mapping[str, int]
    points: tuple[CurvePoint, ...]

    def at(self, score: float) -> CurvePoint:
        """What a threshold implies; figures are None beyond the measured scores."""
        for before, after in pairwise(self.points):
            if before.score <= score <= after.score:
                return _between(before, after, score)
        return CurvePoint(score, *[None] * (len(fields(CurvePoint)) - 1))


@dataclass(frozen=True, slots=True)
class MeasuredCurve:
    """Curves and what they were measured on.

    Attributes:
        measured_on: a phrase.
        model: name to version of everything that took part.
        minutes_per_review: that reviewers' minutes are counted with; None where the file
            does not tell.
        together: of all categories.
        categories: of single ones; empty in older files.
    """

    measured_on: str
    model: Mapping[str, str]
    minutes_per_review: float | None
    together: Points
    categories: Mapping[str, Points]

    def of(self, category: str) -> Points:
        """The curve of a category; that of all together where it was not measured."""
        return self.categories.get(category, self.together)

    def differs_from(self, model: Mapping[str, str]) -> list[str]:
        """Names of parts whose versions are not those that were measured."""
        return [name for name, version in model.items() if self.model.get(name) != version]


def read_curve(path: Path) -> MeasuredCurve:
    """Read ``curve.json``.

    Raises:
        CurveError: it is missing, or not what `classifiers.evaluation` writes.
    """
    try:
        stated = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CurveError(f"{path.name}: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CurveError(f"{path.name}: not JSON that can be read: {error}") from error
    try:
        return _curve(stated)
    except ValueError as error:
        raise CurveError(f"{path.name}: {error}") from error


def _curve(stated: Any) -> MeasuredCurve:
    if not isinstance(stated, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 -- the file is wrong, not the call
    measured_on, model, categories = (
        stated.get(name) for name in ("measured_on", "model", "categories")
    )
    if not isinstance(measured_on, str) or not measured_on:
        raise ValueError("measured_on is not a text")
    if not isinstance(model, dict):
        raise ValueError("model is not an object")  # noqa: TRY004 -- as above
    if not isinstance(categories, dict | None):
        raise ValueError("categories is not an object")  # noqa: TRY004 -- as above
    return MeasuredCurve(
        measured_on,
        {str(name): str(version) for name, version in model.items()},
        _minutes(stated),
        _points(stated, "", ENOUGH),
        {
            category: _points(part, f"{category}: ", ENOUGH_OF_CATEGORY)
            for category, part in (categories or {}).items()
        },
    )


def _minutes(stated: Mapping[str, Any]) -> float | None:
    minutes = stated.get("minutes_per_review")
    if minutes is not None and not (_is_number(minutes) and minutes > 0):
        raise ValueError("minutes_per_review is not a number above 0")
    if minutes is not None or not isinstance(stated.get("points"), list):
        return minutes
    # Older files tell the minutes of what a point flags, not those of one.
    for point in stated["points"]:
        if isinstance(point, dict):
            total, flagged = point.get("minutes_per_1000"), point.get("reviews_per_1000")
            if _is_number(total) and _is_number(flagged) and total > 0 and flagged > 0:
                return total / flagged
    return None


def _points(stated: Any, place: str, enough: Mapping[str, int]) -> Points:
    if not isinstance(stated, dict):
        raise ValueError(f"{place}not an object")  # noqa: TRY004 -- as above
    n, points = stated.get("n"), stated.get("points")
    if not isinstance(n, dict) or not all(_is_count(n.get(kind)) for kind in enough):
        raise ValueError(f"{place}n: whole numbers for {', '.join(enough)} are needed")
    if not isinstance(points, list) or len(points) < 2:
        raise ValueError(f"{place}points: at least two are needed")
    is_enough = {kind: n[kind] >= least for kind, least in enough.items()}
    found = tuple(
        _point(point, f"{place}point {number}", is_enough)
        for number, point in enumerate(points, start=1)
    )
    for number, (before, after) in enumerate(pairwise(found), start=2):
        if after.score <= before.score:
            raise ValueError(f"{place}point {number}: score does not rise")
    return Points({kind: n[kind] for kind in enough}, found)


def _point(stated: Any, place: str, is_enough: Mapping[str, bool]) -> CurvePoint:
    if not isinstance(stated, dict):
        raise ValueError(f"{place}: not an object")  # noqa: TRY004 -- as above
    score = stated.get("score")
    if not _is_number(score) or not 0 <= score <= 1:
        raise ValueError(f"{place}: score is not a number from 0 to 1")
    figures: dict[str, float | None] = {}
    for name, kind in MEASURED_ON.items():
        value = stated.get(name, stated.get(FORMER_NAMES.get(name, name)))
        highest = 1.0 if name in SHARES else math.inf
        if value is not None and not (_is_number(value) and 0 <= value <= highest):
            raise ValueError(f"{place}: {name} is not a number that it can be")
        figures[name] = value if is_enough[kind] else None
    return CurvePoint(score=float(score), **figures)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _between(before: CurvePoint, after: CurvePoint, score: float) -> CurvePoint:
    share = (score - before.score) / (after.score - before.score)
    figures: dict[str, float | None] = {}
    for name in MEASURED_ON:
        low, high = getattr(before, name), getattr(after, name)
        known = low is not None and high is not None
        figures[name] = (1 - share) * low + share * high if known else None
    return CurvePoint(score=score, **figures)
