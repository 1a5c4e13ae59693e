"""Lines of CSV that a spreadsheet may open: no cell that somebody else wrote becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

__all__ = ["csv_line"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Chinese spreadsheets take the wide forms for the narrow ones."""


def csv_line(cells: Iterable[object]) -> str:
    r"""One line, ended by a line feed.

    Numbers stay numbers; a text that begins like a formula gets an apostrophe before it.

    >>> csv_line(["=1+1", -0.5, None, ("a", "b")])
    "'=1+1,-0.5,,a;b\n"
    """
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, tuple):
        value = ";".join(str(part) for part in value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
