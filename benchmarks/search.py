"""The embedded index: how long the console's questions take over very many hits.

    python -m benchmarks.search [--hits 100000] [--file PATH]

Hits are invented; `--file` keeps the index, so that a second run need not fill it. Every
question of a kind has other filters or words than the one before it. Printed are the time
on the clock, which the goals are about, and the thread's own processor time, which other
programs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.search.protocol import HitDocument, HitQuery
from monitor.search.sqlite import SqliteHitIndex

GOAL_RARE_MS, GOAL_COMMON_MS, GOAL_FACET_MS = 20.0, 150.0, 150.0
ASKED = 60
PIECE = 5000
SPAN = timedelta(days=180)
FIRST_FOUND_AT = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = ("人脸", "四件套", "过人脸", "活化", "教程")
"""Each stands in a fifth of all hits."""
RARE = 2000
"""How many rare words there are; each stands in one hit of this many."""
SOURCES, SELLERS = 20, 5000
CATEGORIES = ("face_id_bundle", "photo_animation_tool", "face_verification_bypass")
FILLER = "的一是了我不在有他这上们来到时大地为子中你说生国年着就那和要她出也得里后自以会"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when every goal was met.

    Args:
        arguments: of the command line; None: this process's own.
    """
    parser = argparse.ArgumentParser(description="The embedded index over very many hits.")
    parser.add_argument("--hits", type=int, default=100_000)
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        path = asked.file
        if path is None:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "index.db"
        index = stack.enter_context(closing(SqliteHitIndex(path)))
        if index.needs_rebuild or index.find(HitQuery(limit=1)).total != asked.hits:
            fill(index, asked.hits)
        machine = f"{os.cpu_count()} cores {platform.machine()}, load {os.getloadavg()[0]:.1f}"
        print(f"{machine}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
        print(f"{asked.hits} hits, {path.stat().st_size / 1e6:.0f} MB; n = {ASKED} of each kind")
        return 0 if measure(index) else 1


def fill(index: SqliteHitIndex, count: int) -> None:
    """Put `count` hits found over half a year into the index."""
    draw = random.Random(count)
    started = time.perf_counter()
    with index.rebuilding() as filling:
        for batch in _batches(draw, count):
            filling.put(batch)
    print(f"filled at {count / (time.perf_counter() - started):.0f} hits/s", flush=True)


def _batches(draw: random.Random, count: int) -> Iterator[list[HitDocument]]:
    for start in range(1, count + 1, PIECE):
        yield [_document(draw, n, count) for n in range(start, min(start + PIECE, count + 1))]


def _document(draw: random.Random, n: int, count: int) -> HitDocument:
    words = [word for word in COMMON if draw.random() < 0.2]
    filler = "".join(draw.choices(FILLER, k=60))
    text = f"{' '.join(words)} {filler} {_rare(draw.randrange(RARE))}"
    at = FIRST_FOUND_AT + SPAN * (n / count)
    return HitDocument(
        hit_id=n,
        revision=1,
        source=f"market{draw.randrange(SOURCES):02d}",
        native_id=f"n{n}",
        url=f"https://market.example/item/{n}",
        title=text[:30],
        text=text,
        decision=draw.choices(("hit", "review"), (6, 4))[0],
        score=round(draw.uniform(0.5, 1), 4),
        categories=(draw.choices(CATEGORIES, (6, 3, 1))[0],),
        intent="sell",
        keywords=(),
        status=draw.choices(("open", "closed"), (5, 5))[0],
        verdict="",
        seller=f"卖家**{draw.randrange(SELLERS)}",
        region="",
        price_minor=100,
        currency="CNY",
        first_seen_at=at,
        found_at=at,
    )


def _rare(number: int) -> str:
    """A word of letters only: digits would be cut from them."""
    return "zq" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}")


def measure(index: SqliteHitIndex) -> bool:
    """Ask and print; whether every goal was met."""
    pairs = [
        {"source": [f"market{n % SOURCES:02d}"], "category": [CATEGORIES[n % 3]]}
        if n % 2
        else {"decision": [("hit", "review")[n // 2 % 2]], "category": [CATEGORIES[n // 2 % 3]]}
        for n in range(ASKED + 5)
    ]
    kinds: dict[str, tuple[float, Callable[[int], object]]] = {
        "rare word, two filters": (
            GOAL_RARE_MS,
            lambda n: index.find(HitQuery(text=_rare(n * 7), filters=pairs[n])),
        ),
        "word in a fifth, two filters": (
            GOAL_COMMON_MS,
            lambda n: index.find(HitQuery(text=COMMON[n % 5], filters=pairs[n])),
        ),
        "facet of all hits (counters)": (
            GOAL_FACET_MS,
            lambda n: index.count_by(HitQuery(), ("source", "seller", "category")[n % 3]),
        ),
        "facet under two filters": (
            0.0,
            lambda n: index.count_by(HitQuery(filters=pairs[n]), "source"),
        ),
    }
    are_met = True
    for name, (goal_ms, ask) in kinds.items():
        clock_ms, own_ms = _times(ask)
        p95, own = (statistics.quantiles(times, n=20)[-1] for times in (clock_ms, own_ms))
        goal = f"goal {goal_ms:.0f} ms" if goal_ms else "no goal"
        line = f"median {statistics.median(clock_ms):7.1f}, p95 {p95:7.1f} ms"
        print(f"  {name:<30} {line} (processor {own:.1f}); {goal}", flush=True)
        are_met = are_met and (not goal_ms or p95 <= goal_ms)
    return are_met


def _times(ask: Callable[[int], object]) -> tuple[list[float], list[float]]:
    clock_ms, own_ms = [], []
    for n in range(ASKED + 5):
        started, own = time.perf_counter(), time.thread_time()
        ask(n)
        if n >= 5:
            clock_ms.append(1000 * (time.perf_counter() - started))
            own_ms.append(1000 * (time.thread_time() - own))
    return clock_ms, own_ms


if __name__ == "__main__":
    raise SystemExit(main())
