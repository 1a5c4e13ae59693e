"""The store on a real PostgreSQL: restarts, deadlocks, time, limits, and what errors say."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text

from monitor.config import load_settings
from monitor.domain.clock import SystemClock
from monitor.domain.keyword import KeywordDraft
from monitor.errors import ConfigError, ConflictError, StoreError, StoreInterrupted
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.store import keywords, outbox
from monitor.store import tables as t
from monitor.store.database import Database, Transaction
from tests.servers.proxy import Proxy
from tools.services.postgres_server import PostgresServer

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PATIENCE_S = 60.0


@pytest.fixture
def shared(postgres_store: str) -> Iterator[Database]:
    """An empty store that goes by the server's clock."""
    opened = Database(postgres_store)
    yield opened
    opened.close()


def add_host(tx: Transaction, host: str) -> None:
    tx.execute(insert(t.host_slot).values(host=host, next_free_at=NOW))


def add_two(database: Database, *, between: Callable[[], None]) -> None:
    """Two rows in one transaction, and something that happens after the first."""
    with database.write() as tx:
        add_host(tx, "half")
        between()
        add_host(tx, "other half")


def hosts(database: Database) -> list[str]:
    with database.read() as tx:
        return sorted(tx.execute(select(t.host_slot.c.host)).scalars())


def test_a_restart_in_mid_transaction_leaves_nothing_half_done_and_needs_no_repair(
    shared: Database, postgres_server: PostgresServer
) -> None:
    """The transaction is an error that a lease survives; the next one simply works."""
    with pytest.raises(StoreInterrupted):
        add_two(shared, between=postgres_server.restart)
    with shared.write() as tx:
        add_host(tx, "whole")
    assert hosts(shared) == ["whole"]


def test_a_crash_of_the_server_loses_nothing_that_was_committed(
    shared: Database, postgres_server: PostgresServer
) -> None:
    """Killed, not stopped, with another transaction open."""
    with shared.write() as tx:
        add_host(tx, "whole")
    with pytest.raises(StoreInterrupted):
        add_two(shared, between=postgres_server.kill)
    postgres_server.start()
    assert hosts(shared) == ["whole"]


def test_a_transaction_that_begins_during_a_restart_waits_for_its_end(
    shared: Database, postgres_server: PostgresServer
) -> None:
    """Nothing has happened in it yet, so nobody needs to hear of the restart."""
    done = threading.Event()

    def write() -> None:
        with shared.write() as tx:
            add_host(tx, "patient")
        done.set()

    postgres_server.stop()
    writer = threading.Thread(target=write)
    writer.start()
    assert not done.wait(0.5)
    postgres_server.start()
    writer.join(PATIENCE_S)
    assert hosts(shared) == ["patient"]


def test_a_cut_link_interrupts_what_runs_and_delays_what_begins(
    postgres_server: PostgresServer, postgres_store: str
) -> None:
    """As a restart does; the server itself goes on."""
    with Proxy(postgres_server.port) as proxy:
        database = Database(proxy.through(postgres_store))
        with pytest.raises(StoreInterrupted):
            add_two(database, between=proxy.cut)
        proxy.refuse()
        healer = threading.Timer(1.0, proxy.heal)
        healer.start()
        with database.write() as tx:
            add_host(tx, "patient")
        healer.join()
        assert hosts(database) == ["patient"]
        database.close()


def test_of_two_transactions_that_wait_for_each_other_one_goes_on(shared: Database) -> None:
    """The other one is interrupted, and done again by whoever can."""
    with shared.write() as tx:
        for ref in (1, 2):
            outbox.request(tx, "index", ref, now=NOW)
    meeting = threading.Barrier(2)
    tries: list[int] = []

    def ask_for(first: int, second: int) -> None:
        def work(tx: Transaction) -> None:
            tries.append(first)
            outbox.request(tx, "index", first, now=NOW)
            if tries.count(first) == 1:
                meeting.wait(PATIENCE_S)
            outbox.request(tx, "index", second, now=NOW)

        shared.run(work)

    threads = [threading.Thread(target=ask_for, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    with shared.read() as tx:
        assert tx.execute(select(t.outbox.c.generation)).scalars().all() == [3, 3]


@pytest.mark.parametrize("off", [timedelta(minutes=10), timedelta(minutes=-10)])
def test_the_servers_clock_decides_whatever_the_workers_own_says(
    postgres_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    """For what is due, for leases, and for all that the fetcher plans."""
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + off)
    with open_workspace(load_settings(data_dir=tmp_path, database_url=postgres_store)) as worker:
        with worker.database.read() as tx:
            server = tx.execute(text("SELECT clock_timestamp()")).scalar_one()
        assert abs(worker.database.now() - server) < timedelta(seconds=60)
        assert abs(worker.clock.now() - server) < timedelta(seconds=60)


def test_keywords_are_numbered_in_the_order_in_which_they_become_visible(
    shared: Database,
) -> None:
    """Else a keyword that commits late would be missed by all who hold the assessor."""
    stamps: list[int] = []

    def add(term: str, tx: Transaction) -> None:
        keywords.add(tx, KeywordDraft(term, "face_id_bundle"), actor="li", now=NOW)

    def add_second() -> None:
        with shared.write() as tx:
            add("过人脸", tx)
        with shared.read() as tx:
            stamps.append(keywords.stamp(tx))

    second = threading.Thread(target=add_second)
    with shared.write() as tx:
        add("人脸四件套", tx)
        second.start()
        second.join(0.5)
        assert second.is_alive()
        first = keywords.stamp(tx)
    second.join(PATIENCE_S)
    assert stamps[0] > first


def test_two_people_who_add_one_keyword_at_once_make_one(shared: Database) -> None:
    """The later one is told that it is there."""
    told: list[str] = []

    def add() -> None:
        try:
            with shared.write() as tx:
                keywords.add(tx, KeywordDraft("过人脸", "face_id_bundle"), actor="li", now=NOW)
        except ConflictError as error:
            told.append(str(error))

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 5
    with shared.read() as tx:
        assert len(keywords.all_keywords(tx)) == 1


def test_sessions_have_a_name_and_limits(shared: Database) -> None:
    """No worker that hangs or lost its link keeps its locks for ever."""
    with shared.read() as tx:
        assert tx.execute(text("SHOW application_name")).scalar_one() == "face-trade-monitor"
        assert tx.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert tx.execute(text(f"SHOW {name}")).scalar_one() != "0", name
    with shared.write() as tx:
        assert tx.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"


def test_what_an_address_says_wins_over_our_limits(postgres_store: str) -> None:
    """An operator may know better."""
    own = "?application_name=mine&options=-c%20lock_timeout%3D7s"
    database = Database(postgres_store + own)
    with database.read() as tx:
        assert tx.execute(text("SHOW application_name")).scalar_one() == "mine"
        assert tx.execute(text("SHOW lock_timeout")).scalar_one() == "7s"
        assert tx.execute(text("SHOW statement_timeout")).scalar_one() != "0"
    database.close()


def test_nothing_is_written_through_a_read(shared: Database) -> None:
    """A page that only shows must never lock or change."""
    with pytest.raises(StoreError, match="read-only"), shared.read() as tx:
        add_host(tx, "a")
    assert hosts(shared) == []


@pytest.mark.parametrize("trouble", ["password", "server", "database"])
def test_a_store_that_cannot_be_opened_is_a_clear_error_without_the_password(
    postgres_server: PostgresServer, trouble: str
) -> None:
    """Nothing that reaches a log helps a stranger in."""
    good = postgres_server.url_of("postgres")
    password = "not-the-word-9f" if trouble == "password" else postgres_server.password
    url = {
        "password": good.replace(postgres_server.password, password),
        "server": good.replace(f":{postgres_server.port}/", ":1/"),
        "database": postgres_server.url_of("missing"),
    }[trouble]
    with pytest.raises(StoreError, match="cannot open the store") as caught:
        Database(url)
    assert password not in "".join(traceback.format_exception(caught.value))


def test_postgres_is_a_scheme_as_well(postgres_store: str) -> None:
    """Hosted databases hand it out."""
    Database(postgres_store.replace("postgresql://", "postgres://", 1)).close()


def test_a_database_that_cannot_hold_chinese_is_refused(postgres_server: PostgresServer) -> None:
    """Before anything is lost in it."""
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS ascii")
        connection.execute("CREATE DATABASE ascii ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="must be UTF8"):
        Database(postgres_server.url_of("ascii"))


def test_a_full_pool_of_threads_finds_connections(shared: Database) -> None:
    """Sixty threads at once, as many as settings allow of one kind."""
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            with shared.write(durable=False) as tx:
                add_host(tx, f"h{number}")
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(hosts(shared)) == 60


def test_keys_of_a_shared_set_up_are_never_made_by_the_way(
    postgres_store: str, tmp_path: Path
) -> None:
    """A worker with keys of its own would seal what nobody else can read."""
    keys = tmp_path / "keys.json"
    settings = load_settings(data_dir=tmp_path, database_url=postgres_store, keys_file=str(keys))
    with pytest.raises(ConfigError, match=r"MONITOR_KEYS_FILE.*monitor init"):
        Workspace(settings)
    with open_workspace(settings, may_create_keys=True) as first:
        sealed = first.keyring.seal("contact", b"abc", "wechat")
    with open_workspace(settings) as second:
        assert second.keyring.unseal("contact", sealed, "wechat") == b"abc"
        assert second.clock is second.database.clock
