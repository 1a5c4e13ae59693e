"""Backup, restore and contacts as people type them."""

from __future__ import annotations

from pathlib import Path

from monitor.config import load_settings
from tests.functional.cli.test_commands import Monitor, rows
from tests.servers.filled import ACCOUNT, fill
from tests.servers.shop import Shop


def test_a_store_is_carried_to_another_folder(tmp_path: Path, shop: Shop) -> None:
    """Each command says what to do next; without keys the next start says what is missing."""
    old, new = Monitor(tmp_path / "old"), Monitor(tmp_path / "new")
    fill(load_settings(data_dir=old.folder, allow_networks=("127.0.0.0/8",)), shop)
    folder = tmp_path / "backup"
    assert "keep a copy of" in old("backup", str(folder))
    assert "monitor index rebuild" in new("restore", str(folder))
    assert "the keys are missing: put the file" in new.errors
    new("hits", "list", code=2)
    assert "put the keys that belong to it there" in new.errors
    assert len(new.errors.splitlines()) == 1
    old("backup", str(tmp_path / "second"), "--with-keys", str(tmp_path / "keys.json"))
    new("restore", str(folder), code=2)
    assert "--force" in new.errors
    new("restore", str(folder), "--force", "--keys", str(tmp_path / "keys.json"))
    assert new.errors == ""
    assert rows(new("hits", "list", "--json")) == rows(old("hits", "list", "--json"))


def test_a_contact_is_shown_for_a_reason_only(tmp_path: Path, shop: Shop) -> None:
    """Searching shows it masked; revealing needs a reason, which the audit log keeps."""
    monitor = Monitor(tmp_path / "data")
    fill(load_settings(data_dir=monitor.folder, allow_networks=("127.0.0.0/8",)), shop)
    text = monitor("contacts", "search", f"加V：{ACCOUNT}", "--json")
    assert ACCOUNT not in text
    (found,) = rows(text)
    assert found["listings"] == 3
    assert found["hits"] == [1, 2, 3]
    assert rows(monitor("contacts", "search", ACCOUNT, "--kind", "qq", "--json")) == []
    assert f"contact  {found['id']}: wechat" in monitor("hits", "show", "1")
    monitor("contacts", "reveal", str(found["id"]), "--reason", "  ", code=2)
    assert "a reason is required" in monitor.errors
    shown = monitor("--as", "li", "contacts", "reveal", str(found["id"]), "--reason", "police 7")
    assert shown.strip() == ACCOUNT
    monitor("contacts", "reveal", "99", "--reason", "police 7", code=2)
    assert "no contact with id 99" in monitor.errors


def test_retention_says_what_it_would_do_what_it_did_and_what_is_left(
    tmp_path: Path, shop: Shop
) -> None:
    """Nothing is past its time yet, and the rules are named with their days."""
    monitor = Monitor(tmp_path / "data")
    fill(load_settings(data_dir=monitor.folder, allow_networks=("127.0.0.0/8",)), shop)
    assert "would erase: 0 listings, 0 hits" in monitor("retain", "run", "--dry-run")
    (done,) = rows(monitor("retain", "run", "--json"))
    assert not any(done.values())
    assert "evidence" in done
    kept = {row["what"]: row for row in rows(monitor("retain", "report", "--json"))}
    assert (kept["hits"]["count"], kept["contacts"]["count"]) == (3, 1)
    assert "180 days" in str(kept["hits"]["why"])
    assert "never kept" in monitor("retain", "report")
