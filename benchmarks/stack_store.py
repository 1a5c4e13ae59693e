"""What the store costs on each database: recording pages, and claiming what waits.

    python -m benchmarks.stack_store [--pages 40]

SQLite in a file, and a PostgreSQL of its own on this machine without fsync (so that the
disk is not what is measured). Pages have 60 cards; three in ten of them are offers.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from monitor.config import load_settings
from monitor.demo.sources import demo_source
from monitor.domain.keyword import KeywordDraft
from monitor.domain.page import ParsedListing
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.record import record_page
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, sources, watches
from monitor.store import outbox, polls
from tools.services.postgres_server import PostgresServer

CARDS = 60
OFFERS = 18
TERM = "人脸四件套"
BATCH = 500


def page(number: int) -> list[ParsedListing]:
    """Invented cards that no other page has."""
    offer = "出人脸四件套 一手 现货 第{}批"
    return [
        ParsedListing(
            native_id=f"p{number}-{n}",
            url=f"https://market.example/item/{number}-{n}",
            title=(offer if n < OFFERS else "纯棉床品四件套 {} 号花色").format(number * CARDS + n),
            price_minor=9900,
            price_raw="¥99",
        )
        for n in range(CARDS)
    ]


def measure(workspace: Workspace, pages: int) -> list[tuple[str, str]]:
    """What was measured, and the figure."""
    keywords.add(workspace, KeywordDraft(TERM, "face_id_bundle"), actor="benchmark")
    sources.put(workspace, demo_source("sample-html", "http://127.0.0.1:9"), actor="benchmark")
    watches.add(workspace, "sample-html", [TERM], interval_s=3600, actor="benchmark")
    (watch,) = watches.list_watches(workspace)
    database = workspace.database

    def record(rows: Sequence[ParsedListing]) -> float:
        """Seconds to write a page that is judged already."""
        drafts = draft_listings(workspace, watch.source_id, rows, "search")
        started = time.perf_counter()
        with database.write() as tx:
            now = database.now()
            poll_id = polls.start(
                tx,
                source_id=watch.source_id,
                watch_id=watch.id,
                keyword_version_id=None,
                origin="poll",
                is_baseline=True,
                now=now,
            )
            record_page(
                workspace,
                tx,
                drafts,
                source_id=watch.source_id,
                poll_id=poll_id,
                watch_id=watch.id,
                keyword_id=watch.keyword_id,
                first_rank=1,
                is_baseline=True,
                can_look=False,
                now=now,
            )
        return time.perf_counter() - started

    wanted = [page(number) for number in range(pages)]
    record(page(pages))
    fresh, again = [record(rows) for rows in wanted], [record(rows) for rows in wanted]
    entries, took = _drain(workspace)
    return [
        ("record a page of 60 new listings", _spread(fresh)),
        ("record the same page again", _spread(again)),
        (f"claim and finish {entries:,} outbox entries", f"{entries / took:,.0f} entries/s"),
    ]


def _drain(workspace: Workspace) -> tuple[int, float]:
    database, done = workspace.database, 0
    started = time.perf_counter()
    while True:
        with database.write(durable=False) as tx:
            held = outbox.claim(tx, "index", now=database.now(), lease_s=60, limit=BATCH)
        if not held:
            return done, time.perf_counter() - started
        with database.write(durable=False) as tx:
            outbox.done(tx, held)
        done += len(held)


def _spread(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * value for value in statistics.quantiles(seconds, n=4))
    return f"median {middle:.1f} ms (quartiles {low:.1f} - {high:.1f}), n = {len(seconds)}"


def _print(name: str, folder: Path, pages: int, **settings: str) -> None:
    with open_workspace(load_settings(data_dir=folder, **settings)) as workspace:
        for what, figure in measure(workspace, pages):
            print(f"{name:<12}{what:<44}{figure}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both databases and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=40)
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {load:.1f} before")
    with tempfile.TemporaryDirectory() as folder:
        _print("SQLite", Path(folder), given.pages)
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        _print("PostgreSQL", Path(folder), given.pages, database_url=server.create_database())
    return 0


if __name__ == "__main__":
    sys.exit(main())
