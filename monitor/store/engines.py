"""Engines for the two databases: addresses, pools, time limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from monitor.durable import make_folder
from monitor.errors import ConfigError
from monitor.store.types import to_json

__all__ = ["CLOCK_SQL", "open_engine", "parse_url"]

BUSY_TIMEOUT_S = 60.0
"""How long a writer of this process waits for a writer of another one (SQLite)."""

CLOCK_SQL = "SELECT clock_timestamp()"

POSTGRES_NAMES = ("postgres", "postgresql")
POOL_SIZE = 16
"""Connections; a thread needs one while a transaction runs, never two, and waits for it.

More would be opened and closed all the time when many threads are busy, which costs more
than it brings: one interpreter does not keep that many transactions going.
"""
POOL_WAIT_S = 30.0

# Limits of the server's side, in milliseconds or seconds as PostgreSQL reads them.
# A worker whose link is cut must not keep its locks until TCP gives up after hours.
SERVER_SETTINGS = {
    "lock_timeout": "30s",
    "statement_timeout": "300s",
    "idle_in_transaction_session_timeout": "120s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}
# The same on this side, in seconds; tcp_user_timeout in milliseconds.
CONNECTION_SETTINGS: dict[str, Any] = {
    "application_name": "face-trade-monitor",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def parse_url(text: str) -> URL:
    """Read an address; ``postgres://`` and ``postgresql://`` mean the driver that we ship.

    Raises:
        ConfigError: it is none, or names another database; its text is not repeated,
            for it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError(
            "MONITOR_DATABASE_URL: not a database address such as postgresql://user@host/name"
        ) from None
    name, _, driver = url.drivername.partition("+")
    if name in POSTGRES_NAMES and driver in ("", "psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite" and driver in ("", "pysqlite"):
        return url
    raise ConfigError(
        f"MONITOR_DATABASE_URL: {url.drivername} is not supported; use postgresql:// or sqlite://"
    )


def open_engine(url: URL) -> Engine:
    """An engine that has not connected yet; raises `ConfigError`."""
    try:
        return _open_sqlite(url) if url.get_backend_name() == "sqlite" else _open_postgres(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigError(
            f"MONITOR_DATABASE_URL: no driver for it ({type(error).__name__})"
        ) from None


def _open_postgres(url: URL) -> Engine:
    # What the address itself says wins over our defaults.
    arguments = {
        name: value for name, value in CONNECTION_SETTINGS.items() if name not in url.query
    }
    options = [f"-c {name}={value}" for name, value in SERVER_SETTINGS.items()]
    own = url.query.get("options", ())
    options += [own] if isinstance(own, str) else list(own)
    arguments["options"] = " ".join(options)
    return create_engine(
        url,
        connect_args=arguments,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        # The last one used is used again: the others may idle, and be closed by the server.
        pool_use_lifo=True,
        pool_pre_ping=True,
        json_serializer=to_json,
        hide_parameters=True,
    )


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        make_folder(Path(url.database).parent)
    engine = create_engine(
        url,
        pool_size=32,
        max_overflow=32,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        json_serializer=to_json,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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
