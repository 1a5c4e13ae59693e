"""Rows over which a process died are told apart, on both databases."""

from __future__ import annotations

import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.store import keywords, watches
from monitor.store import tables as t
from monitor.store.claims import Claim, abandon, count_crash
from monitor.store.database import Database

LEASE_S = 60.0


@pytest.fixture
def watch_id(database: Database) -> int:
    now = database.now()
    with database.write() as tx:
        source = watches.put_source(tx, "shop", "html", {}, now=now)
        keyword = keywords.add(tx, KeywordDraft("词", "face_id_bundle"), actor="test", now=now)
        watches.add_watch(tx, keyword.id, source.id, 60, first_poll_at=now, now=now)
        (watch,) = watches.all_watches(tx)
    return watch.id


def claim(database: Database, watch_id: int, *, suspects: bool = False) -> Claim | None:
    with database.write() as tx:
        found = watches.claim_due(
            tx,
            now=database.now(),
            lease_s=LEASE_S,
            limit=1,
            among=[watch_id],
            suspects=suspects,
        )
    return found[0] if found else None


def is_suspect(database: Database) -> list[bool]:
    with database.read() as tx:
        rows = watches.due_rows(tx, now=database.now(), limit=10)
    return [row.is_suspect for row in rows]


def test_a_lease_that_ends_unfinished_makes_a_suspect(
    database: Database, clock: ManualClock, watch_id: int
) -> None:
    """Who claims ordinary rows does not get it; who asks for suspects does."""
    assert is_suspect(database) == [False]
    assert claim(database, watch_id)
    assert is_suspect(database) == []
    clock.advance(LEASE_S + 1)
    assert is_suspect(database) == [True]
    assert claim(database, watch_id) is None
    assert claim(database, watch_id, suspects=True)


def test_an_error_makes_no_suspect(database: Database, clock: ManualClock, watch_id: int) -> None:
    """The row rests until its lease ends, and is then as any other."""
    held = claim(database, watch_id)
    assert held
    with database.write() as tx:
        abandon(tx, t.watch, held)
    assert is_suspect(database) == []
    clock.advance(LEASE_S + 1)
    assert is_suspect(database) == [False]


def test_takeovers_alone_never_count_above_one(
    database: Database, clock: ManualClock, watch_id: int
) -> None:
    """Workers that are killed for other reasons condemn nobody."""
    claim(database, watch_id)
    for _ in range(5):
        clock.advance(LEASE_S + 1)
        held = claim(database, watch_id, suspects=True)
    assert held
    with database.write() as tx:
        assert count_crash(tx, t.watch, held) == 2


def test_a_finished_look_clears_the_suspicion(
    database: Database, clock: ManualClock, watch_id: int
) -> None:
    claim(database, watch_id)
    clock.advance(LEASE_S + 1)
    held = claim(database, watch_id, suspects=True)
    assert held
    now = database.now()
    with database.write() as tx:
        watches.finish(
            tx,
            held,
            outcome=Outcome.OK,
            next_poll_at=now,
            failures=0,
            is_baseline_done=True,
            now=now,
        )
    assert is_suspect(database) == [False]


def test_a_crash_of_someone_elses_claim_counts_nothing(database: Database, watch_id: int) -> None:
    claim(database, watch_id)
    with database.write() as tx:
        assert count_crash(tx, t.watch, Claim(watch_id, "other")) == 0


def test_a_quarantined_watch_is_paused_and_stays_a_suspect(
    database: Database, watch_id: int
) -> None:
    with database.write() as tx:
        watches.quarantine(tx, watch_id, now=database.now())
        watch = watches.get_watch(tx, watch_id)
    assert watch.is_paused
    assert watch.last_outcome is Outcome.QUARANTINED
    with database.write() as tx:
        watches.set_paused(tx, watch_id, paused=False, now=database.now())
    assert is_suspect(database) == [True]
