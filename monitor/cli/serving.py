"""`monitor migrate` and `serve`: what runs beside the workers on many machines."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from monitor.cli.terminal import console, errors, open_data, read_settings

__all__ = ["migrate", "serve"]


def migrate(
    context: typer.Context,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for a database that is not up yet.")
    ] = 60.0,
) -> None:
    """Bring the database to this version's schema; safe to run again, and on several machines."""
    from monitor.services.setup import migrate as bring_up

    schema = bring_up(
        read_settings(context),
        wait_s=wait,
        tell=lambda reason: errors().print(f"waiting: {reason}", markup=False),
    )
    console().print(f"the database is at schema {schema}", markup=False)


def serve(context: typer.Context) -> None:
    """The console alone, without the pipeline: the work is done by workers elsewhere."""
    from monitor.console.server import ConsoleServer

    with (
        _until_told() as told,
        open_data(context) as workspace,
        ConsoleServer.of(workspace) as served,
    ):
        console().print(f"console at {served.url}; stop with Ctrl-C", markup=False)
        told.wait()
    console().print("stopped", markup=False)


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    told = threading.Event()
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda *_: told.set()) for name in names}
    try:
        yield told
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
