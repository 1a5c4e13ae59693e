"""The simulated disk itself: it sees every change, keeps what was synced and loses the rest."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.disk import Disk
from tests.faults.recording import Recording

DATABASE = """
import sqlite3, sys
file = sqlite3.connect("store.db", isolation_level=None)
file.execute("PRAGMA journal_mode=" + sys.argv[1])
file.execute("PRAGMA synchronous=" + sys.argv[2])
file.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
for n in range(200):
    file.execute("INSERT INTO t VALUES (?, ?)", (n, 3000 * "x"))
"""
ROWS = 200
NAMES = """
import os, shutil
os.makedirs("a/b")
with open("a/b/one", "w") as file:
    file.write("1" * 5000)
os.link("a/b/one", "a/two")
with open("a/two", "r+") as file:
    file.seek(1000)
    file.write("2")
    file.truncate(3000)
shutil.copyfile("a/two", "three")
os.rename("three", "a/four")
os.replace("a/two", "a/four")
os.mkdir("gone")
open("gone/file", "w").close()
shutil.rmtree("gone")
"""


def run(recording: Recording, script: str, *arguments: str) -> Disk:
    """Run a script in the recorded folder; the disk after it."""
    disk = Disk(recording.root)
    subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=recording.root,
        env={**os.environ, **recording.environment},
        check=True,
    )
    for step in recording.steps():
        disk.take(step)
    return disk


def contents(folder: Path) -> dict[str, bytes]:
    """Files by name. What is shared between processes only is not meant to last."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if not path.name.endswith("-shm")
    }


@pytest.mark.parametrize(
    ("script", "arguments"),
    [(NAMES, ()), (DATABASE, ("WAL", "FULL")), (DATABASE, ("DELETE", "FULL"))],
)
def test_a_disk_that_keeps_everything_holds_what_is_there(
    recording: Recording, tmp_path: Path, script: str, arguments: tuple[str, ...]
) -> None:
    """No change escapes the recorder."""
    disk = run(recording, script, *arguments)
    disk.after_power_cut(random.Random(1), survival=1.0).lay_out(tmp_path / "kept")
    assert contents(recording.root)
    assert contents(tmp_path / "kept") == contents(recording.root)


def test_what_was_not_synced_may_be_gone(recording: Recording, tmp_path: Path) -> None:
    """Nothing at all of the script's work is: it synced neither bytes nor names."""
    run(recording, NAMES).after_power_cut(random.Random(1)).lay_out(tmp_path / "kept")
    assert contents(recording.root)
    assert contents(tmp_path / "kept") == {}


def test_a_write_may_be_torn(recording: Recording, tmp_path: Path) -> None:
    """Some of its sectors are new, the others are as they were."""
    (recording.root / "file").write_bytes(b"o" * 8192)
    disk = run(recording, "open('file', 'r+').write(8192 * 'n')")
    seen = set()
    for seed in range(40):
        disk.after_power_cut(random.Random(seed), survival=0.3).lay_out(tmp_path / "kept")
        content = (tmp_path / "kept" / "file").read_bytes()
        sectors = {content[at : at + 512] for at in range(0, 8192, 512)}
        assert sectors <= {b"o" * 512, b"n" * 512}
        seen.add(len(sectors))
    assert seen == {1, 2}


@pytest.mark.parametrize(("journal", "synchronous"), [("WAL", "FULL"), ("DELETE", "EXTRA")])
@pytest.mark.parametrize("survival", [0.0, 0.3, 0.7])
def test_a_database_that_syncs_survives_at_every_moment(
    recording: Recording, tmp_path: Path, journal: str, synchronous: str, survival: float
) -> None:
    """What SQLite promises, the simulated disk lets it keep."""
    disk = Disk(recording.root)
    run(recording, DATABASE, journal, synchronous)
    rng = random.Random(f"{journal} {survival}")
    steps = recording.steps()
    moments = {rng.randrange(len(steps)) for _ in range(40)}
    rows = 0
    for moment, step in enumerate(steps):
        disk.take(step)
        if moment in moments:
            disk.after_power_cut(rng, survival=survival).lay_out(tmp_path / "kept")
            before, rows = rows, count(tmp_path / "kept")
            assert rows >= before
    disk.after_power_cut(rng, survival=survival).lay_out(tmp_path / "kept")
    assert count(tmp_path / "kept") == ROWS


def count(folder: Path) -> int:
    """Rows of the script's table in a whole database."""
    with closing(sqlite3.connect(folder / "store.db")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 't'").fetchone():
            return 0
        return int(file.execute("SELECT count(*) FROM t").fetchone()[0])


def test_a_database_that_does_not_sync_loses_what_it_promised(
    recording: Recording, tmp_path: Path
) -> None:
    """Else none of the other tests would show anything."""
    disk = run(recording, DATABASE, "WAL", "OFF")
    disk.after_power_cut(random.Random(1)).lay_out(tmp_path / "kept")
    with closing(sqlite3.connect(recording.root / "store.db")) as file:
        assert file.execute("SELECT count(*) FROM t").fetchone() == (ROWS,)
    assert count(tmp_path / "kept") == 0
