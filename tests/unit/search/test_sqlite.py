"""The embedded index is a view: whatever happens to its file, it comes back empty and says so."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitor.search.protocol import HitQuery
from monitor.search.sqlite import SqliteHitIndex
from tests.contract.test_search_index import document


def reopen(path: Path) -> SqliteHitIndex:
    return SqliteHitIndex(path)


def test_documents_survive_a_restart(tmp_path: Path) -> None:
    """A whole file needs no rebuild."""
    first = reopen(tmp_path / "index.db")
    assert first.needs_rebuild
    first.put([document(1)])
    first.close()
    second = reopen(tmp_path / "index.db")
    assert not second.needs_rebuild
    assert second.find(HitQuery(text="人脸")).total == 1
    second.close()


@pytest.mark.parametrize("damage", ["garbage", "shape", "table"])
def test_a_file_that_cannot_be_used_is_made_anew(tmp_path: Path, damage: str) -> None:
    """The store still has everything, so nobody has to repair an index by hand."""
    path = tmp_path / "index.db"
    first = reopen(path)
    first.put([document(1)])
    first.close()
    if damage == "garbage":
        path.write_bytes(b"not a database" * 1000)
    else:
        with sqlite3.connect(path) as raw:
            raw.execute("PRAGMA user_version=7" if damage == "shape" else "DROP TABLE facet_count")
        raw.close()
    second = reopen(path)
    assert second.needs_rebuild
    assert second.find(HitQuery()).total == 0
    second.put([document(1)])
    assert second.find(HitQuery()).total == 1
    second.close()
