"""One database: SQLite in the data folder, or PostgreSQL; transactions and time.

SQLite has one writer. `Database.write` queues the threads of this process on a
lock and takes the database's write lock at once (``BEGIN IMMEDIATE``), so that
a transaction never fails half-way because another one wrote first.

PostgreSQL has many. Transactions run at READ COMMITTED: what is read in order to
be changed is locked when it is read (``with_for_update``), see also `locks`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection, inspect, text

from monitor.domain.clock import Clock, SystemClock
from monitor.errors import ConfigError, StoreError, StoreInterrupted
from monitor.store.engines import BUSY_TIMEOUT_S, CLOCK_SQL, open_engine, parse_url
from monitor.store.faults import StoreFault, is_passing, reason_of, store_error
from monitor.store.server_clock import ServerClock

__all__ = ["SCHEMA_HEAD", "Database", "Transaction"]

Transaction = Connection
"""An open transaction; callers outside this package only pass it on."""

T = TypeVar("T")

SCHEMA_HEAD = "0013"
"""The newest migration; a test holds it to the migrations folder."""

MIGRATION_LOCK = 7300
"""Key of the advisory lock under which a schema is made; any number nobody else uses."""

RECONNECT_S = 15.0
"""How long a transaction waits for a database that was there before (a restart)."""
RECONNECT_PAUSE_S = 0.25

LOG_PATIENCE_MS = 1000

TRIES = 4
FIRST_PAUSE_S = 0.1


class Database:
    """The store. Thread-safe; importing it opens nothing, constructing it does.

    A process that forks opens it in the child: connections cannot be shared.

    Attributes:
        clock: the time that decides; on PostgreSQL the server's.
        is_sqlite: whether one process owns the database.
    """

    def __init__(self, url: str, *, clock: Clock | None = None) -> None:
        """Open, and bring an empty or older database to the newest schema.

        Args:
            url: SQLAlchemy's form of address.
            clock: for tests; without it, the database's own clock.

        Raises:
            ConfigError: the address cannot be used.
            StoreError: the database cannot be reached, or is newer than this program.
        """
        self._url = parse_url(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._server_clock = None if clock or self.is_sqlite else ServerClock()
        self.clock: Clock = clock or self._server_clock or SystemClock()
        self._write_lock = Lock()
        self._was_reached = False
        self._engine = open_engine(self._url)
        try:
            self._migrate()
        except StoreFault as error:
            self.close()
            self._check_folder()
            raise StoreError(f"cannot open the store: {reason_of(error)}") from None
        except BaseException:
            self.close()
            raise

    def _check_folder(self) -> None:
        """`ConfigError` when the reason is a folder: SQLite only says that it cannot open."""
        if self.is_sqlite and self._url.database:
            folder = Path(self._url.database).parent
            if not os.access(folder, os.W_OK):
                raise ConfigError(f"MONITOR_DATA_DIR: {folder} cannot be written to") from None

    def _migrate(self) -> None:
        with self._begin() as tx:
            if not self.is_sqlite:
                self._check_encoding(tx)
            if self._schema(tx) == SCHEMA_HEAD:
                return
        # Alembic takes a third of a second to import: only when there is work.
        from monitor.store.migrations import upgrade

        with self._begin(monitor_write=True) as tx:
            if not self.is_sqlite:
                # Of many processes that start at once, one makes the schema and all wait for it.
                tx.execute(text("SET LOCAL lock_timeout = 0"))
                tx.execute(text("SET LOCAL statement_timeout = 0"))
                tx.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            if self._schema(tx) != SCHEMA_HEAD:
                upgrade(tx)

    @staticmethod
    def _schema(tx: Transaction) -> str | None:
        """The schema's version, None for an empty database; `StoreError` for a newer one."""
        if not inspect(tx).has_table("alembic_version"):
            return None
        found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None and found > SCHEMA_HEAD:
            raise StoreError(
                f"the database is at schema {found}, newer than this program ({SCHEMA_HEAD})"
            )
        return found

    @staticmethod
    def _check_encoding(tx: Transaction) -> None:
        encoding = tx.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StoreError(
                f"the database's encoding is {encoding}, it must be UTF8: "
                "make it with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
            )

    def now(self) -> datetime:
        """The time that decides what is due and whose lease is over; aware UTC."""
        return self.clock.now()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view; nothing can be written through it on SQLite and PostgreSQL.

        Raises:
            StoreError: the database is away.
        """
        options = {} if self.is_sqlite else SNAPSHOT
        try:
            with self._begin(**options) as tx:
                yield tx
        except StoreFault as error:
            raise store_error(error, "the store cannot be read") from None

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Transaction]:
        """A transaction that commits at the end or leaves no trace.

        When the connection is lost during the commit itself, nobody knows which of
        both: what the caller does must be safe to do again.

        Args:
            durable: whether a power cut right after it may not undo it (SQLite's
                ``synchronous=FULL``, PostgreSQL's ``synchronous_commit``). Leases
                and slots do not need that.

        Raises:
            StoreInterrupted: the connection was lost, or another transaction was in the way.
            StoreError: the database is full, read-only, or busy for too long.
        """
        lock = self._write_lock if self.is_sqlite else nullcontext()
        with lock:
            try:
                with self._begin(monitor_write=True, monitor_durable=durable) as tx:
                    if not self.is_sqlite and not durable:
                        tx.exec_driver_sql("SET LOCAL synchronous_commit = off")
                    yield tx
            except StoreFault as error:
                raise store_error(error, "the store cannot write") from None

    def run(self, work: Callable[[Transaction], T], *, durable: bool = True) -> T:
        """Do `work` in a transaction, again when that was interrupted, a few times.

        Args:
            work: must do nothing but use the transaction, and be safe to do again
                when a commit went through unheard.
            durable: see `write`.

        Raises:
            StoreError: see `write`.
        """
        for trial in range(1, TRIES):
            try:
                with self.write(durable=durable) as tx:
                    return work(tx)
            except StoreInterrupted:
                time.sleep(FIRST_PAUSE_S * 2.0**trial)
        with self.write(durable=durable) as tx:
            return work(tx)

    @contextmanager
    def _begin(self, **options: object) -> Iterator[Transaction]:
        with self._connect() as connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                if self._server_clock is not None and self._server_clock.is_stale():
                    _read_clock(connection, self._server_clock)
                yield connection

    def _connect(self) -> Connection:
        """A connection; waits for a server that restarts, since nothing is lost by that."""
        end = time.monotonic() + (RECONNECT_S if self._was_reached else 0.0)
        while True:
            try:
                connection = self._engine.connect()
            except StoreFault as error:
                if not is_passing(error) or time.monotonic() >= end:
                    raise
                time.sleep(RECONNECT_PAUSE_S)
            else:
                self._was_reached = True
                return connection

    def empty_log(self) -> None:
        """Move what stands in SQLite's log into the file, where erased rows are blanked.

        Until then the log holds what was erased. While somebody reads an older state it
        stays, and the next call or the last close empties it. PostgreSQL minds its own.
        """
        if not self.is_sqlite:
            return
        with self._write_lock:
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                # Writers wait while it waits for readers: not for long.
                cursor.execute(f"PRAGMA busy_timeout={LOG_PATIENCE_MS}")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
            finally:
                connection.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _read_clock(tx: Transaction, clock: ServerClock) -> None:
    asked = time.monotonic()
    at: datetime = tx.exec_driver_sql(CLOCK_SQL).scalar_one()
    clock.set(at, asked, time.monotonic())
