"""Start a real django-oscar shop, filled through its own models, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from monitor.sources.definition import SourceDefinition, parse_definition
from tests.realsites.goods import Goods

__all__ = ["OscarShop"]

ROOT = Path(__file__).parents[2]


class OscarShop:
    """Use as a context manager; `base_url` is where it answers."""

    def __init__(self, folder: Path, rows: list[Goods]) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")

    def __enter__(self) -> Self:
        self._log = (self._folder / "shop.log").open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.realsites.oscar_shop.serve",
                str(self._folder / "rows.json"),
            ],
            cwd=ROOT,
            env={**os.environ, "OSCAR_SHOP_FOLDER": str(self._folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        try:
            self.base_url: str = self._read()["url"]
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the shop's process."""
        self._process.kill()
        self._process.communicate()
        self._log.close()

    @property
    def definition(self) -> SourceDefinition:
        """The shop as its TOML file describes it."""
        text = (Path(__file__).parent / "oscar.toml").read_text(encoding="utf-8")
        return parse_definition(text.replace("{base_url}", self.base_url))

    def edit(self, goods_id: str, title: str, description: str) -> None:
        """Change a product as the shop's staff would."""
        self._order({"edit": [goods_id, title, description]})

    def delete(self, goods_id: str) -> None:
        """Take a product out of the shop."""
        self._order({"delete": goods_id})

    def _order(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        assert self._read() == {"done": True}

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, (self._folder / "shop.log").read_text(errors="replace")[-3000:]
        answer: dict[str, Any] = json.loads(line)
        return answer
