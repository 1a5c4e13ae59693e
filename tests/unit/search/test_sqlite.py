"""The embedded index is a view: a file that cannot be used is made anew, a whole one is kept."""

from __future__ import annotations

import contextlib
import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.errors import SearchError
from monitor.search import sqlite_file
from monitor.search.protocol import HitQuery
from monitor.search.sqlite import SqliteHitIndex
from tests.contract.test_search_index import document


@contextmanager
def opened(path: Path) -> Iterator[SqliteHitIndex]:
    with closing(SqliteHitIndex(path)) as index:
        yield index


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A filled index of two hundred hits."""
    file = tmp_path / "index.db"
    with opened(file) as index:
        assert index.needs_rebuild
        index.clear()
        assert not index.needs_rebuild
        index.put(document(n, f"人脸 {n} " + "四件套" * 200) for n in range(200))
    return file


def test_documents_survive_a_restart(path: Path) -> None:
    """A whole file needs no rebuild."""
    with opened(path) as index:
        assert not index.needs_rebuild
        assert index.find(HitQuery(text="人脸")).total == 200


@pytest.mark.parametrize(
    "damage",
    [
        "PRAGMA user_version=7",
        "DROP TABLE facet_value",
        "DROP TABLE words_data",
        "CREATE TABLE other (x); DROP TABLE hit",
        b"not a database" * 1000,
        b"SQLite format 3\x00" + b"\xff" * 9000,
        b"x",
    ],
)
def test_a_file_that_cannot_be_used_is_made_anew(path: Path, damage: str | bytes) -> None:
    """The store still has everything, so nobody has to repair an index by hand."""
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        with closing(sqlite3.connect(path)) as raw:
            raw.executescript(damage)
    with opened(path) as index:
        assert index.needs_rebuild or "words_data" in str(damage)
        index.clear()
        assert not index.needs_rebuild
        index.put([document(1)])
        assert index.find(HitQuery(text="人脸")).total == 1
    with opened(path) as index:
        assert not index.needs_rebuild


def test_a_rebuild_that_never_began_is_asked_for_again(path: Path) -> None:
    """A crash between making the file anew and filling it must not look like a full index."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version=7")
    for _ in range(2):
        with opened(path) as index:
            assert index.needs_rebuild


def test_damage_met_while_reading_is_an_error_and_remembered(path: Path) -> None:
    """Pages in the middle are not looked at when the file is opened."""
    content = bytearray(path.read_bytes())
    content[3 * 4096 :] = b"\xff" * (len(content) - 3 * 4096)
    path.write_bytes(content)
    with opened(path) as index:
        if not index.needs_rebuild:
            with pytest.raises(SearchError):
                index.find(HitQuery(text="人脸"))
        assert index.needs_rebuild
        index.clear()
        assert not index.needs_rebuild
        index.put([document(1)])
        assert index.find(HitQuery(text="人脸")).total == 1


def test_a_refill_after_damage_that_is_broken_off_is_asked_for_again(path: Path) -> None:
    """By a full disk, say; what the outbox has struck off already comes from the store only."""
    content = bytearray(path.read_bytes())
    content[3 * 4096 :] = b"\xff" * (len(content) - 3 * 4096)
    path.write_bytes(content)
    with opened(path) as index:
        if not index.needs_rebuild:
            with pytest.raises(SearchError):
                index.find(HitQuery(text="人脸"))
        with contextlib.suppress(RuntimeError), index.rebuilding() as filling:
            filling.put([document(1)])
            raise RuntimeError("no room")
        assert index.needs_rebuild
    with opened(path) as index:
        assert index.needs_rebuild
        with index.rebuilding() as filling:
            filling.put([document(1)])
        assert not index.needs_rebuild
        assert index.find(HitQuery(text="人脸")).total == 1


def test_a_file_that_another_process_holds_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked is not damaged: taking it for that would throw a whole index away."""
    monkeypatch.setattr(sqlite_file, "WAIT_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SearchError, match="locked"):
            SqliteHitIndex(path)
    with opened(path) as index:
        assert not index.needs_rebuild
        assert index.find(HitQuery()).total == 200


def test_a_path_that_can_never_be_a_file_is_a_clear_error(tmp_path: Path) -> None:
    """It names the file and says why."""
    (tmp_path / "index.db").mkdir()
    with pytest.raises(SearchError, match=r"index\.db cannot be opened"):
        SqliteHitIndex(tmp_path / "index.db")
    (tmp_path / "file").touch()
    with pytest.raises(SearchError, match="cannot be opened"):
        SqliteHitIndex(tmp_path / "file" / "index.db")


def test_a_full_disk_loses_nothing_and_is_got_over(path: Path) -> None:
    """The batch is refused as a whole; the next one works."""
    with opened(path) as index:
        writer = index._file._writer
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(SearchError, match="full"):
            index.put(document(n, "新" + "四件套" * 9000) for n in range(1000, 1100))
        assert index.find(HitQuery()).total == 200
        writer.execute("PRAGMA max_page_count=1000000")
        index.put([document(1000, "新文字")])
        assert index.find(HitQuery(text="新文字")).total == 1


def _open_and_put(path: Path, hit_id: int) -> None:
    with opened(path) as index:
        index.put([document(hit_id)])


@pytest.mark.parametrize("start", ["missing", "damaged", "older"])
def test_processes_that_start_at_once_share_one_file(tmp_path: Path, start: str) -> None:
    """`monitor up` and a command beside it, over a file that neither can use."""
    path = tmp_path / "index.db"
    if start == "damaged":
        path.write_bytes(b"\xff" * 9000)
    elif start == "older":
        with closing(sqlite3.connect(path)) as raw:
            raw.executescript("CREATE TABLE hit (x); PRAGMA user_version=3")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_open_and_put, args=(path, n)) for n in range(1, 4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with opened(path) as index:
        assert index.find(HitQuery()).total == 3
