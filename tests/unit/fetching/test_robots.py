"""robots.txt: obeyed, cached, asked for politely, and never a reason to guess."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.clock import ManualClock
from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, FetchResult, PageRequest
from monitor.egress import Gate
from monitor.fetching.fetcher import Fetcher
from monitor.fetching.robots import KEEP, MAX_CRAWL_DELAY_S, RETRY, Robots, RobotsVerdict
from monitor.fetching.rules import FetchRules
from monitor.fetching.slots import MemoryHostSlots
from tests.servers.scripted import Reply, Script, ScriptedServer, endless, reset

RULES = FetchRules(min_interval_s=2.0, jitter=0.0, timeout_s=5.0)
AGENT = "face-trade-monitor/0.1 (trust and safety)"


class Web:
    """A market with one page, and a fetcher."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.clock = ManualClock()
        self.slots = MemoryHostSlots(self.clock)
        self.fetcher = Fetcher(Gate(("127.0.0.0/8",)), self.slots, self.clock, AGENT)
        server.route("/s", Reply(body=b"page"))

    def get(self, path: str = "/s") -> FetchResult:
        """Fetch a page of the market."""
        return self.fetcher.fetch(PageRequest(self.server.url(path)), RULES)


@pytest.fixture
def web() -> Iterator[Web]:
    """See `Web`."""
    with ScriptedServer() as server:
        web = Web(server)
        with contextlib.closing(web.fetcher):
            yield web


@pytest.mark.parametrize(
    ("text", "path", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /s", "/s", False),
        ("User-agent: *\nDisallow: /s", "/t", True),
        ("User-agent: *\nDisallow: /s?", "/s?q=1", False),
        ("User-agent: *\nDisallow: /\nAllow: /s", "/s", True),
        ("User-agent: *\nDisallow:", "/s", True),
        ("User-agent: other\nDisallow: /", "/s", True),
        ("User-agent: face-trade-monitor\nDisallow: /s\n\nUser-agent: *\nAllow: /", "/s", False),
        ("User-agent: face-trade-monitor\nAllow: /\n\nUser-agent: *\nDisallow: /", "/s", True),
        # A word of our prose is not our name.
        ("User-agent: safety\nDisallow: /", "/s", True),
        ("\ufeffUser-agent: *\r\nDisallow: /s # searches", "/s", False),
        ("User-agent: *\nDisallow: /*.php$", "/s.php", False),
        ("<html>not found</html>", "/s", True),
        ("", "/s", True),
    ],
)
def test_the_rules_are_obeyed(web: Web, text: str, path: str, is_allowed: bool) -> None:
    """A page that is forbidden is never asked for."""
    web.server.route("/robots.txt", Reply(body=text))
    result = web.get(path)
    page = path.partition("?")[0]
    if is_allowed:
        assert web.server.paths() == ["/robots.txt", page]
    else:
        assert result.outcome is Outcome.DISALLOWED
        assert "robots.txt forbids" in result.detail
        assert result.retry_after_s is None
        assert web.server.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_robots_file_allows_all(web: Web, status: int) -> None:
    """RFC 9309, 2.3.1.3."""
    web.server.route("/robots.txt", Reply(status, b"User-agent: *\nDisallow: /"))
    assert web.get().outcome is Outcome.OK


@pytest.mark.parametrize("step", [Reply(500), Reply(503), Reply(429), reset()])
def test_an_unreadable_robots_file_forbids_all_for_a_while(web: Web, step: Reply | Script) -> None:
    """RFC 9309, 2.3.1.4: the host may be in trouble, and we do not add to it."""
    web.server.route("/robots.txt", step, Reply(body=b""))
    for _ in range(3):
        result = web.get()
        assert result.outcome is Outcome.DISALLOWED
        assert result.retry_after_s is not None
        assert 0 < result.retry_after_s <= RETRY.total_seconds()
    assert web.server.paths() == ["/robots.txt"]
    web.clock.advance(RETRY.total_seconds())
    assert web.get().outcome is Outcome.OK


def test_a_redirected_robots_file_counts_for_the_host_that_was_asked(web: Web) -> None:
    """RFC 9309, 2.3.1.2."""
    web.server.route("/robots.txt", Reply(301, headers={"Location": "/other.txt"}))
    web.server.route("/other.txt", Reply(body=b"User-agent: *\nDisallow: /s"))
    assert web.get().outcome is Outcome.DISALLOWED


def test_robots_is_read_once_a_day(web: Web) -> None:
    """Between two looks the copy speaks; after a day it is read again."""
    web.server.route("/robots.txt", Reply(body=b""), Reply(body=b"User-agent: *\nDisallow: /"))
    for _ in range(3):
        assert web.get().outcome is Outcome.OK
    web.clock.advance(KEEP.total_seconds())
    assert web.get().outcome is Outcome.DISALLOWED
    assert len(web.server.seen("/robots.txt")) == 2


def test_an_old_copy_speaks_while_the_host_is_in_trouble(web: Web) -> None:
    """What was allowed yesterday is not forbidden by an error of today."""
    web.server.route("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /x"), Reply(500))
    assert web.get().outcome is Outcome.OK
    web.clock.advance(KEEP.total_seconds())
    assert web.get().outcome is Outcome.OK
    assert web.get("/x").outcome is Outcome.DISALLOWED


def test_robots_takes_a_slot_like_any_page(web: Web) -> None:
    """It is a request like any other for the host that answers it."""
    before = web.clock.now()
    web.get()
    assert (web.clock.now() - before).total_seconds() == 2.0


def test_a_crawl_delay_raises_the_interval(web: Web) -> None:
    """But a shorter one does not lower ours, and a mad one has a bound."""
    web.server.route("/robots.txt", Reply(body=b"User-agent: *\nCrawl-delay: 7"))
    web.get()
    assert web.slots.reserve(web.server.host, 0) == 7


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [
        ("0.5", 0.5),
        ("0", 0),
        ("-3", 0),
        ("nan", 0),
        ("inf", 0),
        ("soon", 0),
        ("1e9", MAX_CRAWL_DELAY_S),
    ],
)
def test_a_crawl_delay_may_be_anything(delay: str, seconds: float) -> None:
    """It is a stranger's number."""
    assert judge(f"User-agent: *\nCrawl-delay: {delay}").crawl_delay_s == seconds


def judge(text: str, *, is_truncated: bool = False) -> RobotsVerdict:
    """The verdict on a search page under a robots.txt."""
    clock = ManualClock()
    answer = Answer("", "", 200, {}, b"", text, clock.now(), is_truncated)
    robots = Robots(clock, AGENT)
    return robots.judge("http://a.example/s?q=1", lambda _: FetchResult(Outcome.OK, answer))


def test_a_rule_that_is_cut_in_two_does_not_count() -> None:
    """A "Disallow: /s" may be the beginning of "Disallow: /secret"."""
    text = "User-agent: *\nDisallow: /s"
    assert not judge(text).is_allowed
    assert judge(text, is_truncated=True).is_allowed


def test_a_blocked_host_is_not_called_unreadable(web: Web) -> None:
    """Nothing was asked, so nothing was learnt: the next try after the block is a fresh one."""
    web.slots.block_until(web.server.host, web.clock.now() + timedelta(seconds=500))
    assert web.get().outcome is Outcome.TRANSPORT_ERROR
    web.clock.advance(501)
    assert web.get().outcome is Outcome.OK


def test_an_endless_robots_file_is_read_up_to_its_cap(web: Web) -> None:
    """Its whole lines count, and it does not hold us."""
    web.server.route("/robots.txt", endless(b"User-agent: *\nDisallow: /s\n"))
    assert web.get().outcome is Outcome.DISALLOWED


def test_an_override_asks_nothing(web: Web) -> None:
    """The reason for it is recorded elsewhere."""
    rules = FetchRules(min_interval_s=0.0, obey_robots=False)
    web.fetcher.fetch(PageRequest(web.server.url("/s")), rules)
    assert web.server.paths() == ["/s"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["User-agent", "Disallow", "Allow", "Crawl-delay", "Request-rate", "Visit-time"]
            ),
            st.text(max_size=20),
        ),
        max_size=12,
    ),
    st.text(max_size=100),
)
@settings(max_examples=200, deadline=None)
def test_no_robots_file_makes_it_fail(lines: list[tuple[str, str]], rest: str) -> None:
    """Whatever stands there, there is a verdict."""
    text = "\n".join(["User-agent: *", *(f"{name}: {value}" for name, value in lines), rest])
    judge(text)
