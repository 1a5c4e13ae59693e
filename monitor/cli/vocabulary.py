"""`monitor vocabulary`: an operator's own tables, checked before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.terminal import console, errors, plain, print_json, print_table
from monitor.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Your own vocabulary beside the shipped one.")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Folder of the tables.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What a folder changes in the shipped vocabulary; broken rows by file, line and reason.

    Exits with 1 when a row cannot be used.
    """
    from classifiers.lexicon import VocabularyError
    from classifiers.lexicon.overlay import read_overlay

    try:
        overlay = read_overlay(folder)
    except VocabularyError as error:
        raise InputError(f"{folder}: {error}") from error
    effects = overlay.effects()
    if as_json:
        print_json(
            {
                "version": overlay.version,
                "tables": [effect._asdict() for effect in effects],
                "problems": [problem._asdict() for problem in overlay.problems],
            }
        )
    else:
        print_table(
            f"{folder}, version {overlay.version}",
            ("table", "added", "replaced", "removed", "removes what is not there"),
            effects,
        )
        console().print("to use it: MONITOR_VOCABULARY_DIR", markup=False)
    for problem in overlay.problems:
        errors().print(plain(str(problem)), markup=False, soft_wrap=True)
    if overlay.problems:
        raise typer.Exit(1)
