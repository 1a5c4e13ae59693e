"""The file of evidence keys: one key for each blob, destroyed for good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain.clock import ManualClock
from monitor.errors import ConfigError, InputError
from monitor.media.keys import EvidenceKeys, SealedBlob

CONTENT = b"bytes of an original " * 50


@pytest.fixture
def keys(tmp_path: Path) -> EvidenceKeys:
    return EvidenceKeys(tmp_path / "keys" / "evidence.keys")


def test_what_is_sealed_can_be_read_with_its_key_only(
    keys: EvidenceKeys, clock: ManualClock
) -> None:
    """Two seals of one content have nothing in common."""
    first, second = (keys.seal(CONTENT, now=clock.now()) for _ in range(2))
    assert keys.unseal(first) == keys.unseal(second) == CONTENT
    assert first.key_id != second.key_id
    assert CONTENT[:16] not in first.sealed
    swapped = SealedBlob(first.uid, second.key_id, first.sealed)
    with pytest.raises(InputError, match="bytes were changed"):
        keys.unseal(swapped)
    renamed = SealedBlob(second.uid, first.key_id, first.sealed)
    with pytest.raises(InputError, match="bytes were changed"):
        keys.unseal(renamed)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(500)])
def test_damaged_bytes_are_named_and_nothing_more(
    keys: EvidenceKeys, clock: ManualClock, sealed: bytes
) -> None:
    """Whatever is left of them."""
    blob = keys.seal(CONTENT, now=clock.now())
    with pytest.raises(InputError, match="bytes were changed"):
        keys.unseal(SealedBlob(blob.uid, blob.key_id, sealed))


def test_a_destroyed_key_is_nowhere_in_the_file(
    keys: EvidenceKeys, clock: ManualClock, tmp_path: Path
) -> None:
    """Neither in a row nor on a free page, and the blob can not be read."""
    kept, gone = (keys.seal(CONTENT, now=clock.now()) for _ in range(2))
    before = b"".join(path.read_bytes() for path in (tmp_path / "keys").iterdir())
    assert gone.key_id.encode() in before
    keys.destroy([gone.uid])
    after = b"".join(path.read_bytes() for path in (tmp_path / "keys").iterdir())
    assert gone.key_id.encode() not in after
    assert gone.uid.encode() not in after
    with pytest.raises(InputError, match="key is not in the key file"):
        keys.unseal(gone)
    assert keys.unseal(kept) == CONTENT


def test_a_retired_key_opens_old_backups_until_its_time(
    keys: EvidenceKeys, clock: ManualClock
) -> None:
    """Then it goes; the newer key of the same blob stays."""
    old = keys.seal(CONTENT, now=clock.now())
    new = keys.seal(CONTENT, now=clock.now(), uid=old.uid)
    keys.retire(old.key_id, now=clock.now())
    assert keys.forget_retired(before=clock.now()) == 0
    assert keys.unseal(old) == CONTENT
    assert keys.forget_retired(before=clock.now() + timedelta(seconds=1)) == 1
    with pytest.raises(InputError, match="not in the key file"):
        keys.unseal(old)
    assert keys.unseal(new) == CONTENT


def test_erasing_destroys_retired_keys_too(keys: EvidenceKeys, clock: ManualClock) -> None:
    """A backup from before a rotation reads nothing either."""
    old = keys.seal(CONTENT, now=clock.now())
    keys.seal(CONTENT, now=clock.now(), uid=old.uid)
    keys.retire(old.key_id, now=clock.now())
    keys.bury(["digest"], [old.uid], now=clock.now())
    assert keys.blobs(made_before=clock.now() + timedelta(days=1)) == set()
    assert keys.tombstones() == keys.tombstones(waiting_only=True) == ["digest"]
    keys.mark_replayed(["digest"])
    assert keys.tombstones(waiting_only=True) == []
    keys.replay_all()
    assert keys.tombstones(waiting_only=True) == ["digest"]


def test_a_copy_works_until_the_day_when_it_must_not_exist(
    keys: EvidenceKeys, clock: ManualClock, tmp_path: Path
) -> None:
    """What was erased since could be read with it."""
    blob = keys.seal(CONTENT, now=clock.now())
    copy = EvidenceKeys(tmp_path / "safe" / "copy.evidence")
    keys.copy_to(tmp_path / "safe" / "copy.evidence", now=clock.now())
    assert copy.unseal(blob) == CONTENT
    clock.advance(30 * 86_400)
    copy.check_age(now=clock.now(), most_days=30)
    clock.advance(1)
    with pytest.raises(InputError, match="older than 30 days"):
        copy.check_age(now=clock.now(), most_days=30)
    with pytest.raises(InputError, match="is no copy of evidence keys"):
        keys.check_age(now=clock.now(), most_days=30)
    with pytest.raises(InputError, match="File exists"):
        keys.copy_to(tmp_path / "safe" / "copy.evidence", now=clock.now())


def test_a_file_that_others_can_read_is_refused(keys: EvidenceKeys, clock: ManualClock) -> None:
    """As with the other keys."""
    blob = keys.seal(CONTENT, now=clock.now())
    path = keys._path
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="readable by other users"):
        keys.unseal(blob)


@pytest.mark.parametrize("content", [b"not a database", bytes(4096), b"SQLite format 3\x00" * 9])
def test_a_damaged_file_is_named(keys: EvidenceKeys, clock: ManualClock, content: bytes) -> None:
    """And never written over."""
    path = keys._path
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="not a file of evidence keys"):
        keys.seal(CONTENT, now=clock.now())
    assert path.read_bytes() == content


def test_before_the_first_seal_there_is_no_file(keys: EvidenceKeys, clock: ManualClock) -> None:
    """Asking makes none."""
    assert not keys.exists
    assert keys.tombstones() == []
    assert keys.blobs(made_before=clock.now()) == set()
    assert keys.forget_retired(before=clock.now()) == 0
    keys.destroy(["x"])
    keys.replay_all()
    assert not keys.exists
