"""`monitor thresholds`: where scores become decisions, and what that means a day."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.terminal import console, errors, print_json, print_table, read_settings
from monitor.errors import InputError

if TYPE_CHECKING:
    from classifiers.implications import MeasuredCurve

NOT_SHOWN = "not shown"


def thresholds(
    context: typer.Context,
    listings_per_day: Annotated[
        int, typer.Option(min=0, help="Listings that your watches find a day.")
    ] = 10_000,
    curve: Annotated[
        Path | None, typer.Option(help="curve.json of `monitor evaluate`; else the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Each category's two thresholds, and the false alarms and reviews that they imply."""
    from classifiers.contract import ALERTING_CATEGORIES, Category
    from monitor.pipeline.judging import Judging

    settings = read_settings(context)
    judging = Judging(settings)
    chosen = judging.thresholds
    measured = _measured(curve)
    others = measured.differs_from(judging.assessor().version) if measured else []
    alerting = ALERTING_CATEGORIES | {
        name for name in Category if name in settings.watch_categories
    }
    rows: list[dict[str, Any]] = []
    for category in Category:
        hit, review = chosen.by_category.get(category, (chosen.hit, chosen.review))
        row: dict[str, Any] = {
            "category": category.value,
            "alerts": category in alerting,
            "hit": hit,
            "review": review,
        }
        if measured:
            row |= _implied(measured, category, hit, review, listings_per_day)
            row["measured_with_other"] = others
        rows.append(row)
    if as_json:
        for row in rows:
            print_json(row)
        return
    _print(rows, listings_per_day)
    if measured:
        _tell_provenance(measured, others)
        _tell_total(rows, measured, listings_per_day)


def _implied(
    measured: MeasuredCurve, category: str, hit: float, review: float, listings_per_day: int
) -> dict[str, Any]:
    """What two thresholds imply; None for what is not known. Reviews do not include hits."""
    points = measured.of(category)
    at_hit, at_review = points.at(hit), points.at(review)
    hits = reviews = minutes = None
    if at_hit.flagged_per_1000 is not None:
        hits = at_hit.flagged_per_1000 * listings_per_day / 1000
        if at_review.flagged_per_1000 is not None:
            reviews = at_review.flagged_per_1000 * listings_per_day / 1000 - hits
            if measured.minutes_per_review is not None:
                minutes = reviews * measured.minutes_per_review
    return {
        "measured_for": category if category in measured.categories else "all",
        "at_hit": asdict(at_hit),
        "at_review": asdict(at_review),
        "hits_a_day": hits,
        "reviews_a_day": reviews,
        "minutes_a_day": minutes,
    }


def _measured(curve: Path | None) -> MeasuredCurve | None:
    from classifiers.implications import SHIPPED_CURVE, CurveError, read_curve

    if curve is None and not SHIPPED_CURVE.exists():
        errors().print(
            "nothing was measured: `monitor evaluate --report DIR` writes curve.json, "
            "and --curve DIR/curve.json shows what it says",
            markup=False,
            soft_wrap=True,
        )
        return None
    try:
        return read_curve(curve or SHIPPED_CURVE)
    except CurveError as error:
        raise InputError(str(error)) from error


def _print(rows: list[dict[str, Any]], listings_per_day: int) -> None:
    def figures(row: dict[str, Any]) -> tuple[str, ...]:
        if "at_hit" not in row:
            return (NOT_SHOWN,) * 5
        hit, flagged = row["at_hit"], row["at_review"]
        return (
            f"{_a_million(hit)} / {_a_million(flagged)}",
            f"{_percent(hit['lookalikes'])} / {_percent(flagged['lookalikes'])}",
            f"{_percent(hit['recall'])} / {_percent(flagged['recall'])}",
            f"{_number(row['hits_a_day'])} / {_number(row['reviews_a_day'])}",
            _number(row["minutes_a_day"]),
        )

    print_table(
        "thresholds; pairs are: at `hit` / at `review`, hits included",
        (
            "category",
            "alerts",
            "hit",
            "review",
            "false alarms in a million ordinary texts",
            "look-alikes flagged",
            "offers found",
            f"hits / reviews beside them, a day of {listings_per_day:,} listings",
            "minutes of review a day",
        ),
        (
            (row["category"], row["alerts"], row["hit"], row["review"], *figures(row))
            for row in rows
        ),
    )


def _tell_provenance(measured: MeasuredCurve, others: list[str]) -> None:
    n = measured.together.n
    origin = (
        f"measured on {measured.measured_on}: {n['ordinary']:,} ordinary texts, "
        f"{n['lookalikes']:,} look-alikes, {n['offers']:,} offers, {n['listings']:,} simulated "
        "listings; your market may differ"
    )
    meaning = (
        "each row is of its category: its own offers, and what else is most probably of it"
        if measured.categories
        else "each row says what would come of its thresholds for all categories together"
    )
    lines = [origin, f"{meaning}; {NOT_SHOWN}: too few texts, or no such score measured"]
    if others:
        lines.append(
            f"measured with other versions than those in use ({', '.join(others)}); measure "
            "yours: monitor evaluate --report DIR, monitor thresholds --curve DIR/curve.json"
        )
    for line in lines:
        console().print(line, markup=False, soft_wrap=True)


def _tell_total(rows: list[dict[str, Any]], measured: MeasuredCurve, listings_per_day: int) -> None:
    """Each listing counts in one category, so theirs add up; those of one curve do not."""
    if any(row["measured_for"] == "all" or row["minutes_a_day"] is None for row in rows):
        return
    hits, reviews, minutes = (
        sum(row[name] for row in rows) for name in ("hits_a_day", "reviews_a_day", "minutes_a_day")
    )
    console().print(
        f"all categories, a day of {listings_per_day:,} listings: {hits:,.1f} hits, "
        f"{reviews:,.1f} reviews beside them, {minutes:,.1f} minutes of review "
        f"({measured.minutes_per_review:g} each)",
        markup=False,
        soft_wrap=True,
    )


def _a_million(point: dict[str, float | None]) -> str:
    flagged, upper = point["ordinary_per_million"], point["ordinary_upper"]
    if flagged is None or upper is None:
        return NOT_SHOWN
    return f"{flagged:.0f} (under {upper:.0f})"


def _percent(share: float | None) -> str:
    return NOT_SHOWN if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    return NOT_SHOWN if value is None else f"{value:,.1f}"
