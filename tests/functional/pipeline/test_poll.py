"""Polling a real (small) shop: what is recorded, what is said of trouble, what changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.watch import PollSummary
from monitor.pipeline.look import look_at
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, triage, watches
from monitor.store import looks
from monitor.store import tables as t
from monitor.store.claims import Claim
from monitor.store.watches import claim_due
from tests.servers.scripted import Reply, Seen
from tests.servers.shop import CAPTCHA, LOGIN, Card, Shop

OFFER = "出人脸四件套 一手 懂的来 现货 加微信 abc123xyz"
OFFERS = [Card(f"o{n}", f"{OFFER} 第{n}批") for n in range(3)]
BEDDING = [Card(f"b{n}", f"纯棉床品四件套 {n} 号花色") for n in range(25)]


@pytest.fixture
def watch_id(workspace: Workspace, shop: Shop) -> int:
    """A watch for 四件套 in the shop."""
    sources.put(workspace, shop.definition(), actor="test")
    for term in ("四件套", "人脸四件套"):
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
    return watches.list_watches(workspace)[0].id


def poll(workspace: Workspace, watch_id: int) -> PollSummary:
    return watches.poll_now(workspace, watch_id)


def count(workspace: Workspace, table: str) -> int:
    with workspace.database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(getattr(t, table))).scalar_one())


def look(workspace: Workspace) -> list[Outcome | None]:
    with workspace.database.write() as tx:
        claims = looks.claim_due(tx, now=workspace.database.now(), lease_s=60, limit=99)
    return [look_at(workspace, claim) for claim in claims]


def state_of(workspace: Workspace, native_id: str) -> str:
    with workspace.database.read() as tx:
        query = select(t.listing.c.state).where(t.listing.c.native_id == native_id)
        return str(tx.execute(query).scalar_one())


def test_all_pages_are_read_and_every_listing_recorded(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """Twenty-eight listings on three pages."""
    shop.put(*OFFERS, *BEDDING)
    summary = poll(workspace, watch_id)
    assert summary.outcome is Outcome.OK
    assert (summary.pages, summary.rows, summary.new_listings) == (3, 28, 28)
    assert summary.is_baseline
    hits = triage.queue(workspace, triage.HitFilter())
    assert {hit.native_id for hit in hits} == {"o0", "o1", "o2"}
    assert hits[0].keywords == ("四件套",)


def test_the_same_poll_twice_changes_nothing(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """No version, price point, picture or hit is added; only the look itself is."""
    shop.put(*OFFERS, *BEDDING)
    poll(workspace, watch_id)
    tables = ("listing", "listing_version", "price_point", "picture", "assessment", "hit")
    before = {table: count(workspace, table) for table in tables}
    summary = poll(workspace, watch_id)
    assert {table: count(workspace, table) for table in tables} == before
    assert (summary.new_listings, summary.changed_listings, summary.hits) == (0, 0, 0)
    assert count(workspace, "sighting") == 56


def test_an_edit_makes_a_version_and_a_price_makes_a_price_point(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """A price alone is no new version."""
    shop.put(OFFERS[0])
    poll(workspace, watch_id)
    shop.edit("o0", price="¥0.50")
    assert poll(workspace, watch_id).changed_listings == 0
    shop.edit("o0", title=f"{OFFER} 包更新")
    assert poll(workspace, watch_id).changed_listings == 1
    assert (count(workspace, "listing_version"), count(workspace, "price_point")) == (2, 2)


def test_an_edit_that_is_taken_back_is_the_old_version_again(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """Versions are states, not events."""
    shop.put(OFFERS[0])
    for title in (OFFER, f"{OFFER} 新", OFFER):
        shop.edit("o0", title=title)
        poll(workspace, watch_id)
    assert count(workspace, "listing_version") == 2


def test_a_deleted_item_is_not_seen_until_its_page_says_gone(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """A listing may drop out of a search for many reasons."""
    shop.put(*OFFERS)
    poll(workspace, watch_id)
    look(workspace)
    del shop.cards["o1"]
    poll(workspace, watch_id)
    assert state_of(workspace, "o1") == "not_seen"
    assert look(workspace) == [Outcome.OK]
    assert state_of(workspace, "o1") == "gone"
    assert state_of(workspace, "o0") == "seen"


def test_a_listing_that_left_the_search_but_exists_stays_not_seen(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """Its page is alive, so it is not gone; when the search shows it again it is seen."""
    shop.put(OFFERS[0])
    poll(workspace, watch_id)
    look(workspace)
    shop.edit("o0", title="别的东西")
    poll(workspace, watch_id)
    look(workspace)
    assert state_of(workspace, "o0") == "not_seen"
    shop.edit("o0", title=OFFER)
    poll(workspace, watch_id)
    assert state_of(workspace, "o0") == "seen"


def test_a_listing_that_one_of_two_words_still_finds_stays_seen(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """It would be marked and unmarked for ever, each time with a closer look."""
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=60, actor="test")
    narrow = next(w.id for w in watches.list_watches(workspace) if w.id != watch_id)
    shop.put(OFFERS[0])
    poll(workspace, watch_id)
    poll(workspace, narrow)
    shop.edit("o0", title="人险四件套 懂的来")
    states = []
    for _ in range(2):
        poll(workspace, watch_id)
        poll(workspace, narrow)
        states.append(state_of(workspace, "o0"))
    assert states == ["seen", "seen"]
    del shop.cards["o0"]
    poll(workspace, watch_id)
    assert state_of(workspace, "o0") == "not_seen"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(body=CAPTCHA), Outcome.CHALLENGED),
        (Reply(body=LOGIN), Outcome.LOGIN_REQUIRED),
        (Reply(429, headers={"Retry-After": "30"}), Outcome.RATE_LIMITED),
        (Reply(403, b"no"), Outcome.CHALLENGED),
        (Reply(500, b"oops"), Outcome.TRANSPORT_ERROR),
        (Reply(body="<html><body><p>a new design</p></body></html>"), Outcome.SCHEMA_CHANGED),
        (Reply(body="<html><body><div id='list'></div></body></html>"), Outcome.EMPTY),
        (Reply(404, b"no such page"), Outcome.NOT_FOUND),
    ],
)
def test_trouble_is_an_outcome_and_never_no_hits(
    workspace: Workspace, shop: Shop, watch_id: int, reply: Reply, outcome: Outcome
) -> None:
    """Blocked, changed and truly empty are different things, and nothing known is lost."""
    shop.put(*OFFERS)
    poll(workspace, watch_id)
    shop.override = reply
    summary = poll(workspace, watch_id)
    assert summary.outcome is outcome
    expected = "not_seen" if outcome is Outcome.EMPTY else "seen"
    assert state_of(workspace, "o0") == expected


def test_a_block_lets_the_whole_source_rest(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    """No watch of the source is due until the pause is over or a person says so."""
    shop.override = Reply(body=CAPTCHA)
    poll(workspace, watch_id)
    asked = len(shop.server.seen("/search"))
    clock.advance(600)
    assert due(workspace) == []
    assert watches.circuits(workspace)[0].outcome == "challenged"
    clock.advance(3600)
    assert due(workspace) == [watch_id]
    assert len(shop.server.seen("/search")) == asked


def due(workspace: Workspace) -> list[int]:
    with workspace.database.write() as tx:
        claims = claim_due(tx, now=workspace.database.now(), lease_s=1, limit=9)
    return [claim.id for claim in claims]


def test_trouble_on_a_later_page_keeps_what_was_read(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """The first page counts, the look is partial, nothing becomes `not_seen`."""
    shop.put(*BEDDING)
    poll(workspace, watch_id)
    full = shop._search
    shop.server.route(
        "/search", lambda seen: full(seen) if ("page", "1") in seen.query else Reply(500)
    )
    summary = poll(workspace, watch_id)
    assert (summary.outcome, summary.pages, summary.rows) == (Outcome.PARTIAL, 1, 10)
    assert state_of(workspace, "b24") == "seen"


def test_endless_pages_come_to_an_end(workspace: Workspace, shop: Shop, watch_id: int) -> None:
    """A market that repeats its last page for ever is left at the first repetition."""
    shop.put(*BEDDING[:10])
    full = shop._search
    first_page = (("q", "四件套"), ("page", "1"))
    shop.server.route("/search", lambda seen: full(replace(seen, query=first_page)))
    summary = poll(workspace, watch_id)
    assert (summary.outcome, summary.pages, summary.rows) == (Outcome.OK, 2, 10)
    assert summary.notes["stopped_by"] == "repeated_page"


def test_victims_numbers_and_contacts_never_reach_the_disk_in_the_clear(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """Every byte of every file of the data folder is searched, and every row of the store."""
    number = "000000199001010000"
    secret = "zq81secretid"
    shop.put(
        Card("o9", f"出人脸四件套 一手 样本 {number} 加微信 {secret}", seller_name=f"微信{secret}")
    )
    poll(workspace, watch_id)
    look(workspace)
    folder: Path = workspace.settings.data_dir
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert number.encode() not in content, file
            assert secret.encode() not in content, file
    with workspace.database.read() as tx:
        for table in t.metadata.sorted_tables:
            rows = repr(tx.execute(select(table)).all())
            assert number not in rows, table.name
            assert secret not in rows, table.name
    (hit,) = triage.queue(workspace, triage.HitFilter())
    assert "█" * 18 in hit.text
    assert triage.detail(workspace, hit.id).contacts[0]["kind"] == "wechat"


def test_a_new_keyword_gives_known_listings_a_second_look(
    workspace: Workspace, shop: Shop, watch_id: int
) -> None:
    """What was clear before the word was known is assessed anew when it is next seen."""
    shop.put(Card("x1", "四件套 一手 懂的来 现货 秒发 蛇皮料加微信 abc123xyz"))
    poll(workspace, watch_id)
    before = count(workspace, "assessment")
    keywords.add(workspace, KeywordDraft("蛇皮料", "face_id_bundle", weight=3.0), actor="test")
    poll(workspace, watch_id)
    assert count(workspace, "assessment") == before + 1
    assert count(workspace, "listing_version") == 1


def test_a_claim_that_is_lost_while_the_page_loads_writes_nothing(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    """The worker that has the watch now does the work; its claim stays."""
    shop.put(*OFFERS)
    claims = []

    def claim() -> Claim:
        with workspace.database.write() as tx:
            (held,) = claim_due(tx, now=workspace.database.now(), lease_s=60, limit=1)
        claims.append(held)
        return held

    answer = shop._search

    def slow_page(seen: Seen) -> Reply:
        if len(claims) == 1:
            clock.advance(61)
            claim()
        return answer(seen)

    shop.server.route("/search", slow_page)
    assert poll_watch(workspace, claim()) is None
    assert {count(workspace, table) for table in ("poll", "listing", "hit", "outbox")} == {0}
    summary = poll_watch(workspace, claims[1])
    assert summary is not None
    assert summary.new_listings == len(OFFERS)
