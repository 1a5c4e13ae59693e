"""A week of simulated time: memory, the database's size and where it goes, the schedule's drift.

    python -m benchmarks.week [--watches 200] [--days 7] [--every 4]

The clock is turned; markets, looks, closer looks, the index and retention are real. Each
watch finds something new about once a day; one listing in ten is an offer.
"""

from __future__ import annotations

import argparse
import gc
import os
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, make_url, select

from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.index import index_due
from monitor.pipeline.look import look_at
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.retain import retain
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, sources, watches
from monitor.store import looks
from monitor.store import tables as t
from monitor.store import watches as watch_store
from tests.servers.shop import Card, Shop

__all__ = ["Week", "main", "simulate"]

MARKETS = 5
FIRST_CARDS = 8
LONGEST_STEP_S = 3600.0
"""With nothing due, the clock is turned by this at most, because of retention."""
BATCH = 20
OFFER, PLAIN = (
    "出人脸四件套 {word} 一手料 懂的来 第 {n} 批",
    "九成新 {word} 第 {n} 号 包邮 自用闲置",
)
TABLES = (t.poll, t.sighting, t.listing, t.listing_version, t.assessment, t.hit, t.gap)
WARM_DAYS = 2
"""Before, caches and models fill."""
MAX_GROWTH = 0.05
"""Of memory, between the end of the warm days and the end."""
MAX_DRIFT = 0.01
"""By how much the mean time between two looks may differ from the interval."""


@dataclass(slots=True)
class Week:
    """What a simulated time left behind.

    Attributes:
        memory_mb: resident, at the end of each day.
        database_mb: the store's file, at the end of each day.
        parts_mb: of the file in the end, by table and index.
        rows: by table.
        intervals: between two looks, as shares of the watch's interval.
        late_s: of looks behind their plan, the longest.
    """

    memory_mb: list[float] = field(default_factory=list)
    database_mb: list[float] = field(default_factory=list)
    parts_mb: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    intervals: list[float] = field(default_factory=list)
    late_s: float = 0.0

    @property
    def growth(self) -> float:
        """Of memory after the warm days, as a share."""
        warm = self.memory_mb[min(WARM_DAYS, len(self.memory_mb)) - 1]
        return self.memory_mb[-1] / warm - 1

    @property
    def drift(self) -> float:
        """Of the mean interval, as a share."""
        return statistics.fmean(self.intervals) - 1


def simulate(folder: Path, *, count: int, days: int, every_s: float) -> Week:
    """Run `count` watches for `days` in an empty folder, each every `every_s` seconds."""
    clock = ManualClock()
    # Slowing down silent watches is meant, and would look like drift.
    settings = load_settings(data_dir=folder, allow_networks=("127.0.0.0/8",), slow_silent=False)
    with ExitStack() as stack:
        markets = [stack.enter_context(Shop()) for _ in range(MARKETS)]
        workspace = stack.enter_context(open_workspace(settings, clock=clock))
        words = [f"台灯{n:03}型" for n in range(count // MARKETS)]
        for word in words:
            keywords.add(workspace, KeywordDraft(word, "face_id_bundle"), actor="bench")
        for number, market in enumerate(markets):
            name = f"market{number}"
            market.put(*(_card(word, n) for word in words for n in range(FIRST_CARDS)))
            sources.put(workspace, market.definition(name, min_interval_s=5.0), actor="bench")
            watches.add(workspace, name, words, interval_s=every_s, actor="bench")
        week, file = Week(), Path(make_url(settings.store_url).database or "")
        for day in range(days):
            for market in markets:
                market.put(*(_card(word, FIRST_CARDS + day) for word in words))
            _day(workspace, clock, week)
            for market in markets:
                market.server.forget()
            gc.collect()
            week.memory_mb.append(_memory_mb())
            week.database_mb.append(file.stat().st_size / 1e6)
        _count(workspace, week, every_s)
    week.parts_mb = _parts_mb(file)
    return week


def _card(word: str, n: int) -> Card:
    title = (OFFER if n % 10 == 9 else PLAIN).format(word=word, n=n)
    return Card(f"{word}-{n}", title, description=f"{title} 可小刀 不退不换")


def _day(workspace: Workspace, clock: ManualClock, week: Week) -> None:
    ends_at = clock.now() + timedelta(days=1)
    retained_at = clock.now()
    while clock.now() < ends_at:
        with workspace.database.write(durable=False) as tx:
            now = clock.now()
            claims = watch_store.claim_due(tx, now=now, lease_s=86_400, limit=BATCH)
            closer = looks.claim_due(tx, now=now, lease_s=86_400, limit=BATCH)
        for claim in claims:
            _note_lateness(workspace, claim.id, week)
            poll_watch(workspace, claim)
        for claim in closer:
            look_at(workspace, claim)
        if clock.now() - retained_at >= timedelta(hours=1):
            retain(workspace)
            while index_due(workspace):
                pass
            retained_at = clock.now()
        if not claims and not closer:
            clock.advance(_until_due_s(workspace))


def _until_due_s(workspace: Workspace) -> float:
    with workspace.database.read() as tx:
        planned = (func.min(t.watch.c.next_poll_at), func.min(t.listing.c.look_due_at))
        times = [tx.execute(select(at)).scalar() for at in planned]
    until_s = [(at - workspace.clock.now()).total_seconds() for at in times if at is not None]
    return float(max(1.0, min(LONGEST_STEP_S, *until_s)))


def _note_lateness(workspace: Workspace, watch_id: int, week: Week) -> None:
    with workspace.database.read() as tx:
        planned_at = watch_store.get_watch(tx, watch_id).next_poll_at
    week.late_s = max(week.late_s, (workspace.clock.now() - planned_at).total_seconds())


def _count(workspace: Workspace, week: Week, every_s: float) -> None:
    with workspace.database.read() as tx:
        for table in TABLES:
            total = tx.execute(select(func.count()).select_from(table)).scalar_one()
            week.rows[table.name] = total
        started: defaultdict[int, list[datetime]] = defaultdict(list)
        rows = tx.execute(select(t.poll.c.watch_id, t.poll.c.started_at).order_by(t.poll.c.id))
        for watch_id, at in rows:
            started[watch_id].append(at)
    week.intervals = [
        (late - early).total_seconds() / every_s
        for times in started.values()
        for early, late in pairwise(times)
    ]


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _parts_mb(path: Path) -> dict[str, float]:
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as store:
        parts = store.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    return {name: size / 1e6 for name, size in sorted(parts, key=lambda part: -part[1])}


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values)


def main() -> int:
    """Print the figures; 1 when memory grew or the schedule drifted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--watches", type=int, default=200)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--every", type=float, default=4.0, help="hours")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        week = simulate(
            Path(folder), count=given.watches, days=given.days, every_s=3600 * given.every
        )
    looked = week.rows["poll"]
    print(
        f"{given.watches} watches every {given.every:g} h, {given.days} simulated days, "
        f"{looked} looks in {time.monotonic() - started:.0f} s"
    )
    print(f"memory at the end of each day, MB: {_listed(week.memory_mb)}")
    print(f"growth after day {WARM_DAYS}: {week.growth:.1%} (goal: {MAX_GROWTH:.0%} at most)")
    print(f"database at the end of each day, MB: {_listed(week.database_mb)}")
    print(f"rows: {week.rows}; {week.database_mb[-1] * 1e6 / looked:.0f} bytes a look in all")
    parts = list(week.parts_mb.items())
    print("parts, MB: " + ", ".join(f"{name} {size:.2f}" for name, size in parts[:12]))
    low, high = min(week.intervals), max(week.intervals)
    print(
        f"time between two looks: mean {week.drift:+.2%} of the interval (goal: within "
        f"{MAX_DRIFT:.0%}), {low:.2f} to {high:.2f}; at most {week.late_s:.0f} s behind the plan"
    )
    return 0 if week.growth <= MAX_GROWTH and abs(week.drift) <= MAX_DRIFT else 1


if __name__ == "__main__":
    raise SystemExit(main())
