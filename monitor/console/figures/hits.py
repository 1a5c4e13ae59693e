"""Figures of hits: over time, by what they are, and what they say more often."""

from __future__ import annotations

from monitor.console.charts import column_chart
from monitor.console.figures.pen import Figure, Pen
from monitor.services.statistics import Answer
from monitor.services.statistics.answers import HitCount, Term

__all__ = ["hits_by", "hits_over_time", "terms"]

TICK_LENGTHS = {"month": slice(0, 7)}
MANY = frozenset({"category", "keyword"})
"""Of these one hit may have several."""


def hits_over_time(pen: Pen, answer: Answer[HitCount], width: str) -> Figure:
    """Hits by the time at which they were found."""
    starts = [row.value[TICK_LENGTHS.get(width, slice(0, 10))] for row in answer.rows]
    counts = [pen.f.number(row.hits) for row in answer.rows]
    total = pen.f.number(answer.total or 0)
    chart = column_chart(
        [f"{start}: {count}" for start, count in zip(starts, counts, strict=True)],
        [(row.hits,) for row in answer.rows],
        ticks=[start[5:] if width != "month" else start for start in starts],
    )
    return pen.figure(
        "hits-time",
        pen.w("stats.hits_time"),
        pen.w("stats.hits_total", total=total),
        chart if answer.total else None,
        ("start", "hits"),
        zip(starts, counts, strict=True),
        is_wide=True,
    )


def hits_by(pen: Pen, answer: Answer[HitCount], by: str) -> Figure:
    """Hits by a property."""
    most = max((row.hits for row in answer.rows), default=1)
    bars = [
        pen.bar(pen.w.of(by, row.value), pen.f.number(row.hits), row.hits / most)
        for row in answer.rows
    ]
    left_out = pen.w("stats.left_out", count=answer.left_out) if answer.left_out else ""
    return pen.figure(
        f"hits-{by}",
        pen.w(f"stats.hits_{by}"),
        left_out or pen.none_or(answer.rows, f"stats.hits_{'many' if by in MANY else 'one'}_note"),
        pen.chart(bars),
        ("value", "hits"),
        ((pen.w.of(by, row.value), pen.f.number(row.hits)) for row in answer.rows),
    )


def terms(pen: Pen, answer: Answer[Term]) -> Figure:
    """What new hits say more often than those before."""
    most = max((row.score for row in answer.rows), default=1.0)
    bars = [
        pen.bar(
            row.term + ("" if row.is_keyword else f" · {pen.w('stats.new_term')}"),
            f"{row.hits_before} → {row.hits}",
            row.score / most,
        )
        for row in answer.rows
    ]
    return pen.figure(
        "terms",
        pen.w("stats.terms"),
        pen.w("stats.terms_note") if bars else pen.w("stats.terms_none"),
        pen.chart(bars),
        ("term", "hits", "sellers", "hits_before", "score", "is_keyword"),
        (
            (
                row.term,
                *map(pen.f.number, (row.hits, row.sellers, row.hits_before)),
                f"{row.score:.1f}",
                pen.w("stats.yes") if row.is_keyword else pen.w("stats.no"),
            )
            for row in answer.rows
        ),
    )
