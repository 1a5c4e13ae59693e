"""Looking at a database without changing it: for those who ask what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from monitor.errors import StoreError
from monitor.store.database import SCHEMA_HEAD
from monitor.store.engines import CLOCK_SQL, open_engine, parse_url
from monitor.store.faults import StoreFault, reason_of

__all__ = ["StoreFacts", "look_at_store"]


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a database is and says.

    Attributes:
        kind: ``"SQLite"`` or ``"PostgreSQL"``.
        version: the server's, or the library's.
        schema: the newest migration it has had; None for an empty or missing database.
        head: the newest migration that this program knows.
        ahead_s: by how many seconds its clock is ahead of this machine's; 0 for SQLite.
        encoding: of its texts, as it names it.
    """

    kind: str
    version: str
    schema: str | None
    head: str = SCHEMA_HEAD
    ahead_s: float = 0.0
    encoding: str = "UTF8"


def look_at_store(url: str) -> StoreFacts:
    """Sign in and look; nothing is made, upgraded or written.

    Raises:
        ConfigError: the address cannot be used.
        StoreError: the database cannot be reached or read.
    """
    parsed = parse_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite and not Path(parsed.database or "").exists():
        return StoreFacts("SQLite", "", None)
    engine = open_engine(parsed)
    try:
        with engine.connect() as connection:
            return _sqlite(connection) if is_sqlite else _postgres(connection)
    except StoreFault as error:
        raise StoreError(reason_of(error)) from None
    finally:
        engine.dispose()


def _sqlite(connection: Connection) -> StoreFacts:
    version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    return StoreFacts("SQLite", str(version), _schema(connection))


def _postgres(connection: Connection) -> StoreFacts:
    version = connection.execute(text("SHOW server_version")).scalar_one()
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    asked = datetime.now(UTC)
    theirs: datetime = connection.exec_driver_sql(CLOCK_SQL).scalar_one()
    ours = asked + (datetime.now(UTC) - asked) / 2
    ahead_s = (theirs - ours).total_seconds()
    return StoreFacts(
        "PostgreSQL", str(version), _schema(connection), ahead_s=ahead_s, encoding=str(encoding)
    )


def _schema(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
