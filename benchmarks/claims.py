"""Many analysts at one queue: each takes the next hit and judges it, until none is left.

    python -m benchmarks.claims --hits 10000 --analysts 20 [--database-url URL]

The store must be empty; without an address it is SQLite in a folder that is deleted.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.stack_hits import fill
from monitor.config import load_settings
from monitor.domain.hit import HitFilter, Verdict
from monitor.errors import ConflictError
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import claiming, triage

__all__ = ["Race", "race"]

OPEN = HitFilter(status=("open",), is_muted=False)


@dataclass
class Race:
    """What the analysts did.

    Attributes:
        taken: ids of hits, once for each time that one was taken.
        refused: verdicts that were refused because somebody else had the hit.
        seconds: how long all of it took.
    """

    taken: list[int] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0


def race(workspace: Workspace, *, analysts: int) -> Race:
    """Let analysts, a thread each, empty the queue."""
    done = Race()
    lock = threading.Lock()

    def work(name: str) -> None:
        while (hit := claiming.claim_next(workspace, OPEN, actor=name)) is not None:
            with lock:
                done.taken.append(hit.id)
            try:
                triage.triage(workspace, hit.id, Verdict.BENIGN, reason="seen", actor=name)
            except ConflictError:
                with lock:
                    done.refused += 1

    threads = [threading.Thread(target=work, args=(f"analyst-{n}",)) for n in range(analysts)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.seconds = time.monotonic() - started
    return done


def main() -> None:
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=10_000)
    parser.add_argument("--analysts", type=int, default=20)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), database_url=asked.database_url)
        with open_workspace(settings) as workspace:
            fill(workspace.database, asked.hits)
            done = race(workspace, analysts=asked.analysts)
            left = triage.count(workspace, OPEN)
    doubled = sum(count - 1 for count in Counter(done.taken).values())
    print(
        f"{len(done.taken)} claims and verdicts by {asked.analysts} analysts in "
        f"{done.seconds:.1f} s: {doubled} double, {left} lost, {done.refused} refused"
    )


if __name__ == "__main__":
    main()
