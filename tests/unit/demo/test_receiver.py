"""The sample receiver: what it takes, what it refuses, how it misbehaves on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor.alerts.signing import generate_secret, sign
from monitor.demo.inbox import Inbox, ReceivedAlert
from monitor.demo.receiver import Receiver
from monitor.demo.signatures import BadSignature, secret_key, verify
from monitor.errors import InputError
from tests.unit.demo.webhooks import SECRET, headers_of, post

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = b'{"type": "endpoint.ping"}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver with one secret."""
    with Receiver(SECRET) as opened:
        yield opened


def test_what_the_reference_library_signs_is_accepted() -> None:
    """The id comes back; the body is covered byte by byte."""
    keys = [secret_key(SECRET)]
    headers = headers_of(BODY, at=NOW)
    assert verify(headers, BODY, keys, NOW.timestamp()) == "msg_1"
    with pytest.raises(BadSignature):
        verify(headers, BODY + b" ", keys, NOW.timestamp())
    with pytest.raises(BadSignature):
        verify({**headers, "webhook-id": "msg_2"}, BODY, keys, NOW.timestamp())


def test_what_the_monitor_signs_is_accepted_during_a_rotation() -> None:
    """Several signatures and several keys: one pair that fits is enough."""
    old, fresh, other = generate_secret(), generate_secret(), generate_secret()
    headers = sign("msg_1", NOW, BODY, [old, fresh])
    for keys in ([old], [fresh], [other, fresh]):
        found = verify(headers, BODY, [secret_key(key) for key in keys], NOW.timestamp())
        assert found == "msg_1"
    with pytest.raises(BadSignature):
        verify(headers, BODY, [secret_key(other)], NOW.timestamp())


@pytest.mark.parametrize(
    ("off_s", "is_good"), [(299, True), (-299, True), (302, False), (-302, False)]
)
def test_five_minutes_of_difference_are_tolerated(off_s: int, is_good: bool) -> None:
    """An old message could be a replayed one."""
    headers = headers_of(BODY, at=NOW + timedelta(seconds=off_s))
    if is_good:
        assert verify(headers, BODY, [secret_key(SECRET)], NOW.timestamp()) == "msg_1"
    else:
        with pytest.raises(BadSignature, match="five minutes"):
            verify(headers, BODY, [secret_key(SECRET)], NOW.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,é"},
    ],
)
def test_unreadable_headers_are_bad_signatures(changes: dict[str, str]) -> None:
    """Nothing in a header raises anything else."""
    with pytest.raises(BadSignature):
        verify({**headers_of(BODY, at=NOW), **changes}, BODY, [secret_key(SECRET)], NOW.timestamp())


def test_only_version_1_counts() -> None:
    """A right digest under another version's name is another algorithm's."""
    headers = headers_of(BODY, at=NOW)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(BadSignature):
        verify(headers, BODY, [secret_key(SECRET)], NOW.timestamp())


@pytest.mark.parametrize("secret", ["", "whsec_", "c2VjcmV0", "whsec_???"])
def test_a_wrong_secret_is_refused_at_the_start(secret: str) -> None:
    """A receiver that could verify nothing must not start."""
    with pytest.raises(ValueError, match="secret"):
        Receiver(secret)


def test_each_id_is_kept_once(receiver: Receiver, http: httpx.Client) -> None:
    """Repeats are acknowledged and dropped."""
    assert post(http, receiver.url).json() == {"received": "msg_1", "repeated": False}
    assert post(http, receiver.url).json() == {"received": "msg_1", "repeated": True}
    assert post(http, receiver.url, "msg_2").status_code == 200
    assert [alert.id for alert in receiver.alerts] == ["msg_1", "msg_2"]
    assert receiver.alerts[0].type == "hit.suspected"
    assert receiver.repeats == 1


def test_unsigned_late_and_unreadable_messages_are_refused(
    receiver: Receiver, http: httpx.Client
) -> None:
    """They are counted and never kept."""
    assert http.post(receiver.url, content=BODY).status_code == 401
    late = datetime.now(UTC) - timedelta(minutes=6)
    assert post(http, receiver.url, at=late).status_code == 401
    for body in (b"{", b"[1]"):
        answer = http.post(receiver.url, content=body, headers=headers_of(body))
        assert answer.status_code == 400
    assert receiver.alerts == []
    assert receiver.refused == 4


def test_it_misbehaves_on_demand(receiver: Receiver, http: httpx.Client) -> None:
    """Errors keep nothing; a forgetful one keeps and denies it; a slow one is late."""
    receiver.set_mode("error")
    assert post(http, receiver.url).status_code == 500
    receiver.set_mode("gone")
    assert post(http, receiver.url).status_code == 410
    assert receiver.alerts == []
    receiver.set_mode("forgetful")
    assert post(http, receiver.url).status_code == 500
    assert len(receiver.alerts) == 1
    receiver.set_mode("slow", delay_s=0.2)
    started = time.monotonic()
    assert post(http, receiver.url, "msg_2").status_code == 200
    assert time.monotonic() - started >= 0.2
    receiver.set_mode("normal")
    assert post(http, receiver.url, "msg_1").json()["repeated"]
    with pytest.raises(InputError):
        receiver.set_mode("angry")


def test_it_can_be_told_and_asked_from_outside(receiver: Receiver, http: httpx.Client) -> None:
    """A test in another process drives it by JSON."""
    base = receiver.url.removesuffix("/hook")
    assert http.post(f"{base}/_demo/mode", json={"mode": "error"}).json() == {"ok": True}
    assert post(http, receiver.url).status_code == 500
    for wrong in (
        {"mode": "angry"},
        {"mode": "slow", "delay_s": "x"},
        [1],
        {"mode": "slow", "x": 1},
    ):
        assert http.post(f"{base}/_demo/mode", json=wrong).status_code == 400
    http.post(f"{base}/_demo/mode", json={"mode": "normal"})
    post(http, receiver.url)
    state = http.get(f"{base}/_demo/state").json()
    assert state == {"mode": "normal", "alerts": 1, "repeats": 0, "refused": 0}
    rows = http.get(f"{base}/_demo/alerts").json()["alerts"]
    assert [row["id"] for row in rows] == ["msg_1"]
    assert "四件套" in http.get(f"{base}/").text
    assert http.get(f"{base}/hook").status_code == 404
    assert http.post(f"{base}/other").status_code == 404


def test_one_can_wait_for_what_arrives(receiver: Receiver, http: httpx.Client) -> None:
    """Waiting ends with the message, or with the time."""
    assert not receiver.wait_for(lambda alerts: len(alerts) == 1, timeout_s=0.05)
    thread = threading.Thread(target=post, args=(http, receiver.url))
    thread.start()
    assert receiver.wait_for(lambda alerts: len(alerts) == 1, timeout_s=5)
    thread.join()


def test_a_line_cut_by_a_kill_is_dropped_and_the_rest_kept(tmp_path: Path) -> None:
    """That message was never acknowledged: its sender repeats it."""
    path = tmp_path / "received.jsonl"
    alert = ReceivedAlert("msg_1", NOW, {"type": "endpoint.ping"})
    inbox = Inbox(path)
    assert inbox.put(alert)
    inbox.close()
    with path.open("ab") as file:
        file.write(b'{"id": "msg_2", "arri')
    inbox = Inbox(path)
    assert inbox.alerts() == [alert]
    assert inbox.put(ReceivedAlert("msg_2", NOW, {}))
    inbox.close()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["msg_1", "msg_2"]
    assert path.stat().st_mode & 0o777 == 0o600
