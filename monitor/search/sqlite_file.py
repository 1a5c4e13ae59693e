"""The file of the embedded index: opened, made anew when it cannot be used, shared by threads.

A file of another shape is emptied in place, a damaged one is replaced. Anything
else (locked, full, read-only) is an error and leaves the file alone: it may be
whole. A file lock keeps two processes from replacing it at once; a process that
still has the old file open goes on with that.

``user_version`` holds the shape: positive once the file was filled, negative while
it is only known to be empty, so that a crash in between is not taken for a full index.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from monitor.errors import SearchError

__all__ = ["IndexFile"]

WAIT_S = 60
CACHE_KIB = 32_000
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class IndexFile:
    """One writer at a time, any number of readers; safe to call from several threads.

    Args:
        path: made with its folder when missing.
        schema: each table's name and the statement that makes it.
        shape: positive; raised whenever the schema or what is stored in it changes.

    Raises:
        SearchError: the file cannot be opened, but may be whole.
    """

    def __init__(self, path: Path, schema: Mapping[str, str], shape: int) -> None:
        self._path = path
        self._schema = schema
        self._shape = shape
        self._write_lock = threading.Lock()
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._generation = 0
        self._is_closed = False
        self._is_damaged = False
        self._is_filled = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._replacing():
                self._writer = self._open()
        except (OSError, sqlite3.Error, Timeout) as error:
            raise SearchError(f"the index {path.name} cannot be opened: {error}") from error

    @property
    def is_filled(self) -> bool:
        """Whether it was made full at some time, and no damage was met since."""
        return self._is_filled and not self._is_damaged

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection with one unchanging view; raises `SearchError`."""
        try:
            generation, connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(generation, connection)
        except sqlite3.Error as error:
            raise self._trouble(error, "read") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that is kept, or undone on an error; `SearchError`."""
        with self._write_lock:
            try:
                with _transaction(self._writer) as connection:
                    yield connection
            except sqlite3.Error as error:
                raise self._trouble(error, "written") from error

    @contextmanager
    def refilling(self) -> Iterator[sqlite3.Connection]:
        """As `writing`, with all tables empty at its start, and the file filled at its end.

        Readers see what was there before until then. A damaged file is emptied first.
        """
        if self._is_damaged:
            # Not filled before the end: this may be broken off, by a full disk for one.
            self._start_anew(-self._shape)
        with self.writing() as connection:
            self._make_tables(connection, version=self._shape)
            yield connection
        self._is_filled = True

    def empty(self) -> None:
        """Forget everything, also what is damaged, and take the file as filled from here on."""
        self._start_anew(self._shape)

    def close(self) -> None:
        """Release all connections; those in use are closed when they come back."""
        with self._write_lock:
            self._is_closed = True
            self._writer.close()
            self._close_readers()

    def _start_anew(self, version: int) -> None:
        with self._write_lock:
            try:
                self._empty(version)
            except (OSError, sqlite3.Error, Timeout) as error:
                raise self._trouble(error, "emptied") from error
            self._is_filled, self._is_damaged = version > 0, False

    def _open(self) -> sqlite3.Connection:
        """The writer's connection to a file of this shape."""
        try:
            return self._prepare()
        except sqlite3.Error as error:
            # Tables that cannot even be dropped are an SQL error, not damage, to SQLite.
            if not _is_damage(error) and _code(error) != sqlite3.SQLITE_ERROR:
                raise
        self._discard()
        return self._prepare()

    def _prepare(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if abs(version) != self._shape or not self._has_tables(connection):
                with _transaction(connection):
                    self._make_tables(connection, version=-self._shape)
                version = -self._shape
        except BaseException:
            connection.close()
            raise
        self._is_filled = version > 0
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=WAIT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            # The store forgets what waits to be indexed once it is: a power cut must not undo it.
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _has_tables(self, connection: sqlite3.Connection) -> bool:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        return found.issuperset(self._schema)

    def _make_tables(self, connection: sqlite3.Connection, *, version: int) -> None:
        # Virtual tables first: dropping them takes their own tables along.
        rows = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC"
        ).fetchall()
        for (name,) in rows:
            quoted = name.replace('"', '""')
            connection.execute(f'DROP TABLE IF EXISTS "{quoted}"')
        for statement in self._schema.values():
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={version}")

    def _empty(self, version: int) -> None:
        try:
            with _transaction(self._writer):
                self._make_tables(self._writer, version=version)
        except sqlite3.Error as error:
            if self._is_closed or not _is_damage(error):
                raise
            with self._replacing():
                self._writer.close()
                self._close_readers()
                self._discard()
                self._writer = self._prepare()
            self._writer.execute(f"PRAGMA user_version={version}")

    def _replacing(self) -> FileLock:
        return FileLock(f"{self._path}.lock", timeout=WAIT_S)

    def _discard(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _take(self) -> tuple[int, sqlite3.Connection]:
        with self._pool_lock:
            if self._is_closed:
                raise SearchError("the index is closed")
            generation = self._generation
            if self._idle:
                return generation, self._idle.pop()
        return generation, self._connect()

    def _give_back(self, generation: int, connection: sqlite3.Connection) -> None:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        with self._pool_lock:
            if generation == self._generation:
                self._idle.append(connection)
                return
        connection.close()

    def _close_readers(self) -> None:
        with self._pool_lock:
            self._generation += 1
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _trouble(self, error: Exception, verb: str) -> SearchError:
        if _is_damage(error) and not self._is_damaged:
            self._is_damaged = True
            # The next start must know as well, where the file lets us say so.
            with contextlib.suppress(sqlite3.Error), contextlib.closing(self._connect()) as last:
                last.execute(f"PRAGMA user_version=-{self._shape}")
        return SearchError(f"the index cannot be {verb}: {error}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # SQLite may have undone it already, e.g. on a full disk.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _code(error: BaseException) -> int:
    """SQLite's primary result code; 0 for errors of the module itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(error: BaseException) -> bool:
    return _code(error) in DAMAGE
