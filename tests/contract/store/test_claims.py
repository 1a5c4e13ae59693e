"""Claims: one worker at a time, for a time, with a token that proves it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from monitor.domain.clock import ManualClock
from monitor.errors import LeaseLost, StoreError
from monitor.store import outbox
from monitor.store import tables as t
from monitor.store.claims import free_all, hold, release
from monitor.store.database import Database
from monitor.store.outbox import Entry


def ask(database: Database, *refs: int) -> None:
    with database.write() as tx:
        for ref in refs:
            outbox.request(tx, "index", ref, now=database.now())


def claim(database: Database, limit: int = 10, lease_s: float = 60) -> list[Entry]:
    with database.write() as tx:
        return outbox.claim(tx, "index", now=database.now(), lease_s=lease_s, limit=limit)


def test_a_claimed_entry_is_given_to_nobody_else(database: Database) -> None:
    """Two workers never do the same piece."""
    ask(database, 1, 2, 3)
    assert [entry.ref_id for entry in claim(database, limit=2)] == [1, 2]
    assert [entry.ref_id for entry in claim(database)] == [3]
    assert claim(database) == []


def test_threads_share_the_work_without_overlap(database: Database) -> None:
    """A hundred entries, eight claimers: each entry once."""
    ask(database, *range(100))
    got: list[int] = []

    def work() -> None:
        while entries := claim(database, limit=7):
            got.extend(entry.ref_id for entry in entries)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(100))


def test_an_expired_lease_lets_the_next_worker_in_and_the_first_one_out(
    database: Database, clock: ManualClock
) -> None:
    """A worker that was thought dead cannot write over its successor."""
    ask(database, 1)
    (first,) = claim(database, lease_s=60)
    clock.advance(61)
    (second,) = claim(database, lease_s=60)
    assert second.claim.token != first.claim.token
    until = database.now() + timedelta(seconds=60)
    with pytest.raises(LeaseLost), database.write() as tx:
        hold(tx, t.outbox, first.claim, until=until)
    with database.write() as tx:
        hold(tx, t.outbox, second.claim, until=until)
        outbox.done(tx, [first])
    assert claim(database) == []
    with database.read() as tx:
        assert outbox.due_count(tx, "index", database.now()) == 1


def test_a_released_entry_is_free_at_once(database: Database) -> None:
    """Nobody waits for a lease that is given back."""
    ask(database, 1)
    (entry,) = claim(database)
    with database.write() as tx:
        release(tx, t.outbox, entry.claim)
    assert [again.ref_id for again in claim(database)] == [1]


def test_freeing_all_counts_what_a_dead_process_held(sqlite_store: str, clock: ManualClock) -> None:
    """The embedded start does this under its file lock."""
    database = Database(sqlite_store, clock=clock)
    ask(database, 1, 2)
    claim(database)
    with database.write() as tx:
        assert free_all(tx) == 2
        assert free_all(tx) == 0
    assert len(claim(database)) == 2
    database.close()


def test_claims_in_a_shared_database_are_freed_by_nobody(
    postgres_store: str, clock: ManualClock
) -> None:
    """They may be another machine's; their leases end by themselves."""
    database = Database(postgres_store, clock=clock)
    ask(database, 1)
    claim(database, lease_s=60)
    with pytest.raises(StoreError, match="leases"), database.write() as tx:
        free_all(tx)
    assert claim(database) == []
    clock.advance(61)
    assert len(claim(database)) == 1
    database.close()


def test_an_entry_asked_for_again_while_it_is_worked_on_stays(database: Database) -> None:
    """The change that arrived in between must reach the index too."""
    ask(database, 1)
    (entry,) = claim(database)
    ask(database, 1)
    with database.write() as tx:
        outbox.done(tx, [entry])
    (again,) = claim(database)
    with database.write() as tx:
        outbox.done(tx, [again])
    assert claim(database) == []


def test_a_request_that_meets_the_end_of_the_work_is_not_lost(
    postgres_store: str, clock: ManualClock
) -> None:
    """Not even when the worker finishes right after the entry was seen to be there."""
    database = Database(postgres_store, clock=clock)
    ask(database, 1)
    (entry,) = claim(database)

    def finish() -> None:
        with database.write() as tx:
            outbox.done(tx, [entry])

    worker = threading.Thread(target=finish)

    def meet(*_: object) -> None:
        if worker.ident is None:
            worker.start()
            worker.join(1.0)

    with database.write() as tx:
        event.listen(tx, "after_cursor_execute", meet)
        outbox.request(tx, "index", 1, now=database.now())
    worker.join()
    assert [again.ref_id for again in claim(database)] == [1]
    database.close()


def test_a_postponed_entry_waits_for_its_time(database: Database, clock: ManualClock) -> None:
    """Failures are counted, so that pauses can grow."""
    ask(database, 1)
    (entry,) = claim(database)
    with database.write() as tx:
        outbox.postpone(tx, entry, due_at=database.now() + timedelta(seconds=30))
    assert claim(database) == []
    clock.advance(30)
    (later,) = claim(database)
    assert later.failures == 1
