"""`monitor retain`: erase what is past its time, and say what is kept and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    open_data,
    print_json,
    print_table,
)

app = typer.Typer(no_args_is_help=True, help="Innocent data does not stay.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command()
def run(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be erased; change nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Erase now what is past its time; `monitor up` does so every hour."""
    from monitor.services import retention

    with open_data(context) as workspace:
        done = retention.run(workspace, actor=ask_actor(context), is_dry=dry_run)
    if as_json:
        print_json(done)
        return
    counts = ", ".join(f"{count} {name}" for name, count in asdict(done).items())
    console().print(f"{'would erase' if dry_run else 'erased'}: {counts}", markup=False)


@app.command()
def report(context: typer.Context, as_json: Json = False) -> None:
    """What is kept, since when, and why."""
    from monitor.services import retention

    with open_data(context) as workspace:
        rows = retention.report(workspace)
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(
        "kept",
        ("what", "count", "oldest", "why"),
        ((row.what, row.count, row.since, row.why) for row in rows),
    )
