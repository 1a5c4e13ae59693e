"""Trying words out, and how endpoints fared: the same answers from both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from monitor.alerts.channels.protocol import ReceiptStatus
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import endpoints, keywords, trials
from monitor.store import tables as t
from tests.planting import BED, BUNDLE, MONDAY, OFFER, Plant, row


@pytest.fixture
def clock() -> ManualClock:
    """Looks are recorded from now on."""
    return ManualClock(MONDAY)


@pytest.fixture
def plant(workspace: Workspace) -> Plant:
    """Two offers and two sets of bedding, one of them in two versions."""
    keywords.add(workspace, KeywordDraft(BUNDLE, "face_id_bundle"), actor="test")
    planted = Plant(workspace)
    planted.source("north", BUNDLE)
    offers = [row("a", f"{OFFER} 秒发"), row("b", f"{OFFER} 支持验货")]
    planted.look("north", BUNDLE, MONDAY, *offers, row("c", BED.format(1)), row("d", BED.format(2)))
    planted.look("north", BUNDLE, MONDAY, row("d", BED.format(3)))
    return planted


def test_a_word_is_counted_by_listing_decision_and_verdict(plant: Plant) -> None:
    """A listing with two versions that match is one listing."""
    plant.judge(a="benign")
    trial = trials.try_term(plant.workspace, "四件套")
    assert (trial.texts, trial.listings, trial.only) == (5, 2, 2)
    assert trial.decisions == {"hit": 0, "review": 0, "clear": 2}
    trial = trials.try_term(plant.workspace, "一手料")
    assert (trial.listings, trial.only) == (2, 0)
    assert trial.decisions["hit"] + trial.decisions["review"] == 2
    assert trial.verdicts == {"benign": 1}
    assert (trial.known, trial.since) == (None, MONDAY)


def test_a_retired_longer_keyword_is_in_nobodys_way(plant: Plant) -> None:
    """The word is tried beside the keywords that are active now."""
    keywords.retire(plant.workspace, BUNDLE, reason="a drill", actor="li")
    trial = trials.try_term(plant.workspace, "四件套")
    assert (trial.listings, trial.only) == (4, 4)


def test_erased_texts_are_not_tried_and_long_ones_bound_the_work(plant: Plant) -> None:
    """The newest come first."""
    with plant.workspace.database.write() as tx:
        tx.execute(update(t.listing_version).values(title="", description=""))
    assert trials.try_term(plant.workspace, "四件套").since is None
    plant.look("north", BUNDLE, MONDAY, row("old", BED.format(4)))
    plant.look("north", BUNDLE, MONDAY, row("long", "被" * (trials.MAX_CHARS - 1)))
    assert trials.try_term(plant.workspace, "四件套").texts == 1


def test_an_endpoints_tries_tell_when_the_next_one_is(plant: Plant, clock: ManualClock) -> None:
    """Only the last try of an alert that waits has a next one."""
    endpoint_id = plant.endpoint("mods")
    plant.endpoint("idle")
    plant.alert(endpoint_id, MONDAY, failures=(503, None), native_id="a")
    plant.alert(endpoint_id, MONDAY, failures=(500,), is_dead=True)
    plant.alert(endpoint_id, MONDAY, arrived_after_s=1)
    idle, mods = endpoints.states(plant.workspace, tries=3)
    assert (idle.tries, idle.backlog.alerts, idle.is_failing) == ([], 0, False)
    assert (mods.endpoint.url, mods.endpoint.sealed_secrets) == ("", b"")
    assert mods.address == "http://127.0.0.1:59999/…"
    assert (mods.backlog.alerts, mods.backlog.tried, mods.backlog.next_at) == (1, 1, MONDAY)
    assert [one.attempt.result for one in mods.tries] == [
        ReceiptStatus.DELIVERED,
        ReceiptStatus.RETRY,
        ReceiptStatus.RETRY,
    ]
    assert [one.next_at for one in mods.tries] == [None, None, MONDAY]
    assert [one.is_last for one in mods.tries] == [True, True, True]
    assert mods.tries[2].hit_id == plant.hit("a").id
    *_, first = endpoints.states(plant.workspace, tries=9)[1].tries
    assert (first.is_last, first.next_at) == (False, None)
