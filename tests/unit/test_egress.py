"""The gate: what it lets out, what it refuses, and that it connects where it looked."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.egress import Gate, deadline, explain, parse_retry_after, urls
from monitor.egress.addresses import is_public, parse_address
from monitor.egress.connecting import Resolver
from monitor.errors import AddressRefused, ConfigError
from tests.servers.scripted import Reply, ScriptedServer, drip, drip_headers

LOOPBACK = ("127.0.0.0/8",)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

REFUSED_URLS = [
    "",
    "market.example/search",
    "ftp://market.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "javascript:alert(1)",
    "http:///search",
    "http://?q=1",
    "http://user@market.example/",
    "http://user:word@market.example/",
    "http://market.example@127.0.0.1/",
    "http://@market.example/",
    "http://market.example\\@127.0.0.1/",
    "http:\\\\market.example/",
    "http://market.example/a\\b",
    "http://market.example/a\r\nX: y",
    "http://market.example/\ta",
    " http://market.example/",
    "http://market.example/a b",
    "http://market.example:0/",
    "http://market.example:65536/",
    "http://market.example:-1/",
    "http://market.example:22/",
    "http://market.example:25/",
    "http://market.example:6667/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://0.0.0.0/",
    "http://0/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[fd00::1]/",
    "http://[ff02::1]/",
    "http://[::1",
    "http://market..example/",
    "http://market.example./",
    "http://-market.example/",
    "http://mark%65t.example/",
    "http://market.example%2f@x/",
    "http://" + "a" * 64 + ".example/",
    "http://market.example/" + "a" * 9000,
    "http://market.example/\ud800",
    "http://market.example/\u2028x",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_an_address_that_tries_a_trick_is_refused(url: str) -> None:
    """Each line was a way into a private network somewhere."""
    with pytest.raises(AddressRefused):
        Gate().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://market.example/search?q=%E4%BA%BA%E8%84%B8&page=2",
        "https://MARKET.example:8443/a/b.html#part",
        "https://market.example/搜索?q=人脸",
        "https://闲鱼.example/",
        "https://xn--fct.example/",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]/",
        "http://sub_domain.market.example/",
        "http://1.example/",
    ],
)
def test_an_ordinary_address_passes(url: str) -> None:
    """The gate must not be in the way of the work."""
    Gate().check_url(url)


def test_a_host_that_two_parsers_see_differently_is_refused() -> None:
    """No such address is known today; the next parser's quirk must not open the gate."""
    urls._check_same_host("A.example", "a.example")
    with pytest.raises(AddressRefused, match="two ways"):
        urls._check_same_host("a.example", "b.example")


def test_a_refusal_does_not_repeat_the_address() -> None:
    """The text is logged, and an address may hold a token."""
    with pytest.raises(AddressRefused) as caught:
        Gate().check_url("http://word:s3cret@market.example/?token=s3cret")
    assert "s3cret" not in str(caught.value)


def test_an_operator_can_allow_a_range() -> None:
    """The demo and in-house markets live on private addresses, in any of their spellings."""
    gate = Gate(("10.0.0.0/8", "fd00::/8"))
    gate.check_url("http://10.1.2.3/")
    gate.check_url("http://[::ffff:10.1.2.3]/")
    gate.check_url("http://[fd00::1]/")
    with pytest.raises(AddressRefused):
        gate.check_url("http://192.168.0.1/")


def test_a_range_that_cannot_be_read_is_a_config_error() -> None:
    """A typing mistake must not open or close anything in silence."""
    with pytest.raises(ConfigError, match="allowed networks"):
        Gate(("10.0.0.0/33",))


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        ("http://a.example/x/y?q=1", "z", "http://a.example/x/z"),
        ("http://a.example/x", "//b.example/", "http://b.example/"),
        ("http://a.example/x", "https://b.example/#top", "https://b.example/"),
        ("http://a.example/x?q=1", "?q=2", "http://a.example/x?q=2"),
    ],
)
def test_a_redirect_is_joined(url: str, location: str, target: str) -> None:
    """Relative targets are the rule."""
    assert Gate().follow(url, location) == target


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "//127.1/", "\\\\127.0.0.1\\", "/a\tb", "file:///etc", "http://[::1", ""],
)
def test_a_redirect_to_a_refused_address_is_refused(location: str) -> None:
    """A public page must not lead the monitor into the private network."""
    if location == "":
        assert Gate().follow("http://a.example/x", location) == "http://a.example/x"
        return
    with pytest.raises(AddressRefused):
        Gate().follow("http://a.example/x", location)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_the_gate_fail(url: str, location: str) -> None:
    """Any text is let out or refused; nothing else comes out of the gate."""
    gate = Gate()
    for act in (
        lambda: gate.check_url(url),
        lambda: gate.check_url("http://" + url),
        lambda: gate.follow("http://a.example/", location),
    ):
        try:
            act()
        except AddressRefused:
            continue


@given(st.ip_addresses(v=4))
@settings(max_examples=200, deadline=None)
def test_an_embedded_address_is_judged_like_itself(address: object) -> None:
    """Mapped, 6to4 and NAT64 forms neither open nor close anything."""
    plain = parse_address(str(address))
    number = int(plain)
    for text in (
        f"::ffff:{plain}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
        f"64:ff9b::{plain}",
    ):
        assert is_public(parse_address(text)) == is_public(plain)


def always(*addresses: str) -> Resolver:
    """A resolver that gives these addresses for every name."""

    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def ask(gate: Gate, url: str, timeout_s: float = 5.0) -> httpx.Response:
    """One request through the gate's transport, body included."""
    with httpx.Client(transport=gate.transport(), timeout=timeout_s) as client:
        return client.get(url)


def test_the_checked_address_is_the_one_connected_to() -> None:
    """A name server that answers differently the second time (rebinding) is never asked again."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with ScriptedServer() as server:
        server.route("/", Reply(body=b"here"))
        gate = Gate(LOOPBACK, resolve=rebinding)
        answer = ask(gate, f"http://market.example:{server.port}/")
        assert answer.text == "here"
        assert asked == ["market.example"]
        assert server.seen()[0].headers["host"] == f"market.example:{server.port}"


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["::ffff:10.0.0.1"], ["nonsense"]],
)
def test_a_name_with_one_private_address_is_refused_unconnected(addresses: list[str]) -> None:
    """One private answer among public ones is enough."""
    with ScriptedServer() as server:
        gate = Gate(resolve=always(*addresses))
        with pytest.raises(AddressRefused):
            ask(gate, f"http://market.example:{server.port}/")
        assert server.seen() == []


def test_localhost_is_refused_by_its_address() -> None:
    """No list of names: what counts is where a name leads."""
    with ScriptedServer() as server, pytest.raises(AddressRefused):
        ask(Gate(), f"http://localhost:{server.port}/")


def test_the_transport_checks_urls_itself() -> None:
    """Forgetting `check_url` opens nothing."""
    with ScriptedServer() as server:
        with pytest.raises(AddressRefused):
            ask(Gate(), server.url("/"))
        assert server.seen() == []


def test_a_dead_address_gives_way_to_the_next() -> None:
    """Hosts with several addresses often have one that does not answer."""
    with ScriptedServer() as server:
        server.route("/", Reply(body=b"here"))
        gate = Gate(LOOPBACK, resolve=always("127.0.0.9", "127.0.0.1"))
        assert ask(gate, f"http://market.example:{server.port}/").text == "here"


def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve names where the gate cannot see it."""
    with ScriptedServer() as proxy, ScriptedServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        server.route("/", Reply(body=b"direct"))
        assert ask(Gate(LOOPBACK), server.url("/")).text == "direct"
        assert proxy.seen() == []


def test_a_name_that_does_not_resolve_is_no_connection() -> None:
    """It is trouble on the way, not a refusal."""

    def fails(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    for resolve in (fails, always()):
        with pytest.raises(httpx.ConnectError):
            ask(Gate(resolve=resolve), "http://market.example/")


def test_a_slow_resolver_is_not_waited_for() -> None:
    """The system's resolver has timeouts of its own, and they are long."""
    release = threading.Event()

    def slow(host: str, port: int) -> Sequence[str]:
        release.wait(10)
        return []

    started = time.monotonic()
    try:
        with pytest.raises(httpx.ConnectTimeout), deadline(0.2):
            ask(Gate(resolve=slow), "http://market.example/")
    finally:
        release.set()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("script", [drip(b"x" * 5000, 0.02), drip_headers(0.02)])
def test_a_dripping_server_does_not_outlast_the_deadline(script: object) -> None:
    """Each byte comes in time, the answer does not; in the head as in the body."""
    with ScriptedServer() as server:
        server.route("/", script)  # type: ignore[arg-type]
        started = time.monotonic()
        with pytest.raises(httpx.ReadTimeout), deadline(0.4):
            ask(Gate(LOOPBACK), server.url("/"))
        assert 0.3 < time.monotonic() - started < 2


def test_deadlines_are_each_threads_own() -> None:
    """A worker in a hurry must not cut off another one."""
    with ScriptedServer() as server:
        server.route("/", Reply(body=b"late", delay_s=0.3))
        gate = Gate(LOOPBACK)
        with deadline(0.05):
            answers: list[str] = []
            other = threading.Thread(target=lambda: answers.append(ask(gate, server.url("/")).text))
            other.start()
            other.join()
        assert answers == ["late"]


def test_every_transport_error_of_httpcore_has_its_namesake() -> None:
    """`GateTransport` translates by name; a library update that breaks this shows here."""
    for name in httpcore.__all__:
        kind = getattr(httpcore, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            if kind is httpcore.ConnectionNotAvailable:
                continue
            assert issubclass(getattr(httpx, name), httpx.TransportError)


def test_an_explanation_repeats_nothing_of_the_answer() -> None:
    """The libraries quote what the server sent, and that may be anything."""
    assert "secret" not in explain(httpx.RemoteProtocolError("illegal header line: b'secret'"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("99999999999", 3600),
        ("9" * 5000, None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=9), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), 3600),
        ("Sun Mar  1 12:01:00 2026", 60),
        ("Sun, 01 Mar 2026 12:00:30 +0000", 30),
        ("Mon, 99 Foo 99999 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read(value: str | None, seconds: float | None) -> None:
    """Seconds or a date, never more than the cap, nothing from nonsense."""
    assert parse_retry_after(value, NOW, 3600) == seconds


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_retry_after_never_fails(value: str) -> None:
    """It is a stranger's header."""
    seconds = parse_retry_after(value, NOW, 60)
    assert seconds is None or 0 <= seconds <= 60
