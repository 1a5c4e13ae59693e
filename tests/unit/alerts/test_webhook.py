"""The webhook channel against receivers that do everything receivers do."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from monitor.alerts.channels.discovery import discover, open_channel
from monitor.alerts.channels.protocol import Receipt, ReceiptStatus
from monitor.alerts.channels.webhook import WebhookChannel
from monitor.alerts.signing import generate_secret
from monitor.egress import Gate
from monitor.errors import NotFoundError
from tests.servers.certificates import self_signed
from tests.servers.scripted import (
    Reply,
    Script,
    ScriptedServer,
    drip,
    drip_headers,
    endless,
    gzip_bomb,
    half_closed,
    raw,
    reset,
    silent,
)

SECRET = generate_secret()
BODY = '{"type":"hit.confirmed","text":"人脸"}'.encode()
GATE = Gate(("127.0.0.0/8",))


@pytest.fixture
def channel() -> Iterator[WebhookChannel]:
    """A channel with little patience."""
    channel = WebhookChannel(GATE.transport(), timeout_s=0.6)
    with contextlib.closing(channel):
        yield channel


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A receiver."""
    with ScriptedServer() as running:
        yield running


def send(
    channel: WebhookChannel, url: str, secrets: Sequence[str] = (SECRET,), body: bytes = BODY
) -> Receipt:
    """One attempt."""
    return channel.deliver(url, "msg_1", body, secrets, datetime.now(UTC))


def test_the_exact_bytes_arrive_signed(channel: WebhookChannel, server: ScriptedServer) -> None:
    """Checked by the library that receivers use."""
    server.route("/hook", Reply(204))
    receipt = send(channel, server.url("/hook"))
    assert receipt.status is ReceiptStatus.DELIVERED
    assert (receipt.http_status, receipt.detail) == (204, "HTTP 204")
    assert 0 < receipt.duration_s < 1
    seen = server.seen()[0]
    assert (seen.method, seen.body) == ("POST", BODY)
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["webhook-id"] == "msg_1"
    assert Webhook(SECRET).verify(seen.body, dict(seen.headers))["text"] == "人脸"


def test_each_attempt_is_signed_at_its_own_time(
    channel: WebhookChannel, server: ScriptedServer
) -> None:
    """The id and the body stay."""
    server.route("/hook", Reply(500))
    for second in (100, 200):
        now = datetime.fromtimestamp(second, UTC)
        channel.deliver(server.url("/hook"), "msg_1", BODY, [SECRET], now)
    first, second_try = server.seen()
    assert first.headers["webhook-timestamp"] == "100"
    assert second_try.headers["webhook-timestamp"] == "200"
    assert first.headers["webhook-id"] == second_try.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second_try.headers["webhook-signature"]
    assert first.body == second_try.body


@pytest.mark.parametrize(
    ("http_status", "status"),
    [
        (200, ReceiptStatus.DELIVERED),
        (201, ReceiptStatus.DELIVERED),
        (299, ReceiptStatus.DELIVERED),
        (300, ReceiptStatus.REJECTED),
        (304, ReceiptStatus.REJECTED),
        (400, ReceiptStatus.REJECTED),
        (401, ReceiptStatus.REJECTED),
        (404, ReceiptStatus.REJECTED),
        (408, ReceiptStatus.RETRY),
        (410, ReceiptStatus.GONE),
        (425, ReceiptStatus.RETRY),
        (429, ReceiptStatus.RETRY),
        (500, ReceiptStatus.RETRY),
        (502, ReceiptStatus.RETRY),
        (599, ReceiptStatus.RETRY),
    ],
)
def test_the_status_decides(
    channel: WebhookChannel, server: ScriptedServer, http_status: int, status: ReceiptStatus
) -> None:
    """2xx alone is success, 410 is the end."""
    server.route("/hook", Reply(http_status))
    receipt = send(channel, server.url("/hook"))
    assert (receipt.status, receipt.http_status) == (status, http_status)


@pytest.mark.parametrize("http_status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(
    channel: WebhookChannel, server: ScriptedServer, http_status: int
) -> None:
    """A signed alert goes where the endpoint's owner said, and nowhere else."""
    server.route("/hook", Reply(http_status, headers={"Location": "/other"}))
    assert send(channel, server.url("/hook")).status is ReceiptStatus.REJECTED
    assert server.paths() == ["/hook"]


@pytest.mark.parametrize(
    ("http_status", "header", "seconds"),
    [
        (429, "30", 30.0),
        (503, "30", 30.0),
        (429, "99999999", 86_400.0),
        (429, "soon", None),
        (500, "30", None),
    ],
)
def test_retry_after_is_passed_on(
    channel: WebhookChannel,
    server: ScriptedServer,
    http_status: int,
    header: str,
    seconds: float | None,
) -> None:
    """With the statuses that define it, up to a day."""
    server.route("/hook", Reply(http_status, headers={"Retry-After": header}))
    assert send(channel, server.url("/hook")).retry_after_s == seconds


@pytest.mark.parametrize(
    "script",
    [
        silent(),
        drip_headers(0.02),
        reset(),
        half_closed(),
        raw(b""),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500_000 + b"\r\n\r\n"),
        drip(b"x" * 5000, 0.02, status=500),
        endless(status=503),
    ],
)
def test_trouble_is_tried_again(
    channel: WebhookChannel, server: ScriptedServer, script: Script
) -> None:
    """And costs no more time than an attempt may."""
    server.route("/hook", script)
    started = time.monotonic()
    receipt = send(channel, server.url("/hook"))
    assert time.monotonic() - started < 2
    assert receipt.status is ReceiptStatus.RETRY
    assert receipt.detail


@pytest.mark.parametrize(
    "step",
    [
        endless(),
        drip(b"x" * 5000, 0.02),
        reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart"),
        half_closed(b"HTTP/1.1 202 Accepted\r\nContent-Length: 99\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"a" * 100_000),
        gzip_bomb(50_000_000),
    ],
)
def test_a_success_with_a_bad_body_is_a_success(
    channel: WebhookChannel, server: ScriptedServer, step: Reply | Script
) -> None:
    """The receiver has it; sending it again would be a repetition. Its body is not needed."""
    server.route("/hook", step)
    started = time.monotonic()
    receipt = send(channel, server.url("/hook"))
    assert receipt.status is ReceiptStatus.DELIVERED
    assert len(receipt.detail) <= 300
    assert time.monotonic() - started < 2


def test_an_endless_answer_is_not_listened_to(server: ScriptedServer) -> None:
    """Twenty kilobytes say enough; the attempt does not last until its deadline."""
    server.route("/hook", endless(status=500))
    with contextlib.closing(WebhookChannel.open(GATE)) as channel:
        receipt = send(channel, server.url("/hook"))
    assert receipt.status is ReceiptStatus.RETRY
    assert receipt.duration_s < 5


def test_nobody_listens(channel: WebhookChannel) -> None:
    """A receiver that is being restarted."""
    with ScriptedServer() as server:
        url = server.url("/hook")
    receipt = send(channel, url)
    assert (receipt.status, receipt.http_status) == (ReceiptStatus.RETRY, None)
    assert "refused" in receipt.detail


def test_a_wrong_certificate_gets_nothing(channel: WebhookChannel, tmp_path: Path) -> None:
    """Not one byte of the alert."""
    context, _ = self_signed(tmp_path, "other.example")
    with ScriptedServer(tls=context) as server:
        receipt = send(channel, server.url("/hook"))
        assert receipt.status is ReceiptStatus.RETRY
        assert "certificate" in receipt.detail
        assert server.seen() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hook",
        "http://169.254.169.254/hook",
        "http://u:p@127.0.0.1/hook",
        "file:///etc/passwd",
        "not an address",
        "http://[::1",
        "http://a.example/\ud800",
        "",
    ],
)
def test_an_address_that_is_not_let_out_is_rejected(channel: WebhookChannel, url: str) -> None:
    """At each attempt, whatever was checked when the endpoint was added."""
    receipt = send(channel, url)
    assert (receipt.status, receipt.http_status) == (ReceiptStatus.REJECTED, None)
    assert receipt.detail.startswith("not sent")


def test_a_name_that_turns_private_is_rejected() -> None:
    """The address is looked up and checked for each connection."""
    addresses = ["127.0.0.1"]

    def resolve(host: str, port: int) -> Sequence[str]:
        return tuple(addresses)

    gate = Gate(("127.0.0.0/8",), resolve=resolve)
    with ScriptedServer() as server, contextlib.closing(WebhookChannel.open(gate)) as channel:
        server.route("/hook", Reply(headers={"Connection": "close"}))
        url = f"http://receiver.example:{server.port}/hook"
        assert send(channel, url).status is ReceiptStatus.DELIVERED
        addresses[:] = ["10.0.0.1"]
        assert send(channel, url).status is ReceiptStatus.REJECTED


def test_nothing_is_sent_unsigned(channel: WebhookChannel, server: ScriptedServer) -> None:
    """A damaged secret is somebody's to mend."""
    for secrets in ([], ["whsec_short"]):
        receipt = send(channel, server.url("/hook"), secrets)
        assert receipt.status is ReceiptStatus.REJECTED
    assert server.seen() == []


def test_an_answer_is_quoted_short_and_masked(
    channel: WebhookChannel, server: ScriptedServer
) -> None:
    """Receivers echo what they got; our log must not keep it."""
    token = "tok-7x"
    answer = (
        f"bad  signature\r\n\u202e{SECRET} at /hook/{token}?key=short1 from 13800138000, "
        f"a.person@mail.example, https://x.example/{token} " + "and so on " * 500
    )
    server.route(f"/hook/{token}", Reply(400, answer))
    detail = send(channel, server.url(f"/hook/{token}?key=short1")).detail
    assert detail.startswith("HTTP 400: bad signature ")
    assert len(detail) <= 300
    for hidden in (token, "short1", SECRET, SECRET[10:40], "13800138000", "a.person", "\u202e"):
        assert hidden not in detail


def test_neither_address_nor_secret_is_logged(
    channel: WebhookChannel, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """An endpoint's address often is its password."""
    caplog.set_level(logging.DEBUG)
    server.route("/hook/s3cret", Reply(500, "s3cret"))
    receipt = send(channel, server.url("/hook/s3cret?k=s3cret"))
    assert "s3cret" not in caplog.text + receipt.detail
    assert SECRET not in caplog.text


def test_a_connection_is_used_again(channel: WebhookChannel, server: ScriptedServer) -> None:
    """One handshake for many alerts."""
    server.route("/hook", Reply(200, "thanks"))
    for _ in range(5):
        assert send(channel, server.url("/hook")).status is ReceiptStatus.DELIVERED
    assert len({seen.peer_port for seen in server.seen()}) == 1


def test_channels_are_found_by_their_files() -> None:
    """A new channel is one new file; its name is the file's."""
    found = discover()
    assert found["webhook"] is WebhookChannel
    for name, channel in found.items():
        assert channel.__module__.rpartition(".")[2] == name
    with contextlib.closing(open_channel("webhook", GATE)) as channel:
        assert isinstance(channel, WebhookChannel)
    with pytest.raises(NotFoundError, match="webhook"):
        open_channel("pigeon", GATE)
