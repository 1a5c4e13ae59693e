"""The store opens, migrates, and lets many threads write without losing anything."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.schema import CreateIndex, CreateTable

from monitor.errors import ConfigError, StoreError
from monitor.store import tables as t
from monitor.store.database import SCHEMA_HEAD, Database
from monitor.store.migrations import alembic_config

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    """A table changed without a migration would differ on users' machines."""
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []


def test_schema_head_names_the_newest_migration() -> None:
    """The fast path at start relies on this constant."""
    script = ScriptDirectory.from_config(alembic_config())
    assert script.get_current_head() == SCHEMA_HEAD


def test_every_table_is_one_that_postgresql_accepts() -> None:
    """Many machines run the same tables on PostgreSQL."""
    dialect = postgresql.dialect()
    for table in t.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            statement = str(CreateIndex(index).compile(dialect=dialect))
            assert len(index.name or "") <= 63, statement


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """An old program must not write into a schema that it does not know."""
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    Database(url).close()
    with sqlite3.connect(tmp_path / "monitor.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError, match="newer than this program"):
        Database(url)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the trouble, and the file stays as it is."""
    (tmp_path / "monitor.db").write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(StoreError, match="cannot open the store"):
        Database(f"sqlite:///{tmp_path / 'monitor.db'}")


def test_an_address_that_is_none_is_a_clear_error() -> None:
    """A typing mistake in a setting is named as such."""
    with pytest.raises(ConfigError, match="MONITOR_DATABASE_URL"):
        Database("no address")


def test_foreign_keys_hold(database: Database) -> None:
    """SQLite checks them only when asked to."""
    row = {"listing_id": 99, "price_raw": "1", "currency": "CNY", "seen_at": NOW}
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.execute(insert(t.price_point).values(row))


def test_a_failed_transaction_leaves_no_trace(database: Database) -> None:
    """All or nothing."""

    def fail_half_way() -> None:
        with database.write() as tx:
            tx.execute(insert(t.host_slot).values(host="a", next_free_at=NOW))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with database.read() as tx:
        assert tx.execute(select(t.host_slot)).all() == []


def test_naive_times_are_refused(database: Database) -> None:
    """A time without a zone means something else on every machine."""
    with pytest.raises(StatementError, match="naive datetime"), database.write() as tx:
        tx.execute(insert(t.host_slot).values(host="a", next_free_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_times_come_back_aware(database: Database) -> None:
    """What goes in as UTC comes out as UTC."""
    with database.write() as tx:
        tx.execute(insert(t.host_slot).values(host="a", next_free_at=NOW))
    with database.read() as tx:
        assert tx.execute(select(t.host_slot.c.next_free_at)).scalar_one() == NOW


def test_twenty_threads_lose_no_increment(database: Database) -> None:
    """Read, compute, write in one transaction is safe among threads and connections."""
    with database.write() as tx:
        tx.execute(insert(t.host_slot).values(host="0", next_free_at=NOW))

    def add_ones() -> None:
        for _ in range(10):
            with database.write(durable=False) as tx:
                host = tx.execute(select(t.host_slot.c.host)).scalar_one()
                tx.execute(update(t.host_slot).values(host=str(int(host) + 1)))

    threads = [threading.Thread(target=add_ones) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert tx.execute(select(t.host_slot.c.host)).scalar_one() == "200"


def test_alerts_are_written_through_to_the_disk(database: Database) -> None:
    """`synchronous=FULL` (2) where alerts are recorded, NORMAL (1) for leases."""
    with database.write() as tx:
        assert tx.execute(text("PRAGMA synchronous")).scalar_one() == 2
    with database.write(durable=False) as tx:
        assert tx.execute(text("PRAGMA synchronous")).scalar_one() == 1
    with database.read() as tx:
        assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
