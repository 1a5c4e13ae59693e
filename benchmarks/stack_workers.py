"""Celery workers on many slow hosts: pages a second, politeness, scaling, Celery's own share.

    python -m benchmarks.stack_workers [--seconds 20]

Real Redis and PostgreSQL, started here; the hosts are a process of their own
(`benchmarks.loopback_market`). Pages and the time between two requests are counted
at the hosts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.loopback_market import CARDS, address
from monitor.config import load_settings
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import open_workspace
from monitor.services import keywords, sources, watches
from monitor.sources.definition import SourceDefinition
from tests.servers.workers import Crew, wait_until
from tools.services.server import free_port
from tools.services.stack import Stack

__all__ = ["main"]

HOSTS = 50
WATCHES_A_HOST = 10
THREADS = 24
SLOW_S, SLOW_THREADS = 2.0, 8
"""For scaling: hosts so slow that threads, not cores, are what there is too little of."""
GOAL_PAGES, GOAL_SHARE_OF_LINEAR, GOAL_CELERY = 40.0, 0.85, 0.10
NETWORK_S = 0.005
"""What loopback may take off an interval, beside the lateness that the hosts saw in themselves."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the hosts saw.

    Attributes:
        shortest_s: between two requests at any one host.
        late_s: by how much the hosts' own process was late at worst.
    """

    pages: int
    shortest_s: float
    late_s: float

    def has_kept(self, interval_s: float) -> bool:
        """Whether no host was asked too soon, as far as the hosts can tell."""
        return self.shortest_s >= interval_s - self.late_s - NETWORK_S


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast: on a machine with other work to do, only the processor time says much."""

    pages_per_s: float
    cpu_ms_per_page: float

    def __str__(self) -> str:
        return f"{self.pages_per_s:.1f} pages/s, {self.cpu_ms_per_page:.0f} ms of processor a page"


@dataclass(frozen=True, slots=True)
class Field:
    """A market, and the settings of workers that watch it."""

    port: int
    folder: Path
    environment: dict[str, str]

    def counts(self) -> Counts:
        """What the hosts saw since the last call."""
        with urllib.request.urlopen(f"http://{address(1)}:{self.port}/_counts") as answer:
            return Counts(**json.load(answer))


def definition(host: int, port: int, interval_s: float) -> SourceDefinition:
    """A host as a source."""
    base = f"http://{address(host)}:{port}"
    fields = {
        "native_id": {"selector": "a", "attribute": "href", "path_segment": -1},
        "url": "a::attr(href)",
        "title": "a",
        "price": ".price",
    }
    options = {
        "search": f"{base}/search?q={{term}}",
        "container": "#list",
        "row": ".card",
        "fields": fields,
    }
    return SourceDefinition.model_validate(
        {
            "name": f"host-{host}",
            "kind": "html",
            "min_interval_s": interval_s,
            "jitter": 0,
            "robots": "obey",
            "options": options,
        }
    )


@contextmanager
def field(
    stack: Stack, *, hosts: int, delay_s: float, new: int, interval_s: float, threads: int
) -> Iterator[Field]:
    """Hosts, each watched for some words; an empty database; an empty Redis."""
    redis, postgres = stack.redis(), stack.postgres()
    redis.wipe()
    command = [sys.executable, "-m", "benchmarks.loopback_market", "--hosts", str(hosts)]
    command += ["--delay", str(delay_s), "--new", str(new)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as market,
    ):
        assert market.stdout is not None
        port = int(market.stdout.readline())
        environment = {
            "MONITOR_DATA_DIR": folder,
            "MONITOR_DATABASE_URL": postgres.create_database(),
            "MONITOR_REDIS_URL": redis.url,
            "MONITOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "MONITOR_POLL_THREADS": str(threads),
            "MONITOR_PICTURES": "off",
        }
        made = {name.removeprefix("MONITOR_").lower(): v for name, v in environment.items()}
        with open_workspace(load_settings(**made)) as workspace:
            terms = [f"闲置{n}" for n in range(WATCHES_A_HOST)]
            for term in terms:
                keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="bench")
            cycle_s = max(1.0, WATCHES_A_HOST * interval_s)
            for host in range(1, hosts + 1):
                sources.put(workspace, definition(host, port, interval_s), actor="bench")
                name = f"host-{host}"
                watches.add(workspace, name, terms, interval_s=cycle_s, actor="bench")
        try:
            yield Field(port, Path(folder), environment)
        finally:
            market.kill()


def rate(found: Field, *, workers: int, seconds: float) -> tuple[Rate, Counts]:
    """How fast so many workers are once each watch was polled; what the hosts saw."""
    with Crew(found.folder, found.environment) as crew:
        members = [crew.worker("poll") for _ in range(workers)]
        for member in members:
            member.await_ready()
        crew.beat().await_ready()
        pages = 0

        def has_begun() -> bool:
            nonlocal pages
            pages += found.counts().pages
            return pages >= HOSTS * WATCHES_A_HOST

        # First pages are new from top to bottom, which is another measurement.
        wait_until(has_begun, "the first page of each watch", limit_s=600)
        # As autovacuum does within a minute; until then PostgreSQL plans for empty tables.
        with psycopg.connect(found.environment["MONITOR_DATABASE_URL"], autocommit=True) as link:
            link.execute("ANALYZE")
        found.counts()
        started, before_s = time.monotonic(), sum(cpu_s(member.pid) for member in members)
        time.sleep(seconds)
        seen = found.counts()
        took_s = sum(cpu_s(member.pid) for member in members) - before_s
        pages = max(1, seen.pages)
        return Rate(pages / (time.monotonic() - started), took_s / pages * 1000), seen


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def celery_share(stack: Stack, seconds: float) -> float:
    """Share of a busy thread's time that is not the task: receiving, dispatching, acknowledging."""
    port = free_port()
    with (
        field(stack, hosts=10, delay_s=0.0, new=CARDS, interval_s=0.0, threads=1) as found,
        Crew(found.folder, found.environment) as crew,
    ):
        crew.worker("poll", MONITOR_WORKER_PORT=str(port)).await_ready()
        crew.beat().await_ready()
        wait_until(lambda: task_seconds(port)[1] >= 5, "the first pages")
        before, started = task_seconds(port)[0], time.monotonic()
        time.sleep(seconds)
        return 1 - (task_seconds(port)[0] - before) / (time.monotonic() - started)


def task_seconds(port: int) -> tuple[float, float]:
    """Seconds in polls, and how many there were."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    found = []
    for name in ("sum", "count"):
        match = re.search(rf'^monitor_task_seconds_{name}{{task="poll"}} (\S+)', text, re.MULTILINE)
        found.append(float(match[1]) if match else 0.0)
    return found[0], found[1]


def busy(stack: Stack, seconds: float) -> bool:
    """One process against hosts that answer at once; whether both goals were met."""
    with field(stack, hosts=HOSTS, delay_s=0.2, new=2, interval_s=1.0, threads=THREADS) as found:
        speed, seen = rate(found, workers=1, seconds=seconds)
    kept = seen.has_kept(1.0)
    print(
        f"answers after 0.2 s, 2 new cards a page, 1 worker of {THREADS} threads: "
        f"{speed} (goal {GOAL_PAGES:g} pages/s, most possible {HOSTS}); "
        f"interval of 1 s {'kept' if kept else 'BROKEN'}, shortest {seen.shortest_s:.3f} s "
        f"(the hosts themselves late by up to {seen.late_s:.3f} s)",
        flush=True,
    )
    return kept and speed.pages_per_s >= GOAL_PAGES


def scaling(stack: Stack, seconds: float) -> bool:
    """More processes against slow hosts; whether each brought its share."""
    alone, is_met = 0.0, True
    for workers in (1, 2, 4):
        with field(
            stack, hosts=HOSTS, delay_s=SLOW_S, new=2, interval_s=1.0, threads=SLOW_THREADS
        ) as found:
            speed, seen = rate(found, workers=workers, seconds=seconds)
        alone = alone or speed.pages_per_s
        share = speed.pages_per_s / (alone * workers)
        is_met = is_met and share >= GOAL_SHARE_OF_LINEAR and seen.has_kept(1.0)
        print(
            f"answers after {SLOW_S:g} s, {workers} workers of {SLOW_THREADS} threads: "
            f"{speed}, {share:.0%} of linear (goal {GOAL_SHARE_OF_LINEAR:.0%}); "
            f"shortest interval {seen.shortest_s:.3f} s (hosts late by {seen.late_s:.3f} s)",
            flush=True,
        )
    return is_met


def main() -> int:
    """Measure and print; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stack_workers")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    seconds = parser.parse_args().seconds
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f} before")
    print(f"{HOSTS} hosts on loopback, {WATCHES_A_HOST} watches each, {CARDS} cards a page")
    with Stack() as stack:
        are_met = [busy(stack, seconds), scaling(stack, seconds)]
        share = celery_share(stack, seconds)
    print(
        f"page of {CARDS} new listings: Celery's own share {share:.1%} (goal < {GOAL_CELERY:.0%})"
    )
    return 0 if all(are_met) and share < GOAL_CELERY else 1


if __name__ == "__main__":
    sys.exit(main())
