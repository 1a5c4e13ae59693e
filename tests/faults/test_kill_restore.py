"""kill -9 at every step of a restore: the old store, the new one, or a mark that says neither."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.domain.hit import HitFilter, Verdict
from monitor.pipeline.workspace import open_workspace
from monitor.services import triage
from monitor.services.backup import backup, restore
from tests.servers.filled import fill, opened, rows_of
from tests.servers.shop import Shop

MOST_STEPS = 80

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def restore_until(data_dir: Path, folder: Path, step: int) -> bool:
    """Restore in a process that dies before a step; whether it came to its end instead."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.dying", str(data_dir), str(folder), str(step)],
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode == 0


def test_a_restore_that_is_killed_leaves_the_old_store_the_new_one_or_a_mark(
    tmp_path: Path,
) -> None:
    """Never a mixture; and the same command, given again, brings it to its end."""
    original, folder = tmp_path / "original", tmp_path / "backup"
    settings = load_settings(data_dir=original, allow_networks=("127.0.0.0/8",))
    with Shop() as shop:
        new = fill(settings, shop)
    backup(settings, folder)
    with open_workspace(settings) as workspace:
        hit = triage.queue(workspace, HitFilter())[-1]
        triage.triage(workspace, hit.id, Verdict.BENIGN, reason="after the backup", actor="li")
        old = rows_of(workspace)
        # A log beside the database, as a killed monitor leaves it.
        shutil.copytree(original, tmp_path / "crashed")
    assert (tmp_path / "crashed" / "monitor.db-wal").stat().st_size > 0
    seen = set()
    for step in range(1, MOST_STEPS):
        data_dir = tmp_path / "killed" / "data"
        shutil.copytree(tmp_path / "crashed", data_dir)
        is_done = restore_until(data_dir, folder, step)
        found = opened(data_dir)
        if is_done:
            assert found == new
            break
        seen.add("mark" if found is None else "old" if found == old else "new")
        assert found in (None, old, new), f"killed before step {step}"
        restore(load_settings(data_dir=data_dir), folder, is_forced=found is not None)
        assert opened(data_dir) == new
        shutil.rmtree(data_dir)
    assert is_done
    assert seen >= {"old", "mark"}
