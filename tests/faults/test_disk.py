"""A disk that is full for a while, and one that cannot be written to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.domain.hit import HitFilter
from monitor.services import triage, watches
from tests.faults.world import World, counted, expected, is_settled, open_world, stop, wait_until

OFFERS = 12
DISK_MB = 32
MOST_LINES = 40
"""Said of the trouble: once for each part that it hits, not at every try."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own; skips the test where none can be had."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no disk may be mounted here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(ballast: Path) -> None:
    """Take every byte that is left."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue


def test_nothing_is_lost_while_the_disk_is_full(tmp_path: Path) -> None:
    """The monitor says so, stays up, and goes on by itself when there is room again."""
    log = tmp_path / "log"
    whole = expected(OFFERS)
    with (
        disk(tmp_path / "disk", f"size={DISK_MB}m") as mounted,
        open_world(mounted / "data") as world,
        world.workspace() as workspace,
        world.running(log) as process,
    ):
        wait_until(lambda: all(watch.baseline_at for watch in watches.list_watches(workspace)))
        for n in range(OFFERS // 2):
            world.put(n)
        ballast = mounted / "ballast"
        fill_up(ballast)
        for n in range(OFFERS // 2, OFFERS):
            world.put(n)
        wait_until(lambda: "disk is full" in log.read_text(encoding="utf-8"))
        assert process.poll() is None
        ballast.unlink()
        wait_until(lambda: triage.count(workspace, HitFilter()) >= whole.hits.total())
        wait_until(lambda: is_settled(workspace))
        stop(process)
        assert counted(world, workspace) == whole
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert len(said.splitlines()) < MOST_LINES


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", *arguments],
        env=world.environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [("up",), ("hits", "list"), ("init",)])
def test_a_folder_that_cannot_be_written_to_is_one_clear_line(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """It names the folder or says that it is read-only; nothing else happens."""
    with (
        disk(tmp_path / "disk", f"size={DISK_MB}m") as mounted,
        open_world(mounted / "data") as world,
    ):
        subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
        done = run(world, *command)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"monitor: MONITOR_DATA_DIR: {world.folder} cannot be written to"
    ]
