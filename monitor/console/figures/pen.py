"""What all figures share: their shape, and values in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.console.charts import Bar, BarChart, ColumnChart, bar_chart, shortened
from monitor.console.formats import Formats
from monitor.console.language import Words
from monitor.console.visible import plain

__all__ = ["Figure", "Pen"]

MAX_BARS = 10
MAX_LABEL_CHARS = 80


@dataclass(frozen=True, slots=True)
class Figure:
    """One question on the page.

    Attributes:
        id: unique on the page.
        summary: the figure in one sentence; also what a screen reader says of the chart.
        chart: None where nothing can be drawn.
        numeric: places of columns that hold numbers.
        is_wide: whether it takes a line of its own.
    """

    id: str
    title: str
    summary: str
    chart: BarChart | ColumnChart | None
    headings: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    numeric: frozenset[int] = field(default_factory=frozenset)
    is_wide: bool = False


class Pen:
    """Writes figures for one reader.

    Attributes:
        w: the reader's words.
        f: how the reader sees numbers and times.
    """

    def __init__(self, words: Words, formats: Formats) -> None:
        self.w = words
        self.f = formats

    def figure(
        self,
        id_: str,
        title: str,
        summary: str,
        chart: BarChart | ColumnChart | None,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        text: frozenset[int] = frozenset({0}),
        is_wide: bool = False,
    ) -> Figure:
        """A figure; `text` are places of columns that hold no numbers."""
        return Figure(
            id=id_,
            title=title,
            summary=summary,
            chart=chart,
            headings=tuple(self.w(f"stats.col.{name}") for name in columns),
            rows=list(rows),
            numeric=frozenset(range(len(columns))) - text,
            is_wide=is_wide,
        )

    def bar(
        self,
        label: str,
        value: str,
        share: float,
        low: float | None = None,
        high: float | None = None,
    ) -> Bar:
        """A row of a chart; its label holds nothing hidden and fits."""
        return Bar(shortened(plain(label, MAX_LABEL_CHARS)), value, share, low, high)

    def chart(self, bars: Sequence[Bar]) -> BarChart | None:
        """The first rows as a chart; None without any."""
        return bar_chart(bars[:MAX_BARS]) if bars else None

    def none_or(self, rows: Sequence[object], key: str) -> str:
        """A sentence about rows, or that there are none."""
        return self.w(key) if rows else self.w("stats.none")

    def share(self, share: float | None) -> str:
        """A share, or a dash where it is not shown."""
        return "—" if share is None else f"{share:.1%}"

    def interval(self, low: float | None, high: float | None) -> str:
        """An interval, or a dash."""
        return "—" if low is None or high is None else f"{low:.1%}–{high:.1%}"

    def duration(self, seconds: float | None) -> str:
        """How long, in the largest unit of which there are two."""
        if seconds is None:
            return "—"
        for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= 2 * length:
                return self.w(f"stats.{unit}_long", count=f"{seconds / length:.0f}")
        return self.w("stats.seconds_long", count=f"{seconds:.1f}")
