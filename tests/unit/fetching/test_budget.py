"""A host's requests of a day, counted at the server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.outcome import Outcome
from monitor.domain.page import FetchResult, PageRequest
from monitor.egress import Gate
from monitor.fetching.fetcher import Fetcher
from monitor.fetching.rules import FetchRules
from monitor.fetching.slots import MemoryHostSlots
from tests.servers.scripted import Reply, ScriptedServer

RULES = FetchRules(min_interval_s=5.0, jitter=0.0, per_day=4)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A market that sends those who ask for ``/from`` on to ``/to``."""
    with ScriptedServer() as opened:
        opened.route("/from", Reply(302, headers={"Location": "/to"}))
        opened.route("/to", Reply(body="here"))
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    """It runs as fast as it is slept on."""
    return ManualClock()


@pytest.fixture
def fetcher(clock: ManualClock) -> Iterator[Fetcher]:
    """Over this machine."""
    built = Fetcher(Gate(("127.0.0.0/8",)), MemoryHostSlots(clock), clock, "test/1")
    with contextlib.closing(built):
        yield built


def get(fetcher: Fetcher, url: str) -> FetchResult:
    return fetcher.fetch(PageRequest(url), RULES)


def test_robots_and_redirects_are_requests_as_well(
    fetcher: Fetcher, server: ScriptedServer, clock: ManualClock
) -> None:
    """robots.txt, two hops and one page are four; the fifth is not sent, until the next day."""
    assert get(fetcher, server.url("/from")).outcome is Outcome.OK
    assert get(fetcher, server.url("/to")).outcome is Outcome.OK
    assert server.paths() == ["/robots.txt", "/from", "/to", "/to"]
    refused = get(fetcher, server.url("/to"))
    assert (refused.outcome, refused.answer) == (Outcome.BUDGET_SPENT, None)
    assert refused.retry_after_s is not None
    assert refused.retry_after_s > 86_000
    assert len(server.seen()) == 4
    clock.advance(refused.retry_after_s)
    assert get(fetcher, server.url("/to")).outcome is Outcome.OK


def test_a_redirect_that_is_one_too_many_is_not_followed(
    fetcher: Fetcher, server: ScriptedServer
) -> None:
    """Half a fetch is no answer."""
    get(fetcher, server.url("/to"))
    get(fetcher, server.url("/to"))
    assert get(fetcher, server.url("/from")).outcome is Outcome.BUDGET_SPENT
    assert server.paths()[-1] == "/from"


def test_a_budget_is_one_hosts(fetcher: Fetcher, server: ScriptedServer) -> None:
    """Another port is another server."""
    for _ in range(3):
        get(fetcher, server.url("/to"))
    assert get(fetcher, server.url("/to")).outcome is Outcome.BUDGET_SPENT
    with ScriptedServer() as other:
        other.route("/to", Reply(body="there"))
        assert get(fetcher, other.url("/to")).outcome is Outcome.OK


def test_a_budget_that_robots_has_spent_is_told_as_spent(
    fetcher: Fetcher, server: ScriptedServer
) -> None:
    """What nobody was asked says nothing of robots.txt: the next day it is asked again."""
    rules = FetchRules(min_interval_s=5.0, jitter=0.0, per_day=1)
    first = fetcher.fetch(PageRequest(server.url("/to")), rules)
    assert (first.outcome, server.paths()) == (Outcome.BUDGET_SPENT, ["/robots.txt"])
