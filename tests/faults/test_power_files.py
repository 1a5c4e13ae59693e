"""The power goes while a command works on keys, backups and restores; what is on the disk then."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.domain.hit import HitFilter, Verdict
from monitor.errors import InputError
from monitor.keyring import Keyring
from monitor.media.keys import EvidenceKeys, SealedBlob
from monitor.pipeline.workspace import open_workspace
from monitor.services import triage
from monitor.services.backup import backup, restore
from monitor.services.manifest import Manifest
from tests.faults.disk import Disk
from tests.faults.recording import Recording
from tests.servers.filled import fill, opened, rows_of
from tests.servers.shop import Shop

SURVIVALS = (0.0, 0.5, 0.5)
EVERY = 25
"""Of writes, one in so many is a moment that is looked at; of all other changes, each."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(recording: Recording, *command: str, **environment: str) -> str:
    """Run Python with these arguments, recorded; what it prints."""
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **recording.environment, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def disks(disk: Disk, recording: Recording, folder: Path) -> Iterator[bool]:
    """Make `folder` what it may be at each moment of a command; True when it had ended."""
    rng = random.Random(folder.parent.name)
    steps = recording.steps()
    for number, step in enumerate(steps):
        disk.take(step)
        if step.kind != "w" or number % EVERY == 0:
            for survival in SURVIVALS:
                disk.after_power_cut(rng, survival=survival).lay_out(folder)
                yield False
    for survival in SURVIVALS:
        disk.after_power_cut(rng, survival=survival).lay_out(folder)
        yield True


@pytest.mark.parametrize("keys", ["data/keys/keys.json", "elsewhere/deep/keys.json"])
def test_a_store_never_outlives_its_keys(recording: Recording, tmp_path: Path, keys: str) -> None:
    """`monitor init` has them on the disk before anything that needs them; then all lasts."""
    disk, root, copy = Disk(recording.root), recording.root, tmp_path / "copy"
    places = {"MONITOR_DATA_DIR": str(root / "data"), "MONITOR_KEYS_FILE": str(root / keys)}
    said = run(recording, "-m", "monitor.cli.main", "init", **places)
    token = next(word for word in said.split() if word.startswith("mon_"))
    for has_ended in disks(disk, recording, copy):
        found = token_key(copy / "data" / "monitor.db")
        assert found or not has_ended
        if found:
            keyring = Keyring.open(copy / keys, may_create=False)
            assert keyring.digest("session", token) == found


def token_key(file: Path) -> str | None:
    """What a store keeps of its admin's token; None before there is one."""
    if not file.exists():
        return None
    with closing(sqlite3.connect(file)) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'token'").fetchone():
            return None
        row = store.execute("SELECT token_key FROM token").fetchone()
        return row[0] if row else None


SEAL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from monitor.media.keys import EvidenceKeys
blob = EvidenceKeys(Path(sys.argv[1])).seal(b"a picture", now=datetime.now(UTC))
print(blob.uid, blob.key_id, blob.sealed.hex())
"""
BURY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from monitor.media.keys import EvidenceKeys
EvidenceKeys(Path(sys.argv[1])).bury(["picture"], [sys.argv[2]], now=datetime.now(UTC))
"""


def test_the_key_of_a_sealed_picture_lasts_and_a_destroyed_one_never_comes_back(
    recording: Recording, tmp_path: Path
) -> None:
    """Both as soon as the call returns."""
    disk, place = Disk(recording.root), recording.root / "keys" / "evidence.keys"
    uid, key_id, sealed = run(recording, "-c", SEAL, str(place)).split()
    blob = SealedBlob(uid, key_id, bytes.fromhex(sealed))
    keys = EvidenceKeys(tmp_path / "copy" / "keys" / "evidence.keys")
    for has_ended in disks(disk, recording, tmp_path / "copy"):
        if has_ended:
            assert keys.unseal(blob) == b"a picture"
    buried = Recording(recording.root, tmp_path / "trace2", recording.library)
    disk = Disk(recording.root)
    run(buried, "-c", BURY, str(place), uid)
    for has_ended in disks(disk, buried, tmp_path / "copy"):
        if has_ended:
            assert keys.tombstones() == ["picture"]
            with pytest.raises(InputError, match="its key is not in the key file"):
                keys.unseal(blob)


def test_a_backup_is_whole_or_none(recording: Recording, tmp_path: Path) -> None:
    """Also after a power cut; and once the command has ended it is whole, its keys with it."""
    root, copy = recording.root, tmp_path / "copy"
    settings = load_settings(data_dir=tmp_path / "data", allow_networks=("127.0.0.0/8",))
    with Shop() as shop:
        rows = fill(settings, shop)
    EvidenceKeys(settings.evidence_keys_path).seal(b"a picture", now=datetime.now(UTC))
    disk = Disk(root)
    places = (str(root / "backup"), "--with-keys", str(root / "keys.json"))
    command = ("-m", "monitor.cli.main", "backup", *places)
    run(recording, *command, MONITOR_DATA_DIR=str(settings.data_dir))
    for has_ended in disks(disk, recording, copy):
        if has_ended or (copy / "backup" / "manifest.json").exists():
            Manifest.read(copy / "backup")
        if has_ended:
            restored = load_settings(data_dir=tmp_path / "restored")
            restore(restored, copy / "backup", keys_from=copy / "keys.json")
            assert opened(restored.data_dir) == rows
            assert restored.evidence_keys_path.stat().st_size > 0
            shutil.rmtree(restored.data_dir)


def test_a_restore_leaves_the_old_store_the_new_one_or_a_mark(
    recording: Recording, tmp_path: Path
) -> None:
    """Never a mixture, never a store whose keys are unknown."""
    data, folder, copy = recording.root / "data", tmp_path / "backup", tmp_path / "copy"
    settings = load_settings(data_dir=data, allow_networks=("127.0.0.0/8",))
    with Shop() as shop:
        new = fill(settings, shop)
    backup(settings, folder)
    with open_workspace(settings) as workspace:
        hit = triage.queue(workspace, HitFilter())[-1]
        triage.triage(workspace, hit.id, Verdict.BENIGN, reason="after the backup", actor="li")
        old = rows_of(workspace)
    disk = Disk(recording.root)
    run(recording, "-m", "tests.servers.dying", str(data), str(folder), "0")
    seen = set()
    for has_ended in disks(disk, recording, copy):
        found = opened(copy / "data")
        seen.add("mark" if found is None else "old" if found == old else "new")
        assert found in ((new,) if has_ended else (None, old, new))
        assert has_ended or found != new or (copy / "data" / "keys.expected").exists()
    assert seen == {"old", "mark", "new"}
