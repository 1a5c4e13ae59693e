"""A backup holds what was committed; a restore puts all of it back, or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.config import Settings
from monitor.domain.hit import HitFilter, Verdict
from monitor.errors import ConfigError, InputError, MonitorError, StoreBusy, StoreError
from monitor.pipeline.workspace import open_workspace
from monitor.runner import Runner
from monitor.services import contacts, overview, triage
from monitor.services.backup import backup, restore
from monitor.services.manifest import MANIFEST, Manifest
from tests.functional.backup.conftest import MakePlace
from tests.servers.filled import ACCOUNT, Rows, fill, offer, prepare, rows_of
from tests.servers.scripted import Reply
from tests.servers.shop import Shop


def opened(settings: Settings) -> Rows:
    """What a start on these settings finds."""
    with open_workspace(settings) as workspace:
        return rows_of(workspace)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same_keys(source: Settings, target: Settings) -> None:
    """Put the keys in place, as the operator does."""
    target.keys_path.parent.mkdir(parents=True)
    shutil.copy(source.keys_path, target.keys_path)


def test_a_backup_of_a_busy_monitor_holds_all_that_was_committed(
    place: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """While polls, looks and alerts go on: listings, hits, verdicts, alerts and audit."""
    shop.server.route("/hook", Reply(204))
    source = place("busy")
    with open_workspace(source) as workspace:
        prepare(workspace, shop, hook=shop.server.url("/hook"), interval_s=1)
        with Runner(workspace) as runner:
            for number in range(3):
                shop.put(*(offer(10 * number + part) for part in range(10)))
                while len(triage.queue(workspace, HitFilter(), limit=99)) < 10 * number + 3:
                    runner.wait(0.05)
                hit = triage.queue(workspace, HitFilter(status=("open",)))[0]
                triage.triage(workspace, hit.id, Verdict.CONFIRMED, reason="clear", actor="li")
                before = rows_of(workspace)
                backup(source, tmp_path / f"backup{number}")
                after = rows_of(workspace)
                target = place(f"restored{number}")
                same_keys(source, target)
                restore(target, tmp_path / f"backup{number}")
                found = opened(target)
                for table, rows in before.items():
                    assert set(rows) <= set(found[table]) <= set(after[table]), table
                for table in ("triage_event", "audit_entry", "contact"):
                    known = found[table]
                    assert all(known[key] == row for key, row in before[table].items())
                assert found["triage_event"].keys() >= set(range(1, number + 2))
                assert found["alert"]


def test_a_restored_monitor_goes_on(place: MakePlace, shop: Shop, tmp_path: Path) -> None:
    """Its index is filled anew, its alerts are sent, and contacts can be revealed."""
    shop.server.route("/hook", Reply(204))
    source, target = place("old"), place("new")
    rows = fill(source, shop)
    backup(source, tmp_path / "backup", keys_to=tmp_path / "safe" / "keys.json")
    done = restore(target, tmp_path / "backup", keys_from=tmp_path / "safe" / "keys.json")
    assert done.has_keys
    with open_workspace(target) as workspace:
        assert rows_of(workspace) == rows
        (found,) = contacts.search(workspace, f"微信 {ACCOUNT}")
        assert contacts.reveal(workspace, found["id"], reason="police", actor="li") == ACCOUNT
        with Runner(workspace) as runner:
            while overview.waiting(workspace).to_send:
                runner.wait(0.05)
        assert overview.index_status(workspace).documents == len(rows["hit"])
    assert len(shop.server.seen("/hook")) == len(rows["alert"])


def test_without_the_keys_a_restored_monitor_does_not_start(
    place: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """It would make others, and what one seals the others could not read."""
    source, target = place("old"), place("new")
    fill(source, shop)
    backup(source, tmp_path / "backup")
    assert not restore(target, tmp_path / "backup").has_keys
    with pytest.raises(ConfigError, match="put the keys that belong to it there"):
        opened(target)
    assert not target.keys_path.exists()
    same_keys(source, target)
    with open_workspace(target) as workspace:
        assert contacts.search(workspace, ACCOUNT)


def test_lost_keys_are_lost_but_the_store_goes_on(
    place: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """New ones are made when the operator says so; what was sealed stays sealed."""
    source, target = place("old"), place("new")
    rows = fill(source, shop)
    backup(source, tmp_path / "backup")
    restore(target, tmp_path / "backup", is_without_keys=True)
    with open_workspace(target) as workspace:
        assert rows_of(workspace) == rows
        (contact_id,) = rows["contact"]
        assert contacts.search(workspace, ACCOUNT) == []
        with pytest.raises(ConfigError, match="cannot be read with this key file"):
            contacts.reveal(workspace, contact_id, reason="police", actor="li")


def test_other_keys_are_refused_before_anything_is_changed(
    embedded: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """Most often those of a fresh `monitor init`."""
    source, target = embedded("old"), embedded("new")
    fill(source, shop)
    backup(source, tmp_path / "backup")
    opened(target)
    before = files_of(target.data_dir)
    with pytest.raises(InputError, match="does not belong to this backup"):
        restore(target, tmp_path / "backup", is_forced=True)
    assert files_of(target.data_dir) == before


def test_a_backup_holds_no_keys_and_is_its_owners_only(
    embedded: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """Whoever steals it reads no contact."""
    source = embedded("old")
    fill(source, shop)
    with pytest.raises(InputError, match="do not belong into the backup"):
        backup(source, tmp_path / "backup", keys_to=tmp_path / "backup" / "keys.json")
    backup(source, tmp_path / "backup", keys_to=tmp_path / "keys.json")
    names = {path.name for path in (tmp_path / "backup").iterdir()}
    assert names == {"monitor.db", MANIFEST}
    for path in (*(tmp_path / "backup").iterdir(), tmp_path / "keys.json"):
        assert path.stat().st_mode & 0o077 == 0
    assert ACCOUNT.encode() not in (tmp_path / "backup" / "monitor.db").read_bytes()
    with pytest.raises(InputError, match="never written over"):
        backup(source, tmp_path / "second", keys_to=tmp_path / "keys.json")


def damage(folder: Path, how: str) -> None:
    """Hurt a backup in one way."""
    (file,) = (path for path in folder.iterdir() if path.name != MANIFEST)
    content = file.read_bytes()
    if how == "flipped bit":
        at = len(content) // 2
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    elif how == "cut":
        file.write_bytes(content[:-100])
    elif how == "missing file":
        file.unlink()
    elif how == "missing manifest":
        (folder / MANIFEST).unlink()
    elif how == "cut manifest":
        (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes()[:-20])
    elif how == "other file":
        made = Manifest.read(folder)
        other = made.model_copy(update={"files": ()})
        (folder / MANIFEST).write_text(other.model_dump_json())
    else:
        newer = Manifest.read(folder).model_copy(update={"schema_version": "9999"})
        (folder / MANIFEST).write_text(newer.model_dump_json())


@pytest.mark.parametrize(
    "how",
    [
        "flipped bit",
        "cut",
        "missing file",
        "missing manifest",
        "cut manifest",
        "other file",
        "newer schema",
    ],
)
def test_a_damaged_backup_is_refused_and_changes_nothing(
    place: MakePlace, shop: Shop, tmp_path: Path, how: str
) -> None:
    """Found before the old store is touched, even with --force."""
    source = place("old")
    rows = fill(source, shop)
    backup(source, tmp_path / "backup")
    damage(tmp_path / "backup", how)
    with pytest.raises(MonitorError, match=r"damaged|no finished|No such file|not list|newer"):
        restore(source, tmp_path / "backup", is_forced=True)
    assert opened(source) == rows


def test_a_store_is_replaced_only_when_told_to(
    place: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """And then by exactly what the backup holds."""
    source = place("old")
    rows = fill(source, shop)
    backup(source, tmp_path / "backup")
    with open_workspace(source) as workspace:
        hit = triage.queue(workspace, HitFilter())[-1]
        triage.triage(workspace, hit.id, Verdict.BENIGN, reason="later", actor="li")
    later = opened(source)
    with pytest.raises(StoreError, match=r"not empty.*--force"):
        restore(source, tmp_path / "backup")
    assert opened(source) == later
    restore(source, tmp_path / "backup", is_forced=True)
    assert opened(source) == rows


def test_a_store_in_use_is_not_replaced(place: MakePlace, shop: Shop, tmp_path: Path) -> None:
    """Not with --force either: the running monitor would write on into nothing."""
    source = place("old")
    rows = fill(source, shop)
    backup(source, tmp_path / "backup")
    with (
        open_workspace(source) as workspace,
        Runner(workspace),
        pytest.raises((StoreBusy, StoreError), match=r"another process|in use"),
    ):
        restore(source, tmp_path / "backup", is_forced=True)
    assert set(opened(source)["hit"]) >= set(rows["hit"])


def test_a_backup_of_the_other_database_is_refused(
    embedded: MakePlace, shop: Shop, tmp_path: Path, postgres_store: str
) -> None:
    """By name, not by some error of a program."""
    source = embedded("old")
    fill(source, shop)
    backup(source, tmp_path / "backup")
    target = Settings(data_dir=tmp_path / "new", database_url=postgres_store)
    with pytest.raises(InputError, match="MONITOR_DATABASE_URL"):
        restore(target, tmp_path / "backup")


def test_there_must_be_something_to_back_up(place: MakePlace, tmp_path: Path) -> None:
    """A typing mistake in a path makes no empty store, no keys and no backup."""
    source = place("nothing")
    with pytest.raises(StoreError, match="there is no store to copy"):
        backup(source, tmp_path / "backup")
    assert not source.data_dir.exists()
    assert list((tmp_path / "backup").iterdir()) == []


def test_a_used_folder_is_no_place_for_a_backup(
    embedded: MakePlace, shop: Shop, tmp_path: Path
) -> None:
    """Two backups in one folder would be none."""
    source = embedded("old")
    fill(source, shop)
    backup(source, tmp_path / "backup")
    with pytest.raises(InputError, match="not empty"):
        backup(source, tmp_path / "backup")


def test_missing_programs_of_postgresql_are_named(
    shop: Shop, tmp_path: Path, postgres_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(data_dir=tmp_path / "data", database_url=postgres_store)
    with pytest.raises(StoreError, match=r"pg_dump is not installed.*postgresql-client"):
        backup(settings, tmp_path / "backup")
