"""`python -m tools.services install|up`: the servers, for people and for `make test`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from tools.services.find import ServiceMissing
from tools.services.install import SERVICES
from tools.services.install import install as install_services

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
Only = Annotated[str, typer.Option(help=f"Comma separated, of: {', '.join(SERVICES)}; empty: all.")]


def _chosen(only: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in only.split(",") if part.strip()) or SERVICES
    unknown = [name for name in names if name not in SERVICES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(SERVICES)}")
    return names


def _tell(text: str) -> None:
    typer.echo(f"==> {text}", err=True)


@app.command()
def install(
    only: Only = "",
    if_possible: Annotated[
        bool, typer.Option(help="Where CI is not set, go on when something can not be installed.")
    ] = False,
) -> None:
    """Install what is missing: Debian's packages, and Elasticsearch from its Maven artifact."""
    try:
        install_services(_chosen(only), _tell)
    except ServiceMissing as missing:
        _tell(str(missing))
        if if_possible and not os.environ.get("CI"):
            _tell("tests that need it are skipped")
            return
        raise typer.Exit(1) from None


@app.command()
def up(only: Only = "") -> None:
    """Run them on free ports with empty data until Ctrl-C; prints the settings for a shell."""
    from tools.services.stack import Stack

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Stack() as stack:
        starters: dict[str, Callable[[], str]] = {
            "redis": lambda: f"MONITOR_REDIS_URL={stack.redis().url}",
            "postgres": lambda: f"MONITOR_DATABASE_URL={stack.postgres().create_database()}",
            "elasticsearch": lambda: f"MONITOR_ELASTICSEARCH_URL={stack.elasticsearch().url}",
        }
        try:
            for name in _chosen(only):
                _tell(f"starting {name}")
                typer.echo(f"export {starters[name]()}")
                sys.stdout.flush()
            _tell("running; stop with Ctrl-C, and all data is gone")
            signal.pause()
        except ServiceMissing as missing:
            _tell(str(missing))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            _tell("stopped")


if __name__ == "__main__":
    app()
