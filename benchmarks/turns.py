"""Readers of one page beside each other: turns, medians, ratios to the bare one."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

__all__ = ["Reader", "compare"]

Reader = Callable[[str], object]
WARM_UP = 2


def compare(
    readers: Mapping[str, Reader],
    page: str,
    *,
    rounds: int,
    ours: str,
    goal: float,
    libraries: Sequence[str],
) -> bool:
    """Let all readers read the page in turns and print their figures.

    What is measured is the thread's own processor time; readers take turns, so that a slow
    moment of the machine hits all alike.

    Args:
        readers: by name; the first one is the bare peer of the goal.
        page: what they read.
        rounds: turns of each.
        ours: the reader that has the goal.
        goal: the least ratio of its speed to the bare one's.
        libraries: whose versions are printed.

    Returns:
        Whether the goal was met.
    """
    bare_name = next(iter(readers))
    times = _measure(readers, page, rounds)
    bare = times[bare_name]
    print(f"conditions: n = {rounds} turns each, {os.cpu_count()} cores, {platform.machine()}")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    print(f"            Python {platform.python_version()}, {versions}")
    heading = f"speed, bare {bare_name} = 1"
    print(f"{'reader':34} {'cpu ms':>10} {heading:>34} {'quartiles':>14}")
    ratios = {}
    for name, seconds in times.items():
        turns = [one / two for one, two in zip(bare, seconds, strict=True)]
        ratios[name] = statistics.median(bare) / statistics.median(seconds)
        low, _, high = statistics.quantiles(turns, n=4) if rounds > 1 else (turns * 3)
        quartiles = f"{low:.2f} - {high:.2f}"
        median_ms = statistics.median(seconds) * 1000
        print(f"{name:34} {median_ms:10.2f} {ratios[name]:34.2f} {quartiles:>14}")
    is_met = ratios[ours] >= goal
    print(f"goal >= {goal}: {'met' if is_met else 'missed'} ({ratios[ours]:.2f})")
    return is_met


def _measure(readers: Mapping[str, Reader], page: str, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in readers}
    for turn in range(rounds + WARM_UP):
        for name, read in readers.items():
            started = time.thread_time()
            read(page)
            if turn >= WARM_UP:
                times[name].append(time.thread_time() - started)
    return times
