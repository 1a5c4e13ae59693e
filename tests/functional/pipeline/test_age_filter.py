"""A gap is caught up with by the source's age filter, tried on the sample market itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.demo.listings import MarketListing
from monitor.demo.market import Market
from monitor.demo.sources import demo_source
from monitor.domain.clock import ManualClock
from monitor.domain.gap import Gap, Reach
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.watch import PollSummary
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, watches
from monitor.sources.definition import SourceDefinition
from monitor.store import gaps
from monitor.store import tables as t

WORD = "台灯"
INTERVAL_S = 600.0
DAY_S = 86_400.0
PAGE_SIZE = 5
OLD = 100
"""Listings from before: twenty pages, of which a deep look reads eight."""


@pytest.fixture
def market(clock: ManualClock) -> Iterator[Market]:
    """Far more lamps than one look can read, all of them old."""
    lamps = [
        MarketListing(id=f"old{n}", title=f"九成新{WORD} {n}", published_s_ago=DAY_S * (30 + n))
        for n in range(OLD)
    ]
    with Market(lamps, clock, page_size=PAGE_SIZE) as opened:
        yield opened


class Scene:
    """One watch in the market, two pages a look."""

    def __init__(self, workspace: Workspace, market: Market, clock: ManualClock) -> None:
        self.workspace, self.market, self.clock = workspace, market, clock
        keywords.add(workspace, KeywordDraft(WORD, "face_id_bundle"), actor="test")
        self.define(demo_source("sample-json", market.base_url))
        watches.add(workspace, "sample-json", [WORD], interval_s=INTERVAL_S, actor="test")
        self.watch_id = watches.list_watches(workspace)[0].id

    def define(self, definition: SourceDefinition, **options: object) -> None:
        """Put the source with two pages a look, and no pause between requests."""
        changes = {"max_pages": 2, "min_interval_s": 0, "options": definition.options | options}
        sources.put(self.workspace, definition.model_copy(update=changes), actor="test")

    def look(self) -> PollSummary:
        """Half an interval after the last one."""
        self.clock.advance(INTERVAL_S / 2)
        return watches.poll_now(self.workspace, self.watch_id)

    def add_lamps(self, count: int, name: str = "new") -> None:
        """Put new ones on show."""
        for n in range(count):
            self.market.add(MarketListing(id=f"{name}{n}", title=f"全新{WORD} {name} {n}"))

    def be_blind(self) -> None:
        """One look that sees nothing."""
        self.market.mode = "error"
        assert self.look().outcome is Outcome.TRANSPORT_ERROR
        self.market.mode = "normal"

    def gap(self) -> Gap:
        """The only one."""
        with self.workspace.database.read() as tx:
            now = self.workspace.database.now()
            (gap,) = gaps.listed(tx, now - timedelta(days=30), now=now)
        return gap


@pytest.fixture
def scene(workspace: Workspace, market: Market, clock: ManualClock) -> Scene:
    """See `Scene`."""
    return Scene(workspace, market, clock)


def test_what_was_published_in_a_gap_is_read_though_the_market_has_far_more(
    scene: Scene,
) -> None:
    """Two usual pages, then those of the gap: 18 new ones, where a look without it sees ten."""
    assert scene.look().rows == 2 * PAGE_SIZE
    scene.be_blind()
    scene.add_lamps(18)
    found = scene.look()
    assert (found.outcome, found.new_listings) == (Outcome.OK, 18)
    assert found.notes["stopped_by"] == "window"
    assert found.pages == 2 + 4
    gap = scene.gap()
    assert (gap.reached, gap.is_filled) == (Reach.WINDOW, True)
    assert scene.look().pages == 2


def test_a_gap_without_anything_new_costs_one_page_more(scene: Scene) -> None:
    """The market says that nothing was published in it."""
    scene.look()
    scene.be_blind()
    found = scene.look()
    assert (found.outcome, found.pages, found.new_listings) == (Outcome.OK, 2 + 1, 0)
    assert scene.gap().reached is Reach.WINDOW


def test_more_than_the_most_pages_of_a_look_is_not_called_filled(scene: Scene) -> None:
    """Eight pages are the most after a gap."""
    scene.look()
    scene.be_blind()
    scene.add_lamps(50)
    assert scene.look().pages == 8
    assert (scene.gap().reached, scene.gap().is_filled) == (Reach.LIMIT, False)


def test_a_time_in_which_nobody_looked_is_caught_up_with_as_well(
    scene: Scene, clock: ManualClock
) -> None:
    """No look failed: the monitor was off."""
    scene.look()
    clock.advance(6 * INTERVAL_S)
    scene.add_lamps(18)
    found = scene.look()
    assert (found.new_listings, scene.gap().reached) == (18, Reach.WINDOW)


def test_what_an_age_filter_does_not_show_is_not_marked_as_gone(
    scene: Scene, workspace: Workspace
) -> None:
    """The old lamps of the first look are on offer still, on pages that were not asked for."""
    scene.look()
    scene.be_blind()
    scene.add_lamps(18)
    scene.look()
    with workspace.database.read() as tx:
        states = tx.execute(select(t.listing.c.state)).scalars().all()
    assert set(states) == {"seen"}
    assert len(states) == 2 * PAGE_SIZE + 18


def test_a_filter_that_finds_nothing_at_all_fills_nothing(scene: Scene, market: Market) -> None:
    """New lamps are on the usual pages; the filter, in a wrong unit, shows none of them."""
    definition = demo_source("sample-json", market.base_url)
    scene.define(definition, search=definition.options["search"] | {"age_unit": "seconds"})
    scene.look()
    scene.be_blind()
    scene.add_lamps(3)
    found = scene.look()
    assert (found.outcome, found.pages, found.new_listings) == (Outcome.OK, 2 + 1, 3)
    assert (scene.gap().reached, scene.gap().is_filled) == (Reach.LIMIT, False)
