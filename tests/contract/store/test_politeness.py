"""Slots of hosts and circuits of sources, shared by all workers."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.store import keywords, watches
from monitor.store.database import Database
from monitor.store.host_slots import DatabaseHostSlots
from monitor.store.politeness import circuits, close_circuits, open_circuit


@pytest.fixture
def slots(database: Database) -> DatabaseHostSlots:
    """No host was asked yet."""
    return DatabaseHostSlots(database)


def test_slots_follow_each_other_by_the_interval(slots: DatabaseHostSlots) -> None:
    """And another host has its own."""
    assert [slots.reserve("a.example", 5) for _ in range(3)] == [0, 5, 10]
    assert slots.reserve("b.example", 5) == 0


def test_an_interval_of_zero_only_asks(slots: DatabaseHostSlots) -> None:
    """Also of a host that nobody knows."""
    assert slots.reserve("a.example", 0) == 0
    slots.reserve("a.example", 5)
    assert [slots.reserve("a.example", 0) for _ in range(3)] == [5, 5, 5]
    assert slots.reserve("a.example", 5) == 5


def test_time_frees_slots_and_saves_none_up(slots: DatabaseHostSlots, clock: ManualClock) -> None:
    """After a long pause the interval holds again."""
    slots.reserve("a.example", 5)
    clock.advance(60)
    assert [slots.reserve("a.example", 5) for _ in range(2)] == [0, 5]


def test_a_block_is_never_shortened(slots: DatabaseHostSlots, clock: ManualClock) -> None:
    """Two answers may ask for different pauses."""
    slots.block_until("a.example", clock.now() + timedelta(seconds=100))
    slots.block_until("a.example", clock.now() + timedelta(seconds=10))
    assert slots.reserve("a.example", 5) == 100


def test_a_block_holds_back_those_who_have_booked(
    slots: DatabaseHostSlots, clock: ManualClock
) -> None:
    """A host that says "later" means those in line as well."""
    slots.reserve("a.example", 5)
    slots.block_until("a.example", clock.now() + timedelta(seconds=100))
    assert slots.depart("a.example", 5, 30) == 100


def test_nobody_departs_while_another_request_is_on_its_way(
    slots: DatabaseHostSlots, clock: ManualClock
) -> None:
    """Though its slot has come: nobody knows yet when the other one leaves."""
    assert [slots.reserve("a.example", 5) for _ in range(2)] == [0, 5]
    assert slots.depart("a.example", 5, 30) == 0
    clock.advance(2)
    assert slots.depart("a.example", 5, 30) == 3
    clock.advance(3)
    assert 0 < slots.depart("a.example", 5, 30) < 1


def test_the_interval_counts_from_when_the_request_left(
    slots: DatabaseHostSlots, clock: ManualClock
) -> None:
    """And not from its slot, for which it was late; other hosts do not wait."""
    assert [slots.reserve("a.example", 5) for _ in range(2)] == [0, 5]
    slots.reserve("b.example", 5)
    slots.depart("a.example", 5, 30)
    clock.advance(4)
    slots.sent("a.example", 5)
    clock.advance(1)
    assert slots.depart("b.example", 5, 30) == 0
    assert slots.depart("a.example", 5, 30) == 4
    clock.advance(4)
    assert slots.depart("a.example", 5, 30) == 0


def test_who_departed_and_died_holds_the_host_for_a_while_only(
    slots: DatabaseHostSlots, clock: ManualClock
) -> None:
    """No word ever comes from it."""
    slots.reserve("a.example", 5)
    slots.depart("a.example", 5, 30)
    clock.advance(29)
    assert slots.depart("a.example", 5, 30) > 0
    clock.advance(1)
    assert slots.depart("a.example", 5, 30) == 0


def test_a_slot_that_is_too_far_away_is_not_taken(slots: DatabaseHostSlots) -> None:
    """Who will not wait for it must not lengthen the line."""
    assert [slots.reserve("a.example", 5) for _ in range(3)] == [0, 5, 10]
    assert [slots.reserve("a.example", 5, within_s=12) for _ in range(3)] == [15, 15, 15]
    assert slots.reserve("a.example", 5, within_s=15) == 15
    assert slots.reserve("a.example", 0) == 20


def test_threads_share_no_slot(slots: DatabaseHostSlots) -> None:
    """Eight workers on one host wait eight times ten different times, from the very first on."""
    waits: list[float] = []
    threads = [
        threading.Thread(target=lambda: waits.extend(slots.reserve("a", 1) for _ in range(10)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [float(number) for number in range(80)]


def test_a_days_requests_are_spent_once_and_come_back(
    slots: DatabaseHostSlots, clock: ManualClock
) -> None:
    """The day begins with the first request; a stricter limit counts the same requests."""
    assert [slots.spend("a.example", 3) for _ in range(2)] == [0, 0]
    clock.advance(3600)
    assert (slots.spent("a.example", 3), slots.spent("a.example", 2)) == (0, 82_800)
    assert [slots.spend("a.example", 3) for _ in range(2)] == [0, 82_800]
    assert slots.spent("b.example", 1) == 0
    clock.advance(82_800)
    assert slots.spent("a.example", 3) == 0
    assert [slots.spend("a.example", 1) for _ in range(2)] == [0, 86_400]


def test_threads_never_spend_more_than_there_is(slots: DatabaseHostSlots) -> None:
    """Workers of several machines do the same over one row."""
    answers: list[float] = []
    threads = [
        threading.Thread(target=lambda: answers.extend(slots.spend("a", 25) for _ in range(10)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [0.0] * 25 + [86_400.0] * 55


def watch(database: Database) -> int:
    """A due watch of a new source; the source's id."""
    now = database.now()
    with database.write() as tx:
        source = watches.put_source(tx, "shop", "html", {}, now=now)
        keyword = keywords.add(tx, KeywordDraft("过人脸", "face_id_bundle"), actor="li", now=now)
        watches.add_watch(tx, keyword.id, source.id, 60, first_poll_at=now, now=now)
    return source.id


def rest(database: Database, source_id: int, outcome: str) -> None:
    """A worker was refused."""
    now = database.now()
    with database.write() as tx:
        open_circuit(
            tx,
            source_id,
            "search",
            outcome=outcome,
            reason="",
            until=now + timedelta(seconds=60),
            now=now,
        )


def test_a_resting_source_has_no_due_watch(database: Database, clock: ManualClock) -> None:
    """Until its time is over or a person closes the circuit."""
    source_id = watch(database)
    for end in ("time", "person"):
        rest(database, source_id, "challenged")
        with database.read() as tx:
            assert watches.due_count(tx, clock.now()) == 0
        if end == "time":
            clock.advance(60)
        else:
            with database.write() as tx:
                assert close_circuits(tx, source_id, actor="li", now=clock.now()) == 1
        with database.read() as tx:
            assert watches.due_count(tx, clock.now()) == 1


def test_workers_refused_at_the_same_moment_leave_one_open_circuit(database: Database) -> None:
    """So that closing it by hand closes it, and people see one line."""
    source_id = watch(database)
    threads = [
        threading.Thread(target=rest, args=(database, source_id, f"worker {number}"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert len(circuits(tx, database.now())) == 1


def test_a_refused_login_is_closed_as_one_and_leaves_other_circuits(database: Database) -> None:
    """Two endpoints rest for it, one for a captcha."""
    source_id, now = watch(database), database.now()

    def refuse(scope: str, outcome: str) -> None:
        until = now + timedelta(hours=1)
        with database.write() as tx:
            open_circuit(
                tx,
                source_id,
                scope,
                login="desk",
                outcome=outcome,
                reason="",
                until=until,
                now=now,
            )

    refuse("search", "login_required")
    refuse("item", "login_required")
    with database.write() as tx:
        newest = circuits(tx, now)[0]
        assert newest.login == "desk"
        assert close_circuits(tx, source_id, only=newest, actor="li", now=now) == 2
    refuse("search", "login_required")
    refuse("item", "challenged")
    with database.write() as tx:
        assert close_circuits(tx, source_id, only=circuits(tx, now)[0], actor="li", now=now) == 1
        assert [circuit.scope for circuit in circuits(tx, now)] == ["search"]
