"""The goals, and whether a figure reaches them.

A goal is *reached* or *missed* by the figure itself. It is *not shown* when so few texts
were measured that even a perfect result would leave it open, unless the figure misses it
with certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from classifiers.evaluation.figures import Estimate, Share, upper_bound, wilson

__all__ = ["Goal", "Verdict", "at_least", "at_most", "estimate_at_least", "number_goal"]

MIN_TIMED: Final = 1000


class Verdict(StrEnum):
    """What a figure says about its goal."""

    REACHED = "reached"
    MISSED = "missed"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure beside its goal.

    Attributes:
        what: is measured.
        band: ``hit``, ``hit or review``, or empty where it is about neither.
        goal: in words.
        value: the figure; None where nothing was measured.
        low: lower end of its 95 % interval; None for false alarms.
        high: upper end; for false alarms the exact one-sided bound.
        n: what it was measured on.
        errors: misses or false alarms; None where it is no share.
        unit: how to write the figure: ``share``, ``per million``, ``number``.
        verdict: computed.
    """

    what: str
    band: str
    goal: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    errors: int | None
    unit: str
    verdict: Verdict


def at_least(what: str, band: str, share: Share, goal: float, *, min_n: int = 0) -> Goal:
    """A recall or precision that should be `goal` or more."""
    is_met = share.share is not None and share.share >= goal
    if share.n and share.high < goal:
        verdict = Verdict.MISSED
    elif share.n < max(min_n, 1) or wilson(share.n, share.n)[0] < goal:
        verdict = Verdict.NOT_SHOWN
    else:
        verdict = Verdict.REACHED if is_met else Verdict.MISSED
    return Goal(
        what,
        band,
        f"at least {goal:g}",
        share.share,
        share.low if share.n else None,
        share.high if share.n else None,
        share.n,
        share.n - share.count,
        "share",
        verdict,
    )


def at_most(
    what: str, band: str, share: Share, goal: float, *, min_n: int = 0, per_million: bool = False
) -> Goal:
    """A rate of false alarms that should be `goal` or less; 0 means none at all."""
    is_met = share.share is not None and share.share <= goal
    if (share.n and share.low > goal) or (goal == 0 and share.count):
        verdict = Verdict.MISSED
    elif share.n < max(min_n, 1) or (goal > 0 and upper_bound(0, share.n) > goal):
        verdict = Verdict.NOT_SHOWN
    else:
        verdict = Verdict.REACHED if is_met else Verdict.MISSED
    if goal == 0:
        words = "no error"
    elif per_million:
        words = f"at most {goal * 1_000_000:g} a million"
    else:
        words = f"at most {100 * goal:g} %"
    return Goal(
        what,
        band,
        words,
        share.share,
        None,
        share.upper if share.n else None,
        share.n,
        share.count,
        "per million" if per_million else "share",
        verdict,
    )


def estimate_at_least(
    what: str, band: str, estimate: Estimate, goal: float, *, distinct: int
) -> Goal:
    """A share of listings that should be `goal` or more.

    Args:
        what: is measured.
        band: it is about.
        estimate: by listing, its interval by resampling.
        goal: in [0, 1].
        distinct: different texts behind it; too few of them can show nothing.
    """
    value = estimate.value
    if value is None:
        verdict = Verdict.NOT_SHOWN
    elif (wilson(0, distinct)[1] if value == 0 else estimate.high or 1.0) < goal:
        verdict = Verdict.MISSED
    elif wilson(distinct, distinct)[0] < goal:
        verdict = Verdict.NOT_SHOWN
    else:
        verdict = Verdict.REACHED if value >= goal else Verdict.MISSED
    return Goal(
        what,
        band,
        f"at least {goal:g}",
        value,
        estimate.low,
        estimate.high,
        estimate.n,
        None,
        "share",
        verdict,
    )


def number_goal(
    what: str,
    value: float | None,
    goal: float,
    *,
    is_floor: bool,
    n: int,
    unit: str,
    min_n: int = MIN_TIMED,
    band: str = "",
    low: float | None = None,
    high: float | None = None,
) -> Goal:
    """A number that is no share: a speed, a time, an error, reviews.

    Args:
        what: is measured.
        value: the figure.
        goal: to compare it with.
        is_floor: whether more is better.
        n: what it was measured on.
        unit: for people; may be empty.
        min_n: with fewer nothing is shown.
        band: it is about.
        low: lower end of its interval.
        high: upper end.
    """
    if value is None or n < max(min_n, 1):
        verdict = Verdict.NOT_SHOWN
    else:
        is_met = value >= goal if is_floor else value <= goal
        verdict = Verdict.REACHED if is_met else Verdict.MISSED
    words = f"{'at least' if is_floor else 'at most'} {goal:,g} {unit}".strip()
    return Goal(what, band, words, value, low, high, n, None, "number", verdict)
