"""Charts as plain geometry; `templates/charts.html` draws them as SVG.

Widths are shares of the picture's own width and heights are pixels, without a viewBox:
a chart fits a telephone and a wide screen alike, and its words keep their size. No
chart library is used: those at hand write styles and scripts into the SVG, which the
console's content security policy rightly stops.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "BarChart", "Column", "ColumnChart", "bar_chart", "column_chart", "shortened"]

ROW_PX = 40
PLOT_PX = 132
TOP_PX = 16
FOOT_PX = 24
MAX_LABEL_WIDTH = 30
MAX_TICKS = 4
FEW = 8
GAP = 0.22
"""Share of a column's place that stays empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a label, its value as text, and a share of the chart's width.

    Attributes:
        share: length, in [0, 1].
        low: lower end of an interval, in [0, 1]; None without one.
        high: its upper end.
    """

    label: str
    value: str
    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Rows from top to bottom; `height` in pixels."""

    bars: tuple[Bar, ...]
    height: int
    row: int = ROW_PX
    kind: str = "bars"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of parts from bottom to top.

    Attributes:
        name: what a pointer that rests on it shows.
        left: its left edge, a share of the width.
        width: a share of the width.
        parts: (top, height) in pixels.
    """

    name: str
    left: float
    width: float
    parts: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns from left to right.

    Attributes:
        columns: in order.
        lines: (y in pixels, label) of the scale.
        ticks: (x as a share, label, text anchor) below.
        legend: a name for each part; empty for one part.
        base: y of the foot of the columns.
        height: of the whole, in pixels.
    """

    columns: tuple[Column, ...]
    lines: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str, str], ...]
    legend: tuple[str, ...]
    base: int = TOP_PX + PLOT_PX
    height: int = TOP_PX + PLOT_PX + FOOT_PX
    kind: str = "columns"


def bar_chart(bars: Sequence[Bar]) -> BarChart:
    """A chart of rows."""
    return BarChart(tuple(bars), max(1, len(bars)) * ROW_PX)


def column_chart(
    names: Sequence[str],
    values: Sequence[Sequence[int]],
    *,
    ticks: Sequence[str],
    legend: Sequence[str] = (),
) -> ColumnChart:
    """A chart over time.

    Args:
        names: of the columns, e.g. "2026-03-02: 14".
        values: parts of each column, the lowest first.
        ticks: a short label for each column; some of them are shown.
        legend: names of the parts, where there are several.
    """
    top = _round_top(max((sum(parts) for parts in values), default=0))
    place = 1 / max(1, len(values))
    columns = []
    for number, (name, parts) in enumerate(zip(names, values, strict=True)):
        y = float(TOP_PX + PLOT_PX)
        stacked = []
        for part in parts:
            height = part / top * PLOT_PX
            y -= height
            stacked.append((y, height))
        left = (number + GAP / 2) * place
        columns.append(Column(name, left, place * (1 - GAP), tuple(stacked)))
    lines = tuple(
        (TOP_PX + PLOT_PX * (1 - share), f"{round(top * share):,}") for share in (0.5, 1.0)
    )
    return ColumnChart(tuple(columns), lines, _ticks(ticks), tuple(legend))


def _ticks(labels: Sequence[str]) -> tuple[tuple[float, str, str], ...]:
    """All of a few labels; of many, some, of which the outer ones stay inside the picture."""
    if len(labels) <= FEW:
        return tuple(
            ((number + 0.5) / len(labels), label, "middle") for number, label in enumerate(labels)
        )
    last = len(labels) - 1
    shown = sorted({round(last * part / (MAX_TICKS - 1)) for part in range(MAX_TICKS)})
    anchors = {0: "start", last: "end"}
    edges = {0: 0.0, last: 1.0}
    return tuple(
        (
            edges.get(number, (number + 0.5) / len(labels)),
            labels[number],
            anchors.get(number, "middle"),
        )
        for number in shown
    )


def _round_top(most: int) -> int:
    """An even number at or over the highest value that reads well, at least 2.

    >>> [_round_top(most) for most in (0, 3, 11, 47, 260)]
    [2, 4, 20, 50, 300]
    """
    if most <= 10:
        return max(2, most + most % 2)
    step: int = 10 ** (len(str(most)) - 1)
    return -(-most // step) * step


def shortened(text: str, width: int = MAX_LABEL_WIDTH) -> str:
    """At most so wide; Chinese characters count twice."""
    used = 0
    for place, char in enumerate(text):
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > width:
            return text[:place] + "…"
    return text
