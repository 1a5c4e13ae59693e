"""Pictures of likely listings: which are opened, what is kept of them, what they change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from classifiers.contract import PictureClass, PictureReading
from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.hit import Hit, HitFilter, Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.media.reading import Look
from monitor.pipeline.index import index_due
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import Opened, open_pictures
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import (
    evidence,
    keywords,
    overview,
    sources,
    statistics,
    triage,
    watches,
)
from monitor.store import tables as t
from tests.servers.looker import BLUE, CARD, RED, Looker, picture
from tests.servers.scripted import Reply, endless, reset, silent
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手料 懂的来 现货"
BED = "纯棉床品四件套 蓝色"
HOUR_S = 3600


@pytest.fixture
def looker(workspace: Workspace) -> Looker:
    """What looks into pictures here."""
    looker = Looker()
    workspace.picture_reader = looker
    return looker


def watch(workspace: Workspace, shop: Shop, **definition: object) -> int:
    """A shop that is looked at for the words 四件套; the watch's id."""
    fields = {"picture_min_interval_s": 0, "timeout_s": 2, **definition}
    sources.put(workspace, shop.definition(**fields), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
    return watches.list_watches(workspace)[0].id


def poll(workspace: Workspace) -> None:
    watches.poll_now(workspace, watches.list_watches(workspace)[0].id)


def open_all(workspace: Workspace) -> list[Opened | None]:
    """Everything that is due."""
    return [open_pictures(workspace, entry) for entry in claim_openings(workspace, limit=99)]


def outcomes(workspace: Workspace) -> dict[str, str]:
    """What came of each address, by its path."""
    with workspace.database.read() as tx:
        rows = tx.execute(select(t.picture.c.url, t.picture.c.outcome))
        return {row.url.rpartition("/")[2]: row.outcome for row in rows}


def hits(workspace: Workspace) -> dict[str, Hit]:
    found = triage.queue(workspace, HitFilter())
    return {hit.native_id: hit for hit in found}


def serve(shop: Shop, path: str, body: bytes) -> None:
    shop.server.route(path, Reply(body=body, headers={"Content-Type": "image/png"}))


def test_pictures_that_wait_are_counted_until_they_are_opened(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """At a glance, and by source; those that stay closed do not wait."""
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"), Card("bed", BED, picture="/bed.png"))
    watch(workspace, shop)
    poll(workspace)
    assert overview.waiting(workspace).pictures == 1
    rows = statistics.queue(workspace, statistics.Asked()).rows
    assert [(r.source, r.due) for r in rows if r.kind == "pictures"] == [("shop", 1)]
    open_all(workspace)
    assert overview.waiting(workspace).pictures == 0
    rows = statistics.queue(workspace, statistics.Asked()).rows
    assert not [r for r in rows if r.kind == "pictures"]


def test_pictures_of_likely_listings_only_are_opened(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """Those of a bed stay closed."""
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"), Card("bed", BED, picture="/bed.png"))
    watch(workspace, shop)
    poll(workspace)
    (done,) = open_all(workspace)
    assert done == Opened(opened=1, is_changed=True)
    assert outcomes(workspace) == {"offer.png": "opened", "bed.png": ""}
    assert "/bed.png" not in shop.server.paths()


def test_what_a_picture_shows_joins_the_reasons_of_the_hit(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """With its box, and the score rises."""
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    before = hits(workspace)["offer"]
    open_all(workspace)
    after = hits(workspace)["offer"]
    assert after.score > before.score
    (shown,) = (item for item in after.evidence if item["term"] == CARD)
    assert shown["why"] == "picture 1: a card beside a face"
    (seen,) = evidence.of_listing(workspace, after.listing_id).pictures
    assert seen.evidence[0]["boxes"] == [[0.1, 0.1, 0.4, 0.5]]
    index_due(workspace)


def test_a_clean_title_over_a_dirty_picture_becomes_a_hit_where_all_is_opened(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """A risky source is opened whatever its texts say."""
    serve(shop, "/bed.png", picture(RED))
    shop.put(Card("bed", BED, picture="/bed.png"))
    watch(workspace, shop, pictures="all")
    poll(workspace)
    assert hits(workspace) == {}
    open_all(workspace)
    assert hits(workspace)["bed"].is_baseline


def test_an_ordinary_picture_makes_a_dirty_word_less_of_a_hit(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """It speaks against, as evidence with a negative weight."""
    serve(shop, "/offer.png", picture(BLUE))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    before = hits(workspace)["offer"].score
    open_all(workspace)
    assert hits(workspace)["offer"].score < before


def test_only_what_is_suspected_is_looked_at_closely(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """Of a source that is opened whole, most listings are innocent."""
    serve(shop, "/bed.png", picture(BLUE))
    shop.put(Card("bed", BED, picture="/bed.png"))
    watch(workspace, shop, pictures="all")
    poll(workspace)
    open_all(workspace)
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    poll(workspace)
    open_all(workspace)
    assert looker.suspected == [False, True]


class Hasty(Looker):
    """Sees nothing unless there is a suspicion, and makes no thumbnail then."""

    def look(self, content: bytes, *, is_suspected: bool, is_held: bool) -> Look:
        look = super().look(content, is_suspected=is_suspected, is_held=is_held)
        bare = PictureReading("", classes={PictureClass.ORDINARY: 1.0})
        return look if is_suspected else replace(look, reading=bare, thumbnail=b"")


def test_what_was_looked_at_in_haste_is_looked_at_closely_when_there_is_reason(
    workspace: Workspace, shop: Shop
) -> None:
    """The bytes were known from an innocent listing; now an offer shows them."""
    workspace.picture_reader = looker = Hasty()
    for path in ("/bed.png", "/offer.png"):
        serve(shop, path, picture(RED))
    shop.put(Card("bed", BED, picture="/bed.png"))
    watch(workspace, shop, pictures="all")
    poll(workspace)
    open_all(workspace)
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    poll(workspace)
    open_all(workspace)
    assert looker.suspected == [False, True]
    (seen,) = evidence.of_listing(workspace, hits(workspace)["offer"].listing_id).pictures
    assert seen.evidence[0]["term"] == CARD
    assert seen.thumbnail


def test_a_source_can_be_closed_to_pictures(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """Nothing is even asked for."""
    shop.put(Card("offer", OFFER))
    watch(workspace, shop, pictures="never")
    poll(workspace)
    assert open_all(workspace) == []


def test_a_seller_with_a_confirmed_hit_has_all_pictures_opened(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """Also those under an innocent text; other sellers' not."""
    serve(shop, "/p.jpg", picture(BLUE))
    shop.put(Card("offer", OFFER, seller="bad"))
    watch(workspace, shop)
    poll(workspace)
    hit = hits(workspace)["offer"]
    triage.triage(workspace, hit.id, Verdict.CONFIRMED, reason="clear", actor="li")
    open_all(workspace)
    serve(shop, "/bed.png", picture(RED))
    shop.put(Card("bed1", BED, seller="bad", picture="/bed.png"))
    shop.put(Card("bed2", BED, seller="good", picture="/other.png"))
    poll(workspace)
    assert len(open_all(workspace)) == 1
    assert outcomes(workspace)["bed.png"] == "opened"
    assert outcomes(workspace)["other.png"] == ""


def test_one_picture_in_two_listings_is_looked_into_once(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """At one address it is not even fetched twice; at two, its bytes are known."""
    for path in ("/a.png", "/b.png"):
        serve(shop, path, picture(RED))
    shop.put(Card("o1", f"{OFFER} 1", picture="/a.png"), Card("o2", f"{OFFER} 2", picture="/a.png"))
    shop.put(Card("o3", f"{OFFER} 3", picture="/b.png"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    assert looker.looks == 1
    assert shop.server.paths().count("/a.png") == 1
    with workspace.database.read() as tx:
        assert len(tx.execute(select(t.picture_content)).all()) == 1
    assert len(hits(workspace)) == 3


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (Reply(403, b"expired"), "expired"),
        (Reply(404, b"gone"), "expired"),
        (Reply(410, b"gone"), "expired"),
        (Reply(401, b"sign in"), "expired"),
        (Reply(500, b"oops"), "unreachable"),
        (Reply(429, b"slow down"), "unreachable"),
        (silent(), "unreachable"),
        (reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc"), "unreachable"),
        (endless(b"x" * 65536), "too_large"),
        (Reply(302, headers={"Location": "http://169.254.169.254/x.png"}), "disallowed"),
        (Reply(302, headers={"Location": "/ok.png"}), "opened"),
        (Reply(body=picture(RED), headers={"Content-Type": "text/html"}), "opened"),
    ],
)
def test_a_picture_that_can_not_be_had_leaves_the_listing_as_it_is(
    workspace: Workspace, shop: Shop, looker: Looker, step: Reply, outcome: str
) -> None:
    """Expired, slow, huge, redirected, lying: each has a name, and the text still decides."""
    shop.server.route("/offer.png", step)
    serve(shop, "/ok.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    before = hits(workspace)["offer"].score
    open_all(workspace)
    assert outcomes(workspace) == {"offer.png": outcome}
    assert hits(workspace)["offer"].score >= before


def test_bytes_that_are_no_picture_are_refused_with_a_reason(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """And are not looked into again."""
    serve(shop, "/offer.png", b"<svg onload=alert(1)>")
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    with workspace.database.read() as tx:
        row = tx.execute(select(t.picture_content)).one()
    assert (row.state, row.reason, row.thumbnail) == ("refused", "unknown_format", b"")
    shop.edit("offer", title=f"{OFFER} 新")
    poll(workspace)
    open_all(workspace)
    assert looker.looks == 1


def test_an_unreachable_picture_is_tried_again_later_and_not_for_ever(
    workspace: Workspace, shop: Shop, looker: Looker, clock: ManualClock
) -> None:
    """Four times, each pause twice as long."""
    shop.server.route("/offer.png", Reply(500))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    for _ in range(4):
        assert open_all(workspace) == [Opened(lost=1)]
        assert open_all(workspace) == []
        clock.advance(HOUR_S)
    assert open_all(workspace) == []
    assert shop.server.paths().count("/offer.png") == 4


def test_a_fresh_address_of_an_expired_picture_is_tried(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """Markets sign addresses for minutes: the next page shows another signature."""
    shop.server.route("/offer.png", Reply(403), Reply(body=picture(RED)))
    shop.put(Card("offer", OFFER, picture="/offer.png?sign=1"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    poll(workspace)
    assert open_all(workspace) == []
    shop.edit("offer", picture="/offer.png?sign=2")
    poll(workspace)
    assert open_all(workspace) == [Opened(opened=1, is_changed=True)]


def test_the_budget_of_a_source_puts_the_rest_off(
    tmp_path: Path, workspace: Workspace, shop: Shop, looker: Looker, clock: ManualClock
) -> None:
    """An hour later it goes on."""
    workspace.settings = workspace.settings.model_copy(update={"pictures_per_hour": 2})
    for number in range(3):
        serve(shop, f"/{number}.png", picture(RED, name=str(number)))
        shop.put(Card(f"o{number}", f"{OFFER} {number}", picture=f"/{number}.png"))
    watch(workspace, shop)
    poll(workspace)
    assert open_all(workspace).count(None) == 1
    assert looker.looks == 2
    clock.advance(HOUR_S + 1)
    open_all(workspace)
    assert looker.looks == 3


def test_a_source_that_rests_is_asked_for_no_picture(
    workspace: Workspace, shop: Shop, looker: Looker, clock: ManualClock
) -> None:
    """It refused a page meanwhile; when the rest is over, its pictures are opened."""
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    shop.override = Reply(403)
    poll(workspace)
    assert open_all(workspace) == [None]
    assert "/offer.png" not in shop.server.paths()
    clock.advance(workspace.settings.circuit_pause_s + 1)
    assert open_all(workspace) == [Opened(opened=1, is_changed=True)]


def test_of_thousands_of_pictures_in_one_listing_a_few_are_opened(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """As many as the settings say."""
    shop.server.route("/many/*", Reply(body=picture(BLUE)))
    shop.put(Card("offer", OFFER))
    watch(workspace, shop)
    poll(workspace)
    with workspace.database.write() as tx:
        first = tx.execute(select(t.picture)).one()
        for number in range(3000):
            values = {
                "listing_id": first.listing_id,
                "url_key": str(number),
                "url": shop.server.url(f"/many/{number}"),
                "first_seen_at": first.first_seen_at,
            }
            tx.execute(t.picture.insert().values(**values))
    open_all(workspace)
    asked = [path for path in shop.server.paths() if path.startswith(("/many", "/p.jpg"))]
    assert len(asked) == workspace.settings.pictures_per_listing


def test_a_thumbnail_is_kept_only_while_a_hit_shows_it(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """What turned out to be clear keeps words about its picture and nothing to look at."""
    serve(shop, "/bed.png", picture(BLUE))
    shop.put(Card("bed", BED, picture="/bed.png"))
    watch(workspace, shop, pictures="all")
    poll(workspace)
    open_all(workspace)
    with workspace.database.read() as tx:
        row = tx.execute(select(t.picture_content)).one()
    assert (row.state, row.thumbnail) == ("kept", b"")
    serve(shop, "/offer.png", picture(BLUE))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    poll(workspace)
    open_all(workspace)
    with workspace.database.read() as tx:
        assert tx.execute(select(t.picture_content.c.thumbnail)).scalar_one() != b""


class Stops:
    """Sees signs of a minor in every picture."""

    def examine(self, content: bytes) -> str:
        assert content
        return "minor"


def test_signs_of_minors_stop_everything_and_tell_the_operator(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """No thumbnail, no classes, no further picture; a duty notice and an audit entry."""
    workspace.stop_detectors = (Stops(),)
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    assert open_all(workspace) == [Opened(is_stopped=True)]
    assert looker.looks == 0
    with workspace.database.read() as tx:
        row = tx.execute(select(t.picture_content)).one()
        assert (row.state, row.thumbnail, row.fingerprint, row.size) == ("stopped", b"", "", 0)
        assert tx.execute(select(t.duty_notice.c.reason)).scalars().all() == ["minor"]
        actions = tx.execute(select(t.audit_entry.c.action)).scalars().all()
    assert "picture.stop" in actions
    shop.edit("offer", picture="/second.png")
    poll(workspace)
    open_all(workspace)
    assert "/second.png" not in shop.server.paths()


def test_signs_in_one_picture_take_the_listings_other_thumbnails_too(
    workspace: Workspace, shop: Shop, looker: Looker
) -> None:
    """They may show the same person."""
    serve(shop, "/first.png", picture(RED, name="first"))
    serve(shop, "/second.png", picture(RED, name="second"))
    shop.put(Card("offer", OFFER, picture="/first.png"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    workspace.stop_detectors = (Stops(),)
    shop.edit("offer", title=f"{OFFER} 新", picture="/second.png")
    poll(workspace)
    open_all(workspace)
    with workspace.database.read() as tx:
        rows = tx.execute(select(t.picture_content)).all()
    assert {row.state for row in rows} == {"kept", "stopped"}
    assert {row.thumbnail for row in rows} == {b""}


class Died(BaseException):
    """What ends a process passes everything that handles errors."""


class Deadly(Looker):
    """Ends the process that looks."""

    def look(self, content: bytes, *, is_suspected: bool, is_held: bool) -> Look:
        super().look(content, is_suspected=is_suspected, is_held=is_held)
        raise Died


def test_pictures_that_end_their_reader_are_given_up(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """After four deaths; the audit log says so, and the text's decision stays."""
    workspace.picture_reader = looker = Deadly()
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    for _ in range(4):
        with pytest.raises(Died):
            open_all(workspace)
        clock.advance(workspace.settings.lease_s + 1)
    assert open_all(workspace) == [None]
    assert open_all(workspace) == []
    assert looker.looks == 4
    assert hits(workspace)["offer"]
    with workspace.database.read() as tx:
        assert "pictures.give_up" in tx.execute(select(t.audit_entry.c.action)).scalars().all()


def test_an_error_of_ours_is_not_counted_against_the_pictures(
    workspace: Workspace, shop: Shop, looker: Looker, clock: ManualClock
) -> None:
    """However often it happens; mended, they are opened."""
    serve(shop, "/offer.png", picture(RED))
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    workspace.stop_detectors = (object(),)
    for _ in range(6):
        with pytest.raises(AttributeError):
            open_all(workspace)
        clock.advance(workspace.settings.lease_s + 1)
    workspace.stop_detectors = ()
    assert open_all(workspace) == [Opened(opened=1, is_changed=True)]


def test_no_original_is_ever_on_disk_without_a_hold(tmp_path: Path, shop: Shop) -> None:
    """Every file of the data folder, logs of the database included, is searched for it."""
    planted = picture(RED, name="PLANTED-BYTES-OF-AN-ORIGINAL")
    serve(shop, "/offer.png", planted)
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    settings = load_settings(data_dir=tmp_path / "data", allow_networks=("127.0.0.0/8",))
    with open_workspace(settings) as workspace:
        workspace.picture_reader = Looker()
        watch(workspace, shop)
        poll(workspace)
        open_all(workspace)
        index_due(workspace)
        assert outcomes(workspace) == {"offer.png": "opened"}
        assert_nowhere(tmp_path, planted)
    assert_nowhere(tmp_path, planted)


def assert_nowhere(folder: Path, content: bytes) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 1
    for path in files:
        held = path.read_bytes()
        for start in range(0, len(content) - 24, 24):
            assert content[start : start + 24] not in held, path
