"""What both reports of `monitor evaluate` tell a person meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from monitor.cli.terminal import errors, plain

if TYPE_CHECKING:
    from classifiers.evaluation.rows import Problem

__all__ = ["progress", "tell_problems"]

SHOWN_PROBLEMS = 20
PROGRESS_EVERY = 250


def tell_problems(problems: Sequence[Problem]) -> None:
    """Say which lines could not be used, at most twenty of them."""
    for found in problems[:SHOWN_PROBLEMS]:
        place = f", line {found.line}" if found.line else ""
        line = plain(f"{found.file}{place}: {found.reason}", limit=400)
        errors().print(line, markup=False, soft_wrap=True)
    if len(problems) > SHOWN_PROBLEMS:
        errors().print(f"and {len(problems) - SHOWN_PROBLEMS} more lines", markup=False)


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int], None]]:
    """Tell a person who watches how many are done."""
    out = errors()
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with out.status(doing) as status:

        def tell(count: int) -> None:
            if count % PROGRESS_EVERY == 0:
                status.update(f"{doing}: {count:,}")

        yield tell
