"""What commands share: the data folder, tables, hostile text made harmless, durations."""

from __future__ import annotations

import getpass
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.pipeline.workspace import Workspace

__all__ = [
    "ago",
    "ask_actor",
    "console",
    "duration_s",
    "errors",
    "open_data",
    "plain",
    "print_json",
    "print_table",
    "read_settings",
]

MAX_SHOWN_CHARS = 200
MAX_ACTOR_CHARS = 100
DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
UNIT_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def console() -> Console:
    """Where people read. Wide when piped, so that nothing is cut there."""
    width = None if sys.stdout.isatty() else 200
    return Console(width=width, highlight=False)


def errors() -> Console:
    """Where progress and complaints go."""
    return Console(stderr=True, highlight=False)


def read_settings(context: typer.Context) -> Settings:
    """The settings, with the global option applied."""
    from monitor.config import load_settings

    chosen = context.find_root().params.get("data_dir")
    return load_settings(data_dir=chosen) if chosen else load_settings()


@contextmanager
def open_data(context: typer.Context, *, may_create_keys: bool = False) -> Iterator[Workspace]:
    """The open data folder."""
    from monitor.pipeline.workspace import open_workspace

    settings = read_settings(context)
    with open_workspace(settings, may_create_keys=may_create_keys) as workspace:
        yield workspace


def ask_actor(context: typer.Context) -> str:
    """Who acts: the option `--as`, else the system's name for this person."""
    named = context.find_root().params.get("actor")
    if named:
        if len(str(named)) > MAX_ACTOR_CHARS:
            raise InputError(f"--as: longer than {MAX_ACTOR_CHARS} characters")
        return str(named)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def plain(text: str, limit: int = MAX_SHOWN_CHARS) -> str:
    """Seller's words made harmless for a terminal: no controls, no bidi, not endless."""
    shown = []
    for char in text[: limit + 1]:
        hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        if char in "\n\t":
            shown.append(" ")
        elif hidden:
            shown.append(f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")
        else:
            shown.append(char)
    cut = "".join(shown)
    return cut if len(text) <= limit else cut[:limit] + "…"


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; every cell is made harmless."""
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(_cell(cell))) for cell in row))
    console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return ago(value)
    return str(value)


def ago(at: datetime) -> str:
    """How long ago (or in how long), in one unit."""
    seconds = (datetime.now(UTC) - at).total_seconds()
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if size >= length:
            text = f"{size / length:.0f}{unit}"
            break
    else:
        text = f"{size:.0f}s"
    return f"{text} ago" if seconds >= 0 else f"in {text}"


def print_json(value: object) -> None:
    """One JSON object a line; times are ISO 8601 with zone."""
    sys.stdout.write(json.dumps(value, default=_plain_value, ensure_ascii=False) + "\n")


def _plain_value(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def duration_s(text: str) -> float:
    """Seconds of ``90s``, ``30m``, ``6h``, ``2d`` or a bare number of seconds.

    Raises:
        InputError: it is none of these.
    """
    match = DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise InputError(f"{text!r} is not a duration such as 90s, 30m, 6h or 2d")
    return float(match.group(1)) * UNIT_S[match.group(2)]
