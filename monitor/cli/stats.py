"""`monitor stats`: the dashboard's questions, as tables, JSON or CSV."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.terminal import console, errors, open_data, plain, print_json, print_table

if TYPE_CHECKING:
    from monitor.services.statistics import Answer, Asked

app = typer.Typer(help="Numbers: the state of the whole, or one question in detail.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Csv = Annotated[bool, typer.Option("--csv", help="CSV, safe to open in a spreadsheet.")]
Since = Annotated[
    str, typer.Option(help="From when: 2026-03-01, 2026-03-01T08:00, or how long ago: 36h, 30d.")
]
Until = Annotated[str, typer.Option(help="Up to when, likewise; this moment no longer counts.")]
Zone = Annotated[str, typer.Option(help="Time zone, e.g. Asia/Shanghai; else MONITOR_ZONE.")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Only these.")]
Categories = Annotated[list[str] | None, typer.Option("--category", help="Only these.")]
Limit = Annotated[int, typer.Option(help="Most rows.")]


class HitsBy(StrEnum):
    """As `monitor.services.statistics.HITS_BY`, which is not imported for `--help`."""

    SOURCE = "source"
    CATEGORY = "category"
    KEYWORD = "keyword"
    REGION = "region"
    SELLER = "seller"
    DECISION = "decision"
    VERDICT = "verdict"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class PrecisionBy(StrEnum):
    """As `monitor.services.statistics.PRECISION_BY`."""

    KEYWORD = "keyword"
    MODEL = "model"
    SOURCE = "source"
    CATEGORY = "category"
    DECISION = "decision"


class Every(StrEnum):
    """As `monitor.search.protocol.Interval`."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@app.callback(invoke_without_command=True)
def now(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Without a question: the state of the whole at a glance."""
    if context.invoked_subcommand:
        return
    from monitor.services import overview

    with open_data(context) as workspace:
        found = {**asdict(overview.overview(workspace)), **asdict(overview.waiting(workspace))}
    if as_json:
        print_json(found)
        return
    alerts = found.pop("alerts")
    found.update({f"alerts {state}": count for state, count in alerts.items()})
    print_table("now", ("what", "count"), found.items())


@app.command()
def hits(
    context: typer.Context,
    by: Annotated[HitsBy, typer.Option(help="What to count by.")] = HitsBy.CATEGORY,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    limit: Limit = 50,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Hits by source, category, keyword, region, seller or time."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(context, statistics.hits, asked, as_json=as_json, as_csv=as_csv, by=by.value, limit=limit)


@app.command()
def precision(
    context: typer.Context,
    by: Annotated[PrecisionBy, typer.Option(help="What to tell apart.")] = PrecisionBy.KEYWORD,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    limit: Limit = 50,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """How many of the judged hits were confirmed, with n and Wilson's 95 % interval."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(
        context,
        statistics.precision,
        asked,
        as_json=as_json,
        as_csv=as_csv,
        by=by.value,
        limit=limit,
    )


@app.command()
def outcomes(
    context: typer.Context,
    every: Annotated[Every, typer.Option(help="How wide a row's time is.")] = Every.WEEK,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """How looks ended, by source and time."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(context, statistics.outcomes, asked, as_json=as_json, as_csv=as_csv, interval=every.value)


@app.command()
def coverage(
    context: typer.Context,
    every: Annotated[Every, typer.Option(help="How wide a row's time is.")] = Every.WEEK,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """How much of what was looked at was seen, by source and time."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(context, statistics.coverage, asked, as_json=as_json, as_csv=as_csv, interval=every.value)


@app.command()
def queue(
    context: typer.Context,
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What is due now, and since when."""
    from monitor.services import statistics

    asked = _asked("", "", zone, source, category)
    _tell(context, statistics.queue, asked, as_json=as_json, as_csv=as_csv)


@app.command()
def deliveries(
    context: typer.Context,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What became of alerts and how long they took, by endpoint."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(context, statistics.deliveries, asked, as_json=as_json, as_csv=as_csv)


@app.command()
def failures(
    context: typer.Context,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Tries that did not deliver, by endpoint and reason."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(context, statistics.failures, asked, as_json=as_json, as_csv=as_csv)


@app.command()
def terms(
    context: typer.Context,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    category: Categories = None,
    limit: Limit = 50,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Rising terms: hits of a time (else: seven days) against as long a time before it."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, category)
    _tell(context, statistics.rising_terms, asked, as_json=as_json, as_csv=as_csv, limit=limit)


@app.command()
def misses(
    context: typer.Context,
    since: Since = "",
    until: Until = "",
    zone: Zone = "",
    source: Sources = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Offers among clear listings, estimated from the judged sample, with exact interval."""
    from monitor.services import statistics

    asked = _asked(since, until, zone, source, None)
    _tell(context, statistics.misses, asked, as_json=as_json, as_csv=as_csv)


def _asked(
    since: str, until: str, zone: str, source: list[str] | None, category: list[str] | None
) -> Asked:
    from monitor.services.statistics import Asked

    return Asked(since, until, zone, tuple(source or ()), tuple(category or ()))


def _tell(
    context: typer.Context,
    question: Callable[..., Answer[Any]],
    asked: Asked,
    *,
    as_json: bool,
    as_csv: bool,
    **further: Any,
) -> None:
    with open_data(context) as workspace:
        answer = question(workspace, asked, **further)
    if as_json:
        print_json(answer.plain())
        return
    if as_csv:
        from monitor.services.statistics import csv_lines

        sys.stdout.writelines(csv_lines(answer))
        return
    print_table(_title(answer), answer.columns(), answer.cells())
    if answer.left_out:
        errors().print(f"{answer.left_out} more rows; see --limit", markup=False)
    if answer.note:
        console().print(plain(answer.note), markup=False)


def _title(answer: Answer[Any]) -> str:
    until = f"{answer.until:%Y-%m-%d %H:%M}"
    times = f"{answer.since:%Y-%m-%d %H:%M} to {until}" if answer.since else f"at {until}"
    total = "" if answer.total is None else f", {answer.total} in all"
    return f"{answer.question}, {times}, {answer.zone}{total}"
