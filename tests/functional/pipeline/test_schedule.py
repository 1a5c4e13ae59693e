"""When a watch is looked at next, and who goes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from monitor.domain.clock import ManualClock
from monitor.domain.gap import NOT_LOOKED
from monitor.domain.keyword import KeywordDraft
from monitor.domain.watch import Watch
from monitor.errors import ConflictError
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.schedule import JITTER, MAX_PAUSE_S, WAKING_S
from monitor.pipeline.workspace import Workspace
from monitor.services import coverage, keywords, sources, watches
from monitor.store import watches as watch_store
from monitor.store.claims import Claim
from tests.servers.scripted import Reply
from tests.servers.shop import Card, Shop

WORD, OTHER = "人脸四件套", "床单"
HOUR_S = 3600.0


def watched(workspace: Workspace, shop: Shop, *terms: str, interval_s: float = HOUR_S) -> list[int]:
    """Ids of new watches, in the order of their terms."""
    sources.put(workspace, shop.definition(), actor="test")
    for term in terms:
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", terms, interval_s=interval_s, actor="test")
    found = {watch.term: watch.id for watch in watches.list_watches(workspace)}
    return [found[term] for term in terms]


def watch(workspace: Workspace, watch_id: int) -> Watch:
    (found,) = (w for w in watches.list_watches(workspace) if w.id == watch_id)
    return found


def pause_s(workspace: Workspace, watch_id: int) -> float:
    """Until the next look, by the plan that the last one made."""
    found = watch(workspace, watch_id)
    assert found.last_poll_at is not None
    return (found.next_poll_at - found.last_poll_at).total_seconds()


def is_about(seconds: float, expected_s: float) -> bool:
    return expected_s * (1 - JITTER) <= seconds <= expected_s * (1 + JITTER)


def claim(workspace: Workspace, limit: int = 1) -> list[Claim]:
    with workspace.database.write() as tx:
        return watch_store.claim_due(tx, now=workspace.database.now(), lease_s=600, limit=limit)


def test_a_silent_watch_is_looked_at_more_seldom_until_something_is_new(
    workspace: Workspace, shop: Shop
) -> None:
    """Twice the interval after 12 looks, four times after 36; one new listing ends it."""
    shop.put(Card("b1", f"纯棉{OTHER}"))
    (watch_id,) = watched(workspace, shop, OTHER)
    pauses = []
    for _ in range(37):
        watches.poll_now(workspace, watch_id)
        pauses.append(pause_s(workspace, watch_id))
    # The first look found something new.
    assert all(is_about(found, HOUR_S) for found in pauses[:12])
    assert all(is_about(found, 2 * HOUR_S) for found in pauses[12:36])
    assert is_about(pauses[36], 4 * HOUR_S)
    shop.put(Card("b2", f"亚麻{OTHER}"))
    watches.poll_now(workspace, watch_id)
    assert is_about(pause_s(workspace, watch_id), HOUR_S)


@pytest.mark.parametrize(
    ("interval_s", "expected_s"), [(4 * HOUR_S, MAX_PAUSE_S), (24 * HOUR_S, 24 * HOUR_S)]
)
def test_silence_makes_no_pause_longer_than_six_hours(
    workspace: Workspace, shop: Shop, interval_s: float, expected_s: float
) -> None:
    """Nor shorter than what was asked for."""
    (watch_id,) = watched(workspace, shop, OTHER, interval_s=interval_s)
    for _ in range(13):
        watches.poll_now(workspace, watch_id)
    assert is_about(pause_s(workspace, watch_id), expected_s)


def test_a_watch_with_hits_is_not_slowed_down(workspace: Workspace, shop: Shop) -> None:
    """Though nothing is new since."""
    shop.put(Card("w1", "出人脸四件套 一手料 懂的来 现货"))
    (watch_id,) = watched(workspace, shop, WORD)
    for _ in range(14):
        watches.poll_now(workspace, watch_id)
    assert is_about(pause_s(workspace, watch_id), HOUR_S)


@pytest.mark.parametrize(("later_s", "goes_first"), [(0.25 * HOUR_S, True), (HOUR_S, False)])
def test_a_watch_with_hits_goes_before_one_that_has_waited_a_little_longer(
    workspace: Workspace, shop: Shop, clock: ManualClock, later_s: float, goes_first: bool
) -> None:
    """But not before one that has waited much longer: nothing starves."""
    shop.put(Card("w1", "出人脸四件套 一手料 懂的来 现货"), Card("b1", f"纯棉{OTHER}"))
    with_hits, without = watched(workspace, shop, WORD, OTHER)
    watches.poll_now(workspace, without)
    clock.advance(later_s)
    watches.poll_now(workspace, with_hits)
    clock.advance(2 * HOUR_S)
    first = [found.id for found in claim(workspace, 2)]
    assert first == ([with_hits, without] if goes_first else [without, with_hits])


def test_the_interval_counts_from_the_start_of_a_look(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """A market that takes ten minutes for an answer does not make the schedule drift."""
    (watch_id,) = watched(workspace, shop, OTHER)
    answer = shop._search
    shop.server.route("/search", lambda seen: (clock.advance(600), answer(seen))[1])
    began_at = workspace.database.now()
    watches.poll_now(workspace, watch_id)
    assert workspace.database.now() - began_at == timedelta(seconds=600)
    until = watch(workspace, watch_id).next_poll_at - began_at
    assert is_about(until.total_seconds(), HOUR_S)


def test_no_look_is_planned_for_quiet_hours_and_they_are_no_gap(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """It comes within ten minutes after their end."""
    (watch_id,) = watched(workspace, shop, OTHER)
    zone = {"timezone": "UTC", "quiet_hours": "22:00-06:30"}
    sources.put(workspace, shop.definition(**zone), actor="test")
    clock.advance((datetime(2026, 1, 1, 21, 30, tzinfo=UTC) - clock.now()).total_seconds())
    watches.poll_now(workspace, watch_id)
    ends_at = datetime(2026, 1, 2, 6, 30, tzinfo=UTC)
    planned = watch(workspace, watch_id).next_poll_at
    assert ends_at <= planned <= ends_at + timedelta(seconds=WAKING_S)
    clock.advance((planned - clock.now()).total_seconds())
    assert coverage.gaps(workspace, ends_at) == []


def test_what_is_overdue_in_quiet_hours_waits_for_their_end_and_a_person_need_not(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """The monitor was off before: that stays a gap."""
    waiting, asked_for = watched(workspace, shop, OTHER, WORD)
    for watch_id in (waiting, asked_for):
        watches.poll_now(workspace, watch_id)
    zone = {"timezone": "UTC", "quiet_hours": "22:00-06:30"}
    sources.put(workspace, shop.definition(**zone), actor="test")
    clock.advance((datetime(2026, 1, 1, 23, 0, tzinfo=UTC) - clock.now()).total_seconds())
    asked = len(shop.server.seen("/search"))
    held = claim(workspace, 2)
    assert [poll_watch(workspace, each) for each in held] == [None, None]
    assert claim(workspace, 2) == []
    assert len(shop.server.seen("/search")) == asked
    with pytest.raises(ConflictError, match="quiet hours until 2026-01-02 06:30 UTC"):
        watches.poll_now(workspace, asked_for, at_any_hour=False)
    assert watches.poll_now(workspace, asked_for).outcome == "empty"
    clock.advance(7.5 * HOUR_S)
    (held_again,) = claim(workspace)
    assert held_again.id == waiting
    assert poll_watch(workspace, held_again) is not None
    gaps = coverage.gaps(workspace, clock.now() - timedelta(days=1))
    assert {(gap.watch_id, gap.cause) for gap in gaps} == {
        (waiting, NOT_LOOKED),
        (asked_for, NOT_LOOKED),
    }


def test_quiet_hours_need_a_time_zone_that_exists(shop: Shop) -> None:
    """Without them, the zone is not asked for."""
    shop.definition(timezone="Mars/Olympus")
    with pytest.raises(ValidationError, match="quiet_hours need a timezone"):
        shop.definition(timezone="Mars/Olympus", quiet_hours="22:00-06:00")


@pytest.mark.parametrize("hours", ["22:00", "25:00-06:00", "22:00-22:00", "10pm-6am", "-" * 5000])
def test_quiet_hours_that_cannot_be_read_are_refused(shop: Shop, hours: str) -> None:
    """The message shows how they are written, or why not."""
    with pytest.raises(ValidationError, match="quiet_hours"):
        shop.definition(quiet_hours=hours)


def test_a_look_stops_at_what_it_knows_where_the_newest_comes_first(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Once a day it reads all, and only then learns what is not on offer any more."""
    (watch_id,) = watched(workspace, shop, OTHER)
    sources.put(workspace, shop.definition(newest_first=True), actor="test")
    old = [Card(f"b{n}", f"纯棉{OTHER} {n}") for n in range(35)]
    shop.put(*old)
    pages = [watches.poll_now(workspace, watch_id).pages]
    # A new one comes first; what falls out of the market stands on the last page.
    shop.cards = {card.id: card for card in [Card("new", f"亚麻{OTHER}"), *old[:-1]]}
    clock.advance(HOUR_S)
    pages.append(watches.poll_now(workspace, watch_id).pages)
    clock.advance(HOUR_S)
    again = watches.poll_now(workspace, watch_id)
    assert again.notes["stopped_by"] == "known"
    pages.append(again.pages)
    clock.advance(24 * HOUR_S)
    whole = watches.poll_now(workspace, watch_id)
    assert [*pages, whole.pages] == [4, 2, 1, 4]
    assert "stopped_by" not in whole.notes


def test_a_look_after_a_gap_does_not_stop_at_what_it_knows(
    workspace: Workspace, shop: Shop
) -> None:
    """Something may have appeared and slipped to later pages."""
    (watch_id,) = watched(workspace, shop, OTHER)
    sources.put(workspace, shop.definition(newest_first=True), actor="test")
    shop.put(*(Card(f"b{n}", f"纯棉{OTHER} {n}") for n in range(35)))
    watches.poll_now(workspace, watch_id)
    shop.override = Reply(500)
    watches.poll_now(workspace, watch_id)
    shop.override = None
    assert watches.poll_now(workspace, watch_id).pages == 4
    assert watches.poll_now(workspace, watch_id).pages == 1
