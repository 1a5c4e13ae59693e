"""The command line's entry: gathers the commands and turns errors into one line.

Commands import what they need when they run, so that `monitor --help` is quick.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import (
    alerts,
    backup,
    casework,
    contacts,
    coverage,
    doctor,
    evaluate,
    evidence,
    hits,
    index,
    keywords,
    models,
    picture_bank,
    quieting,
    retain,
    running,
    sample,
    sellers,
    serving,
    sources,
    stats,
    thresholds,
    vocabulary,
)
from monitor.errors import MonitorError

__all__ = ["app", "run"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches marketplaces for offers of stolen faces and IDs.",
)


@app.callback()
def options(
    data_dir: Annotated[
        Path | None, typer.Option(help="Data folder, instead of MONITOR_DATA_DIR.")
    ] = None,
    actor: Annotated[
        str, typer.Option("--as", help="Who acts, instead of the system's user.")
    ] = "",
) -> None:
    """Watches marketplaces for offers of stolen faces and IDs."""


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


for command in (
    running.init,
    backup.backup,
    backup.restore,
    running.up,
    doctor.doctor,
    serving.serve,
    serving.migrate,
    running.demo,
    running.poll,
    coverage.coverage,
    running.assess,
    evaluate.evaluate,
    thresholds.thresholds,
):
    app.command()(command)
app.add_typer(keywords.app, name="keywords")
app.add_typer(models.app, name="models")
app.add_typer(picture_bank.app, name="pictures")
app.add_typer(vocabulary.app, name="vocabulary")
app.add_typer(sources.sources_app, name="sources")
app.add_typer(sources.watches_app, name="watches")
for work in (
    casework.claim,
    casework.skip,
    casework.note,
    casework.evidence,
    casework.close,
    casework.undo,
    casework.batches,
):
    hits.app.command()(work)
hits.app.command("next")(casework.take_next)
app.add_typer(hits.app, name="hits")
app.add_typer(quieting.mutes_app, name="mutes")
app.add_typer(quieting.allowed_app, name="allowed")
app.add_typer(sellers.app, name="sellers")
app.add_typer(stats.app, name="stats")
app.add_typer(sample.app, name="sample")
app.add_typer(contacts.app, name="contacts")
app.add_typer(evidence.app, name="evidence")
app.add_typer(alerts.alerts_app, name="alerts")
app.add_typer(alerts.endpoints_app, name="endpoints")
app.add_typer(index.app, name="index")
app.add_typer(retain.app, name="retain")
app.add_typer(running.tokens_app, name="tokens")


def run() -> None:
    """Run a command; exits with 2 after one clear line when it cannot be done."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # At DEBUG it would print answer headers, cookies among them.
    logging.getLogger("httpcore").setLevel(logging.INFO)
    try:
        app()
    except MonitorError as error:
        sys.stderr.write(f"monitor: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        # The reader went away; nothing more to say, also not at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    run()
