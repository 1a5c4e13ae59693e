"""What each threshold would mean: the whole curve, and the table that operators choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from classifiers.evaluation.figures import upper_bound, wilson

__all__ = [
    "GRID",
    "CategoryCurve",
    "CategoryScores",
    "Curve",
    "CurvePoint",
    "curve_json",
    "make_curve",
]

GRID: Final = (*(round(0.3 + 0.05 * step, 2) for step in range(14)), 0.97, 0.98, 0.99)
DRAWN_POINTS: Final = 240
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What comes of flagging everything that scores this much or more.

    None wherever there was nothing to measure on.

    Attributes:
        score: the threshold, in [0, 1].
        ordinary_per_million: ordinary texts flagged, in a million.
        ordinary_upper: exact 95 % upper bound of it.
        lookalikes: share of harmless labelled rows flagged.
        lookalikes_upper: exact 95 % upper bound of it.
        recall: share of offers flagged.
        recall_low: lower end of its 95 % interval.
        recall_high: upper end of it.
        flagged_per_1000: listings of the polled stream flagged, in a thousand. What waits for
            review between two thresholds is the difference of their points.
    """

    score: float
    ordinary_per_million: float | None
    ordinary_upper: float | None
    lookalikes: float | None
    lookalikes_upper: float | None
    recall: float | None
    recall_low: float | None
    recall_high: float | None
    flagged_per_1000: float | None


@dataclass(frozen=True, slots=True)
class CategoryCurve:
    """What thresholds of one category would mean, by its own probability.

    An offer of the category is found by that probability, whatever else the text is taken
    for. Harmless texts and listings count in the category that is most probable for them,
    so that over all categories each counts once, and are shares of all such texts.

    Attributes:
        n: as in `Curve`; ``offers`` are those of the category.
        table: points at the same scores as that of `Curve`.
    """

    n: Mapping[str, int]
    table: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points, and what they were measured on.

    Attributes:
        n: how many ``ordinary`` texts, ``lookalikes``, ``offers`` and stream ``listings``.
        table: points at the scores of `GRID` and at the thresholds in use.
        drawn: points at the scores where recall changes, highest first, thinned.
        categories: the same for single categories; empty where nobody asked.
        minutes_per_review: that reviewers' minutes are counted with.
    """

    n: Mapping[str, int]
    table: tuple[CurvePoint, ...]
    drawn: tuple[CurvePoint, ...]
    categories: Mapping[str, CategoryCurve]
    minutes_per_review: float


@dataclass(frozen=True, slots=True)
class CategoryScores:
    """What `CategoryCurve` is made of.

    Attributes:
        offers: probability of the category, for its offers.
        ordinary: the same, for ordinary texts most probably of this category.
        lookalikes: for harmless labelled rows of that sort.
        stream: for listings of that sort.
    """

    offers: Sequence[float]
    ordinary: Sequence[float]
    lookalikes: Sequence[float]
    stream: Sequence[float]


class _Scores:
    """Sorted scores, asked for which share of `n` texts reaches a threshold."""

    def __init__(self, scores: Sequence[float], n: int | None = None) -> None:
        self.sorted = np.sort(np.asarray(scores, dtype=float))
        self.n = len(scores) if n is None else n

    def reaching(self, threshold: float) -> int:
        return len(self.sorted) - int(np.searchsorted(self.sorted, threshold, side="left"))

    def share(self, threshold: float, scale: float = 1.0) -> float | None:
        return scale * self.reaching(threshold) / self.n if self.n else None

    def upper(self, threshold: float, scale: float = 1.0) -> float | None:
        return scale * upper_bound(self.reaching(threshold), self.n) if self.n else None


@dataclass(frozen=True, slots=True)
class _Measured:
    """The scores of each kind of texts."""

    offers: _Scores
    ordinary: _Scores
    lookalikes: _Scores
    stream: _Scores

    @property
    def n(self) -> dict[str, int]:
        return {
            "ordinary": self.ordinary.n,
            "lookalikes": self.lookalikes.n,
            "offers": self.offers.n,
            "listings": self.stream.n,
        }

    def point(self, score: float) -> CurvePoint:
        low, high = wilson(self.offers.reaching(score), self.offers.n)
        return CurvePoint(
            score=score,
            ordinary_per_million=self.ordinary.share(score, MILLION),
            ordinary_upper=self.ordinary.upper(score, MILLION),
            lookalikes=self.lookalikes.share(score),
            lookalikes_upper=self.lookalikes.upper(score),
            recall=self.offers.share(score),
            recall_low=low if self.offers.n else None,
            recall_high=high if self.offers.n else None,
            flagged_per_1000=self.stream.share(score, 1000),
        )


def make_curve(
    *,
    offers: Sequence[float],
    ordinary: Sequence[float],
    lookalikes: Sequence[float],
    stream: Sequence[float],
    thresholds: Sequence[float],
    minutes_per_review: float,
    categories: Mapping[str, CategoryScores] = MappingProxyType({}),
) -> Curve:
    """Compute all points.

    Args:
        offers: scores of labelled offers.
        ordinary: scores of ordinary texts.
        lookalikes: scores of harmless labelled rows.
        stream: scores of the listings of the stream, repeated ones too.
        thresholds: that are in use; they join the table.
        minutes_per_review: what a review takes.
        categories: the scores of single ones.
    """
    whole = _Measured(*map(_Scores, (offers, ordinary, lookalikes, stream)))
    scores = sorted({*GRID, *thresholds})
    curves = {}
    for category, each in categories.items():
        part = _Measured(
            _Scores(each.offers),
            _Scores(each.ordinary, whole.ordinary.n),
            _Scores(each.lookalikes, whole.lookalikes.n),
            _Scores(each.stream, whole.stream.n),
        )
        curves[category] = CategoryCurve(part.n, tuple(map(part.point, scores)))
    changes = np.unique(whole.offers.sorted)[::-1]
    if len(changes) > DRAWN_POINTS:
        changes = changes[np.linspace(0, len(changes) - 1, DRAWN_POINTS).round().astype(int)]
    return Curve(
        n=whole.n,
        table=tuple(map(whole.point, scores)),
        drawn=tuple(whole.point(float(score)) for score in changes),
        categories=curves,
        minutes_per_review=minutes_per_review,
    )


def curve_json(curve: Curve, *, measured_on: str, model: Mapping[str, str]) -> dict[str, Any]:
    """The tables as a file that `monitor thresholds` reads."""
    return {
        "measured_on": measured_on,
        "model": dict(model),
        "minutes_per_review": curve.minutes_per_review,
        "n": dict(curve.n),
        "points": [asdict(point) for point in curve.table],
        "categories": {
            category: {
                "n": dict(each.n),
                "points": [asdict(point) for point in each.table],
            }
            for category, each in curve.categories.items()
        },
    }
