"""Copies of a SQLite store: taken while the monitor runs, put in place so that a crash shows.

The live file alone is no copy: what was committed last stands in the log beside it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from monitor.durable import fsync_folder, write_through
from monitor.errors import StoreError
from monitor.store.engines import BUSY_TIMEOUT_S, parse_url

__all__ = [
    "copy_sqlite",
    "put_in_place",
    "refuse_half_restored",
    "sqlite_file",
]

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; of another database it would be read as one's own."""


def sqlite_file(url: str) -> Path | None:
    """The file of a store's address; None for PostgreSQL. Raises `ConfigError`."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "")


def copy_sqlite(source: Path, target: Path) -> str:
    """Copy a store as it is at one moment, whoever writes to it meanwhile, and check the copy.

    Args:
        source: the store's file; nothing in it is changed.
        target: a new file, which needs no log beside it.

    Returns:
        The version of its schema.

    Raises:
        StoreError: there is no store, or it cannot be copied whole.
    """
    if not source.exists():
        raise StoreError(f"there is no store to copy: no file {source}")
    try:
        with closing(_open(source)) as live, closing(sqlite3.connect(target)) as copy:
            # In one step, hence of one moment; readers do not stop writers.
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            if copy.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise StoreError(f"{source} is damaged; its copy is not whole either")
            row = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied: {error}") from None
    if row is None:
        raise StoreError(f"{source} holds no store of this program")
    write_through(target)
    return str(row[0])


def _open(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)


def put_in_place(copy: Path, target: Path, mark: Path, stale: Iterable[Path]) -> None:
    """Make a copy the store. Nobody may have the store open.

    Killed before the end, it leaves the old store, or `mark`, or both.

    Args:
        copy: what `copy_sqlite` made; stays as it is.
        target: the store's file; another one there is replaced.
        mark: a file that stands while the store is neither the old nor the new one.
        stale: files that belong to the old store only.
    """
    fresh = target.with_name(target.name + ".restoring")
    shutil.copyfile(copy, fresh)
    fresh.chmod(0o600)
    write_through(fresh)
    mark.touch(mode=0o600)
    fsync_folder(mark.parent)
    for path in (*(target.with_name(target.name + suffix) for suffix in BESIDE), *stale):
        path.unlink(missing_ok=True)
    fresh.replace(target)
    fsync_folder(target.parent)


def refuse_half_restored(mark: Path) -> None:
    """Raises `StoreError` when `put_in_place` was cut off and left its mark."""
    if mark.exists():
        raise StoreError(f"a restore into {mark.parent} was cut off: run `monitor restore` again")
