"""Endpoints on the console: how they fare, and the forms that test, stop and repeat."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.alert import AlertState, EndpointMode
from monitor.domain.clock import ManualClock
from monitor.pipeline.workspace import Workspace
from monitor.services import endpoints, setup
from monitor.store import alerts
from tests.functional.console.test_console import csrf, sign_in
from tests.servers.scripted import Reply, ScriptedServer

EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    """Takes what comes to one address and is in trouble at the other."""
    with ScriptedServer() as server:
        server.route("/T0KEN/hook", Reply(204))
        server.route("/bad", Reply(503, body=f"busy {EVIL} {'s3cret' * 5}".encode()))
        yield server


@pytest.fixture
def secret(workspace: Workspace, receiver: ScriptedServer) -> str:
    """Two endpoints; the signing secret of the first."""
    new = endpoints.add(
        workspace, "mods", receiver.url("/T0KEN/hook"), mode=EndpointMode.ON_HIT, actor="test"
    )
    endpoints.add(workspace, f"bad {EVIL[:-1]}", receiver.url("/bad") + "?key=hush", actor="test")
    return new.secret


@pytest.fixture
def li(workspace: Workspace, secret: str) -> Iterator[httpx.Client]:
    """Signed in as li, reading English."""
    assert secret
    token = setup.new_token(workspace, user="li", role="analyst", name="console")
    with (
        ConsoleServer(workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):
        sign_in(client, token)
        client.get("/language/en")
        yield client


def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    return client.post(path, data={"csrf": csrf(client.get("/endpoints").text), **form})


def words(page: str) -> str:
    """Without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def ids(workspace: Workspace) -> list[int]:
    """Of `mods` and of the other one."""
    found = {one.name: one.id for one in endpoints.list_endpoints(workspace)}
    return sorted(found.values(), key=lambda id_: id_ != found["mods"])


def test_a_test_is_sent_and_its_outcome_shown(
    li: httpx.Client, workspace: Workspace, receiver: ScriptedServer
) -> None:
    """Delivered: nothing more is to come. In trouble: when it is tried again."""
    good, bad = ids(workspace)
    answer = post(li, f"/endpoints/{good}/test")
    page = words(li.get(answer.headers["location"]).text)
    assert "Test, alert 1: delivered HTTP 204" in page
    assert len(receiver.seen("/T0KEN/hook")) == 1
    page = words(li.get(post(li, f"/endpoints/{bad}/test").headers["location"]).text)
    assert "Test, alert 2: passing trouble HTTP 503" in page
    assert "last try failed" in page
    assert re.search(r"Waiting 1 · 1 of them tried in vain · Next try \d{4}-", page)


def test_no_secret_is_ever_shown_and_hostile_answers_are_harmless(
    li: httpx.Client, workspace: Workspace, secret: str, receiver: ScriptedServer
) -> None:
    """Neither the signing secret, nor what an address or an answer may hold."""
    for endpoint_id in ids(workspace):
        post(li, f"/endpoints/{endpoint_id}/test")
    page = li.get("/endpoints").text
    assert receiver.url("/…") in page
    for hidden in (secret, secret[6:], "T0KEN", "hush", "s3cret", "<script", "\u202e"):
        assert hidden not in page


def test_an_endpoint_is_stopped_with_a_reason_and_goes_on(
    li: httpx.Client, workspace: Workspace
) -> None:
    """While it is stopped it cannot be tested."""
    good, _ = ids(workspace)
    assert post(li, f"/endpoints/{good}/disable", reason=" ").status_code == 400
    assert post(li, f"/endpoints/{good}/disable", reason=f"moving {EVIL}").status_code == 303
    page = li.get("/endpoints").text
    assert "disabled moving" in words(page)
    assert "<script" not in page
    assert "\u202e" not in page
    assert post(li, f"/endpoints/{good}/test").status_code == 409
    assert post(li, f"/endpoints/{good}/enable").status_code == 303
    assert post(li, f"/endpoints/{good}/test").status_code == 303


def test_an_alert_that_was_given_up_is_sent_again(
    li: httpx.Client, workspace: Workspace, clock: ManualClock
) -> None:
    """Under the same id; only such an alert has the button."""
    _, bad = ids(workspace)
    post(li, f"/endpoints/{bad}/test")
    assert "/replay" not in li.get("/endpoints").text
    with workspace.database.write() as tx:
        alerts.set_state(tx, 1, AlertState.DEAD, now=clock.now())
    assert 'action="/alerts/1/replay"' in li.get("/endpoints").text
    assert li.post("/alerts/1/replay", data={"csrf": "x"}).status_code == 403
    assert post(li, "/alerts/1/replay").status_code == 303
    (alert,) = endpoints.list_alerts(workspace)
    assert (alert.id, alert.state) == (1, AlertState.PENDING)
    assert post(li, "/alerts/9/replay").status_code == 404


def test_forms_need_their_token_pages_a_session_and_ids_an_endpoint(
    li: httpx.Client, workspace: Workspace
) -> None:
    """A stranger's page can do nothing in a signed-in browser."""
    good, _ = ids(workspace)
    for act in ("test", "disable", "enable"):
        path = f"/endpoints/{good}/{act}"
        assert li.post(path, data={"reason": "x"}).status_code == 403, path
        assert post(li, f"/endpoints/99/{act}", reason="x").status_code == 404
    assert endpoints.list_alerts(workspace) == []
    assert li.get("/endpoints?tested=99").status_code == 200
    li.cookies.clear()
    assert li.get("/endpoints").headers["location"] == "/login?to=/endpoints"
