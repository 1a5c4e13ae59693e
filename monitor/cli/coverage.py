"""`monitor coverage`: the ledger of looks and gaps."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from monitor.cli.terminal import (
    ago,
    duration_s,
    errors,
    open_data,
    plain,
    print_json,
    print_table,
)

__all__ = ["coverage"]

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Csv = Annotated[bool, typer.Option("--csv", help="CSV, safe to open in a spreadsheet.")]
GAPS = ("source", "keyword", "began", "ended", "cause", "blind looks", "caught up")
LEDGER = ("source", "keyword", "state", "looks", "saw", "blind", "pages", "last saw", "outcomes")


def coverage(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="How far back: 90m, 24h, 7d.")] = "24h",
    gaps_only: Annotated[bool, typer.Option(help="Only times that were not seen.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What was looked at, how deep, what was not seen, and which sources rest after a block."""
    from monitor.services import coverage as ledgers
    from monitor.services import watches

    with open_data(context) as workspace:
        start = workspace.database.now() - timedelta(seconds=duration_s(since))
        gaps = ledgers.gaps(workspace, start)
        rows = [] if gaps_only else ledgers.ledger(workspace, start)
        circuits = watches.circuits(workspace)
    if as_json or as_csv:
        _export(gaps if gaps_only else rows, as_csv=as_csv)
        return
    if not gaps_only:
        print_table(
            f"looks of the last {since}",
            LEDGER,
            (
                (
                    row.source,
                    row.term,
                    row.state,
                    row.looks,
                    row.seen,
                    row.blind,
                    row.pages,
                    row.last_seen_at,
                    _counts(row.outcomes),
                )
                for row in rows
            ),
        )
    print_table(
        f"{len(gaps)} gaps, {sum(gap.ended_at is None for gap in gaps)} of them open",
        GAPS,
        (
            (
                gap.source,
                gap.term,
                gap.began_at,
                gap.ended_at,
                gap.cause,
                gap.looks,
                gap.is_filled if gap.ended_at else None,
            )
            for gap in gaps
        ),
    )
    for circuit in circuits:
        login = f", login {circuit.login}" if circuit.login else ""
        place = f"{circuit.source} rests ({circuit.scope}{login})"
        line = f"{place}: {circuit.outcome}, {circuit.reason}; "
        errors().print(plain(line + f"looks again {ago(circuit.open_until)}"), markup=False)


def _export(rows: Sequence[Any], *, as_csv: bool) -> None:
    from monitor.services.spreadsheet import csv_line

    for number, row in enumerate(rows):
        if not as_csv:
            print_json(row)
            continue
        cells = asdict(row)
        if "outcomes" in cells:
            cells["outcomes"] = _counts(cells["outcomes"])
        if number == 0:
            sys.stdout.write(csv_line(cells))
        sys.stdout.write(csv_line(cells.values()))


def _counts(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{name or 'running'} {count}" for name, count in outcomes.items())
