"""A host's requests of a day: counted at the shop, shared by all, and never "no hits"."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.config import Settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.errors import InputError
from monitor.pipeline.look import look_at
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import coverage, keywords, sources, watches
from monitor.store import looks
from tests.servers.shop import Card, Shop

WORD = "人脸四件套"
INTERVAL_S = 3600.0
DAY_S = 86_400.0


def watch(workspace: Workspace, shop: Shop, *, per_day: int, name: str = "shop") -> int:
    """A source with this budget, and a watch every hour; the watch's id."""
    changes = {"robots": "override", "robots_reason": "a test", "max_requests_per_day": per_day}
    sources.put(workspace, shop.definition(name, **changes), actor="test")
    if not any(keyword.term == WORD for keyword in keywords.list_keywords(workspace)):
        keywords.add(workspace, KeywordDraft(WORD, "face_id_bundle"), actor="test")
    watches.add(workspace, name, [WORD], interval_s=INTERVAL_S, actor="test")
    return next(each.id for each in watches.list_watches(workspace) if each.source == name)


def test_a_spent_budget_is_a_gap_and_ends_with_the_day(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """The host is not asked once more; the next look is planned for the new day."""
    watch_id = watch(workspace, shop, per_day=24)
    began_at = clock.now()
    for _ in range(24):
        assert watches.poll_now(workspace, watch_id).outcome is Outcome.EMPTY
    shop.put(Card("w", f"出{WORD} 一手"))
    clock.advance(60)
    refused = watches.poll_now(workspace, watch_id)
    assert refused.outcome is Outcome.BUDGET_SPENT
    assert "24 requests of this day are spent" in refused.detail
    assert len(shop.server.seen()) == 24
    (gap,) = coverage.gaps(workspace, began_at)
    assert (gap.cause, gap.ended_at) == ("budget_spent", None)
    (planned,) = watches.list_watches(workspace)
    late_s = (planned.next_poll_at - (began_at + timedelta(days=1))).total_seconds()
    assert 0 <= late_s <= 600
    clock.advance(DAY_S)
    assert watches.poll_now(workspace, watch_id).outcome is Outcome.OK
    assert coverage.gaps(workspace, began_at)[0].ended_at is not None


def test_sources_and_processes_on_one_host_share_its_budget(
    workspace: Workspace, shop: Shop, settings: Settings, clock: ManualClock
) -> None:
    """Each with its own limit: the file's or the setting's. All count the same requests."""
    limited = settings.model_copy(update={"host_requests_per_day": 50})
    with open_workspace(limited, clock=clock) as other:
        first = watch(workspace, shop, per_day=1000)
        second = watch(other, shop, per_day=0, name="twin")
        for _ in range(30):
            watches.poll_now(workspace, first)
        for _ in range(20):
            assert watches.poll_now(other, second).outcome is Outcome.EMPTY
        assert watches.poll_now(other, second).outcome is Outcome.BUDGET_SPENT
        assert watches.poll_now(workspace, first).outcome is Outcome.EMPTY
    assert len(shop.server.seen()) == 51


def test_an_item_page_waits_for_the_new_day(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """It is no failure, however often it is tried."""
    shop.put(Card("w", f"出{WORD} 一手料 懂的来 现货"))
    watch_id = watch(workspace, shop, per_day=24)
    for _ in range(24):
        watches.poll_now(workspace, watch_id)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        (claim,) = looks.claim_due(tx, now=now, lease_s=60, limit=5)
    assert look_at(workspace, claim) is None
    assert len(shop.server.seen("/item/w")) == 0
    with workspace.database.read() as tx:
        assert looks.plan(tx, claim.id).failures == 0
        assert looks.due_count(tx, now + timedelta(seconds=DAY_S - 60)) == 0
        assert looks.due_count(tx, now + timedelta(seconds=DAY_S)) == 1


def test_watches_that_a_budget_cannot_hold_are_refused(workspace: Workspace, shop: Shop) -> None:
    """Those of another source on the same host count as well; nothing is written."""
    watch(workspace, shop, per_day=60)
    watch(workspace, shop, per_day=60, name="twin")
    with pytest.raises(InputError, match=r"3 watches on 127.* want 72 requests a day, 60 are"):
        watch(workspace, shop, per_day=60, name="third")
    assert [each.source for each in watches.list_watches(workspace)] == ["shop", "twin"]
    added = watches.add(workspace, "third", [WORD], interval_s=7200, actor="test")
    assert added.cycle_s == 3 * DAY_S / 60
