"""One database: SQLite in the data folder, or PostgreSQL; transactions and time.

SQLite has one writer. `Database.write` queues the threads of this process on a
lock and takes the database's write lock at once (``BEGIN IMMEDIATE``), so that
a transaction never fails half-way because another one wrote first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from monitor.domain.clock import Clock, SystemClock
from monitor.errors import ConfigError, StoreError

__all__ = ["SCHEMA_HEAD", "Database", "Transaction"]

Transaction = Connection
"""An open transaction; callers outside this package only pass it on."""

SCHEMA_HEAD = "0002"
"""The newest migration; a test holds it to the migrations folder."""

BUSY_TIMEOUT_S = 60.0
"""How long a writer of this process waits for a writer of another one."""


class Database:
    """The store. Thread-safe; importing it opens nothing, constructing it does."""

    def __init__(self, url: str, *, clock: Clock | None = None) -> None:
        """Open, and bring an empty or older database to the newest schema.

        Raises:
            ConfigError: the address cannot be used.
            StoreError: the database cannot be reached, or is newer than this program.
        """
        try:
            self._url: URL = make_url(url)
        except Exception as error:
            raise ConfigError("MONITOR_DATABASE_URL: not a database address") from error
        self.clock: Clock = clock or SystemClock()
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._write_lock = threading.Lock()
        self._engine = self._open()
        try:
            self._migrate()
        except DBAPIError as error:
            raise StoreError(f"cannot open the store: {error.orig}") from error

    def _open(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self._url, pool_pre_ping=True)
        if self._url.database and self._url.database != ":memory:":
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self._url,
            pool_size=32,
            max_overflow=32,
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _migrate(self) -> None:
        with self._engine.connect() as connection:
            found = None
            if inspect(connection).has_table("alembic_version"):
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found == SCHEMA_HEAD:
            return
        if found is not None and found > SCHEMA_HEAD:
            raise StoreError(
                f"the database is at schema {found}, newer than this program ({SCHEMA_HEAD})"
            )
        # Alembic takes a third of a second to import: only when there is work.
        from monitor.store.migrations import upgrade

        with self.write() as tx:
            upgrade(tx)

    def now(self) -> datetime:
        """The time that decides what is due and whose lease is over; aware UTC."""
        return self.clock.now()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view; nothing can be written through it on SQLite."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Transaction]:
        """A transaction that commits at the end or leaves no trace.

        Args:
            durable: whether a power cut right after it may not undo it (SQLite's
                ``synchronous=FULL``). Leases and slots do not need that.

        Raises:
            StoreError: the database is full, read-only, or busy for too long.
        """
        lock = self._write_lock if self.is_sqlite else nullcontext()
        with lock:
            try:
                with self._engine.connect() as connection:
                    connection = connection.execution_options(
                        monitor_write=True, monitor_durable=durable
                    )
                    with connection.begin():
                        yield connection
            except OperationalError as error:
                raise StoreError(f"the store cannot write: {error.orig}") from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own implicit transactions would start without IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("monitor_write"):
        level = "FULL" if options.get("monitor_durable", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
