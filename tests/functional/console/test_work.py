"""Working in the console: whose hit it is, notes, evidence, mutes, closing many and undoing it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import claiming, keywords, quieting, setup, triage
from tests.functional.console.test_console import csrf, sign_in
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

EVIL = "<script>alert(1)</script>\u202e"


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
    sellers = {"a": "甲" + EVIL, "b": "甲" + EVIL, "c": "乙"}
    offers = [row(name, f"{OFFER} {name}", seller=who) for name, who in sellers.items()]
    planted.look("north", BUNDLE, MONDAY, *offers)
    return planted


@pytest.fixture
def li(plant: Plant) -> Iterator[httpx.Client]:
    """Signed in as li."""
    token = setup.new_token(plant.workspace, user="li", role="analyst", name="console")
    with (
        ConsoleServer(plant.workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        sign_in(client, token)
        client.get("/language/en")
        yield client


def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    return client.post(path, data={"csrf": csrf(client.get("/").text), **form})


def verdict(client: httpx.Client, hit_id: int, **form: str) -> httpx.Response:
    version = re.search(r'name="version" value="(\d+)"', client.get(f"/hits/{hit_id}").text)
    assert version
    given = {"verdict": "benign", "reason": "seen", "version": version[1], **form}
    return post(client, f"/hits/{hit_id}/verdict", **given)


def test_every_form_needs_its_own_token(li: httpx.Client, plant: Plant) -> None:
    """A stranger's page can do nothing in a signed-in browser."""
    paths = [f"/hits/1/{name}" for name in ("claim", "skip", "note", "mute", "allow")]
    for path in [*paths, "/work", "/close", "/mutes/1/end", "/allowed/1/remove", "/batches/1/undo"]:
        form = {"text": "x", "reason": "x", "kind": "listing", "days": "7", "verdict": "benign"}
        assert li.post(path, data=form).status_code == 403, path
    assert len(plant.waiting()) == 3


def test_the_next_hit_is_taken_and_the_one_after_its_verdict_too(
    li: httpx.Client, plant: Plant
) -> None:
    """Past what others work on; a message when nothing is free."""
    first = triage.queue(plant.workspace, HitFilter())[0].id
    claiming.claim(plant.workspace, first, actor="wu")
    assert "wu works on it" in li.get("/").text
    taken = post(li, "/work").headers["location"]
    mine = int(re.findall(r"/hits/(\d+)", taken)[0])
    assert mine != first
    assert "You work on it until" in li.get(taken).text
    following = verdict(li, mine, go_on="1").headers["location"]
    third = int(re.findall(r"/hits/(\d+)", following)[0])
    assert len({first, mine, third}) == 3
    assert triage.detail(plant.workspace, third).hit.claimed_by == "li"
    assert post(li, "/work").headers["location"] == "/?&free=0"
    assert "Others work on all hits" in li.get("/?free=0").text


def test_anothers_hit_is_judged_only_by_saying_so(li: httpx.Client, plant: Plant) -> None:
    """The page says who has it, and offers to take it over."""
    hit_id = plant.hit_ids()["a"]
    claiming.claim(plant.workspace, hit_id, actor="wu")
    assert "wu" in li.get(f"/hits/{hit_id}").text
    refused = verdict(li, hit_id)
    assert refused.status_code == 409
    assert "wu works on it" in refused.text
    assert post(li, f"/hits/{hit_id}/claim").status_code == 409
    assert verdict(li, hit_id, override="1").status_code == 303
    assert plant.hit("a").verdict == "benign"


def test_a_skipped_hit_is_free_for_others(li: httpx.Client, plant: Plant) -> None:
    """And the next one is shown."""
    hit_id = plant.hit_ids()["a"]
    assert post(li, f"/hits/{hit_id}/claim").status_code == 303
    onward = post(li, f"/hits/{hit_id}/skip").headers["location"]
    assert f"/hits/{hit_id}?" not in onward
    claiming.claim(plant.workspace, hit_id, actor="wu")


def test_notes_and_evidence_stand_on_the_page(li: httpx.Client, plant: Plant) -> None:
    """The file that is fetched has the digest that the page prints; hostile notes are text."""
    hit_id = plant.hit_ids()["a"]
    assert post(li, f"/hits/{hit_id}/note", text=f"look {EVIL}").status_code == 303
    page = li.get(f"/hits/{hit_id}").text
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "\u202e" not in page
    file = li.get(f"/hits/{hit_id}/evidence/1")
    assert hashlib.sha256(file.content).hexdigest() in page
    assert "attachment" in file.headers["content-disposition"]
    assert li.get(f"/hits/{hit_id}/evidence/9").status_code == 404
    assert post(li, f"/hits/{hit_id}/note", text=" ").status_code == 400


def test_what_is_kept_out_is_listed_and_taken_back(li: httpx.Client, plant: Plant) -> None:
    """With the reason; the queue shows muted hits when asked."""
    ids = plant.hit_ids()
    muting = {"kind": "seller", "days": "7", "reason": "a partner's tests"}
    assert post(li, f"/hits/{ids['a']}/mute", **muting).headers["location"] == "/quiet"
    assert li.get("/").text.count('href="/hits/') == 1
    assert li.get("/?muted=only").text.count('href="/hits/') == 2
    post(li, f"/hits/{ids['c']}/allow", days="", reason="our own shop")
    page = li.get("/quiet").text
    assert "a partner&#39;s tests" in page
    assert "our own shop" in page
    assert "<script" not in page
    assert post(li, "/mutes/1/end").status_code == 303
    assert post(li, "/allowed/1/remove").status_code == 303
    assert len(plant.waiting()) == 3
    assert quieting.allowed_sellers(plant.workspace) == []
    for wrong in ({"kind": "keyword"}, {"days": "nan"}, {"days": "9999"}, {"reason": ""}):
        assert post(li, f"/hits/{ids['a']}/mute", **{**muting, **wrong}).status_code == 400


def test_many_are_closed_after_a_preview_and_opened_again(li: httpx.Client, plant: Plant) -> None:
    """The filters of the address choose; a preview that is out of date is refused."""
    assert "3 of 3 open hits" in li.get("/close?source=north").text
    page = li.get("/close?source=north").text
    token = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert token
    form = {"view": "source=north", "verdict": "benign", "reason": "a drill", "token": token[1]}
    assert post(li, "/close", **{**form, "view": "source=south"}).status_code == 409
    assert post(li, "/close", **{**form, "verdict": "all"}).status_code == 400
    assert len(plant.waiting()) == 3
    done = post(li, "/close", **form)
    assert done.headers["location"] == "/quiet?closed=1"
    assert "3 hits are closed" in li.get("/quiet?closed=1").text
    assert plant.waiting() == []
    assert post(li, "/batches/1/undo").status_code == 303
    assert len(plant.waiting()) == 3
    assert post(li, "/batches/1/undo").status_code == 409
    assert "undone by" in li.get(f"/hits/{plant.hit_ids()['a']}").text


def test_what_a_search_found_is_closed_and_opened_again(li: httpx.Client, plant: Plant) -> None:
    """The way there is on the page of results; words that nothing holds close nothing."""
    plant.index()
    words = f'"{OFFER} b"'
    assert '<a href="/close?q=' in li.get("/", params={"q": words}).text
    page = li.get("/close", params={"q": words}).text
    assert "1 of 1 open hits" in page
    token = re.search(r'name="token" value="([0-9a-f]+)"', page)
    view = re.search(r'name="view" value="([^"]+)"', page)
    assert token
    assert view
    form = {"verdict": "benign", "reason": "a drill", "token": token[1], "view": view[1]}
    assert post(li, "/close", **{**form, "view": ""}).status_code == 409
    assert post(li, "/close", **form).status_code == 303
    assert plant.waiting() == ["a", "c"]
    assert post(li, "/batches/1/undo").status_code == 303
    assert len(plant.waiting()) == 3
    assert "No open hit matches" in li.get("/close", params={"q": "床品"}).text
    assert li.get("/close", params={"q": "，。"}).status_code == 400
    hostile = li.get("/close", params={"q": OFFER + EVIL})
    assert "<script" not in hostile.text
    assert "\u202e" not in hostile.text
