"""Tricks against the gate, by family. Each line was a way into a private network somewhere.

Where a trick needs a connection there are real servers: one that the operator allows,
and one inside, which nothing may reach.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import httpx
import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.outcome import Outcome
from monitor.domain.page import PageRequest
from monitor.egress import Gate
from monitor.egress.connecting import Resolver
from monitor.errors import AddressRefused
from monitor.fetching.fetcher import Fetcher
from monitor.fetching.rules import FetchRules
from monitor.fetching.slots import MemoryHostSlots
from tests.servers.scripted import Reply, ScriptedServer

FAST = FetchRules(min_interval_s=0.0, obey_robots=False, timeout_s=20.0, max_bytes=100_000)
OUTSIDE = ("127.0.0.2/32",)

REFUSED = {
    "IPv4 in other bases": [
        "http://2852039166/",
        "http://4294967297/",
        "http://017700000001/",
        "http://0X7F000001/",
        "http://0x7f.1/",
        "http://0x/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://0251.0376.0251.0376/",
        "http://0127.0.0.1/",
        "http://127.00.0.1/",
        "http://127.0.0.0x1/",
    ],
    "IPv4 with too few or too many parts": [
        "http://127.0.1/",
        "http://169.254.43518/",
        "http://127.0.0.1.0/",
        "http://1.2.3.4.5/",
        "http://256.256.256.256/",
        "http://127.0.0.1.:80/",
    ],
    "digits and dots of other alphabets": [
        "http://１２７.０.０.１/",
        "http://127．0．0．1/",
        "http://127｡0｡0｡1/",
        "http://1⒉7.0.0.1/",
        "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
        "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/",
        "http://¹²⁷.0.0.1/",
        "http://0ⓧ7f000001/",
        "http://[：：1]/",
    ],
    "percent signs in the host": [
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://127.0.0.1%00.market.example/",
        "http://127.0.0.1%2f.market.example/",
        "http://127.0.0.1%5c.market.example/",
        "http://market.example%40127.0.0.1/",
    ],
    "user information": [
        "http://a@b@127.0.0.1/",
        "http://:@market.example/",
        "http://market.example:80@127.0.0.1/",
        "http://market.example;@127.0.0.1/",
        "http://market.example＠127.0.0.1/",
        "http://market.example／@127.0.0.1/",
        "http://market.example＃@127.0.0.1/",
        "http://market.example？@127.0.0.1/",
    ],
    "zones": [
        "http://[::1%lo]/",
        "http://[::1%25lo]/",
        "http://[fe80::1%eth0]/",
        "http://[2606:4700::1111%25eth0]/",
    ],
    "IPv4 inside IPv6": [
        "http://[0:0:0:0:0:ffff:7f00:0001]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[::ffff:0:a00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:0:0:0:0:c0a8:0101]/",
        "http://[2002:c0a8:101::1]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    ],
    "IPv6 that is no web server's": [
        "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
        "http://[1::1]/",
        "http://[100::1]/",
        "http://[2001:10::1]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://[4000::1]/",
        "http://[fd00:ec2::254]/",
    ],
    "brackets": [
        "http://::1/",
        "http://[]/",
        "http://]/",
        "http://[127.0.0.1]/",
        "http://[::127.1]/",
        "http://[::1].example/",
        "http://[1::2::3]/",
        "http://[::1]:80:90/",
        "http://[v1.fe80]/",
    ],
    "addresses of clouds and of special use": [
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://192.0.0.192/",
        "http://203.0.113.1/",
        "http://239.255.255.250/",
        "http://240.0.0.1/",
        "http://0.1.2.3/",
    ],
    "ports": [
        "http://market.example:+80/",
        "http://market.example:8_0/",
        "http://market.example:80:80/",
        "http://market.example:８０/",
        "http://market.example:٨٠/",
        "http://market.example:0x50/",
        "http://market.example:65616/",
        "http://market.example:00/",
        "http://market.example:00022/",
        "http://market.example:6000/",
    ],
    "schemes and slashes": [
        "HTTP://127.0.0.1/",
        "https:/market.example/",
        "https:market.example/",
        "//market.example/",
        "http:////market.example/",
        "ht\ntp://market.example/",
        "ws://market.example/",
        "ldap://market.example/",
        "dict://market.example:11211/",
        "data:text/html,x",
        "view-source:http://market.example/",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    ],
    "names that are none": [
        "http://.market.example/",
        "http://market.example../",
        "http://*.market.example/",
        "http://market|example/",
        "http://market^example/",
        "http://market\u200bexample\u2028/",
        "http://xn--/",
        "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "http://mar\u00adket.example/",
    ],
}


@pytest.mark.parametrize(
    ("family", "url"), [(family, url) for family, urls in REFUSED.items() for url in urls]
)
def test_a_trick_in_an_address_is_refused(family: str, url: str) -> None:
    """Before anything is resolved or connected to."""
    with pytest.raises(AddressRefused):
        Gate().check_url(url)


@pytest.fixture
def market() -> Iterator[ScriptedServer]:
    """What the operator allows."""
    with ScriptedServer(host="127.0.0.2") as server:
        server.route("/", Reply(body=b"market"))
        yield server


@pytest.fixture
def inside() -> Iterator[ScriptedServer]:
    """What nothing may reach."""
    with ScriptedServer() as server:
        server.route("/", Reply(body=b"inside"))
        yield server


def always(*addresses: str) -> Resolver:
    """A resolver with one answer for every name."""

    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def get(gate: Gate, url: str) -> httpx.Response:
    """One request, body included; the environment's proxies are wanted by this client."""
    with httpx.Client(transport=gate.transport(), timeout=20, trust_env=True) as client:
        return client.get(url)


@pytest.mark.parametrize(
    "tail", ["#@127.0.0.1/", "?@127.0.0.1/", "/@127.0.0.1/", "/?x=http://127.0.0.1/", "/..//127.1"]
)
def test_what_follows_the_host_leads_nowhere_else(
    market: ScriptedServer, inside: ScriptedServer, tail: str
) -> None:
    """Fragments, queries and paths that look like hosts to a careless parser."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2"]

    get(Gate(OUTSIDE, resolve=resolve), f"http://market.example:{market.port}{tail}")
    assert asked == ["market.example"]
    assert len(market.seen()) == 1
    assert inside.seen() == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "१२७.०.०.१", "闲鱼.example"])
def test_a_name_in_disguise_is_judged_by_where_it_leads(inside: ScriptedServer, host: str) -> None:
    """No list of names helps; every one of them is resolved, and the answer is checked."""
    with pytest.raises(AddressRefused):
        get(Gate(resolve=always("127.0.0.1")), f"http://{host}:{inside.port}/")
    assert inside.seen() == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.2", "127.0.0.1"],
        ["127.0.0.1", "127.0.0.2"],
        ["8.8.8.8", "10.0.0.1"],
        ["2606:4700::1111", "::1"],
        ["127.0.0.2", "::ffff:127.0.0.1"],
        ["127.0.0.2", "::ffff:0:127.0.0.1"],
        ["127.0.0.2", "64:ff9b::7f00:1"],
        ["127.0.0.2", "2002:7f00:1::"],
        ["127.0.0.2", "fe80::1%eth0"],
        ["127.0.0.2", "169.254.169.254"],
        ["127.0.0.2", "0.0.0.0"],
        ["127.0.0.2", "::"],
        ["127.0.0.2", "127.1"],
        ["127.0.0.2", "2130706433"],
        ["127.0.0.2", ""],
    ],
)
def test_one_private_answer_among_others_refuses_the_name(
    market: ScriptedServer, inside: ScriptedServer, addresses: list[str]
) -> None:
    """Whichever comes first, and in whatever form; nobody is connected to."""
    for port in (market.port, inside.port):
        with pytest.raises(AddressRefused):
            get(Gate(OUTSIDE, resolve=always(*addresses)), f"http://market.example:{port}/")
    assert market.seen() == []
    assert inside.seen() == []


def test_a_name_that_moves_inside_between_two_requests_is_refused_the_second_time(
    market: ScriptedServer, inside: ScriptedServer
) -> None:
    """Rebinding: each connection is checked on its own, whatever was let out before."""
    answers = iter(["127.0.0.2", "127.0.0.1"])

    def resolve(host: str, port: int) -> Sequence[str]:
        return [next(answers)]

    gate = Gate(OUTSIDE, resolve=resolve)
    assert get(gate, f"http://market.example:{market.port}/").text == "market"
    with pytest.raises(AddressRefused):
        get(gate, f"http://market.example:{inside.port}/")
    assert inside.seen() == []


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http:/\\127.0.0.1:{port}/",
        "\\\\127.0.0.1:{port}/",
        "/\\127.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://market.example@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@market.example/",
        "http://localhost:{port}/",
        " http://127.0.0.1:{port}/",
        "http://127.0.0.1\t:{port}/",
        "HTTP://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/?http://market.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_GET",
        "javascript:alert(1)",
        "http://market:word@market.example/",
    ],
)
@pytest.mark.parametrize("hops", [0, 2])
def test_a_redirect_never_leads_inside(
    market: ScriptedServer, inside: ScriptedServer, location: str, hops: int
) -> None:
    """At once or after detours."""
    for hop in range(hops):
        market.route(f"/hop{hop}", Reply(307, headers={"Location": f"/hop{hop + 1}"}))
    headers = {"Location": location.format(port=inside.port)}
    market.route(f"/hop{hops}", Reply(302, headers=headers))
    clock = ManualClock()
    fetcher = Fetcher(Gate(OUTSIDE), MemoryHostSlots(clock), clock, "test")
    with contextlib.closing(fetcher):
        result = fetcher.fetch(PageRequest(market.url("/hop0")), FAST)
    assert result.outcome is Outcome.DISALLOWED
    assert len(market.seen()) == hops + 1
    assert inside.seen() == []


def test_a_redirect_with_too_many_slashes_stays_where_it_is(
    market: ScriptedServer, inside: ScriptedServer
) -> None:
    """A browser would read a host there; for the gate it is a path, and so it is asked for."""
    market.route("/hop", Reply(302, headers={"Location": f"///127.0.0.1:{inside.port}/"}))
    clock = ManualClock()
    fetcher = Fetcher(Gate(OUTSIDE), MemoryHostSlots(clock), clock, "test")
    with contextlib.closing(fetcher):
        fetcher.fetch(PageRequest(market.url("/hop")), FAST)
    assert len(market.seen()) == 2
    assert inside.seen() == []


@pytest.mark.parametrize(
    "name",
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
)
def test_no_proxy_of_the_environment_is_spoken_to(
    market: ScriptedServer, inside: ScriptedServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A proxy would resolve names where the gate cannot see it."""
    monkeypatch.setenv(name, inside.url())
    clock = ManualClock()
    fetcher = Fetcher(Gate(OUTSIDE), MemoryHostSlots(clock), clock, "test")
    with contextlib.closing(fetcher):
        result = fetcher.fetch(PageRequest(market.url("/")), FAST)
        secure = fetcher.fetch(PageRequest(market.url("/").replace("http:", "https:")), FAST)
    assert result.outcome is Outcome.OK
    assert secure.outcome is Outcome.TRANSPORT_ERROR
    assert get(Gate(OUTSIDE), market.url("/")).text == "market"
    assert inside.seen() == []
