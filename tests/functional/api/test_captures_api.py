"""Captures over HTTP, as a partner's program and a browser's export send them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from monitor.api import captures
from monitor.console.server import ConsoleServer
from monitor.domain.hit import HitFilter
from monitor.pipeline.workspace import Workspace
from monitor.services import setup, sources, triage
from monitor.sources.definition import SourceDefinition, parse_definition
from monitor.store import tables as t
from monitor.store.people import audit_entries
from tests.answers.definitions import JSON
from tests.answers.goofish import envelope, row, search
from tests.answers.pages import goods, json_page

PATH = "/api/v1/captures"
MEGABYTE = 1024 * 1024


@pytest.fixture
def server(workspace: Workspace) -> Iterator[str]:
    """A monitor that knows Goofish and a partner's feed; its address."""
    definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
    sources.put(workspace, definition, actor="test")
    sources.put(workspace, parse_definition(JSON), actor="test")
    with ConsoleServer(workspace, "127.0.0.1", 0) as served:
        yield served.url


@pytest.fixture
def client(server: str, workspace: Workspace) -> Iterator[httpx.Client]:
    """A partner's program."""
    token = setup.new_token(workspace, user="partner", role="analyst", name="api")
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False, timeout=60) as opened:
        yield opened


def problem(answer: httpx.Response, status: int) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: dict[str, Any] = answer.json()
    assert (found["status"], answer.status_code) == (status, status)
    assert set(found) == {"type", "title", "status", "detail"}
    return str(found["detail"])


def count(workspace: Workspace, table: Any) -> int:
    with workspace.database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def har(*texts: str) -> bytes:
    entries = [
        {
            "request": {"url": ""},
            "response": {"status": 200, "content": {"mimeType": "application/json", "text": text}},
        }
        for text in texts
    ]
    return json.dumps({"log": {"entries": entries}}).encode()


def test_each_answer_of_a_har_has_a_result(client: httpx.Client, workspace: Workspace) -> None:
    """What was recorded, what is nobody's, and what cannot be read."""
    rows = [row(1), row(2)]
    body = har(envelope(search(rows)), '{"ok": true}', 7)  # type: ignore[arg-type]
    answer = client.post(PATH, content=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["is_repeat"], found["answers"]) == (False, 3)
    assert [(r["source"], r["outcome"], r["rows"]) for r in found["results"]] == [
        ("goofish", "ok", 2),
        ("", "unclaimed", 0),
        ("", "unreadable", 0),
    ]
    assert count(workspace, t.listing) == 2


def test_a_partners_feed_names_its_source(client: httpx.Client, workspace: Workspace) -> None:
    """And what had been searched for; who handed it in stands in the audit log."""
    answer = client.post(
        PATH, params={"source": "api", "term": "台灯"}, content=json_page(goods(3)).encode()
    )
    (result,) = answer.json()["results"]
    assert (result["source"], result["rows"], result["new_listings"]) == ("api", 3, 3)
    with workspace.database.read() as tx:
        entry = audit_entries(tx, limit=1)[0]
        assert tx.execute(select(t.poll.c.notes)).scalar_one()["term"] == "台灯"
    assert (entry["actor"], entry["action"]) == ("partner", "capture.take")
    assert triage.count(workspace, HitFilter()) == 0


def test_what_is_sent_again_is_recorded_once(client: httpx.Client, workspace: Workspace) -> None:
    """The answer is that of the first time."""
    body = json_page(goods(3)).encode()
    first, second = (client.post(PATH, params={"source": "api"}, content=body) for _ in range(2))
    assert second.json() == first.json() | {"is_repeat": True}
    assert count(workspace, t.poll) == 1


def test_a_key_tells_two_looks_with_one_result_apart(
    client: httpx.Client, workspace: Workspace
) -> None:
    """An hourly feed may say the same twice; other bytes under a key of before are an error."""
    body = json_page([]).encode()

    def send(key: str, body: bytes = body) -> httpx.Response:
        headers = {"idempotency-key": key}
        return client.post(PATH, params={"source": "api"}, content=body, headers=headers)

    assert [send(key).json()["is_repeat"] for key in ("10:00", "11:00", "11:00")] == [
        False,
        False,
        True,
    ]
    assert count(workspace, t.poll) == 2
    assert "other bytes" in problem(send("11:00", json_page(goods(1)).encode()), 409)


@pytest.mark.parametrize(
    ("status", "sent", "words"),
    [
        (422, {"content": b""}, "empty"),
        (422, {"content": b'{"log": {"entries": 5}}'}, "not a HAR"),
        (404, {"content": b"{}", "params": {"source": "nowhere"}}, "nowhere"),
        (422, {"content": b"{}", "params": {"sourse": "api"}}, "sourse"),
        (422, {"content": b"{}", "params": {"term": "x" * 500}}, "term"),
        (422, {"content": b"{}", "headers": {"idempotency-key": "k" * 500}}, "dempotency"),
        (415, {"content": b"\x1f\x8b", "headers": {"content-encoding": "gzip"}}, "unpacked"),
        (415, {"files": {"file": b"{}"}}, "not a form"),
        (413, {"content": b"{" * (2 * MEGABYTE)}, "larger than"),
        (413, {"content": iter([b"{" * MEGABYTE] * 3)}, "larger than"),
    ],
)
def test_what_cannot_be_taken_in_is_explained(
    client: httpx.Client,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    sent: dict[str, Any],
    words: str,
) -> None:
    """As a problem; nothing is recorded."""
    monkeypatch.setattr(captures, "MAX_BYTES", MEGABYTE)
    assert words in problem(client.post(PATH, **sent), status)
    assert count(workspace, t.poll) == 0


@pytest.mark.parametrize("body", [b"[" * 300_000, b"\x00\xff" * 1000, b"<script>alert(1)</script>"])
def test_a_body_that_is_nobodys_is_reported_as_such(client: httpx.Client, body: bytes) -> None:
    """Not as an error of the monitor's."""
    (result,) = client.post(PATH, content=body).json()["results"]
    assert (result["source"], result["outcome"]) == ("", "unclaimed")


def test_nobody_without_a_token_may_send(server: str, workspace: Workspace) -> None:
    """However much."""
    with httpx.Client(base_url=server, trust_env=False) as nobody:
        for headers in ({}, {"authorization": "Bearer mon_wrong"}):
            answer = nobody.post(PATH, content=b"{}", headers=headers)
            problem(answer, 401)
    assert count(workspace, t.poll) == 0


def test_a_sender_that_falls_silent_is_left(
    server: str, client: httpx.Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an answer that says so; a broken-off body leaves nothing behind."""
    monkeypatch.setattr(captures, "SILENCE_S", 0.5)
    host, port = server.removeprefix("http://").split(":")
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n"
        f"Authorization: {client.headers['authorization']}\r\n\r\n{{"
    )
    with socket.create_connection((host, int(port)), timeout=60) as silent:
        silent.sendall(head.encode())
        assert b" 408 " in silent.recv(4096)
    with socket.create_connection((host, int(port)), timeout=60) as broken:
        broken.sendall(head.encode())
    assert client.post(PATH, content=json_page([]).encode()).status_code == 200
    assert count(workspace, t.capture) == 1


def test_the_same_body_from_many_at_once_is_recorded_once(
    client: httpx.Client, workspace: Workspace
) -> None:
    """Who comes second while the first is at work is told to try again."""
    body = har(*(envelope(search([row(number)])) for number in range(10)))
    statuses = []

    def send() -> None:
        statuses.append(client.post(PATH, content=body).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 503}
    assert client.post(PATH, content=body).json()["answers"] == 10
    assert (count(workspace, t.poll), count(workspace, t.capture)) == (10, 1)


def test_the_page_for_readers_tells_what_the_route_answers(server: str) -> None:
    """Its example is the description's."""
    page = Path(__file__).parents[3] / "docs" / "how-to" / "captures.md"
    block = page.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    described = httpx.get(f"{server}/api/v1/openapi.json", trust_env=False).json()
    route = described["paths"]["/captures"]["post"]
    assert json.loads(block) == route["responses"]["200"]["content"]["application/json"]["example"]
    assert route["security"]


def test_the_console_is_as_closed_as_before(client: httpx.Client) -> None:
    """Only this address takes large bodies."""
    assert client.post("/login", content=b"x" * 100_000).status_code == 413
    assert client.post(f"{PATH}/", content=b"x" * 100_000).status_code == 413
