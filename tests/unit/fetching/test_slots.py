"""Slots: one at a time, in order, and none before a block ends."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from monitor.domain.clock import ManualClock
from monitor.fetching.slots import MemoryHostSlots, host_key


def test_slots_follow_each_other_by_the_interval() -> None:
    """And another host has its own."""
    slots = MemoryHostSlots(ManualClock())
    assert [slots.reserve("a.example", 5) for _ in range(3)] == [0, 5, 10]
    assert slots.reserve("b.example", 5) == 0


def test_an_interval_of_zero_only_asks() -> None:
    """A fetcher that will not wait must not push the queue."""
    slots = MemoryHostSlots(ManualClock())
    slots.reserve("a.example", 5)
    assert [slots.reserve("a.example", 0) for _ in range(3)] == [5, 5, 5]
    assert slots.reserve("a.example", 5) == 5


def test_time_frees_slots() -> None:
    """An idle host does not save up slots: after a long pause the interval holds again."""
    clock = ManualClock()
    slots = MemoryHostSlots(clock)
    slots.reserve("a.example", 5)
    clock.advance(60)
    assert [slots.reserve("a.example", 5) for _ in range(2)] == [0, 5]


def test_a_block_is_never_shortened() -> None:
    """Two answers may ask for different pauses."""
    clock = ManualClock()
    slots = MemoryHostSlots(clock)
    slots.block_until("a.example", clock.now() + timedelta(seconds=100))
    slots.block_until("a.example", clock.now() + timedelta(seconds=10))
    assert slots.reserve("a.example", 5) == 100


def test_threads_share_no_slot() -> None:
    """Eight workers on one host wait eight different times."""
    slots = MemoryHostSlots(ManualClock())
    waits: list[float] = []
    threads = [
        threading.Thread(target=lambda: waits.extend(slots.reserve("a", 1) for _ in range(50)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [float(number) for number in range(400)]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://Market.Example/a?b", "market.example"),
        ("https://market.example:443/", "market.example"),
        ("http://market.example:8080/", "market.example:8080"),
        ("http://[::1]:81/", "::1:81"),
        ("http://" + "a" * 300 + ":8080/", "a" * 250 + ":8080"),
    ],
)
def test_a_host_has_one_name(url: str, key: str) -> None:
    """Both schemes are one machine; the key fits its column."""
    assert host_key(url) == key


def test_a_days_requests_are_spent_once_and_come_back() -> None:
    """The day begins with the first request, and the next one with the first after it."""
    clock = ManualClock()
    slots = MemoryHostSlots(clock)
    assert [slots.spend("a.example", 2) for _ in range(3)] == [0, 0, 86_400]
    clock.advance(86_399)
    assert (slots.spent("a.example", 2), slots.spent("a.example", 3)) == (1, 0)
    clock.advance(10)
    assert [slots.spend("a.example", 1) for _ in range(2)] == [0, 86_400]
