"""The coverage page: gaps, hidden words and resting sources, and the form that ends a rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.suppression import LOOKS
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup, sources, watches
from monitor.store import people
from tests.servers.scripted import Reply
from tests.servers.shop import CAPTCHA, Card, Shop

EVIL = "<b>四件套</b>"
INTERVAL_S = 60.0
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def ids(workspace: Workspace, shop: Shop) -> dict[str, int]:
    """Two watched words, one of them hostile; each has been seen as often as a baseline needs."""
    terms = (EVIL, "床单")
    shop.put(*(Card(f"{k}{n}", f"{term} {n}") for k, term in enumerate(terms) for n in range(8)))
    sources.put(workspace, shop.definition(), actor="test")
    for term in terms:
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", terms, interval_s=INTERVAL_S, actor="test")
    found = {watch.term: watch.id for watch in watches.list_watches(workspace)}
    for _ in range(LOOKS):
        for watch_id in found.values():
            watches.poll_now(workspace, watch_id)
    return found


@pytest.fixture
def browser(workspace: Workspace, ids: dict[str, int]) -> Iterator[httpx.Client]:
    """Signed in as li, and reading English."""
    token = setup.new_token(workspace, user="li", role="analyst", name="console")
    with (
        ConsoleServer(workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False, headers=ENGLISH) as client,
    ):
        client.post("/login", data={"token": token, "csrf": csrf(client.get("/login").text)})
        yield client


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def section(page: str, name: str) -> str:
    """A part of the page by the id of its heading; empty when it is not shown."""
    found = re.search(rf'aria-labelledby="{name}-h".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def test_without_trouble_every_keyword_is_seen_and_nothing_else_is_said(
    browser: httpx.Client,
) -> None:
    """Neither circuits nor hidden words, and this week was seen as a whole."""
    page = browser.get("/coverage").text
    assert page.count('class="ledger seen"') == 2
    assert section(page, "circuits") == section(page, "suppressed") == ""
    assert "No gaps in this time." in section(page, "gaps")
    assert "100" in section(page, "weeks")


def test_a_gap_is_shown_while_open_and_after_it_was_closed(
    browser: httpx.Client, workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """With its cause, and whether the look after it caught up."""
    shop.override = Reply(500)
    watches.poll_now(workspace, ids["床单"])
    page = section(browser.get("/coverage").text, "gaps")
    assert "1 open" in page
    assert "no answer" in page
    shop.override = None
    watches.poll_now(workspace, ids["床单"])
    page = section(browser.get("/coverage").text, "gaps")
    assert "0 open" in page
    assert ">yes<" in page


def test_a_hidden_word_is_named_and_harmless(
    browser: httpx.Client, workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """The page shows its markup as text."""
    shop.hidden.add(EVIL)
    watches.poll_now(workspace, ids[EVIL])
    page = browser.get("/coverage").text
    assert "&lt;b&gt;四件套" in section(page, "suppressed")
    assert EVIL not in page


def test_a_rest_is_ended_by_a_form_and_the_log_says_who_did_it(
    browser: httpx.Client, workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """Twice does no harm and is logged once; without the session's token nothing happens."""
    shop.override = Reply(body=CAPTCHA)
    watches.poll_now(workspace, ids["床单"])
    (circuit,) = watches.circuits(workspace)
    page = browser.get("/coverage").text
    assert "End the rest now" in section(page, "circuits")
    assert "blocked: challenge" in section(page, "sources")
    address = f"/coverage/circuits/{circuit.id}/close"
    assert browser.post(address, data={"csrf": "x"}).status_code == 403
    assert watches.circuits(workspace) == [circuit]
    for _ in range(2):
        answer = browser.post(address, data={"csrf": csrf(page)})
        assert answer.status_code == 303
    assert watches.circuits(workspace) == []
    assert "is asked" in section(browser.get("/coverage").text, "sources")
    with workspace.database.read() as tx:
        log = people.audit_entries(tx, limit=100)
    assert [row["actor"] for row in log if row["action"] == "circuit.close"] == ["li"]
    assert (
        browser.post("/coverage/circuits/999/close", data={"csrf": csrf(page)}).status_code == 404
    )


def test_an_address_that_asks_for_nonsense_shows_the_usual_page(
    browser: httpx.Client, clock: ManualClock
) -> None:
    """An unknown source or time is none."""
    clock.advance(60)
    usual = browser.get("/coverage").text
    for query in ("days=x", "days=999999999", "source=nowhere", f"source={'x' * 5000}"):
        answer = browser.get(f"/coverage?{query}")
        assert answer.status_code == 200
        assert section(answer.text, "looks") == section(usual, "looks")
    assert browser.get("/coverage?closed=x").status_code == 404


def test_nobody_sees_it_without_signing_in(browser: httpx.Client) -> None:
    """The way leads to the sign-in and back."""
    browser.cookies.clear()
    assert browser.get("/coverage").headers["location"] == "/login?to=/coverage"
