"""kill -9 of `monitor up` at random moments against a moving market; then everything is counted.

The market and the receiver live in this process and outlast every kill. An undisturbed
run over the same moves says what must have arrived. ``MONITOR_TEST_KILLS=40`` kills more
often than CI does.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.hit import HitFilter
from monitor.services import triage, watches
from tests.faults.world import (
    TERMS,
    Counted,
    World,
    counted,
    expected,
    is_settled,
    kill,
    open_world,
    stop,
    wait_until,
)

KILLS = int(os.environ.get("MONITOR_TEST_KILLS", "10"))
OFFERS = max(40, 2 * KILLS)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 15 * KILLS)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Watched, with a baseline to come."""
    with open_world(tmp_path / "data") as opened:
        yield opened


def run(world: World, *, kills: int, seed: int) -> Counted:
    """Let the market move while the monitor runs, and die `kills` times."""
    rng = random.Random(seed)
    with world.workspace() as workspace:
        process = world.start()
        wait_until(lambda: all(watch.baseline_at for watch in watches.list_watches(workspace)))
        moves = list(range(OFFERS))
        deaths = sorted(rng.sample(range(1, OFFERS), kills))
        for n in moves:
            world.put(n)
            time.sleep(rng.uniform(0.0, 0.3))
            if n in deaths:
                # Also in the middle of starting up.
                time.sleep(rng.choice([0.0, 0.4, 1.5]))
                kill(process)
                process = world.start()
        wait_until(lambda: triage.count(workspace, HitFilter()) >= OFFERS + len(TERMS))
        wait_until(lambda: is_settled(workspace))
        stop(process)
        return counted(world, workspace)


@pytest.mark.parametrize("kills", [0, KILLS])
def test_after_any_number_of_kills_everything_is_there_once(world: World, kills: int) -> None:
    """Hits once, indexed, and each new one alerted under one id: as in an undisturbed run."""
    assert run(world, kills=kills, seed=kills) == expected(OFFERS)


def test_a_second_monitor_on_the_same_folder_is_refused(world: World) -> None:
    """Two embedded processes would free each other's claims."""
    process = world.start()
    try:
        wait_until((world.folder / "monitor.lock").exists)
        with world.workspace() as workspace:
            wait_until(lambda: len(watches.recent_polls(workspace, limit=1)) > 0)
        second = subprocess.run(
            [sys.executable, "-m", "monitor.cli.main", "up"],
            env=world.environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 2
        assert b"another process" in second.stderr
    finally:
        stop(process)
