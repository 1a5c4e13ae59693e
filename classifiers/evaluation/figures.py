"""The arithmetic of the report: shares with intervals, calibration, percentiles, resampling.

Intervals of recall are Wilson's, bounds of false alarms exact: with no error in n texts
Wilson's interval says too little about rates of some in a million.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = [
    "Bin",
    "Calibration",
    "Estimate",
    "Share",
    "calibration_of",
    "exact_interval",
    "percentiles",
    "resampled_ratio",
    "share_of",
    "upper_bound",
    "widest_ratio",
    "wilson",
]

Z95: Final = 1.959963984540054
TAIL: Final = 0.05
MIDDLE: Final = (0.05, 0.95)
"""Scores between which calibration is measured: outside, nearly every model is right."""

BINS: Final = 10
RESAMPLES: Final = 1000
MIN_CERTAIN: Final = 30
"""With fewer cases, none or all of them say nothing of an interval."""


def wilson(count: int, n: int) -> tuple[float, float]:
    """Two-sided 95 % interval of a share (Wilson 1927); (0, 1) of nothing.

    >>> tuple(round(end, 4) for end in wilson(8, 10))
    (0.4902, 0.9433)
    """
    if n == 0:
        return 0.0, 1.0
    share = count / n
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    low, high = ((share + Z95**2 / (2 * n) + sign * spread) / (1 + Z95**2 / n) for sign in (-1, 1))
    # At the ends the exact values are 0 and 1; rounding would leave 1e-17 of it.
    return (0.0 if count == 0 else low), (1.0 if count == n else high)


def upper_bound(count: int, n: int, tail: float = TAIL) -> float:
    """Exact one-sided upper bound of a rate (Clopper and Pearson 1934); 1 of nothing.

    The rate at which so few as `count` events in `n` would be seen with probability `tail`
    (once in twenty times: a bound of 95 %); found by bisection on that tail.

    >>> round(upper_bound(0, 100), 4)
    0.0295
    """
    if count >= n:
        return 1.0
    events = np.arange(1, count + 1)
    log_ways = np.concatenate([[0.0], np.cumsum(np.log((n - events + 1) / events))])
    seen = np.arange(count + 1)
    low, high = count / n, 1.0
    while high - low > 1e-12 + 1e-9 * low:
        rate = (low + high) / 2
        logs = log_ways + seen * math.log(rate) + (n - seen) * math.log1p(-rate)
        highest = float(logs.max())
        log_tail = highest + math.log(float(np.exp(logs - highest).sum()))
        low, high = (rate, high) if log_tail > math.log(tail) else (low, rate)
    return high


def exact_interval(count: int, n: int) -> tuple[float, float]:
    """Exact two-sided 95 % interval of a rate (Clopper and Pearson 1934); (0, 1) of nothing.

    >>> tuple(round(end, 4) for end in exact_interval(1, 100))
    (0.0003, 0.0545)
    """
    return 1 - upper_bound(n - count, n, TAIL / 2), upper_bound(count, n, TAIL / 2)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many.

    Attributes:
        count: those that are.
        n: all.
        share: `count` of `n`, in [0, 1]; None of nothing.
        low: lower end of Wilson's 95 % interval.
        high: its upper end.
        upper: exact one-sided 95 % upper bound.
    """

    count: int
    n: int
    share: float | None
    low: float
    high: float
    upper: float


def share_of(count: int, n: int) -> Share:
    """A share with its intervals.

    Raises:
        ValueError: `count` is not between 0 and `n`.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    return Share(count, n, count / n if n else None, *wilson(count, n), upper_bound(count, n))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure whose interval comes from drawing the groups it is made of anew.

    Attributes:
        value: the figure; None where it cannot be computed.
        low: 2.5th percentile; None where there is no telling.
        high: 97.5th percentile; None with `low`.
        n: what it is divided by.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


def resampled_ratio(
    numerators: Sequence[int], denominators: Sequence[int], seed: int, *, scale: float = 1.0
) -> Estimate:
    """Sum over sum, its interval by bootstrap over the groups (Efron 1979, percentiles).

    Args:
        numerators: one for each group.
        denominators: the same groups.
        seed: of the draws.
        scale: what the ratio is multiplied by, e.g. 1000 for "per thousand".
    """
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    total = int(below.sum())
    if total == 0:
        return Estimate(None, None, None, 0)
    dice = np.random.default_rng(seed)
    ratios = []
    for _ in range(RESAMPLES):
        drawn = dice.integers(0, len(above), len(above))
        if (drawn_total := below[drawn].sum()) > 0:
            ratios.append(scale * above[drawn].sum() / drawn_total)
    low, high = (float(end) for end in np.percentile(ratios, (2.5, 97.5)))
    return Estimate(scale * float(above.sum()) / total, low, high, total)


def widest_ratio(
    groupings: Sequence[Sequence[tuple[int, int]]], seed: int, *, scale: float = 1.0
) -> Estimate:
    """A share of cases that can be grouped in several ways, with the widest of their intervals.

    Cases of one group hang together, so the grouping that hides least certainty counts.
    Drawing groups anew cannot show how sure a share of 0 or 1 is: then the interval is
    Wilson's over the groups of the coarsest grouping, and there is none below
    `MIN_CERTAIN` cases.

    Args:
        groupings: for each way, (numerator, denominator) of each group; sums are the same.
        seed: of the draws.
        scale: what the share is multiplied by.
    """
    # Groups without a case only make draws without one.
    counted = [[pair for pair in pairs if pair[1]] for pairs in groupings]
    found = [
        resampled_ratio([up for up, _ in pairs], [down for _, down in pairs], seed, scale=scale)
        for pairs in counted
    ]
    if not found or found[0].value is None:
        return Estimate(None, None, None, 0)
    value, n = found[0].value, found[0].n
    if value not in {0.0, scale}:
        return max(found, key=lambda each: (each.high or 0.0) - (each.low or 0.0))
    if n < MIN_CERTAIN:
        return Estimate(value, None, None, n)
    groups = min(map(len, counted))
    low, high = wilson(groups if value else 0, groups)
    return Estimate(value, scale * low, scale * high, n)


@dataclass(frozen=True, slots=True)
class Bin:
    """Some rows of neighbouring scores.

    Attributes:
        n: rows.
        score: their mean score.
        share: which share of them are offers.
        low: lower end of the 95 % interval of `share`.
        high: its upper end.
    """

    n: int
    score: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a score of 0.7 means seven in ten.

    Attributes:
        name: of the rows.
        n: all rows.
        middle: those scored within `MIDDLE`.
        error: mean distance of score and share over the bins of the middle, weighted by
            their rows; None without rows there.
        brier: mean squared error of the score over all rows (Brier 1950).
        base_brier: the same of a score that always says the share of offers.
        bins: of equal mass, lowest scores first.
    """

    name: str
    n: int
    middle: int
    error: float | None
    brier: float | None
    base_brier: float | None
    bins: tuple[Bin, ...]


def calibration_of(name: str, scores: Sequence[float], is_offer: Sequence[bool]) -> Calibration:
    """Measure it.

    Args:
        name: of the rows, for people.
        scores: in [0, 1].
        is_offer: what each row is.
    """
    said, true = np.asarray(scores, dtype=float), np.asarray(is_offer, dtype=float)
    if not len(said):
        return Calibration(name, 0, 0, None, None, None, ())
    base = float(true.mean())
    inside = np.flatnonzero((said >= MIDDLE[0]) & (said <= MIDDLE[1]))
    order = inside[np.argsort(said[inside], kind="stable")]
    bins = tuple(_bin(said[part], true[part]) for part in np.array_split(order, BINS) if len(part))
    error = (
        sum(each.n * abs(each.score - each.share) for each in bins) / len(order) if bins else None
    )
    brier = float(((said - true) ** 2).mean())
    return Calibration(name, len(said), len(order), error, brier, base * (1 - base), bins)


def _bin(said: Any, true: Any) -> Bin:
    low, high = wilson(int(true.sum()), len(true))
    return Bin(len(true), float(said.mean()), float(true.mean()), low, high)


def percentiles(values: Sequence[float], which: Sequence[float]) -> list[float | None]:
    """Percentiles (0 to 100), interpolated; None of nothing."""
    if not len(values):
        return [None for _ in which]
    return [float(value) for value in np.percentile(np.asarray(values), which)]
