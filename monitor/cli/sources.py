"""`monitor sources` and `monitor watches`: where is looked, and how often."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    duration_s,
    errors,
    open_data,
    plain,
    print_json,
    print_table,
)

sources_app = typer.Typer(no_args_is_help=True, help="The marketplaces that are looked at.")
circuits_app = typer.Typer(no_args_is_help=True, help="Sources that rest after a block.")
sources_app.add_typer(circuits_app, name="circuits")
watches_app = typer.Typer(no_args_is_help=True, help="Which keyword is searched where.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@sources_app.command("list")
def list_sources(context: typer.Context, as_json: Json = False) -> None:
    """All sources."""
    from monitor.services import sources

    with open_data(context) as workspace:
        found = sources.list_sources(workspace)
    if as_json:
        for record in found:
            print_json(record)
        return
    print_table(
        f"{len(found)} sources",
        ("name", "kind", "interval s", "robots", "legal basis"),
        (
            (
                record.name,
                record.kind,
                record.definition["min_interval_s"],
                record.definition["robots"],
                record.definition["legal_basis"] or "not recorded",
            )
            for record in found
        ),
    )


@sources_app.command("add")
def add_source(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="TOML files.")],
) -> None:
    """Add sources from their TOML files, or replace their definitions."""
    from monitor.services import sources

    with open_data(context) as workspace:
        for file in files:
            record = sources.add(workspace, file, actor=ask_actor(context))
            console().print(f"source {record.name} ({record.kind}) is in place", markup=False)
            console().print(f"try it: monitor sources check {record.name} TERM", markup=False)


@sources_app.command()
def check(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The source.")],
    term: Annotated[str, typer.Argument(help="What to search for.")],
    as_json: Json = False,
) -> None:
    """One polite look: the outcome, and what every selector found. Stores nothing but a block."""
    from monitor.services import sources

    with open_data(context) as workspace:
        report = sources.check(workspace, name, term)
    if as_json:
        print_json(report)
    else:
        rows = len(report.page.listings) if report.page else 0
        out = console()
        out.print(
            plain(f"{name}: {report.outcome.value}, {rows} usable rows, {report.elapsed_s:.2f} s"),
            markup=False,
        )
        if report.detail:
            out.print(plain(report.detail), markup=False)
        if report.fields:
            columns = ("field", "rule", "found", "of", "example", "verdict")
            print_table("fields", columns, ([*_verdict(f)] for f in report.fields))
        if report.page:
            for problem in report.page.problems[:20]:
                line = f"row {problem.row}: {problem.field}: {problem.reason}"
                out.print(plain(line), markup=False)
            has_next = "yes" if report.page.next_request else "no"
            out.print(f"next page: {has_next}", markup=False)
    if not report.outcome.has_seen:
        raise typer.Exit(1)


def _verdict(field: object) -> list[object]:
    names = ("field", "rule", "found", "rows", "example", "verdict")
    return [getattr(field, name, "") for name in names]


@sources_app.command()
def ingest(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The source whose answers these are.")],
    files: Annotated[list[Path], typer.Argument(help="HAR, JSON, JSONP or HTML files.")],
    term: Annotated[str, typer.Option(help="What had been searched for.")] = "",
    as_json: Json = False,
) -> None:
    """Read answers that a browser saved, as if they had been fetched."""
    from monitor.services import sources

    with open_data(context) as workspace:
        reports = sources.ingest(workspace, name, files, term=term, actor=ask_actor(context))
    for report in reports:
        found = report.ingested
        if as_json:
            print_json({"file": str(report.file), **asdict(found)})
            continue
        counts = found.counts
        console().print(
            plain(
                f"{report.file}: {found.outcome.value}: {counts.rows} rows, "
                f"{counts.new_listings} new, {counts.hits} hits. {found.detail}"
            ),
            markup=False,
        )
        for problem in found.problems[:20]:
            line = f"  row {problem.row}: {problem.field}: {problem.reason}"
            errors().print(plain(line), markup=False)
    if any(report.ingested.problems or not report.ingested.outcome.has_seen for report in reports):
        raise typer.Exit(1)


@sources_app.command()
def resume(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The source.")]
) -> None:
    """Let a source that rests after a block be looked at again."""
    from monitor.services import watches

    with open_data(context) as workspace:
        closed = watches.close_circuits(workspace, name, actor=ask_actor(context))
    console().print(f"{closed} circuits of {name} closed", markup=False)


@circuits_app.command("list")
def list_circuits(context: typer.Context, as_json: Json = False) -> None:
    """Sources that refused us and rest, and until when."""
    from monitor.services import watches

    with open_data(context) as workspace:
        found = watches.circuits(workspace)
    if as_json:
        for circuit in found:
            print_json(circuit)
        return
    print_table(
        f"{len(found)} open circuits",
        ("id", "source", "rests", "login", "outcome", "until", "reason"),
        ((c.id, c.source, c.scope, c.login, c.outcome, c.open_until, c.reason) for c in found),
    )


@circuits_app.command("close")
def close_circuits(context: typer.Context, ids: Annotated[list[int], typer.Argument()]) -> None:
    """End rests before their time; recorded with your name."""
    from monitor.services import watches

    with open_data(context) as workspace:
        actor = ask_actor(context)
        closed = [watches.close_circuit(workspace, circuit, actor=actor) for circuit in ids]
    console().print(f"{sum(closed)} circuits closed", markup=False)


@watches_app.command("add")
def add_watches(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Where to search.")],
    keyword: Annotated[list[str] | None, typer.Option(help="Term or id; none: all.")] = None,
    category: Annotated[str, typer.Option(help="With no --keyword: only these.")] = "",
    every: Annotated[str, typer.Option(help="90s, 30m, 6h.")] = "30m",
) -> None:
    """Search keywords in a source at an interval; refuses what cannot fit."""
    from monitor.services import watches

    with open_data(context) as workspace:
        added = watches.add(
            workspace,
            source,
            keyword or [],
            interval_s=duration_s(every),
            category=category,
            actor=ask_actor(context),
        )
    console().print(
        f"{len(added.added)} watches added, {len(added.kept)} there already; one look at all "
        f"{added.watches} watches of {source} takes {added.cycle_s:.0f} s",
        markup=False,
    )


@watches_app.command("list")
def list_watches(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    as_json: Json = False,
) -> None:
    """All watches."""
    from monitor.services import watches

    with open_data(context) as workspace:
        found = watches.list_watches(workspace, source=source)
    if as_json:
        for watch in found:
            print_json(watch)
        return
    print_table(
        f"{len(found)} watches",
        ("id", "source", "keyword", "every s", "next", "last outcome", "paused"),
        (
            (w.id, w.source, w.term, w.interval_s, w.next_poll_at, w.last_outcome, w.is_paused)
            for w in found
        ),
    )


@watches_app.command()
def pause(context: typer.Context, ids: Annotated[list[int], typer.Argument()]) -> None:
    """Stop looking."""
    _set_paused(context, ids, paused=True)


@watches_app.command("resume")
def resume_watches(context: typer.Context, ids: Annotated[list[int], typer.Argument()]) -> None:
    """Look again."""
    _set_paused(context, ids, paused=False)


def _set_paused(context: typer.Context, ids: list[int], *, paused: bool) -> None:
    from monitor.services import watches

    with open_data(context) as workspace:
        watches.set_paused(workspace, ids, paused=paused, actor=ask_actor(context))
    console().print(f"{len(ids)} watches {'paused' if paused else 'resumed'}", markup=False)
