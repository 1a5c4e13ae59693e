"""Fetching on a machine that is never on time: `python -m tests.servers.late DATABASE_URL URL`.

Every other wait for a slot ends late and every other connection opens late, as on a
machine that has too much to do and a network that has bad moments, but every time.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime

from monitor.domain.clock import Clock
from monitor.domain.page import PageRequest
from monitor.egress import Gate
from monitor.fetching.fetcher import Fetcher
from monitor.fetching.rules import FetchRules
from monitor.fetching.slots import HostSlots
from monitor.store.database import Database
from monitor.store.host_slots import DatabaseHostSlots

__all__ = ["INTERVAL_S", "LATE_S", "THREADS", "fetch_together"]

THREADS = 6
INTERVAL_S = 1.0
LATE_S = 0.8
RULES = FetchRules(min_interval_s=INTERVAL_S, jitter=0.0, obey_robots=False, timeout_s=20.0)


class _LateClock:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_late = itertools.cycle((True, False))

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._clock.sleep(seconds + LATE_S * next(self._is_late))


class _LateResolver:
    def __init__(self) -> None:
        self._is_late = itertools.cycle((True, False))

    def __call__(self, _host: str, _port: int) -> Sequence[str]:
        time.sleep(LATE_S * next(self._is_late))
        return ["127.0.0.1"]


def fetch_together(slots: HostSlots, clock: Clock, url: str) -> None:
    """One page for each of several threads that begin at once."""
    gate = Gate(("127.0.0.0/8",), resolve=_LateResolver())
    fetcher = Fetcher(gate, slots, _LateClock(clock), "late/1")
    with contextlib.closing(fetcher):
        threads = [
            threading.Thread(target=fetcher.fetch, args=(PageRequest(url), RULES))
            for _ in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main() -> None:
    """Fetch over the slots of a shared store."""
    database = Database(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    fetch_together(DatabaseHostSlots(database), database.clock, sys.argv[2])
    database.close()
    print("[]", flush=True)


if __name__ == "__main__":
    main()
