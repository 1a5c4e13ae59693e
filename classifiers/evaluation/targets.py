"""Which figures of a report have a goal, and which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from classifiers.evaluation.copies import WITHOUT_COPIES
from classifiers.evaluation.disguised import COMPOSED, UNKNOWN_SLANG
from classifiers.evaluation.figures import share_of
from classifiers.evaluation.goals import (
    Goal,
    Verdict,
    at_least,
    at_most,
    estimate_at_least,
    number_goal,
)
from classifiers.evaluation.judging import Bands
from classifiers.evaluation.rows import LOOK_ALIKES, PLAIN_KINDS, TALK
from classifiers.evaluation.stream import AFFORDED, StreamFigures

if TYPE_CHECKING:
    from classifiers.evaluation.report import Report

__all__ = ["goals_of"]

HIT: Final = "hit"
FLAGGED: Final = "hit or review"
MIN_ORDINARY: Final = 100_000
MIN_TALK: Final = 600
MIN_CALIBRATION: Final = 300
RECALL_OF_KIND: Final = {
    "plain": ("plain offers", 0.92, 0.98),
    "english": ("English offers", 0.92, 0.98),
    "slang": ("slang never seen", 0.75, 0.90),
    "guarded": ("guarded hints without any term", 0.65, 0.85),
    "disguised": ("offers disguised by their writers", 0.88, 0.95),
}
NOTHING: Final = share_of(0, 0)


def goals_of(report: Report) -> tuple[Goal, ...]:
    """All goals, each beside its figure."""
    return (
        *_ordinary(report),
        *_recall(report),
        *_disguises(report),
        *_harmless(report),
        *_stream(report.stream),
        *_calibration(report),
        *_speed(report),
    )


def _both(what: str, bands: Bands | None, hit: float, flagged: float) -> Iterator[Goal]:
    yield at_least(what, HIT, bands.hit if bands else NOTHING, hit)
    yield at_least(what, FLAGGED, bands.flagged if bands else NOTHING, flagged)


def _named(groups: Iterable[Bands], name: str) -> Bands | None:
    return next((bands for bands in groups if bands.name == name), None)


def _ordinary(report: Report) -> Iterator[Goal]:
    everything = report.false_alarms["ordinary texts"][0]
    what = "false alarms on ordinary texts"
    yield at_most(what, HIT, everything.hit, 0, min_n=MIN_ORDINARY, per_million=True)
    yield at_most(what, FLAGGED, everything.flagged, 300e-6, min_n=MIN_ORDINARY, per_million=True)


def _recall(report: Report) -> Iterator[Goal]:
    for kind, (what, hit, flagged) in RECALL_OF_KIND.items():
        yield from _both(f"recall: {what}", _named(report.recall["kind"], kind), hit, flagged)
        if kind in PLAIN_KINDS:
            new = _named(report.recall[WITHOUT_COPIES], kind)
            yield from _both(f"recall: {what} without near copies in training", new, hit, flagged)


def _disguises(report: Report) -> Iterator[Goal]:
    for each in report.disguises:
        name = each.bands.name
        if name == UNKNOWN_SLANG:
            yield from _both(f"recall: {name}", each.bands, 0.75, 0.90)
        elif name == COMPOSED:
            what = f"recall: two disguises composed ({each.language})"
            yield from _both(what, each.bands, 0.80, 0.90)
        elif each.is_kept_out:
            yield from _both(f"recall: {name} (never trained on)", each.bands, 0.80, 0.92)
        else:
            yield from _both(f"recall: {name}", each.bands, 0.88, 0.95)


def _harmless(report: Report) -> Iterator[Goal]:
    groups = report.false_alarms["harmless rows"]
    for group, min_n, hit, flagged in (
        (LOOK_ALIKES, 0, 0.01, 0.04),
        (TALK, MIN_TALK, 0.005, 0.03),
    ):
        bands = _named(groups, group)
        what = f"false alarms on {group}"
        yield at_most(what, HIT, bands.hit if bands else NOTHING, hit, min_n=min_n)
        yield at_most(what, FLAGGED, bands.flagged if bands else NOTHING, flagged, min_n=min_n)


def _stream(stream: StreamFigures | None) -> Iterator[Goal]:
    if stream is None:
        for what, goal in (("precision", 0.85), ("recall", 0.95)):
            yield Goal(
                f"polled stream: {what}",
                "",
                f"at least {goal:g}",
                None,
                None,
                None,
                0,
                None,
                "share",
                Verdict.NOT_SHOWN,
            )
        return
    yield estimate_at_least(
        "polled stream: precision",
        HIT,
        stream.precision,
        0.85,
        distinct=stream.distinct_precision.n,
    )
    for group in stream.groups:
        yield estimate_at_least(
            f"polled stream: precision, keywords of {group.category}",
            HIT,
            group.listings,
            0.7,
            distinct=group.distinct.n,
        )
    yield estimate_at_least(
        "polled stream: recall", FLAGGED, stream.recall, 0.95, distinct=stream.distinct_recall.n
    )
    yield number_goal(
        "polled stream: reviews per 1,000 listings",
        stream.reviews.value,
        AFFORDED,
        is_floor=False,
        n=stream.listings,
        unit="",
        band="review",
        low=stream.reviews.low,
        high=stream.reviews.high,
    )


def _calibration(report: Report) -> Iterator[Goal]:
    for each in report.calibration:
        yield number_goal(
            f"calibration error: {each.name}",
            each.error,
            0.05,
            is_floor=False,
            n=each.middle,
            unit="",
            min_n=MIN_CALIBRATION,
        )


def _speed(report: Report) -> Iterator[Goal]:
    costs = {cost.name: cost for cost in report.cost}
    for name, goal in (("ordinary texts", 5000), ("polled stream", 500)):
        cost = costs[name]
        yield number_goal(
            f"speed: {name}", cost.texts_per_s, goal, is_floor=True, n=cost.n, unit="texts/s"
        )
    for cost in report.cost:
        yield number_goal(
            f"p99 of one text: {cost.name}",
            cost.p99_ms,
            50,
            is_floor=False,
            n=cost.timed,
            unit="ms",
        )
