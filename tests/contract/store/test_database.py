"""The store opens, migrates, and lets many threads write without losing anything."""

from __future__ import annotations

import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.schema import CreateIndex, CreateTable

from monitor.errors import ConfigError, StoreError, StoreInterrupted
from monitor.store import tables as t
from monitor.store.database import SCHEMA_HEAD, Database, Transaction
from monitor.store.engines import open_engine, parse_url
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


def test_an_older_database_is_brought_up_with_what_is_in_it(empty_url: str) -> None:
    """From the very first schema, as a user's data folder may have it."""
    engine = open_engine(parse_url(empty_url))
    with engine.begin() as tx:
        command.upgrade(alembic_config(tx), "0001")
        tx.execute(
            text("INSERT INTO text_family (family_key, first_seen_at) VALUES ('k', :at)"),
            {"at": "2026-05-01 00:00:00"},
        )
    engine.dispose()
    database = Database(empty_url)
    with database.read() as tx:
        assert tx.execute(select(t.text_family.c.family_key)).scalars().all() == ["k"]
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []
    database.close()


def test_a_newer_database_is_refused(store_url: str) -> None:
    """An old program must not write into a schema that it does not know."""
    database = Database(store_url)
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match="newer than this program"):
        Database(store_url)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the trouble, and the file stays as it is."""
    (tmp_path / "monitor.db").write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(StoreError, match="cannot open the store"):
        Database(f"sqlite:///{tmp_path / 'monitor.db'}")


@pytest.mark.parametrize(
    "address",
    ["no address", "mysql://u:secret@h/d", "postgresql+asyncpg://u:secret@h/d", "://:secret@"],
)
def test_an_address_that_is_none_is_a_clear_error(address: str) -> None:
    """A typing mistake in a setting is named as such, and no password is shown."""
    with pytest.raises(ConfigError, match="MONITOR_DATABASE_URL") as caught:
        Database(address)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


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
                host = tx.execute(select(t.host_slot.c.host).with_for_update()).scalar_one()
                tx.execute(update(t.host_slot).values(host=str(int(host) + 1)))

    threads = [threading.Thread(target=add_ones) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert tx.execute(select(t.host_slot.c.host)).scalar_one() == "200"


DURABILITY = {
    # The statement, what it says of an alert, what of a lease.
    "sqlite": ("PRAGMA synchronous", 2, 1),
    "postgresql": ("SHOW synchronous_commit", "on", "off"),
}


def test_alerts_are_written_through_to_the_disk_and_leases_need_not(database: Database) -> None:
    """And one kind of transaction leaves nothing behind for the next on its connection."""
    for _ in range(2):
        with database.write() as tx:
            statement, alert, lease = DURABILITY[tx.dialect.name]
            assert tx.execute(text(statement)).scalar_one() == alert
        with database.write(durable=False) as tx:
            assert tx.execute(text(statement)).scalar_one() == lease


def test_sqlite_writes_a_journal_ahead(sqlite_store: str) -> None:
    """Readers then never wait for the writer."""
    database = Database(sqlite_store)
    with database.read() as tx:
        assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    database.close()


def test_a_read_sees_one_moment(database: Database) -> None:
    """What commits meanwhile is not seen half."""
    with database.read() as tx:
        assert tx.execute(select(t.host_slot)).all() == []
        with database.write() as other:
            other.execute(insert(t.host_slot).values(host="a", next_free_at=NOW))
        assert tx.execute(select(t.host_slot)).all() == []
    with database.read() as tx:
        assert len(tx.execute(select(t.host_slot)).all()) == 1


def test_an_interrupted_transaction_is_done_again(database: Database) -> None:
    """A short one that uses nothing but the database; nothing of the first try is left."""
    tries: list[int] = []

    def work(tx: Transaction) -> str:
        tries.append(1)
        tx.execute(insert(t.host_slot).values(host=f"try {len(tries)}", next_free_at=NOW))
        if len(tries) < 3:
            raise StoreInterrupted("the link was cut")
        return "done"

    assert database.run(work) == "done"
    with database.read() as tx:
        assert tx.execute(select(t.host_slot.c.host)).scalars().all() == ["try 3"]


def test_what_goes_on_being_interrupted_is_an_error_in_the_end(database: Database) -> None:
    """The caller's lease brings the work back."""

    def work(tx: Transaction) -> None:
        raise StoreInterrupted("the link was cut")

    with pytest.raises(StoreInterrupted):
        database.run(work)
