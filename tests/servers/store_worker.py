"""What one of several processes does to a shared store: `python -m tests.servers.store_worker`.

Prints one JSON value at the end. Every process works with several threads, and begins
when its standard input says so, so that all begin at the same moment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from monitor.store import outbox
from monitor.store.database import Database
from monitor.store.host_slots import DatabaseHostSlots

THREADS = 4
INTERVAL_S = 1000.0
"""Of the slots: so long that no noise of the machine can be taken for an interval."""
RESERVATIONS = 15


def open_store(url: str) -> list[str]:
    """Open the store, which makes the schema; nothing to say."""
    Database(url).close()
    return []


def claim_all(url: str) -> list[int]:
    """Claim and finish entries until none is left; what was claimed."""
    database = Database(url)

    def work(_: int) -> list[int]:
        mine: list[int] = []
        while True:
            with database.write(durable=False) as tx:
                found = outbox.claim(tx, "index", now=database.now(), lease_s=60, limit=3)
            if not found:
                return mine
            with database.write() as tx:
                outbox.done(tx, found)
            mine += [entry.ref_id for entry in found]

    return _on_threads(database, work)


def take_slots(url: str) -> list[int]:
    """Reserve slots of one host; which ones, counted from now on."""
    database = Database(url)
    slots = DatabaseHostSlots(database)

    def work(_: int) -> list[int]:
        waits = [slots.reserve("market.example", INTERVAL_S) for _ in range(RESERVATIONS)]
        return [round(wait / INTERVAL_S) for wait in waits]

    return _on_threads(database, work)


def _on_threads(database: Database, work: Callable[[int], list[int]]) -> list[int]:
    with ThreadPoolExecutor(THREADS) as pool:
        found = [each for part in pool.map(work, range(THREADS)) for each in part]
    database.close()
    return found


ACTS: dict[str, Callable[[str], list[int] | list[str]]] = {
    "open": open_store,
    "claim": claim_all,
    "slots": take_slots,
}


def main() -> None:
    """Say that we are there, wait for the start, act, print."""
    act, url = ACTS[sys.argv[1]], sys.argv[2]
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(act(url)), flush=True)


if __name__ == "__main__":
    main()
