"""`monitor backup` and `monitor restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.terminal import console, errors, read_settings


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    with_keys: Annotated[
        Path | None,
        typer.Option(help="Copy the keys too, to this file; it must lie outside FOLDER."),
    ] = None,
) -> None:
    """Copy the store as it is now into a folder; the monitor may run. Keys are kept apart."""
    from monitor.services.backup import backup as make

    settings = read_settings(context)
    made = make(settings, folder, keys_to=with_keys)
    (file,) = made.files
    out = console()
    out.print(
        f"{folder} holds the {made.database} store of {made.made_at:%Y-%m-%d %H:%M:%S} UTC "
        f"({file.bytes:,} bytes, schema {made.schema_version})",
        markup=False,
    )
    if with_keys is not None:
        out.print(f"keys copied to {with_keys}; keep them apart from {folder}", markup=False)
    elif made.keys:
        keys = f"the keys are not in it; keep a copy of {settings.keys_path} somewhere else"
        out.print(keys, markup=False)


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="What `monitor backup` filled.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the store that is there.")
    ] = False,
    keys: Annotated[
        Path | None, typer.Option(help="Put this file of keys in place, when there is none yet.")
    ] = None,
    without_keys: Annotated[
        bool,
        typer.Option(
            "--without-keys",
            help="Go on with new keys when those of the backup are lost; what is sealed stays so.",
        ),
    ] = False,
) -> None:
    """Put a backup in the place of the store; the monitor must be stopped."""
    from monitor.services.backup import restore as put_back

    settings = read_settings(context)
    done = put_back(settings, folder, is_forced=force, keys_from=keys, is_without_keys=without_keys)
    made = done.manifest
    console().print(
        f"restored the store of {made.made_at:%Y-%m-%d %H:%M:%S} UTC; next: monitor index rebuild",
        markup=False,
    )
    if not done.has_keys and without_keys:
        advice = "new keys will be made: run monitor endpoints rotate and monitor tokens add"
        errors().print(advice, markup=False)
    elif not done.has_keys:
        errors().print(
            f"the keys are missing: put the file that belongs to this backup at {done.keys_path}; "
            "until then the monitor does not start",
            markup=False,
            soft_wrap=True,
        )
