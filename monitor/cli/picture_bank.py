"""`monitor pictures bank`: known pictures, bad and good, by fingerprint."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    open_data,
    plain,
    print_json,
    print_table,
)
from monitor.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Known pictures.")
bank = typer.Typer(
    no_args_is_help=True, help="Known pictures, bad and good: told by their fingerprint (PDQ)."
)
app.add_typer(bank, name="bank")

FINGERPRINT = re.compile(r"[0-9a-fA-F]{64}")
MAX_PICTURE_BYTES = 20 * 1024 * 1024


class Label(StrEnum):
    """What a known picture is."""

    BAD = "bad"
    GOOD = "good"


@bank.command()
def add(
    context: typer.Context,
    label: Annotated[Label, typer.Argument(help="bad (a sign of the trade) or good (harmless).")],
    picture: Annotated[
        str, typer.Argument(help="A picture's file, or its PDQ: 64 hexadecimal digits.")
    ],
    name: Annotated[str, typer.Option(help="What reasons call it, such as a case number.")],
) -> None:
    """Know a picture from now on. Of a file only the fingerprint is kept."""
    from monitor.services import known_pictures

    is_fingerprint = FINGERPRINT.fullmatch(picture) is not None
    value = picture if is_fingerprint else known_pictures.fingerprint_of(_content(Path(picture)))
    with open_data(context) as workspace:
        done = known_pictures.add(workspace, [(value, label.value, name)], actor=ask_actor(context))
    console().print(
        f"{value.lower()} is {'now' if done.added else 'already'} known as {label}", markup=False
    )


@bank.command()
def load(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Lines of fingerprint, bad or good, and a name; # comments.")
    ],
) -> None:
    """Know all pictures of a file, such as one that teams share; all of them, or none."""
    from monitor.cli.pictures import read_bank_file
    from monitor.services import known_pictures

    entries = read_bank_file(file)
    with open_data(context) as workspace:
        done = known_pictures.add(workspace, entries, actor=ask_actor(context))
    console().print(f"{done.added} added, {done.known} known already", markup=False)


@bank.command("list")
def list_(
    context: typer.Context,
    lines: Annotated[
        bool, typer.Option("--lines", help="As `load` and `assess --bank` read them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Known pictures, first added first."""
    from monitor.services import known_pictures

    with open_data(context) as workspace:
        found = known_pictures.all_known(workspace)
    if lines:
        for row in found:
            typer.echo(f"{row.fingerprint} {row.label} {row.name}")
        return
    if as_json:
        for row in found:
            print_json(row)
        return
    print_table(
        f"{len(found)} known pictures",
        ("id", "label", "name", "fingerprint", "by", "added"),
        (
            (row.id, row.label, row.name, row.fingerprint, row.added_by, row.added_at)
            for row in found
        ),
    )


@bank.command()
def remove(
    context: typer.Context, known_id: Annotated[int, typer.Argument(help="The entry.")]
) -> None:
    """Forget an entry. Pictures that were read before keep the reasons that they were given."""
    from monitor.services import known_pictures

    with open_data(context) as workspace:
        gone = known_pictures.remove(workspace, known_id, actor=ask_actor(context))
    console().print(plain(f"no longer known as {gone.label}: {gone.name}"), markup=False)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_PICTURE_BYTES:
            raise InputError(f"{path}: more than {MAX_PICTURE_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except ValueError:
        raise InputError("neither a picture's file nor 64 hexadecimal digits") from None
