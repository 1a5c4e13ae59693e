"""Triage as a program meets it: the console's real server, tokens of two analysts, JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

Pair = tuple[httpx.Client, httpx.Client]


@pytest.fixture
def clock() -> ManualClock:
    """Looks are recorded from now on."""
    return ManualClock(MONDAY)


@pytest.fixture
def plant(workspace: Workspace) -> Plant:
    """Three hits: a and b of one seller, c of another one."""
    keywords.add(workspace, KeywordDraft(BUNDLE, "face_id_bundle"), actor="test")
    planted = Plant(workspace)
    planted.source("north", BUNDLE)
    sellers = {"a": "甲", "b": "甲", "c": "乙"}
    offers = [row(name, f"{OFFER} {name}", seller=who) for name, who in sellers.items()]
    planted.look("north", BUNDLE, MONDAY, *offers)
    return planted


@pytest.fixture
def clients(plant: Plant) -> Iterator[Pair]:
    """Of li and of wu."""
    with ExitStack() as stack:
        server = stack.enter_context(ConsoleServer(plant.workspace, "127.0.0.1", 0))
        opened = []
        for user in ("li", "wu"):
            token = setup.new_token(plant.workspace, user=user, role="analyst", name="api")
            client = httpx.Client(
                base_url=f"{server.url}/api/v1",
                headers={"authorization": f"Bearer {token}"},
                trust_env=False,
            )
            opened.append(stack.enter_context(client))
        yield opened[0], opened[1]


def post(client: httpx.Client, path: str, status: int = 200, **body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def queued(client: httpx.Client, **asked: Any) -> list[str]:
    return sorted(hit["native_id"] for hit in client.get("/hits", params=asked).json()["hits"])


def test_a_hit_is_taken_noted_and_judged_in_the_name_of_the_tokens_holder(clients: Pair) -> None:
    """The other one is refused with 409 until they insist."""
    li, wu = clients
    taken = post(li, "/hits/next")
    path = f"/hits/{taken['id']}"
    assert taken["claimed_by"] == "li"
    refused = wu.post(f"{path}/verdict", json={"verdict": "benign", "reason": "x"})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    post(wu, f"{path}/claim", 409)
    post(li, f"{path}/notes", 204, text="asked the market")
    judged = post(wu, f"{path}/verdict", verdict="benign", reason="a drill", override=True)
    assert (judged["status"], judged["verdict"]) == ("closed", "benign")
    shown = li.get(path).json()
    assert [note["actor"] for note in shown["notes"]] == ["li"]
    assert [event["actor"] for event in shown["events"]] == ["wu"]
    body = li.get(f"{path}/evidence/1").content
    assert hashlib.sha256(body).hexdigest() == shown["snapshots"][0]["sha256"]
    assert len(queued(li)) == 2
    assert len(queued(li, status="closed")) == 1


def test_a_skipped_hit_is_next_for_another(clients: Pair) -> None:
    """And there is no next when all are taken."""
    li, wu = clients
    taken = post(li, "/hits/next")
    post(li, f"/hits/{taken['id']}/skip", 204)
    assert post(wu, "/hits/next")["id"] == taken["id"]
    assert post(wu, "/hits/next") is not None
    assert post(wu, "/hits/next") is not None
    assert post(wu, "/hits/next") is None


def test_what_is_known_is_kept_out(clients: Pair, plant: Plant) -> None:
    """Muted and allowed, listed, taken back."""
    li, _ = clients
    ids = plant.hit_ids()
    muting = {"hit_id": ids["a"], "kind": "seller", "days": 7, "reason": "known"}
    assert post(li, "/mutes", 201, **muting)["hits"] == 2
    assert queued(li) == ["c"]
    assert queued(li, muted=True) == ["a", "b"]
    assert post(li, "/mutes/1/end")["ended_by"] == "li"
    assert li.get("/mutes").json() == []
    entry = post(li, "/allowed", 201, source="north", seller="乙", reason="our own shop")
    assert [found["id"] for found in li.get("/allowed").json()] == [entry["id"]]
    assert li.get("/allowed/kept").json() == []
    assert post(li, f"/allowed/{entry['id']}/remove")["removed_by"] == "li"
    post(li, f"/allowed/{entry['id']}/remove", 409)


def test_many_are_closed_after_a_preview_and_opened_again(clients: Pair) -> None:
    """The token of the preview names the hits."""
    li, _ = clients
    which = {"source": ["north"]}
    seen = post(li, "/batches/preview", **which)
    assert (seen["closing"], len(seen["examples"])) == (3, 3)
    closing = {"which": which, "verdict": "benign", "reason": "a drill"}
    post(li, "/batches", 409, **closing, token="0")
    batch = post(li, "/batches", 201, **closing, token=seen["token"])
    assert queued(li) == []
    undone = post(li, f"/batches/{batch['id']}/undo")
    assert (undone["restored"], undone["left"]) == (3, 0)
    assert len(li.get("/batches").json()) == 1


def test_what_a_search_found_is_closed(clients: Pair, plant: Plant) -> None:
    """The words are a part of what is chosen."""
    li, _ = clients
    plant.index()
    which = {"text": f'"{OFFER} b"'}
    seen = post(li, "/batches/preview", **which)
    assert [hit["native_id"] for hit in seen["examples"]] == ["b"]
    closing = {"which": which, "verdict": "benign", "reason": "a drill"}
    assert post(li, "/batches", 201, **closing, token=seen["token"])["hits"] == 1
    assert queued(li) == ["a", "c"]
    post(li, "/batches/preview", 422, text="，。")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/hits/99/verdict", {"verdict": "benign", "reason": "x"}, 404),
        ("/hits/1/verdict", {"verdict": "maybe", "reason": "x"}, 422),
        ("/hits/1/verdict", {"verdict": "benign", "reason": " "}, 422),
        ("/hits/1/verdict", {"verdict": "benign", "reason": "x" * 3000}, 422),
        ("/hits/0/claim", {}, 422),
        ("/hits/1/notes", {"text": ""}, 422),
        ("/hits/next", {"sourse": ["north"]}, 422),
        ("/batches/preview", {"categories": []}, 422),
        ("/mutes", {"hit_id": 1, "kind": "keyword", "days": 1, "reason": "x"}, 422),
        ("/mutes", {"hit_id": 1, "kind": "text", "days": 9999, "reason": "x"}, 422),
        ("/allowed", {"source": "north", "seller": "nobody", "reason": "x"}, 404),
        ("/batches/9/undo", {}, 404),
    ],
)
def test_what_cannot_be_done_is_a_problem_and_changes_nothing(
    clients: Pair, path: str, body: dict[str, Any], status: int
) -> None:
    """In the one shape."""
    li, _ = clients
    answer = li.post(path, json=body)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert len(queued(li)) == 3


def test_without_a_token_nothing_is_told_or_done(clients: Pair) -> None:
    """Reading or acting."""
    li, _ = clients
    with httpx.Client(base_url=li.base_url, trust_env=False) as nobody:
        assert nobody.get("/hits").status_code == 401
        assert nobody.get("/hits/1").status_code == 401
        assert nobody.post("/hits/next", json={}).status_code == 401
    assert all(hit["claimed_by"] == "" for hit in li.get("/hits").json()["hits"])
