"""Fetching from a server that misbehaves in every way that servers do."""

from __future__ import annotations

import contextlib
import gzip
import logging
import threading
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.domain.clock import ManualClock, SystemClock
from monitor.domain.outcome import Outcome
from monitor.domain.page import FetchResult, PageRequest
from monitor.egress import Gate
from monitor.fetching.fetcher import MAX_RETRY_AFTER_S, Fetcher
from monitor.fetching.rules import FetchRules
from monitor.fetching.slots import MemoryHostSlots
from tests.servers.certificates import self_signed
from tests.servers.scripted import (
    Reply,
    Script,
    ScriptedServer,
    Seen,
    Wire,
    drip,
    drip_headers,
    endless,
    gzip_bomb,
    half_closed,
    raw,
    reset,
    silent,
)

FAST = FetchRules(min_interval_s=0.0, obey_robots=False, timeout_s=5.0, max_bytes=100_000)
POLITE = FetchRules(min_interval_s=5.0, jitter=0.0, timeout_s=5.0, max_bytes=100_000)
AGENT = "face-trade-monitor/0.1 (trust and safety)"


class Fixture:
    """A fetcher over loopback with a clock that runs as fast as it is slept on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.slots = MemoryHostSlots(self.clock)
        self.fetcher = Fetcher(Gate(("127.0.0.0/8",)), self.slots, self.clock, AGENT)

    def get(self, url: str, rules: FetchRules = FAST) -> FetchResult:
        """Fetch by GET."""
        return self.fetcher.fetch(PageRequest(url), rules)


@pytest.fixture
def web() -> Iterator[Fixture]:
    """See `Fixture`."""
    fixture = Fixture()
    with contextlib.closing(fixture.fetcher):
        yield fixture


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A market."""
    with ScriptedServer() as running:
        yield running


def test_a_page_arrives_with_all_that_a_parser_needs(web: Fixture, server: ScriptedServer) -> None:
    """Text, bytes, status, addresses and time; no cookie."""
    server.route(
        "/list",
        Reply(
            body="<p>人脸</p>".encode("gbk"),
            headers={"Content-Type": "text/html; charset=gb2312", "Set-Cookie": "session=s3cret"},
        ),
    )
    result = web.get(server.url("/list"))
    assert (result.outcome, result.detail, result.retry_after_s) == (Outcome.OK, "", None)
    assert result.answer is not None
    assert result.answer.text == "<p>人脸</p>"
    assert result.answer.body == "<p>人脸</p>".encode("gbk")
    assert (result.answer.status, result.answer.is_truncated) == (200, False)
    assert result.answer.url == result.answer.final_url == server.url("/list")
    assert result.answer.fetched_at == web.clock.now()
    assert result.answer.headers["content-type"].endswith("gb2312")
    assert "set-cookie" not in result.answer.headers
    assert 0 < result.elapsed_s < 5


def test_a_request_goes_out_as_described(web: Fixture, server: ScriptedServer) -> None:
    """Parameters keep their order and what stood in the URL; we say who we are."""
    server.route("/s", Reply(body=b"ok"))
    request = PageRequest(
        server.url("/s?fixed=1&page=0#part"),
        params=(("q", "人脸 &"), ("page", "2"), ("page", "3")),
        headers={"Referer": "http://a.example/", "User-Agent": "liar", "Host": "other"},
    )
    assert web.fetcher.fetch(request, FAST).outcome is Outcome.OK
    seen = server.seen()[0]
    assert seen.query == (
        ("fixed", "1"),
        ("page", "0"),
        ("q", "人脸 &"),
        ("page", "2"),
        ("page", "3"),
    )
    assert seen.headers["referer"] == "http://a.example/"
    assert seen.headers["user-agent"] == AGENT
    assert seen.headers["host"] == server.host


def test_forms_and_json_are_posted(web: Fixture, server: ScriptedServer) -> None:
    """Two ways in which markets take a search."""
    server.route("/s", Reply(body=b"ok"))
    form = PageRequest(server.url("/s"), method="POST", form=(("q", "人脸"), ("a", "1")))
    data = PageRequest(server.url("/s"), method="POST", json={"q": "人脸"})
    for request in (form, data):
        assert web.fetcher.fetch(request, FAST).outcome is Outcome.OK
    first, second = server.seen()
    assert first.body == b"q=%E4%BA%BA%E8%84%B8&a=1"
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert second.body == '{"q":"人脸"}'.encode()
    assert second.headers["content-type"] == "application/json"


def test_no_cookie_is_sent_back(web: Fixture, server: ScriptedServer) -> None:
    """Polls must not be tied to one visitor by a market."""
    server.route("/", Reply(body=b"ok", headers={"Set-Cookie": "a=b"}))
    web.get(server.url("/"))
    web.get(server.url("/"))
    assert "cookie" not in server.seen()[1].headers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.OK),
        (204, Outcome.OK),
        (404, Outcome.OK),
        (410, Outcome.OK),
        (401, Outcome.LOGIN_REQUIRED),
        (403, Outcome.CHALLENGED),
        (429, Outcome.RATE_LIMITED),
        (302, Outcome.TRANSPORT_ERROR),
        (304, Outcome.TRANSPORT_ERROR),
        (400, Outcome.TRANSPORT_ERROR),
        (500, Outcome.TRANSPORT_ERROR),
        (503, Outcome.TRANSPORT_ERROR),
        (999, Outcome.TRANSPORT_ERROR),
    ],
)
def test_the_status_names_the_outcome(
    web: Fixture, server: ScriptedServer, status: int, outcome: Outcome
) -> None:
    """And the answer is there in any case, for whoever wants to look."""
    server.route("/x", Reply(status))
    result = web.get(server.url("/x"))
    assert result.outcome is outcome
    assert result.answer is not None
    assert result.answer.status == status
    assert result.detail == ("" if outcome is Outcome.OK else f"{server.host}: HTTP {status}")


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "30", 30.0),
        (503, "30", 30.0),
        (429, "Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        (429, "9999999", MAX_RETRY_AFTER_S),
        (429, "soon", None),
        (500, "30", None),
        (200, "30", None),
    ],
)
def test_retry_after_is_told_and_kept(
    web: Fixture, server: ScriptedServer, status: int, header: str, seconds: float | None
) -> None:
    """The host gets no other request until then, whoever asks."""
    server.route("/x", Reply(status, headers={"Retry-After": header}))
    assert web.get(server.url("/x")).retry_after_s == seconds
    assert web.slots.reserve(server.host, 0) == (seconds or 0)


def test_a_blocked_host_is_left_alone(web: Fixture, server: ScriptedServer) -> None:
    """A wait that is too long costs no request, no thread and no slot."""
    web.slots.block_until(server.host, web.clock.now() + timedelta(seconds=500))
    for _ in range(3):
        result = web.get(server.url("/x"), POLITE)
        assert result.outcome is Outcome.TRANSPORT_ERROR
        assert result.retry_after_s == 500
    assert server.seen() == []
    assert web.slots.reserve(server.host, 0) == 500


def test_a_host_is_asked_at_its_interval() -> None:
    """Counted at the host, with threads that want more than they may."""
    clock = SystemClock()
    fetcher = Fetcher(Gate(("127.0.0.0/8",)), MemoryHostSlots(clock), clock, AGENT)
    rules = FetchRules(min_interval_s=0.1, jitter=0.5, obey_robots=True, timeout_s=5)
    with ScriptedServer() as server, contextlib.closing(fetcher):
        server.route("/x", Reply(302, headers={"Location": "/y"}))
        server.route("/y", Reply(body=b"ok"))
        threads = [
            threading.Thread(target=fetcher.fetch, args=(PageRequest(server.url("/x")), rules))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(server.paths()) == ["/robots.txt", *["/x"] * 4, *["/y"] * 4]
        # The slot is kept to; what the scheduler adds to one request, the gap
        # to the next one lacks.
        assert min(server.gaps()) > 0.085


def test_jitter_lengthens_the_interval_only(web: Fixture, server: ScriptedServer) -> None:
    """Never below what the operator set, and not always the same."""
    server.route("/x", Reply())
    rules = FetchRules(min_interval_s=10, jitter=0.5, obey_robots=False)
    times = []
    for _ in range(20):
        web.get(server.url("/x"), rules)
        times.append(web.clock.now())
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    assert all(10 <= gap <= 15 for gap in gaps)
    assert len(set(gaps)) > 5


def test_redirects_are_followed_and_reported(web: Fixture, server: ScriptedServer) -> None:
    """Over several hops, relative and absolute."""
    server.route("/a", Reply(301, headers={"Location": "/b?x=1"}))
    server.route("/b", Reply(302, headers={"Location": server.url("/c#part")}))
    server.route("/c", Reply(body=b"here"))
    result = web.get(server.url("/a"))
    assert result.answer is not None
    assert result.answer.text == "here"
    assert result.answer.url == server.url("/a")
    assert result.answer.final_url == server.url("/c")


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", b""),
        (302, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b"q=1"),
        (308, "POST", b"q=1"),
    ],
)
def test_a_redirected_post_does_as_told(
    web: Fixture, server: ScriptedServer, status: int, method: str, body: bytes
) -> None:
    """As browsers do, since markets are made for them."""
    server.route("/a", Reply(status, headers={"Location": "/b"}))
    server.route("/b", Reply())
    web.fetcher.fetch(PageRequest(server.url("/a"), method="POST", form=(("q", "1"),)), FAST)
    seen = server.seen("/b")[0]
    assert (seen.method, seen.body) == (method, body)
    assert ("content-type" in seen.headers) == (method == "POST")


def test_another_host_gets_its_own_slot_and_none_of_the_headers(
    web: Fixture, server: ScriptedServer
) -> None:
    """What a source sends along is meant for its own host."""
    with ScriptedServer() as other:
        server.route("/a", Reply(302, headers={"Location": other.url("/b")}))
        other.route("/b", Reply(body=b"there"))
        other.route("/robots.txt", Reply(body=b"User-agent: *\nAllow: /"))
        request = PageRequest(server.url("/a"), headers={"X-Partner": "token"})
        result = web.fetcher.fetch(request, POLITE)
        assert result.answer is not None
        assert result.answer.final_url == other.url("/b")
        assert other.paths() == ["/robots.txt", "/b"]
        assert "x-partner" in server.seen("/a")[0].headers
        assert "x-partner" not in other.seen("/b")[0].headers
        assert web.slots.reserve(other.host, 0) == 5


def test_a_redirect_into_a_private_network_is_refused(server: ScriptedServer) -> None:
    """The gate looks at each hop."""
    clock = ManualClock()
    fetcher = Fetcher(Gate(("127.0.0.1/32",)), MemoryHostSlots(clock), clock, AGENT)
    with contextlib.closing(fetcher), ScriptedServer(host="127.0.0.2") as inner:
        server.route("/a", Reply(302, headers={"Location": inner.url("/")}))
        result = fetcher.fetch(PageRequest(server.url("/a")), FAST)
        assert result.outcome is Outcome.DISALLOWED
        assert inner.seen() == []


def test_a_redirect_loop_ends(web: Fixture, server: ScriptedServer) -> None:
    """Ten redirects are followed, the eleventh is not."""
    server.route("/a", Reply(302, headers={"Location": "/a"}))
    result = web.get(server.url("/a"))
    assert result.outcome is Outcome.TRANSPORT_ERROR
    assert "10 redirects" in result.detail
    assert len(server.seen()) == 11


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/", "http://u:p@127.0.0.1/", "ftp://127.0.0.1/", "nonsense", "http://[::1"],
)
def test_what_the_gate_refuses_is_disallowed(web: Fixture, url: str) -> None:
    """As data, like every other outcome."""
    assert web.get(url).outcome is Outcome.DISALLOWED


def test_a_request_that_cannot_be_written_is_an_outcome(
    web: Fixture, server: ScriptedServer
) -> None:
    """Lone surrogates in a keyword, line breaks in a header."""
    term = PageRequest(server.url("/s"), params=(("q", "\ud800"),))
    data = PageRequest(server.url("/s"), method="POST", json={"q": "\ud800"})
    assert web.fetcher.fetch(term, FAST).outcome is Outcome.DISALLOWED
    assert web.fetcher.fetch(data, FAST).outcome is Outcome.DISALLOWED
    for text in ("a\r\nX: y", "人脸"):
        header = PageRequest(server.url("/s"), headers={"X-A": text})
        assert web.fetcher.fetch(header, FAST).outcome is Outcome.TRANSPORT_ERROR
    assert server.seen() == []


def test_an_endless_page_is_cut(web: Fixture, server: ScriptedServer) -> None:
    """At the cap to the byte; the parser judges what is there."""
    server.route("/x", endless())
    result = web.get(server.url("/x"))
    assert result.outcome is Outcome.OK
    assert result.answer is not None
    assert (result.answer.is_truncated, len(result.answer.body)) == (True, 100_000)
    assert "cut" in result.detail


def test_a_page_of_exactly_the_cap_is_whole(web: Fixture, server: ScriptedServer) -> None:
    """Only one byte more is too much."""
    server.route("/x", Reply(body=b"a" * 100_000), Reply(body=b"a" * 100_001))
    whole, cut = (web.get(server.url("/x")).answer for _ in range(2))
    assert whole is not None
    assert cut is not None
    assert (whole.is_truncated, cut.is_truncated) == (False, True)
    assert len(whole.body) == len(cut.body) == 100_000


def test_a_packed_page_is_unpacked(web: Fixture, server: ScriptedServer) -> None:
    """The common case of all markets."""
    server.route(
        "/x", Reply(body=gzip.compress("人脸".encode()), headers={"Content-Encoding": "gzip"})
    )
    result = web.get(server.url("/x"))
    assert result.answer is not None
    assert result.answer.text == "人脸"


def test_a_bomb_costs_what_the_cap_allows(web: Fixture, server: ScriptedServer) -> None:
    """A hundred megabytes of nothing, a hundred kilobytes on the wire."""
    server.route("/x", gzip_bomb(100_000_000))
    web.get(server.url("/warm"))
    tracemalloc.start()
    result = web.get(server.url("/x"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.answer is not None
    assert (result.answer.is_truncated, len(result.answer.body)) == (True, 100_000)
    assert peak < 5_000_000


def test_an_endless_packing_of_nothing_is_cut(web: Fixture, server: ScriptedServer) -> None:
    """Empty blocks add nothing to the body and would go on for ever."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10]

    def run(wire: Wire) -> None:
        wire.send(head)
        while True:
            wire.send(b"\x00\x00\x00\xff\xff" * 20_000)

    server.route("/x", Script(run))
    result = web.get(server.url("/x"))
    assert result.outcome is Outcome.OK
    assert result.answer is not None
    assert (result.answer.is_truncated, result.answer.body) == (True, b"")


def test_redirects_share_one_deadline(web: Fixture, server: ScriptedServer) -> None:
    """A chain of slow hops is one slow answer."""
    server.route("/x", Reply(302, headers={"Location": "/x"}, delay_s=0.2))
    result = web.get(server.url("/x"), FetchRules(0.0, 0.0, False, 0.5, 1000))
    assert result.outcome is Outcome.TRANSPORT_ERROR
    assert "in time" in result.detail
    assert 0.4 < result.elapsed_s < 0.9


@pytest.mark.parametrize(
    ("script", "word"),
    [
        (silent(), "in time"),
        (drip(b"x" * 10_000, 0.02), "in time"),
        (drip_headers(0.02), "in time"),
        (reset(), "reset"),
        (reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart"), "reset"),
        (half_closed(), "closed too early"),
        (half_closed(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart"), "closed too early"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\npa"), "closed too early"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "not HTTP"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"), "not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500_000 + b"\r\n\r\n"), ""),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"), ""),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nabc"), "not offered"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nabcdefg"), "damaged"),
        (raw(b""), "closed too early"),
    ],
)
def test_trouble_on_the_way_is_a_transport_error(
    web: Fixture, server: ScriptedServer, script: Script, word: str
) -> None:
    """Within the deadline, whatever the server does with the connection."""
    server.route("/x", script)
    started = time.monotonic()
    result = web.get(server.url("/x"), FetchRules(0.0, 0.0, False, 0.5, 100_000))
    assert time.monotonic() - started < 2
    assert result.outcome is Outcome.TRANSPORT_ERROR
    assert word in result.detail
    assert result.detail.startswith(server.host)


def test_a_broken_off_page_keeps_what_came(web: Fixture, server: ScriptedServer) -> None:
    """For a look by a person; the outcome says that it is not whole."""
    server.route("/x", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart"))
    result = web.get(server.url("/x"))
    assert result.outcome is Outcome.TRANSPORT_ERROR
    assert result.answer is not None
    assert (result.answer.text, result.answer.is_truncated) == ("part", True)


def test_nobody_listens(web: Fixture) -> None:
    """The port was free a moment ago."""
    with ScriptedServer() as server:
        url = server.url("/")
    result = web.get(url)
    assert result.outcome is Outcome.TRANSPORT_ERROR
    assert "refused" in result.detail
    assert result.answer is None


def test_a_wrong_certificate_is_no_answer(web: Fixture, tmp_path: Path) -> None:
    """Self-signed, or valid for another name: nothing is sent to such a host."""
    context, _ = self_signed(tmp_path, "other.example")
    with ScriptedServer(tls=context) as server:
        result = web.get(server.url("/"))
        assert result.outcome is Outcome.TRANSPORT_ERROR
        assert "certificate" in result.detail
        assert server.seen() == []


def test_a_trusted_certificate_is_checked_against_the_name(tmp_path: Path) -> None:
    """The connection goes to an address, the certificate still has to name the host."""
    context, trust = self_signed(tmp_path, "market.example")

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    gate = Gate(("127.0.0.0/8",), resolve=resolve)
    clock = ManualClock()
    fetcher = Fetcher(gate, MemoryHostSlots(clock), clock, AGENT, verify=trust)
    with ScriptedServer(tls=context) as server, contextlib.closing(fetcher):
        server.route("/", Reply(body=b"safe"))
        good = fetcher.fetch(PageRequest(f"https://market.example:{server.port}/"), FAST)
        bad = fetcher.fetch(PageRequest(f"https://another.example:{server.port}/"), FAST)
    assert good.outcome is Outcome.OK
    assert bad.outcome is Outcome.TRANSPORT_ERROR
    assert "certificate" in bad.detail


def test_no_secret_of_an_address_is_logged_or_told(
    web: Fixture, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Not by us, and not by the libraries below."""
    caplog.set_level(logging.INFO)
    server.route("/s3cret", Reply(503), Reply(302, headers={"Location": "/s3cret?token=s3cret"}))
    for _ in range(2):
        result = web.get(server.url("/s3cret?token=s3cret"))
        assert "s3cret" not in result.detail
    url = server.url("/?token=s3cret").replace("http://", "http://u:s3cret@")
    assert "s3cret" not in web.get(url).detail
    assert "s3cret" not in caplog.text


def test_many_threads_share_one_fetcher(web: Fixture, server: ScriptedServer) -> None:
    """Each gets its own answer."""

    def echo(seen: Seen) -> Reply:
        return Reply(body=dict(seen.query)["n"])

    server.route("/e", echo)
    got: dict[int, str] = {}

    def work(start: int) -> None:
        for number in range(start, start + 20):
            answer = web.get(server.url(f"/e?n={number}")).answer
            got[number] = answer.text if answer else ""

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: str(number) for number in range(160)}
