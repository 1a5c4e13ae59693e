"""From a market's pages to indexed hits: listings a second, and where the time goes.

    python -m benchmarks.pipeline [--listings 10000]

A sample market in a process of its own shows invented listings, 100 a page, as
JSON. One watch reads them all, three tenths of them offers; then the index takes
every hit. Steps are timed by wrapping the very functions that the pipeline calls;
what is left is called "other".
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from monitor.config import load_settings
from monitor.demo.sources import demo_source
from monitor.domain.watch import PollSummary
from monitor.pipeline import poll as polling
from monitor.pipeline.index import index_due
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, setup, sources, triage, watches
from monitor.sources.definition import SourceDefinition

PAGE_SIZE = 100
MAX_PAGES = 200
GOAL_SHARE = 0.5
TERM = "四件套"
STEPS = {
    "fetch": "ask the market, check the address, wait for the body",
    "parse": "JSON to listings",
    "assess": "classify, redact, seal contacts, look up known versions",
    "record": "listings, versions, assessments, hits, outbox in one transaction a page",
    "index": "hits from the outbox into the search index",
}


class Stopwatch:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def around(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[step] += time.perf_counter() - started

        return timed


@contextmanager
def market(listings: int) -> Iterator[str]:
    """The address of a sample market in a process of its own."""
    command = [sys.executable, "-m", "monitor.demo.market", "--still"]
    command += ["--listings", str(listings), "--page-size", str(PAGE_SIZE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def everything(base_url: str) -> SourceDefinition:
    """The market's JSON face, asked for nothing in particular: it shows all it has."""
    row = demo_source("sample-json", base_url).model_dump(mode="json")
    row["options"].pop("item")
    row["options"]["search"]["body"] = {"q": "", "page": "{page}", "note": "{term}"}
    return SourceDefinition.model_validate({**row, "max_pages": MAX_PAGES, "min_interval_s": 0})


def measure(
    workspace: Workspace, base_url: str
) -> tuple[PollSummary, int, float, dict[str, float]]:
    """One look at everything, then the index.

    Returns:
        The look, indexed hits, seconds in all, seconds by step.
    """
    definition = everything(base_url)
    record = sources.put(workspace, definition, actor="bench")
    watches.add(workspace, definition.name, [TERM], interval_s=3600, actor="bench")
    source = workspace.source(record)
    workspace.assessor()
    watch = Stopwatch()
    wrapped: list[tuple[Any, str, str]] = [
        (workspace.fetcher, "fetch", "fetch"),
        (source, "parse_search", "parse"),
        (polling, "draft_listings", "assess"),
        (polling, "record_page", "record"),
    ]
    with ExitStack() as stack:
        for owner, name, step in wrapped:
            timed = watch.around(step, getattr(owner, name))
            stack.enter_context(patch.object(owner, name, timed))
        started = time.perf_counter()
        summary = watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
        indexed = 0
        take = watch.around("index", index_due)
        while count := take(workspace):
            indexed += count
        total = time.perf_counter() - started
    return summary, indexed, total, dict(watch.seconds)


def main() -> int:
    """Print listings a second and each step's share; 0 when none is above half."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--listings", type=int, default=10_000, help="at most 20,000")
    listings = max(PAGE_SIZE, min(parser.parse_args().listings, PAGE_SIZE * MAX_PAGES))
    with tempfile.TemporaryDirectory() as folder, market(listings) as base_url:
        settings = load_settings(
            data_dir=Path(folder) / "data",
            allow_networks=("127.0.0.0/8",),
            lease_s=3600,
            pictures="off",
        )
        with open_workspace(settings) as workspace:
            setup.init(workspace, actor="bench")
            terms = len(keywords.list_keywords(workspace))
            summary, indexed, total, seconds = measure(workspace, base_url)
            found = triage.count(workspace, triage.HitFilter())
    if (summary.rows, indexed) != (listings, found):
        print(f"wrong: {summary.rows} of {listings} rows, {indexed} of {found} hits indexed")
        return 1
    print(f"conditions: n = {listings} listings, {summary.pages} pages, {terms} keywords,")
    print(f"            {os.cpu_count()} cores, {platform.machine()}, {platform.python_version()}")
    print(f"poll to indexed hit: {listings / total:.0f} listings/s ({total:.1f} s), {indexed} hits")
    seconds["other"] = total - sum(seconds.values())
    for step, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        what = STEPS.get(step, "claims, commits to disk, the poll's own rows")
        print(
            f"  {step:8} {spent / total:6.1%}  {spent / listings * 1e6:7.0f} us a listing  {what}"
        )
    largest = max(seconds.values()) / total
    is_met = largest <= GOAL_SHARE
    print(f"goal: no step above {GOAL_SHARE:.0%}: {'met' if is_met else 'missed'} ({largest:.0%})")
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
