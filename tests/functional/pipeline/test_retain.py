"""Innocent texts do not stay: what is erased, and what must not be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.config import load_settings
from monitor.domain.alert import AlertState, EndpointMode
from monitor.domain.clock import ManualClock
from monitor.domain.hit import Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.errors import ConflictError
from monitor.pipeline.index import index_due
from monitor.pipeline.retain import Erased, erase, foresee, retain
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import endpoints, keywords, retention, sources, triage, watches
from monitor.store import tables as t
from tests.servers.scripted import Reply
from tests.servers.shop import Card, Shop

DAY_S = 86_400
OFFER = Card("offer", "出人脸四件套 正反手持加眨眼视频 20一套 现货 加微信：sijian_7731")
BEDDING = [Card(f"b{n}", f"纯棉床品四件套 {n} 号花色") for n in range(40)]


@contextmanager
def open_with(
    folder: Path, clock: ManualClock, percent: int, database_url: str = ""
) -> Iterator[Workspace]:
    """A workspace that keeps clear listings for thirty days, and some percent of them longer."""
    settings = load_settings(
        data_dir=folder,
        database_url=database_url,
        allow_networks=("127.0.0.0/8",),
        keep_clear_days=30,
        keep_sample_percent=percent,
    )
    with open_workspace(settings, clock=clock) as workspace:
        yield workspace


def polled(workspace: Workspace, shop: Shop) -> int:
    """A shop with one offer and forty beds, looked at once; the watch's id."""
    shop.put(OFFER, *BEDDING)
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
    watch_id = watches.list_watches(workspace)[0].id
    watches.poll_now(workspace, watch_id)
    return watch_id


@pytest.fixture
def workspace(tmp_path: Path, clock: ManualClock, database_url: str) -> Iterator[Workspace]:
    """Nothing is sampled."""
    with open_with(tmp_path / "data", clock, 0, database_url) as opened:
        yield opened


def titles(workspace: Workspace) -> dict[str, str]:
    """Every listing's newest title, by the market's id."""
    listing, version = t.listing, t.listing_version
    query = select(listing.c.native_id, version.c.title).join(
        version, version.c.listing_id == listing.c.id
    )
    with workspace.database.read() as tx:
        return {row.native_id: row.title for row in tx.execute(query)}


def test_clear_listings_lose_their_texts_after_their_time(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Not before it, and the hit keeps its evidence."""
    polled(workspace, shop)
    clock.advance(29 * DAY_S)
    assert retain(workspace) == 0
    clock.advance(2 * DAY_S)
    assert retain(workspace) == 40
    left = {name for name, title in titles(workspace).items() if title}
    assert left == {"offer"}
    assert retain(workspace) == 0
    assert len(triage.queue(workspace, triage.HitFilter())) == 1


def test_a_sample_stays_and_is_the_same_every_time(
    tmp_path: Path, shop: Shop, clock: ManualClock
) -> None:
    """Of forty, with half sampled, some stay and some go; a second run takes no more."""
    with open_with(tmp_path / "half", clock, percent=50) as workspace:
        polled(workspace, shop)
        clock.advance(31 * DAY_S)
        assert 5 < retain(workspace) < 35
        assert retain(workspace) == 0


def test_no_part_of_an_erased_text_is_left_in_the_files(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Not in the tables that hold texts, contacts, sellers or addresses."""
    polled(workspace, shop)
    clock.advance(31 * DAY_S)
    retain(workspace)
    with workspace.database.read() as tx:
        for table in t.metadata.sorted_tables:
            if table.name in {"keyword", "keyword_version", "watch", "source", "source_version"}:
                continue
            for row in tx.execute(select(table)):
                assert "号花色" not in str(row), table.name


def test_an_erased_listing_gets_its_text_back_when_it_is_seen_again(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """For as long as it is shown; words, address, seller and prices, under the old key."""
    watch_id = polled(workspace, shop)
    before = titles(workspace)
    clock.advance(31 * DAY_S)
    retain(workspace)
    summary = watches.poll_now(workspace, watch_id)
    assert summary.new_listings == 0
    assert titles(workspace) == before
    with workspace.database.read() as tx:
        assert all(tx.execute(select(t.listing.c.url)).scalars())
        assert tx.execute(select(func.count()).select_from(t.listing_version)).scalar_one() == 41
    clock.advance(31 * DAY_S)
    assert retain(workspace) == 40


def test_hits_go_after_their_time_with_what_was_said_of_them(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Verdict, contact, index entry and the alert's words; that it was sent stays."""
    shop.server.route("/hook", Reply(204))
    hook = shop.server.url("/hook")
    endpoints.add(workspace, "hook", hook, mode=EndpointMode.ON_VERDICT, actor="test")
    polled(workspace, shop)
    (hit,) = triage.queue(workspace, triage.HitFilter())
    triage.triage(workspace, hit.id, Verdict.CONFIRMED, reason="clear", actor="li")
    index_due(workspace)
    clock.advance(179 * DAY_S)
    retain(workspace)
    assert len(triage.queue(workspace, triage.HitFilter())) == 1
    clock.advance(2 * DAY_S)
    assert erase(workspace) == Erased(hits=1, alerts=1, contacts=1, sellers=1)
    index_due(workspace)
    assert triage.queue(workspace, triage.HitFilter()) == []
    assert triage.search(workspace, triage.HitQuery()).total == 0
    assert set(titles(workspace).values()) == {""}
    (alert,) = endpoints.list_alerts(workspace, limit=9)
    assert (alert.state, alert.hit_id, alert.body) == (AlertState.CANCELLED, None, b"")
    with pytest.raises(ConflictError, match="erased by retention"):
        endpoints.replay(workspace, [alert.id], actor="li")
    with workspace.database.read() as tx:
        assert tx.execute(select(t.triage_event)).all() == []
        assert tx.execute(select(t.contact)).all() == []
        assert tx.execute(select(t.seller)).all() == []


def test_a_hit_that_is_still_shown_or_worked_on_stays(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Its time counts from when it was last seen or changed, whichever is later."""
    watch_id = polled(workspace, shop)
    clock.advance(170 * DAY_S)
    watches.poll_now(workspace, watch_id)
    clock.advance(20 * DAY_S)
    assert erase(workspace).hits == 0
    clock.advance(150 * DAY_S)
    (hit,) = triage.queue(workspace, triage.HitFilter())
    triage.triage(workspace, hit.id, Verdict.UNSURE, reason="ask li", actor="li")
    clock.advance(100 * DAY_S)
    assert erase(workspace).hits == 0
    clock.advance(81 * DAY_S)
    assert erase(workspace).hits == 1


def test_a_dry_run_counts_exactly_what_a_run_erases_and_changes_nothing(
    tmp_path: Path, database_url: str, shop: Shop, clock: ManualClock
) -> None:
    """Listings, hits, alerts, contacts and sellers, the sample left out; a second run nothing."""
    with open_with(tmp_path / "half", clock, 50, database_url) as workspace:
        for number in range(20):
            name = f"vx: bed_{number // 2}x"
            shop.put(Card(f"c{number}", f"竹凉席四件套 {number} {name}", seller=f"t{number}"))
        polled(workspace, shop)
        shop.cards.clear()
        shop.put(Card("late", "竹凉席四件套 vx: bed_0x", seller="s0"))
        clock.advance(100 * DAY_S)
        watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
        clock.advance(81 * DAY_S)
        shop.put(Card("new", "竹凉席四件套 vx: bed_1x", seller="s1"))
        watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
        before = kept_rows(workspace)
        expected = foresee(workspace)
        assert kept_rows(workspace) == before
        assert min(expected.listings, expected.hits, expected.contacts, expected.sellers) > 0
        assert erase(workspace) == expected
        assert foresee(workspace) == erase(workspace) == Erased()


def test_the_report_says_what_is_kept_since_when_and_why(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Every kind with its rule, also what is never kept."""
    polled(workspace, shop)
    begun = clock.now()
    clock.advance(31 * DAY_S)
    retention.run(workspace, actor="li", is_dry=False)
    rows = {row.what: row for row in retention.report(workspace)}
    assert (rows["hits"].count, rows["hits"].since) == (1, begun)
    assert (rows["clear listings"].count, rows["erased listings"].count) == (0, 40)
    assert "180 days" in rows["hits"].why
    assert rows["captures"].why.startswith("erased when they were taken in")
    assert rows["audit entries"].since == begun


def kept_rows(workspace: Workspace) -> list[object]:
    """The whole store."""
    with workspace.database.read() as tx:
        return [tx.execute(select(table)).all() for table in t.metadata.sorted_tables]


def test_no_file_holds_an_erased_text(tmp_path: Path, shop: Shop, clock: ManualClock) -> None:
    """Neither a free page nor a log: of the store at once, of the index when it is closed."""
    folder = tmp_path / "data"
    with open_with(folder, clock, 0) as workspace:
        polled(workspace, shop)
        index_due(workspace)
        clock.advance(181 * DAY_S)
        assert any(WORDS in path.read_bytes() for path in files_of(folder))
        retain(workspace)
        store = [path for path in files_of(folder) if path.name.startswith("monitor.db")]
        assert not any(WORDS in path.read_bytes() for path in store)
        index_due(workspace)
    assert not any(WORDS in path.read_bytes() for path in files_of(folder))


WORDS = "正反手持加眨眼视频".encode()


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
