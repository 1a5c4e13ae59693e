"""A source whose pages can kill the process that parses them, as a broken library does.

Installed as an entry point of a folder on the path, as an operator's own adapter is.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from monitor.domain.page import Answer, ItemPage, SearchPage
from monitor.sources import discovery
from monitor.sources.html import SOURCE as HTML

__all__ = ["ITEM_POISON", "PAGE_POISON", "PoisonSource", "installed"]

ROOT = Path(__file__).resolve().parents[2]
PAGE_POISON = "毒页"
ITEM_POISON = "毒件"


class PoisonSource(HTML):
    """HTML, and deadly where the page says so."""

    kind: ClassVar[str] = "poison"

    def parse_search(self, answer: Answer) -> SearchPage:
        _die_of(PAGE_POISON, answer)
        return super().parse_search(answer)

    def parse_item(self, answer: Answer) -> ItemPage:
        _die_of(ITEM_POISON, answer)
        return super().parse_item(answer)


def _die_of(poison: str, answer: Answer) -> None:
    if poison.encode() in answer.body:
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def installed(folder: Path) -> Iterator[str]:
    """Have the source in this process; gives the ``PYTHONPATH`` for others to have it too."""
    _install(folder)
    sys.path.insert(0, str(folder))
    discovery.discover.cache_clear()
    try:
        yield f"{folder}{os.pathsep}{ROOT}"
    finally:
        sys.path.remove(str(folder))
        discovery.discover.cache_clear()


def _install(folder: Path) -> None:
    info = folder / "poison-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1\n", "utf-8")
    points = "[monitor.sources]\npoison = tests.servers.poison:PoisonSource\n"
    (info / "entry_points.txt").write_text(points, "utf-8")
