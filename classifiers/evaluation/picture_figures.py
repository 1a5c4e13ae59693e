"""The arithmetic of the report on pictures: recall, false alarms, thresholds, curves.

A picture counts for a class when its renderer says for sure that it shows it, or does not.
Ordinary photos are distinct photos as they are; hard ordinary pictures are rendered ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.contract import PictureClass
from classifiers.evaluation.figures import Share, share_of, upper_bound

__all__ = [
    "HIT_CLASSES",
    "TRADE_CLASSES",
    "Judged",
    "Point",
    "certain",
    "curve_of",
    "false_alarms",
    "recall",
    "threshold_for",
]

ORDINARY: Final = frozenset({PictureClass.FACE, PictureClass.ORDINARY})
"""Classes that speak for no trade."""
TRADE_CLASSES: Final = tuple(kind for kind in PictureClass if kind not in ORDINARY)
HIT_CLASSES: Final = tuple(kind for kind in TRADE_CLASSES if kind != PictureClass.ADVERT_TEXT)
"""What makes an ordinary picture a false alarm: that it holds text is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A picture, what is true about it, and what the classifier said.

    Attributes:
        file: its name.
        renderer: what made it.
        kept_out: whether no training picture came from that renderer.
        disturbance: what happened to it; empty: nothing.
        photo: whether it is a distinct ordinary photo as it was taken.
        truth: of each class: shown, not shown, or None where nobody can say.
        shares: probability of each class.
    """

    file: str
    renderer: str
    kept_out: bool
    disturbance: str
    photo: bool
    truth: Mapping[PictureClass, bool | None]
    shares: Mapping[PictureClass, float]

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing of the trade is in it."""
        return self.truth[PictureClass.ORDINARY] is True


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve.

    Attributes:
        threshold: probability from which the class counts as present.
        recall: share of the pictures that show it.
        false_alarms: share of ordinary photos.
        upper: upper bound of that share (exact, one-sided, 95 %).
    """

    threshold: float
    recall: float
    false_alarms: float
    upper: float


def certain(shows: Collection[str], undecided: Collection[str]) -> dict[PictureClass, bool | None]:
    """Of each class: shown, not shown, or None where nobody can say.

    Args:
        shows: names of classes, as ``truth.jsonl`` has them.
        undecided: the same. A picture is ordinary when nothing of the trade is, or could be,
            shown but a text.
    """
    found = {kind: None if kind in undecided else kind in shows for kind in PictureClass}
    trade = set(PictureClass) - ORDINARY
    found[PictureClass.ORDINARY] = not trade & set(shows) and not (
        trade & set(undecided) - {PictureClass.ADVERT_TEXT}
    )
    return found


def recall(
    judged: Sequence[Judged],
    kind: PictureClass,
    threshold: float,
    keep: Callable[[Judged], bool] = lambda _: True,
) -> Share:
    """How many of the pictures that show a class are found."""
    shown = [one for one in judged if one.truth[kind] and keep(one)]
    return share_of(sum(one.shares[kind] >= threshold for one in shown), len(shown))


def false_alarms(
    judged: Sequence[Judged],
    thresholds: Mapping[PictureClass, float],
    keep: Callable[[Judged], bool],
) -> Share:
    """How many ordinary pictures seem to show any class that could make a hit."""
    ordinary = [one for one in judged if one.is_ordinary and keep(one)]
    wrong = sum(
        any(one.shares[kind] >= thresholds[kind] for kind in HIT_CLASSES) for one in ordinary
    )
    return share_of(wrong, len(ordinary))


def _photos(judged: Sequence[Judged], kind: PictureClass) -> list[float]:
    return sorted(
        (one.shares[kind] for one in judged if one.photo and one.truth[kind] is False),
        reverse=True,
    )


def _hard(judged: Sequence[Judged], kind: PictureClass) -> list[float]:
    return sorted(
        (
            one.shares[kind]
            for one in judged
            if one.is_ordinary and not one.photo and one.truth[kind] is False
        ),
        reverse=True,
    )


def threshold_for(
    judged: Sequence[Judged], kind: PictureClass, most: float, most_hard: float
) -> float:
    """The lowest threshold that keeps two bounds of false alarms.

    Args:
        judged: at least some ordinary photos among them.
        kind: the class.
        most: largest upper bound (exact, one-sided, 95 %) of their share on distinct
            ordinary photos.
        most_hard: largest share on hard ordinary pictures.

    Returns:
        Above every photo's probability where even no error would not show the first bound;
        1 without photos.
    """
    photos, hard = _photos(judged, kind), _hard(judged, kind)
    if not photos:
        return 1.0
    allowed = 0
    while allowed < len(photos) and upper_bound(allowed + 1, len(photos)) <= most:
        allowed += 1
    # Just above the first picture that would be one too many.
    least = photos[min(allowed, len(photos) - 1)]
    if hard:
        least = max(least, hard[min(int(most_hard * len(hard)), len(hard) - 1)])
    return min(1.0, least + 1e-6)


def curve_of(judged: Sequence[Judged], kind: PictureClass, points: int = 40) -> list[Point]:
    """Recall on kept-out, undisturbed pictures against false alarms on ordinary photos."""
    scores = _photos(judged, kind)
    shown = [
        one.shares[kind]
        for one in judged
        if one.truth[kind] and one.kept_out and not one.disturbance
    ]
    if not scores or not shown:
        return []
    chosen = sorted(
        {0.01 * 1.12**step for step in range(points)} | {0.5, 0.9, 0.95, 0.99, 0.995, 0.999}
    )
    found = []
    for threshold in (value for value in chosen if value < 1):
        wrong = sum(score >= threshold for score in scores)
        found.append(
            Point(
                threshold=round(threshold, 4),
                recall=sum(share >= threshold for share in shown) / len(shown),
                false_alarms=wrong / len(scores),
                upper=upper_bound(wrong, len(scores)),
            )
        )
    return found
