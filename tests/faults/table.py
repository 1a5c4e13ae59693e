"""The fault table: `python -m tests.faults.table [--moments 20] [--outage 60] [NAME ...]`.

Runs every fault against real servers, counts everything afterwards, and writes
`docs/reference/faults.md`. CI runs the same, milder, as `tests/faults/test_table.py`.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.catalogue import FAULTS
from tests.faults.fault import Extent, Fault
from tests.faults.stage import Stage, open_stage
from tools.services.find import ServiceMissing
from tools.services.stack import Stack

__all__ = ["Result", "main", "run"]

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/faults.md"
PATIENCE_S = 240.0
HEAD = """\
# Faults

Written by `make faults`. Redis, PostgreSQL and Elasticsearch are real and reached through TCP
proxies; one Celery worker a queue, and beat, are each started anew when they die. Offers appear
in a shop while the fault lasts. Afterwards all is counted at the far ends: every listing, hit,
indexed hit and alert (by its id at the receiver) must be there once, nothing may wait any more,
and nobody repairs by hand.

What one machine on SQLite survives (kills at 40 random moments, 20 power cuts) stands in
[Figures](figures.md).

"""


@dataclass(frozen=True, slots=True)
class Result:
    """One row.

    Attributes:
        settled_s: from the end of the fault until everything was there.
        trouble: what was missing or there twice; empty: nothing.
    """

    fault: Fault
    offers: int
    settled_s: float
    trouble: str


def run(stage: Stage, fault: Fault, extent: Extent) -> Result:
    """Let it strike, wait until all is settled, count."""
    scene = stage.scene
    before = len(scene.new)
    fault.strike(stage, extent)
    struck_at = time.monotonic()
    scene.offer()
    trouble = ""
    try:
        scene.await_all(PATIENCE_S)
    except AssertionError as error:
        trouble = str(error)
    settled_s = time.monotonic() - struck_at
    found, expected = scene.counted(), scene.expected()
    for name in ("listings", "hits", "indexed", "alerts"):
        is_there, should_be = getattr(found, name), getattr(expected, name)
        if is_there != should_be:
            lacking, excess = should_be - is_there, is_there - should_be
            trouble += f" {name}: {lacking.total()} missing, {excess.total()} too many"
    return Result(fault, len(scene.new) - before, settled_s, trouble.strip())


def _stage_and_run(stack: Stack, fault: Fault, extent: Extent) -> Result:
    with tempfile.TemporaryDirectory() as folder, open_stage(Path(folder), stack) as stage:
        return run(stage, fault, extent)


def _row(result: Result, extent: Extent) -> str:
    what = result.fault.what.format(moments=extent.moments, outage=f"{extent.outage_s:g}")
    verdict = result.trouble or "everything once"
    return f"| {what} | {result.offers} | {verdict} | {result.settled_s:.0f} s |"


def _write(results: list[Result], extent: Extent) -> None:
    lines = [
        "| fault | offers meanwhile | afterwards | settled after |",
        "| --- | --- | --- | --- |",
        *(_row(result, extent) for result in results),
    ]
    page = HEAD + "\n".join(lines) + "\n"
    done = {result.fault.name for result in results}
    if left_out := [fault.name for fault in FAULTS if fault.name not in done]:
        page += f"\nNot run: {', '.join(left_out)}.\n"
    rare = ", ".join(fault.name for fault in FAULTS if not fault.is_daily)
    page += (
        f"\nCI runs these with two moments and outages of 10 s, for lack of time all but: {rare}.\n"
    )
    page += (
        f"\nConditions: {os.cpu_count()} cores, Python {platform.python_version()}, leases of 5 s, "
        f"watches every second; seconds depend on what else the machine does.\n"
    )
    PAGE.write_text(page, encoding="utf-8")


def main() -> int:
    """Run the faults that are named, or all; 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.table")
    parser.add_argument("names", nargs="*", help="faults to run; default: all, and write the page")
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--outage", type=float, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    extent = Extent(given.moments, given.outage, random.Random(given.seed))
    wanted = [fault for fault in FAULTS if not given.names or fault.name in given.names]
    results = []
    with Stack() as stack:
        for fault in wanted:
            try:
                results.append(_stage_and_run(stack, fault, extent))
            except ServiceMissing as missing:
                print(f"{fault.name}: not run: {missing}", flush=True)
                continue
            print(_row(results[-1], extent), flush=True)
            if not given.names:
                # At once: a run of the whole table takes long, and may be broken off.
                _write(results, extent)
    return int(any(result.trouble for result in results))


if __name__ == "__main__":
    sys.exit(main())
