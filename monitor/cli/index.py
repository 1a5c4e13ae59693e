"""`monitor index`: how the index stands beside the store, and filling it anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from monitor.cli.terminal import ago, console, errors, open_data, print_json

app = typer.Typer(no_args_is_help=True, help="The search index, a view of the store.")

MOST_SHOWN = 5


@app.command()
def status(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option(help="Add what the index lacks, remove what the store lacks.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """How far the index is behind the store, and where they differ though nothing waits."""
    from monitor.services import overview

    with open_data(context) as workspace:
        found = overview.index_status(workspace)
        drift = overview.index_drift(workspace)
        repaired = overview.repair_index(workspace, drift) if repair else 0
    if as_json:
        print_json({**asdict(found), "drift": asdict(drift), "repaired": repaired})
        return
    out = console()
    behind = ago(found.oldest_at) if found.oldest_at else "nothing waits"
    out.print(
        f"{found.documents} of {found.hits} hits indexed, {found.waiting} waiting ({behind}), "
        f"{found.refused} refused before",
        markup=False,
    )
    for name, ids in asdict(drift).items():
        if ids:
            first = ", ".join(map(str, ids[:MOST_SHOWN]))
            out.print(f"{len(ids):>7} {name}: hit {first}", markup=False)
    if repaired:
        out.print(f"{repaired} hits indexed again or removed", markup=False)
    elif drift.to_repair:
        out.print("monitor index status --repair puts that right", markup=False)
    if drift.ahead or found.needs_rebuild:
        out.print("monitor index rebuild is needed", markup=False)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Fill the index anew from the store; searches answer from the old one meanwhile.

    Broken off, it goes on where it was when it is started again (with Elasticsearch).
    """
    from monitor.services import overview

    with open_data(context) as workspace:
        total = overview.index_status(workspace).hits
        done = overview.rebuild_index(
            workspace, lambda hits: errors().print(f"{hits} of {total} hits", markup=False)
        )
    resumed = f", {done.resumed} of them by an earlier run" if done.resumed else ""
    console().print(f"{done.hits} hits indexed{resumed}", markup=False)
    if done.refused:
        console().print(
            f"{done.refused} refused; they are tried again (monitor index status)", markup=False
        )
