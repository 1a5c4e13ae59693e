"""`monitor doctor`: is this set-up fit to work, and if not, what is to be done?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from monitor.cli.terminal import console, plain, print_json, read_settings

__all__ = ["doctor"]

STYLES = {"good": "green", "warn": "yellow", "bad": "bold red", "off": "dim"}
WIDEST = 13
WHOLE = 1000


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Check everything that the monitor needs and say what to do; changes nothing.

    Exits with 1 when something keeps it from its work.
    """
    from monitor.services.doctor import State, examine

    out = console()
    findings = []
    for finding in examine(read_settings(context)):
        findings.append(finding)
        if as_json:
            print_json(finding)
            continue
        line = Text(f"{finding.state.value:>4}", style=STYLES[finding.state.value])
        line.append(f"  {finding.check:<{WIDEST}}  {plain(finding.said, WHOLE)}", style="")
        out.print(line)
        if finding.advice:
            out.print(
                Text(f"      {'':<{WIDEST}}  -> {plain(finding.advice, WHOLE)}", style="bold")
            )
    bad = sum(finding.state is State.BAD for finding in findings)
    if bad and not as_json:
        out.print(f"{bad} of {len(findings)} checks failed", style="bold red")
    if bad:
        raise typer.Exit(1)
