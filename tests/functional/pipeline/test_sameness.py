"""Which listings belong together: families of texts, re-lists, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitor.domain.alert import EndpointMode
from monitor.domain.clock import ManualClock, SystemClock
from monitor.domain.hit import Hit, HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.domain.sameness import Bond, Related
from monitor.pipeline.alert import claim_sends, send_alert
from monitor.pipeline.look import mark_gone
from monitor.pipeline.retain import retain
from monitor.pipeline.workspace import Workspace
from monitor.services import endpoints, keywords, sources, triage, watches
from monitor.store import tables as t
from monitor.store.families import families_of, family_of
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手货源 眨眼点头视频都有 量大从优 懂的来"
REWRITTEN = "出人*臉四件套 量大从优 一手货源 眨眼点头視頻都有 老板看过来 99元"
OTHER = "人脸四件套 资料齐全 真人录制 支持验货 长期有货 私聊"
ORDINARY = "床上四件套 纯棉 一手货源 量大从优 七天无理由 和人脸四件套无关"


@pytest.fixture
def clock() -> ManualClock:
    """Starts at the real time: receivers check the age of a signature."""
    return ManualClock(SystemClock().now())


@pytest.fixture
def watch_id(workspace: Workspace, shop: Shop) -> int:
    """A watch whose baseline has been seen."""
    return add_shop(workspace, shop, "shop")


def add_shop(workspace: Workspace, shop: Shop, name: str) -> int:
    sources.put(workspace, shop.definition(name), actor="test")
    if not keywords.list_keywords(workspace):
        keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, name, ["四件套"], interval_s=60, actor="test")
    watch = next(one.id for one in watches.list_watches(workspace) if one.source == name)
    watches.poll_now(workspace, watch)
    return watch


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    """Takes everything."""
    with ScriptedServer() as server:
        server.route("/hook", Reply(204))
        yield server


def see(workspace: Workspace, watch_id: int, shop: Shop, clock: ManualClock, *cards: Card) -> None:
    """An hour later the shop shows these as well."""
    clock.advance(3600)
    shop.put(*cards)
    watches.poll_now(workspace, watch_id)


def hits_by_id(workspace: Workspace) -> dict[str, Hit]:
    return {hit.native_id: hit for hit in triage.queue(workspace, HitFilter())}


def similar(workspace: Workspace, native_id: str) -> dict[str, Related]:
    hit = hits_by_id(workspace)[native_id]
    return {other.native_id: other for other in triage.detail(workspace, hit.id).similar}


def told(workspace: Workspace, receiver: ScriptedServer) -> list[dict[str, object]]:
    """All that arrived; what waits is sent first."""
    for entry in claim_sends(workspace, limit=50):
        send_alert(workspace, entry)
    return [json.loads(request.body) for request in receiver.seen("/hook")]


def test_a_disguised_rewriting_on_another_market_is_of_the_family(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    see(workspace, watch_id, shop, clock, Card("a", OFFER, picture="/a.jpg"))
    with Shop() as other:
        there = add_shop(workspace, other, "other")
        see(workspace, there, other, clock, Card("b", REWRITTEN, seller="s2", picture="/b.jpg"))
    found = hits_by_id(workspace)
    assert family_of(found["a"]) == family_of(found["b"]) is not None
    (row,) = similar(workspace, "b").values()
    assert (row.source, row.native_id, row.bonds) == ("shop", "a", (Bond.TEXT,))
    assert row.shared[0] == "一手货源眨眼点头视频都有"
    assert not row.is_relisted


def test_other_offers_are_of_other_families_and_ordinary_goods_of_none(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    cards = [Card("a", OFFER), Card("b", OTHER, seller="s2"), Card("c", ORDINARY, seller="s3")]
    see(workspace, watch_id, shop, clock, *cards)
    found = hits_by_id(workspace)
    assert family_of(found["a"]) != family_of(found["b"])
    with workspace.database.read() as tx:
        families = tx.execute(
            select(t.listing_version.c.text_family_id).where(t.listing_version.c.title == ORDINARY)
        ).scalars()
        assert list(families) == [None]


def test_a_family_keeps_its_id_when_it_is_seen_again(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    see(workspace, watch_id, shop, clock, Card("a", OFFER))
    before = family_of(hits_by_id(workspace)["a"])
    see(workspace, watch_id, shop, clock, Card("b", REWRITTEN), Card("c", OTHER))
    see(workspace, watch_id, shop, clock, Card("d", OFFER + " 新"))
    found = hits_by_id(workspace)
    assert [family_of(found[name]) for name in "abd"] == [before] * 3


def test_a_text_between_two_families_stays_in_the_older_one(workspace: Workspace) -> None:
    """Also when the younger one, founded meanwhile, is nearer."""
    old, between = tuple(range(100)), tuple(range(30, 130))
    young = tuple(range(40, 140))
    with workspace.database.write() as tx:
        first = families_of(tx, {"old": old, "between": between}, now=workspace.database.now())
        then = families_of(tx, {"young": young, "again": between}, now=workspace.database.now())
    assert first["old"] == first["between"] == then["again"] != then["young"]


def test_hits_of_a_family_or_a_seller_can_be_listed(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    cards = [Card("a", OFFER), Card("b", REWRITTEN, seller="s2"), Card("c", OTHER)]
    see(workspace, watch_id, shop, clock, *cards)
    found = hits_by_id(workspace)
    of_family = HitFilter(family=(str(family_of(found["a"])),))
    of_seller = HitFilter(seller_id=(str(found["a"].seller_id),))
    assert {hit.native_id for hit in triage.queue(workspace, of_family)} == {"a", "b"}
    assert {hit.native_id for hit in triage.queue(workspace, of_seller)} == {"a", "c"}
    assert triage.count(workspace, of_family) == 2
    assert triage.queue(workspace, HitFilter(family=("1 OR 1", "9" * 99))) == []


@pytest.mark.parametrize(
    ("card", "reasons"),
    [
        (Card("b", REWRITTEN, picture="/b.jpg"), (Bond.TEXT, Bond.SELLER)),
        (Card("b", OTHER, picture="/a.jpg"), (Bond.PICTURE, Bond.SELLER)),
        (Card("b", REWRITTEN, seller="s2", picture="/a.jpg"), (Bond.TEXT, Bond.PICTURE)),
    ],
)
def test_the_same_goods_under_a_new_id_are_a_relist(
    workspace: Workspace,
    shop: Shop,
    watch_id: int,
    clock: ManualClock,
    card: Card,
    reasons: tuple[Bond, ...],
) -> None:
    see(workspace, watch_id, shop, clock, Card("a", OFFER, picture="/a.jpg"))
    see(workspace, watch_id, shop, clock, card)
    row = similar(workspace, "b")["a"]
    assert row.is_relisted
    assert row.bonds == reasons
    assert row.last_seen_at == clock.now()
    # The earlier one is no re-list of the later.
    assert not similar(workspace, "a")["b"].is_relisted


@pytest.mark.parametrize(
    "card",
    [
        Card("b", OTHER, picture="/b.jpg"),
        Card("b", REWRITTEN, seller="s2", picture="/b.jpg"),
        Card("b", OTHER, seller="s2", picture="/a.jpg"),
    ],
)
def test_one_thing_in_common_with_another_sellers_listing_is_no_relist(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock, card: Card
) -> None:
    """Nor are two different offers of one seller."""
    see(workspace, watch_id, shop, clock, Card("a", OFFER, picture="/a.jpg"))
    see(workspace, watch_id, shop, clock, card)
    assert not similar(workspace, "b")["a"].is_relisted


def test_a_picture_that_everybody_shows_binds_nobody(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    crowd = [Card(f"c{n}", f"床单 四件套 {n}", seller=f"x{n}", picture="/a.jpg") for n in range(30)]
    see(workspace, watch_id, shop, clock, *crowd, Card("a", OFFER, picture="/a.jpg"))
    see(workspace, watch_id, shop, clock, Card("b", OTHER, seller="s2", picture="/a.jpg"))
    assert similar(workspace, "b") == {}


def test_the_alert_names_the_listing_that_was_put_up_anew(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock, receiver: ScriptedServer
) -> None:
    endpoints.add(workspace, "mods", receiver.url("/hook"), mode=EndpointMode.ON_HIT, actor="test")
    see(workspace, watch_id, shop, clock, Card("a", OFFER))
    seen_at = clock.now()
    see(workspace, watch_id, shop, clock, Card("b", REWRITTEN))
    first, second = [body["data"]["hit"] for body in told(workspace, receiver)]  # type: ignore[index]
    assert first["relist_of"] is None
    assert second["relist_of"]["native_id"] == "a"
    assert second["relist_of"]["reasons"] == ["same text", "same picture", "same seller"]
    assert second["relist_of"]["first_seen_at"] == seen_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_listing_that_comes_back_is_told_again_once_the_day_is_over(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock, receiver: ScriptedServer
) -> None:
    endpoints.add(workspace, "mods", receiver.url("/hook"), mode=EndpointMode.ON_HIT, actor="test")
    see(workspace, watch_id, shop, clock, Card("a", OFFER))
    with workspace.database.write() as tx:
        mark_gone(tx, hits_by_id(workspace)["a"].listing_id, now=clock.now())
    see(workspace, watch_id, shop, clock)
    kinds = ["hit.suspected", "hit.gone"]
    assert [body["type"] for body in told(workspace, receiver)] == kinds
    clock.advance(timedelta(days=1).total_seconds())
    for _ in range(3):
        see(workspace, watch_id, shop, clock)
    assert [body["type"] for body in told(workspace, receiver)] == [*kinds, "hit.suspected"]


def test_families_go_with_their_last_text(
    workspace: Workspace, shop: Shop, watch_id: int, clock: ManualClock
) -> None:
    see(workspace, watch_id, shop, clock, Card("a", OFFER), Card("b", REWRITTEN))
    clock.advance(timedelta(days=workspace.settings.keep_hit_days + 1).total_seconds())
    retain(workspace)
    with workspace.database.read() as tx:
        for table in (t.text_family, t.text_band):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0
