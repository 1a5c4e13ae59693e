"""Pictures in the console: redacted for everybody, an original for a reason only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.media.reading import Look
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.workspace import Workspace
from monitor.services import evidence, setup
from monitor.store import people
from tests.functional.console.test_console import csrf, sign_in
from tests.functional.pipeline.test_pictures import OFFER, poll, serve, watch
from tests.servers.looker import RED, Looker, picture
from tests.servers.scripted import Reply
from tests.servers.shop import Card, Shop

ORIGINAL = picture(RED)


@pytest.fixture
def browser(workspace: Workspace, shop: Shop) -> Iterator[httpx.Client]:
    """Signed in; one hit with one picture that was opened."""
    workspace.picture_reader = Looker()
    serve(shop, "/offer.png", ORIGINAL)
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    token = setup.new_token(workspace, user="li", role="admin", name="console")
    with (
        ConsoleServer(workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        assert sign_in(client, token).status_code == 303
        client.headers["accept-language"] = "en"
        yield client


def open_all(workspace: Workspace) -> None:
    for entry in claim_openings(workspace, limit=9):
        open_pictures(workspace, entry)


def held(browser: httpx.Client, workspace: Workspace) -> str:
    """Put under hold in the browser; the path of the form that shows the original."""
    form = {"csrf": csrf(browser.get("/hits/1").text), "person": "Li", "basis": "7", "days": "30"}
    assert browser.post("/hits/1/hold", data=form).status_code == 303
    open_all(workspace)
    page = browser.get("/hits/1").text
    found = re.search(r'formaction="(/evidence/\d+)">Picture 1 · original', page)
    assert found
    return found.group(1)


def test_a_hit_shows_its_redacted_picture_with_the_reasons(browser: httpx.Client) -> None:
    """Boxes, the class and why, in both languages."""
    page = browser.get("/hits/1").text
    address = re.search(r'<image href="(/pictures/\d+)"', page)
    assert address
    answer = browser.get(address.group(1))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\xff\xd8")
    assert ORIGINAL not in answer.content
    assert '<rect class="for" x="10.00"' in page
    assert "card held in a hand" in page
    assert "a card beside a face" in page
    chinese = browser.get("/hits/1", headers={"accept-language": "zh"}).text
    assert "手持证件" in chinese


@pytest.mark.parametrize("path", ["/pictures/999", "/pictures/0", "/pictures/x", "/evidence/1"])
def test_what_is_not_kept_is_not_found(browser: httpx.Client, path: str) -> None:
    """And an original has no address that could be opened, linked or cached."""
    assert browser.get(path).status_code in {404, 405}


def test_pictures_are_for_those_who_signed_in(browser: httpx.Client) -> None:
    """Thumbnails and forms alike."""
    browser.cookies.clear()
    assert browser.get("/pictures/1").status_code == 303
    for path in ("/hits/1/hold", "/evidence/1"):
        assert browser.post(path, data={"reason": "x"}).status_code == 303


def test_an_original_is_seen_under_hold_with_a_reason_and_audited(
    browser: httpx.Client, workspace: Workspace
) -> None:
    """Without reason or token it is not."""
    path = held(browser, workspace)
    token = csrf(browser.get("/hits/1").text)
    assert browser.post(path, data={"csrf": token, "reason": " "}).status_code == 400
    assert browser.post(path, data={"csrf": "0" * 64, "reason": "x"}).status_code == 403
    answer = browser.post(path, data={"csrf": token, "reason": "case 7"})
    assert (answer.status_code, answer.content) == (200, ORIGINAL)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    with workspace.database.read() as tx:
        entry = people.audit_entries(tx, limit=1)[0]
    assert (entry["actor"], entry["action"]) == ("li", "evidence.view")


def test_a_hold_without_a_name_is_refused(browser: httpx.Client, workspace: Workspace) -> None:
    """With words that say what is missing."""
    form = {"csrf": csrf(browser.get("/hits/1").text), "person": "", "basis": "7", "days": "30"}
    answer = browser.post("/hits/1/hold", data=form)
    assert answer.status_code == 400
    assert "name is required" in answer.text
    assert evidence.holds(workspace) == []


class Unusual(Looker):
    """Says that its pictures are of a kind that browsers do not show."""

    def look(self, content: bytes, *, is_suspected: bool, is_held: bool) -> Look:
        look = super().look(content, is_suspected=is_suspected, is_held=is_held)
        return replace(look, media_type="image/svg+xml")


def test_what_browsers_could_run_is_offered_as_a_file(
    browser: httpx.Client, workspace: Workspace, shop: Shop
) -> None:
    """Whatever the reader called it."""
    workspace.picture_reader = Unusual()
    serve(shop, "/other.png", picture(RED, name="other"))
    shop.put(Card("offer", f"{OFFER} 新", picture="/other.png"))
    poll(workspace)
    path = held(browser, workspace)
    form = {"csrf": csrf(browser.get("/hits/1").text), "reason": "x"}
    answer = browser.post(path, data=form)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_trouble_with_pictures_is_told(
    browser: httpx.Client, workspace: Workspace, shop: Shop
) -> None:
    """Why there is none to look at."""
    shop.server.route("/late.png", Reply(403))
    serve(shop, "/note.svg", b"<svg onload=alert(1)>")
    shop.edit("offer", title=f"{OFFER} 新", picture="/late.png")
    poll(workspace)
    shop.edit("offer", title=f"{OFFER} 再新", picture="/note.svg")
    poll(workspace)
    open_all(workspace)
    page = browser.get("/hits/1").text
    assert "1 could not be had: the link has expired" in page
    assert "Not opened: no picture format that is let in" in page
