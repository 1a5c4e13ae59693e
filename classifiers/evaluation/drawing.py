"""Plots of the report as inline SVG: no script, no font, no request; colours from the style sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from classifiers.evaluation.curve import Curve, CurvePoint
from classifiers.evaluation.figures import Calibration

__all__ = ["curve_plot", "range_mark", "reliability_plot"]

WIDTH: Final = 460
HEIGHT: Final = 320
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 44
MARK_WIDTH: Final = 140
NAME_WIDTH: Final = 100
NAME_HEIGHT: Final = 17


@dataclass(frozen=True, slots=True)
class _Axis:
    """From values to places."""

    place: Callable[[float], float]
    ticks: Sequence[tuple[float, str]]


def _linear(start: float, end: float, low: float, high: float, ticks: Sequence[float]) -> _Axis:
    def place(value: float) -> float:
        return start + (min(max(value, low), high) - low) / (high - low) * (end - start)

    return _Axis(place, [(tick, f"{100 * tick:g} %") for tick in ticks])


def _logarithmic(start: float, end: float, low: float, high: float, *, share: bool) -> _Axis:
    """Powers of ten; zero lies on the edge, below the least that can be measured (`low`)."""
    first, last = math.ceil(math.log10(low)) - 1, math.ceil(math.log10(high))

    def place(value: float) -> float:
        size = first if value <= 0 else min(max(math.log10(value), first), last)
        return start + (size - first) / (last - first) * (end - start)

    powers = [
        (10.0**power, f"{10.0 ** (power + 2):g} %" if share else _short(power))
        for power in range(first + 1, last + 1)
    ]
    return _Axis(place, [(0.0, "0"), *powers])


def _short(power: int) -> str:
    """A power of ten from 1 to 1,000,000, in few characters."""
    unit = ("", "k", "M")[power // 3]
    return f"{10 ** (power % 3)}{unit}" if power >= 0 else f"{10.0**power:g}"


def _frame(x: _Axis, y: _Axis, x_name: str, y_name: str, inside: Sequence[str]) -> Markup:
    name = f"{y_name} against {x_name}"
    parts = [f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">']
    bottom = HEIGHT - BOTTOM
    for value, tick in y.ticks:
        at = y.place(value)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        )
        parts.append(f'<text class="tick end" x="{LEFT - 6}" y="{at + 4:.1f}">{tick}</text>')
    for place, (value, tick) in enumerate(x.ticks):
        at = x.place(value)
        anchor = "start" if place == 0 else "end" if place == len(x.ticks) - 1 else "middle"
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="tick {anchor}" x="{at:.1f}" y="{bottom + 16}">{tick}</text>')
    parts.append(
        f'<text class="axis middle" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}">{x_name}</text>'
    )
    parts += [*inside, "</svg>"]
    return Markup("".join(parts))  # noqa: S704 -- numbers and words of this module only


def curve_plot(curve: Curve, *, against: str, hit: float, review: float) -> Markup | None:
    """Recall against false alarms over all thresholds; the two in use are marked.

    Args:
        curve: to draw.
        against: ``ordinary`` (false alarms in a million) or ``lookalikes`` (their share).
        hit: threshold.
        review: threshold.

    Returns:
        None where there is nothing to draw.
    """
    n = curve.n[against]
    if not n or not curve.drawn:
        return None

    def alarms(point: CurvePoint) -> float:
        is_ordinary = against == "ordinary"
        return (point.ordinary_per_million if is_ordinary else point.lookalikes) or 0.0

    y = _linear(HEIGHT - BOTTOM, TOP, 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
    if against == "ordinary":
        x = _logarithmic(LEFT, WIDTH - RIGHT, 1e6 / n, 1e6, share=False)
        x_name = f"false alarms per million ordinary texts (n = {n:,})"
    else:
        x = _logarithmic(LEFT, WIDTH - RIGHT, 1 / n, 1, share=True)
        x_name = f"share of harmless labelled rows flagged (n = {n:,})"
    band = [(x.place(alarms(p)), y.place(p.recall_low or 0.0)) for p in curve.drawn]
    band += [(x.place(alarms(p)), y.place(p.recall_high or 0.0)) for p in reversed(curve.drawn)]
    line = [(x.place(alarms(p)), y.place(p.recall or 0.0)) for p in curve.drawn]
    inside = [
        f'<polygon class="band" points="{_points(band)}"/>',
        f'<polyline class="line" points="{_points(line)}"/>',
    ]
    inside += _thresholds(curve, {"review": review, "hit": hit}, alarms, x, y)
    return _frame(x, y, x_name, "recall", inside)


def _thresholds(
    curve: Curve,
    scores: Mapping[str, float],
    alarms: Callable[[CurvePoint], float],
    x: _Axis,
    y: _Axis,
) -> list[str]:
    """The thresholds in use, named where the plot is empty: below the curve, to its right."""
    drawn = []
    last_x, last_y = math.inf, math.inf
    for name, score in scores.items():
        point = next(p for p in curve.table if p.score == score)
        at_x, at_y = x.place(alarms(point)), y.place(point.recall or 0.0)
        is_near = abs(at_x - last_x) < NAME_WIDTH and abs(at_y - last_y) < NAME_HEIGHT
        below = NAME_HEIGHT * (2 if is_near else 1)
        is_last = at_x + NAME_WIDTH > WIDTH
        side, shift = ("end", -8) if is_last else ("start", 8)
        drawn.append(
            f'<circle class="point {name}" cx="{at_x:.1f}" cy="{at_y:.1f}" r="5"/>'
            f'<text class="name {side}" x="{at_x + shift:.1f}" y="{at_y + below:.1f}">'
            f"{name} ≥ {score:g}</text>"
        )
        last_x, last_y = at_x, at_y
    return drawn


def reliability_plot(calibration: Calibration) -> Markup | None:
    """Share of offers against the score; a calibrated model lies on the diagonal."""
    if not calibration.bins:
        return None
    ticks = (0, 0.2, 0.4, 0.6, 0.8, 1)
    x = _linear(LEFT, WIDTH - RIGHT, 0, 1, ticks)
    y = _linear(HEIGHT - BOTTOM, TOP, 0, 1, ticks)
    ends = f'x1="{x.place(0)}" y1="{y.place(0)}" x2="{x.place(1)}" y2="{y.place(1)}"'
    inside = [f'<line class="ideal" {ends}/>']
    places = []
    for each in calibration.bins:
        at_x, at_y = x.place(each.score), y.place(each.share)
        places.append((at_x, at_y))
        inside.append(
            f'<line class="spread" x1="{at_x:.1f}" x2="{at_x:.1f}" '
            f'y1="{y.place(each.low):.1f}" y2="{y.place(each.high):.1f}"/>'
            f'<circle class="point hit" cx="{at_x:.1f}" cy="{at_y:.1f}" r="4"/>'
        )
    inside.insert(1, f'<polyline class="line" points="{_points(places)}"/>')
    return _frame(x, y, "score", "share of offers", inside)


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def range_mark(value: float | None, low: float, high: float, name: str) -> Markup:
    """A share and its interval between 0 and 1, small enough for a table cell.

    Args:
        value: the share; None draws the empty scale.
        low: lower end of the interval.
        high: its upper end.
        name: class that colours it.
    """

    def place(share: float) -> float:
        return 4 + share * (MARK_WIDTH - 8)

    drawn = ""
    if value is not None:
        drawn = (
            f'<line class="spread" x1="{place(low):.1f}" x2="{place(high):.1f}" y1="8" y2="8"/>'
            f'<circle class="point {name}" cx="{place(value):.1f}" cy="8" r="4"/>'
        )
    return Markup(  # noqa: S704 -- numbers and words of this module only
        f'<svg class="mark" viewBox="0 0 {MARK_WIDTH} 16" aria-hidden="true">'
        f'<line class="grid" x1="4" x2="{MARK_WIDTH - 4}" y1="8" y2="8"/>{drawn}</svg>'
    )
