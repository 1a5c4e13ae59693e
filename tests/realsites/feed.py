"""A site that Pelican builds: real Atom and RSS feeds, and pages, served from a folder."""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.sources.definition import SourceDefinition, parse_definition
from tests.realsites.goods import Goods

__all__ = ["PelicanSite"]

SETTINGS = """
SITENAME = "Market notes"
SITEURL = {url!r}
PATH = "content"
TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh"
FEED_DOMAIN = SITEURL
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
FEED_MAX_ITEMS = None
RSS_FEED_SUMMARY_ONLY = False
ARTICLE_URL = "{{slug}}.html"
ARTICLE_SAVE_AS = "{{slug}}.html"
RELATIVE_URLS = False
DEFAULT_PAGINATION = False
DELETE_OUTPUT_DIRECTORY = True
"""
DEFINITION = """
name = "notes-{kind}"
kind = "rss"
min_interval_s = 0.0
item_min_interval_s = 0.0

[options]
search = "{url}/feeds/all.{kind}.xml"
match = "client"

[options.item]
container = "article, .body"

[options.item.fields]
title = "h1 a, h2 a"
description = ".entry-content"
"""


class PelicanSite:
    """Use as a context manager; `build` writes the site anew."""

    def __init__(self, folder: Path, rows: list[Goods]) -> None:
        self._folder = folder
        self._content = folder / "content"
        self._content.mkdir(parents=True)
        (folder / "output").mkdir()
        for row in rows:
            self.put(row)

    def __enter__(self) -> Self:
        handler = functools.partial(_Quiet, directory=str(self._folder / "output"))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        settings = SETTINGS.format(url=self.url)
        (self._folder / "pelicanconf.py").write_text(settings, encoding="utf-8")
        try:
            self.build()
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
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def definition(self, kind: str) -> SourceDefinition:
        """The feed (``"atom"`` or ``"rss"``) as an operator would describe it."""
        return parse_definition(DEFINITION.format(kind=kind, url=self.url))

    def put(self, row: Goods) -> None:
        """Write or overwrite an article."""
        number = int(row["id"][1:])
        date = f"2026-{number % 9 + 1:02}-{number % 27 + 1:02} {number % 24:02}:00"
        text = f":date: {date}\n:slug: {row['id']}\n\n{row['description']}\n"
        bar = "#" * (2 * len(row["title"]))
        path = self._content / f"{row['id']}.rst"
        path.write_text(f"{row['title']}\n{bar}\n\n{text}", encoding="utf-8")

    def delete(self, goods_id: str) -> None:
        """Take an article away; the next `build` leaves it out."""
        (self._content / f"{goods_id}.rst").unlink()

    def build(self) -> None:
        """Run Pelican."""
        done = subprocess.run(
            [sys.executable, "-m", "pelican", "-s", "pelicanconf.py", "-q"],
            cwd=self._folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
