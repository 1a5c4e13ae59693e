"""No host is asked too soon, counted at the host, by threads that are never on time."""

from __future__ import annotations

from monitor.domain.clock import SystemClock
from monitor.fetching.slots import MemoryHostSlots
from tests.servers.late import INTERVAL_S, THREADS, fetch_together
from tests.servers.scripted import Reply, ScriptedServer

READING_S = 0.2
"""What may pass on a loaded machine between a request's arrival and the server's look at it."""


def test_late_threads_and_slow_connections_break_no_interval() -> None:
    """Each waits until the one before it has really left, not until it should have."""
    clock = SystemClock()
    with ScriptedServer() as server:
        server.route("/x", Reply(body=b"ok"))
        url = server.url("/x").replace("127.0.0.1", "market.test")
        fetch_together(MemoryHostSlots(clock), clock, url)
        assert len(server.seen()) == THREADS
        assert min(server.gaps()) > INTERVAL_S - READING_S


def test_a_request_that_cannot_leave_holds_the_host_no_longer_than_the_interval() -> None:
    """A refused connection counts as a request, and the next one may try after it."""
    clock = SystemClock()
    slots = MemoryHostSlots(clock)
    with ScriptedServer() as server:
        url = server.url("/x")
    fetch_together(slots, clock, url)
    assert slots.reserve(server.host, 0) <= INTERVAL_S
    assert slots.depart(server.host, INTERVAL_S, 25.0) <= INTERVAL_S
