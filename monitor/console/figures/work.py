"""Figures of the monitor's own work: looks, waiting work, deliveries."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from monitor.console.charts import column_chart
from monitor.console.figures.pen import Figure, Pen
from monitor.services.statistics import Answer
from monitor.services.statistics.answers import Coverage, Delivery, Failure, Load, OutcomeCount

__all__ = ["coverage", "deliveries", "failures", "outcomes", "queue"]


def coverage(pen: Pen, answer: Answer[Coverage]) -> Figure:
    """Looks that saw and looks that did not, over time; each source in the table."""
    seen: defaultdict[datetime, int] = defaultdict(int)
    looks: defaultdict[datetime, int] = defaultdict(int)
    for row in answer.rows:
        seen[row.start] += row.seen
        looks[row.start] += row.looks
    starts = sorted(looks)
    days = [f"{start:%Y-%m-%d}" for start in starts]
    saw, looked = sum(seen.values()), sum(looks.values())
    legend = (pen.w("stats.seen"), pen.w("stats.not_seen"))
    chart = column_chart(
        [
            f"{day}: {legend[0]} {seen[start]}, {legend[1]} {looks[start] - seen[start]}"
            for day, start in zip(days, starts, strict=True)
        ],
        [(seen[start], looks[start] - seen[start]) for start in starts],
        ticks=[day[5:] for day in days],
        legend=legend,
    )
    summary = pen.w(
        "stats.coverage_note",
        share=pen.f.percent(saw / looked) if looked else "—",
        seen=pen.f.number(saw),
        looks=pen.f.number(looked),
    )
    return pen.figure(
        "coverage",
        pen.w("stats.coverage"),
        summary,
        chart if looked else None,
        ("source", "start", "looks", "seen", "share", "watches", "watches_seen"),
        (
            (
                row.source,
                f"{row.start:%Y-%m-%d}",
                *map(pen.f.number, (row.looks, row.seen)),
                pen.share(row.coverage),
                *map(pen.f.number, (row.watches, row.watches_seen)),
            )
            for row in answer.rows
        ),
        text=frozenset({0, 1}),
    )


def outcomes(pen: Pen, answer: Answer[OutcomeCount]) -> Figure:
    """How looks ended."""
    counts: Counter[str] = Counter()
    for row in answer.rows:
        counts[row.outcome] += row.looks
    most = max(counts.values(), default=1)
    bars = [
        pen.bar(pen.w.of("outcome", name), pen.f.number(count), count / most)
        for name, count in counts.most_common()
    ]
    return pen.figure(
        "outcomes",
        pen.w("stats.outcomes"),
        pen.none_or(answer.rows, "stats.outcomes_note"),
        pen.chart(bars),
        ("source", "start", "outcome", "looks"),
        (
            (
                row.source,
                f"{row.start:%Y-%m-%d}",
                pen.w.of("outcome", row.outcome),
                pen.f.number(row.looks),
            )
            for row in answer.rows
        ),
        text=frozenset({0, 1, 2}),
    )


def queue(pen: Pen, answer: Answer[Load]) -> Figure:
    """What is due now: how much, and since when."""
    most = max((row.due for row in answer.rows), default=1)
    bars = [
        pen.bar(
            _work(pen, row),
            pen.w("stats.due", count=pen.f.number(row.due), age=pen.duration(row.oldest_s)),
            row.due / most,
        )
        for row in answer.rows
    ]
    return pen.figure(
        "queue",
        pen.w("stats.queue"),
        pen.w("stats.queue_note") if bars else pen.w("stats.queue_none"),
        pen.chart(bars),
        ("work", "due", "held", "failing", "oldest"),
        (
            (
                _work(pen, row),
                *map(pen.f.number, (row.due, row.held, row.failing)),
                pen.duration(row.oldest_s),
            )
            for row in answer.rows
        ),
    )


def deliveries(pen: Pen, answer: Answer[Delivery]) -> Figure:
    """How long alerts took."""
    longest = max((row.p95_s or 0.0 for row in answer.rows), default=0.0) or 1.0
    bars = [
        pen.bar(
            row.endpoint,
            f"p50 {pen.duration(row.p50_s)}, p95 {pen.duration(row.p95_s)}",
            row.p95_s / longest,
        )
        for row in answer.rows
        if row.p95_s is not None
    ]
    states = ("alerts", "delivered", "pending", "dead", "cancelled", "attempts")
    return pen.figure(
        "deliveries",
        pen.w("stats.deliveries"),
        pen.w("stats.deliveries_note") if bars else pen.w("stats.deliveries_none"),
        pen.chart(bars),
        ("endpoint", *states, "p50", "p95"),
        (
            (
                row.endpoint,
                *(pen.f.number(getattr(row, name)) for name in states),
                pen.duration(row.p50_s),
                pen.duration(row.p95_s),
            )
            for row in answer.rows
        ),
    )


def failures(pen: Pen, answer: Answer[Failure]) -> Figure:
    """Tries that did not deliver."""
    most = max((row.attempts for row in answer.rows), default=1)
    bars = [
        pen.bar(
            f"{row.endpoint}: {_status(pen, row)}",
            pen.f.number(row.attempts),
            row.attempts / most,
        )
        for row in answer.rows
    ]
    return pen.figure(
        "failures",
        pen.w("stats.failures"),
        pen.w("stats.failures_note") if bars else pen.w("stats.failures_none"),
        pen.chart(bars),
        ("endpoint", "reason", "attempts", "last"),
        (
            (
                row.endpoint,
                _reason(pen, row),
                pen.f.number(row.attempts),
                pen.f.time(row.last_at),
            )
            for row in answer.rows
        ),
        text=frozenset({0, 1, 3}),
    )


def _work(pen: Pen, row: Load) -> str:
    kind = pen.w.of("stats.kind", row.kind)
    return f"{kind}: {row.source}" if row.source else kind


def _reason(pen: Pen, row: Failure) -> str:
    return f"{_status(pen, row)}, {pen.w.of('stats.result', row.result)}"


def _status(pen: Pen, row: Failure) -> str:
    return pen.w("stats.no_answer") if row.http_status is None else f"HTTP {row.http_status}"
