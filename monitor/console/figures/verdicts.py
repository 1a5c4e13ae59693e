"""Figures of verdicts: precision of hits, misses among clear listings."""

from __future__ import annotations

from monitor.console.figures.pen import Figure, Pen
from monitor.services.statistics import Answer
from monitor.services.statistics.answers import Misses, Precision

__all__ = ["misses", "precision"]


def precision(pen: Pen, answer: Answer[Precision], by: str) -> Figure:
    """Precision with its interval."""
    name = _short_model if by == "model" else str
    bars = [
        pen.bar(
            name(row.value),
            f"{pen.f.percent(row.precision)} ({row.confirmed}/{row.n})",
            row.precision,
            row.low,
            row.high,
        )
        for row in answer.rows
        if row.precision is not None
    ]
    return pen.figure(
        f"precision-{by}",
        pen.w(f"stats.precision_{by}"),
        pen.w("stats.precision_note") if bars else pen.w("stats.not_judged"),
        pen.chart(bars),
        ("value", "hits", "confirmed", "benign", "unsure", "n", "precision", "interval"),
        (
            (
                row.value,
                *map(pen.f.number, (row.hits, row.confirmed, row.benign, row.unsure, row.n)),
                pen.share(row.precision),
                pen.interval(row.low, row.high),
            )
            for row in answer.rows
        ),
    )


def misses(pen: Pen, answer: Answer[Misses]) -> Figure:
    """What the sample says of clear listings."""
    (row,) = answer.rows
    counts = {"n": pen.f.number(row.n), "clear": pen.f.number(row.clear)}
    if row.share is None or row.missed_low is None or row.missed_high is None:
        summary, bars = pen.w("stats.misses_none", **counts), []
    else:
        summary = pen.w(
            "stats.misses_some",
            missed=pen.f.number(row.missed),
            low=pen.f.number(round(row.missed_low)),
            high=pen.f.number(round(row.missed_high)),
            **counts,
        )
        value = f"{pen.share(row.share)} ({row.missed}/{row.n})"
        bars = [pen.bar(pen.w("stats.misses_share"), value, row.share, row.low, row.high)]
    return pen.figure(
        "misses",
        pen.w("stats.misses"),
        summary,
        pen.chart(bars),
        ("n", "missed", "unsure", "share", "interval", "clear"),
        [
            (
                *map(pen.f.number, (row.n, row.missed, row.unsure)),
                pen.share(row.share),
                pen.interval(row.low, row.high),
                pen.f.number(row.clear),
            )
        ],
        text=frozenset(),
    )


def _short_model(value: str) -> str:
    """The two parts that decide most, of a model's long name."""
    parts = dict(part.split("=", 1) for part in value.split(" ") if "=" in part)
    named = [f"{name} {parts[name][:6]}" for name in ("encoder", "ngrams") if name in parts]
    return ", ".join(named) or value
