"""Several processes on one PostgreSQL: each piece of work once, each slot once, one schema."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from sqlalchemy import func, select, text

from monitor.store import outbox
from monitor.store import tables as t
from monitor.store.database import SCHEMA_HEAD, Database
from tests.servers import late
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.store_worker import RESERVATIONS, THREADS

PROCESSES = 3
READING_S = 0.2
"""What may pass on a loaded machine between a request's arrival and the server's look at it."""


def together(*arguments: str, module: str = "tests.servers.store_worker") -> list[list[Any]]:
    """What each of several processes printed that did the same at the same moment."""
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(PROCESSES)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        outputs = []
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            said, _ = process.communicate(timeout=180)
            assert process.returncode == 0
            outputs.append(json.loads(said))
        return outputs
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_of_many_processes_that_start_at_once_one_makes_the_schema(postgres_url: str) -> None:
    """The others wait for it and go on."""
    assert together("open", postgres_url) == [[]] * PROCESSES
    database = Database(postgres_url)
    with database.read() as tx:
        versions = tx.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    database.close()
    assert versions == [SCHEMA_HEAD]


def test_processes_share_the_work_without_overlap(postgres_store: str) -> None:
    """Two hundred entries, twelve claimers in three processes: each entry once."""
    database = Database(postgres_store)
    with database.write() as tx:
        for ref in range(200):
            outbox.request(tx, "index", ref, now=database.now())
    got = together("claim", postgres_store)
    assert sorted(ref for part in got for ref in part) == list(range(200))
    with database.read() as tx:
        assert tx.execute(select(func.count()).select_from(t.outbox)).scalar_one() == 0
    database.close()


def test_processes_share_no_slot_of_a_host(postgres_store: str) -> None:
    """One hundred and eighty reservations, one hundred and eighty different slots, no gap."""
    got = together("slots", postgres_store)
    taken = sorted(slot for part in got for slot in part)
    assert taken == list(range(PROCESSES * THREADS * RESERVATIONS))


def test_late_processes_break_no_interval(postgres_store: str) -> None:
    """Counted at the host: three processes of several threads, none ever on time."""
    with ScriptedServer() as server:
        server.route("/x", Reply(body=b"ok"))
        url = server.url("/x").replace("127.0.0.1", "market.test")
        together(postgres_store, url, module="tests.servers.late")
        assert len(server.seen()) == PROCESSES * late.THREADS
        assert min(server.gaps()) > late.INTERVAL_S - READING_S
