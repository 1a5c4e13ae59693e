"""Keywords on the console: the list, the look before adding, the live test, every form."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from monitor.console.guard import LARGE_FORM_BYTES
from monitor.console.server import ConsoleServer
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import Keyword, KeywordDraft, Severity
from monitor.errors import NotFoundError
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup, watches
from monitor.store import people
from tests.functional.console.test_console import csrf, sign_in
from tests.planting import BED, BUNDLE, MONDAY, OFFER, Plant, row

EVIL = "<script>alert(1)</script>\u202e\"'>"
ID_NUMBER = "11010519491231002X"
FIELDS = {"category": "face_id_bundle", "severity": "medium", "weight": "1.5", "search": "1"}


@pytest.fixture
def clock() -> ManualClock:
    """Looks are recorded from now on."""
    return ManualClock(MONDAY)


@pytest.fixture
def plant(workspace: Workspace) -> Plant:
    """Two offers, one of them disguised and hostile, and three sets of bedding."""
    keywords.add(workspace, KeywordDraft(BUNDLE, "face_id_bundle"), actor="test")
    planted = Plant(workspace)
    planted.source("north", BUNDLE)
    beds = [row(f"bed{n}", BED.format(n)) for n in range(3)]
    offers = [row("a", OFFER), row("b", f"出人*脸*四件套 手持正反面 一手料 现货 {EVIL}")]
    planted.look("north", BUNDLE, MONDAY, *offers, *beds)
    planted.judge(a="confirmed")
    return planted


@pytest.fixture
def li(plant: Plant) -> Iterator[httpx.Client]:
    """Signed in as li, reading English."""
    token = setup.new_token(plant.workspace, user="li", role="analyst", name="console")
    with (
        ConsoleServer(plant.workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):
        sign_in(client, token)
        client.get("/language/en")
        yield client


def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    return client.post(path, data={"csrf": csrf(client.get("/keywords/test").text), **form})


def words(page: str) -> str:
    """Without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def shown(page: str) -> str:
    """Without what stands in fields: a person who edits a text has it as it is."""
    return re.sub(r"<textarea.*?</textarea>", "", page, flags=re.DOTALL)


def keyword(plant: Plant, term: str) -> Keyword:
    return keywords.history(plant.workspace, term)[-1]


def test_the_list_says_what_each_keyword_brought(
    li: httpx.Client, plant: Plant, clock: ManualClock
) -> None:
    """With its state; one that nobody searches for, and one that has expired, are told apart."""
    soon = clock.now() + timedelta(hours=1)
    keywords.add(plant.workspace, KeywordDraft(EVIL, "face_id_bundle"), actor="test")
    keywords.add(
        plant.workspace, KeywordDraft("暗语", "id_document_sale", expires_at=soon), actor="x"
    )
    clock.advance(3600)
    page = li.get("/keywords").text
    assert f"{BUNDLE} Face + ID bundle active never 5 2 100% of 1 judged" in words(page)
    assert "not searched" in words(page)
    assert "暗语" not in page
    assert "<script" not in page
    assert "\u202e" not in page
    assert "暗语" in li.get("/keywords?state=expired").text
    assert BUNDLE not in li.get("/keywords?state=&category=id_document_sale").text
    assert "No keyword matches" in li.get("/keywords?state=retired").text
    assert li.get("/keywords?page=0").status_code == 404
    assert li.get("/keywords?page=99").status_code == 200


def test_a_word_is_looked_at_before_it_is_added(li: httpx.Client) -> None:
    """Bedding is ordinary; where it only stands inside a longer keyword, that one counts."""
    page = words(li.get("/keywords/candidate", params={"term": " 四件套 "}).text)
    assert "Tried on the newest 5 texts" in page
    assert "3 listings 0 hits 0 for review 3 ordinary 3 by this word alone" in page
    assert "Most of what it matches is ordinary" in page
    assert "纯棉床品 四件套 2 号花色" in page


def test_a_look_names_the_disguise_and_shows_hostile_texts_harmless(li: httpx.Client) -> None:
    """Of the keyword that is there already; it is not offered for adding."""
    page = li.get("/keywords/candidate", params={"term": BUNDLE}).text
    assert "2 listings" in words(page)
    assert "confirmed 1" in words(page)
    assert "separators removed" in page
    assert "It is a keyword already" in page
    assert 'action="/keywords"' not in page
    assert "<script" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize("term", ["", "  ", "x" * 101, "\x00"])
def test_what_cannot_be_a_keyword_is_not_looked_for(li: httpx.Client, term: str) -> None:
    """A clear error instead."""
    assert li.get("/keywords/candidate", params={"term": term}).status_code == 400


def test_a_text_is_tested_with_disguise_decision_and_reasons(li: httpx.Client) -> None:
    """Masked, with marks in their places, and kept nowhere."""
    text = f"出人*脸*四件套 一手料 现货\n加微信 qwe778899 {ID_NUMBER} {EVIL}"
    page = post(li, "/keywords/test", text=text.replace("\n", "\r\n")).text
    said = words(page)
    assert f"{BUNDLE} 人*脸*四件套 separators removed" in said
    assert re.search(r"review .*Face \+ ID bundle \d\d%", said)
    assert re.search(r'<mark class="for" id="at-(\d+)">[^<]*人', page)
    assert "Nothing of it is stored" in said
    for secret in (ID_NUMBER, "qwe778899", "<script"):
        assert secret not in page
    assert "\u202e" not in shown(page)
    assert "█" * len(ID_NUMBER) in page


def test_bedding_is_tested_as_clear(li: httpx.Client) -> None:
    """It names no keyword."""
    said = words(post(li, "/keywords/test", text=BED.format(1)).text)
    assert "Keywords in it None." in said
    assert re.search(r"Test a text .* clear", said)


def test_a_very_long_text_is_tested_and_a_longer_one_refused(li: httpx.Client) -> None:
    """100 kB of Chinese is nine times as much on its way; only its beginning is shown."""
    long = (f"{OFFER} " * 5000)[:34_000]
    assert len(long.encode()) > 80_000
    answer = post(li, "/keywords/test", text=long)
    assert answer.status_code == 200
    assert "14,000 more characters are not shown" in words(answer.text)
    assert post(li, "/keywords/test", text="x" * LARGE_FORM_BYTES).status_code == 413
    assert post(li, "/keywords", term="x" * 70_000, **FIELDS).status_code == 413


@pytest.mark.parametrize("text", ["", " \r\n "])
def test_without_a_text_there_is_nothing_to_test(li: httpx.Client, text: str) -> None:
    """A clear error instead."""
    answer = post(li, "/keywords/test", text=text)
    assert answer.status_code == 400
    assert "a text is required" in answer.text


def test_a_keyword_is_added_changed_watched_retired_and_added_again(
    li: httpx.Client, plant: Plant
) -> None:
    """Each a version with the name of who did it; hostile words are text."""
    form = {**FIELDS, "owner": "li", "reason": EVIL, "expires": "2027-01-31"}
    path = post(li, "/keywords", term="人脸资料", **form).headers["location"]
    added = keyword(plant, "人脸资料")
    assert path == f"/keywords/{added.id}"
    assert (added.draft.owner, added.created_by) == ("li", "li")
    assert str(added.draft.expires_at).startswith("2027-01-31 00:00")
    assert post(li, "/keywords", term="人脸资料", **form).status_code == 409
    change = {**form, "severity": "high", "version": "1"}
    assert post(li, f"{path}/edit", **change).status_code == 303
    assert post(li, f"{path}/edit", **change).status_code == 409
    assert keyword(plant, "人脸资料").draft.severity is Severity.HIGH
    assert post(li, f"{path}/watch", source="north", every_s="3600").status_code == 303
    assert [one.source for one in watches.list_watches(plant.workspace)] == ["north", "north"]
    page = li.get(path).text
    assert "north every 60 min" in words(page)
    assert "<script" not in page
    assert "\u202e" not in shown(page)
    assert post(li, f"{path}/retire", reason=" ").status_code == 400
    assert post(li, f"{path}/retire", reason="only noise").status_code == 303
    assert "only noise" in li.get(path).text
    look = li.get("/keywords/candidate", params={"term": "人脸资料"}).text
    assert "is retired" in words(look)
    assert post(li, "/keywords", term="人脸资料", **form).headers["location"] == path
    actions = [one.action for one in keywords.history(plant.workspace, "人脸资料")]
    assert actions == ["add", "edit", "retire", "revive"]
    with plant.workspace.database.read() as tx:
        log = people.audit_entries(tx, limit=100)
    assert {entry["actor"] for entry in log if entry["action"].startswith("keyword.edit")} == {"li"}


def test_a_keyword_that_looks_like_an_id_is_not_taken_for_it(
    li: httpx.Client, plant: Plant
) -> None:
    """The page of keyword 1 acts on keyword 1."""
    first = keyword(plant, BUNDLE)
    path = post(li, "/keywords", term=str(first.id), **FIELDS).headers["location"]
    assert post(li, f"/keywords/{first.id}/retire", reason="x").status_code == 303
    assert keywords.get(plant.workspace, first.id).retired_at is not None
    assert keywords.get(plant.workspace, int(path.rsplit("/", 1)[1])).retired_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "all"},
        {"severity": "x"},
        {"weight": "nan"},
        {"weight": "99"},
        {"weight": "x"},
        {"expires": "soon"},
        {"expires": "2026-02-30"},
        {"term": " "},
        {"owner": "x" * 101},
    ],
)
def test_a_wrong_field_is_refused_and_nothing_is_added(
    li: httpx.Client, plant: Plant, wrong: dict[str, str]
) -> None:
    """With the usual page."""
    answer = post(li, "/keywords", **{"term": "人脸资料", **FIELDS, **wrong})
    assert answer.status_code == 400
    with pytest.raises(NotFoundError):
        keyword(plant, "人脸资料")


def test_every_form_needs_its_own_token_and_every_page_a_session(
    li: httpx.Client, plant: Plant
) -> None:
    """A stranger's page can do nothing in a signed-in browser."""
    id_ = keyword(plant, BUNDLE).id
    form = {"term": "人脸资料", "text": "x", "reason": "x", "source": "north", "version": "1"}
    acts = [f"/keywords/{id_}/{act}" for act in ("edit", "retire", "watch")]
    for path in ("/keywords", "/keywords/test", *acts):
        assert li.post(path, data={**FIELDS, **form}).status_code == 403, path
    assert keywords.list_keywords(plant.workspace) == [keyword(plant, BUNDLE)]
    assert post(li, "/keywords/999/retire", reason="x").status_code == 404
    assert li.get("/keywords/999").status_code == 404
    li.cookies.clear()
    for path in ("/keywords", "/keywords/1", "/keywords/test", "/keywords/candidate?term=x"):
        assert li.get(path).headers["location"].startswith("/login?to=/keywords"), path
