"""Innocent texts do not stay: what is erased, and what must not be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.retain import retain
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, sources, triage, watches
from monitor.store import tables as t
from tests.servers.shop import Card, Shop

DAY_S = 86_400
OFFER = Card("offer", "出人脸四件套 正反手持加眨眼视频 20一套 现货 懂的来")
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


def test_an_erased_listing_is_known_when_it_is_seen_again(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Its text comes back for as long as it is shown, and no second listing."""
    watch_id = polled(workspace, shop)
    clock.advance(31 * DAY_S)
    retain(workspace)
    summary = watches.poll_now(workspace, watch_id)
    assert summary.new_listings == 0
    assert len(titles(workspace)) == 41


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
