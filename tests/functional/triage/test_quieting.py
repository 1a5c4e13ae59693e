"""What is kept out of the queue: mutes end by themselves, allowed sellers make no hits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.config import Settings
from monitor.domain.alert import EndpointMode
from monitor.domain.casework import MuteKind
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter
from monitor.errors import ConflictError, InputError, NotFoundError
from monitor.pipeline.retain import erase, foresee
from monitor.pipeline.workspace import Workspace
from monitor.services import endpoints, quieting, triage
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

DAY_S = 86400.0
OTHER_OFFER = "人脸四件套 正反面手持 一手 现货 包更新"


@pytest.fixture
def clock() -> ManualClock:
    """Mutes begin now, and looks are recorded from now on."""
    return ManualClock(MONDAY)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No sample: every clear listing goes after its time."""
    return settings.model_copy(update={"keep_sample_percent": 0})


def look(plant: Plant, *rows: tuple[str, str, str]) -> None:
    """Rows of (native id, title, seller), as news."""
    at = plant.workspace.database.now()
    shown = [row(native_id, title, seller=seller) for native_id, title, seller in rows]
    plant.look("north", BUNDLE, at, *shown, is_baseline=False)


def mute(plant: Plant, native_id: str, kind: MuteKind, days: float = 7) -> int:
    return quieting.mute(
        plant.workspace,
        plant.hit(native_id).id,
        kind,
        for_s=days * DAY_S,
        reason="known",
        actor="li",
    ).id


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        (MuteKind.LISTING, ["same-seller", "same-text"]),
        (MuteKind.SELLER, ["same-text"]),
        (MuteKind.TEXT, ["same-seller"]),
    ],
)
def test_a_mute_covers_what_it_names_and_nothing_else(
    plant: Plant, kind: MuteKind, left: list[str]
) -> None:
    """Hits that are there, and the search still finds them all."""
    look(plant, ("a", OFFER, "甲"), ("same-seller", OTHER_OFFER, "甲"), ("same-text", OFFER, "乙"))
    mute(plant, "a", kind)
    assert plant.waiting() == left
    assert len(plant.hit_ids()) == 3
    muted = triage.queue(plant.workspace, HitFilter(is_muted=True))
    assert {hit.native_id for hit in muted} == {"a", "same-seller", "same-text"} - set(left)


@pytest.mark.parametrize("kind", [MuteKind.SELLER, MuteKind.TEXT])
def test_what_comes_later_is_covered_too_and_sends_nothing(plant: Plant, kind: MuteKind) -> None:
    """Also when the receiver asked for every hit."""
    look(plant, ("a", OFFER, "甲"))
    mute(plant, "a", kind)
    plant.endpoint("mods")
    look(plant, ("b", OFFER, "甲"), ("c", OTHER_OFFER, "乙"))
    assert plant.waiting() == ["c"]
    told = [alert.hit_id for alert in endpoints.list_alerts(plant.workspace)]
    assert told == [plant.hit_ids()["c"]]


def test_a_mute_ends_by_itself(plant: Plant, clock: ManualClock) -> None:
    """Nothing need run for that."""
    look(plant, ("a", OFFER, "甲"))
    mute(plant, "a", MuteKind.LISTING, days=7)
    clock.advance(7 * DAY_S - 1)
    assert plant.waiting() == []
    clock.advance(1)
    assert plant.waiting() == ["a"]
    assert quieting.list_mutes(plant.workspace) == []
    assert len(quieting.list_mutes(plant.workspace, is_all=True)) == 1


def test_of_two_mutes_the_longer_one_counts_and_each_can_be_ended(
    plant: Plant, clock: ManualClock
) -> None:
    """Ending one leaves what the other covers."""
    look(plant, ("a", OFFER, "甲"))
    short = mute(plant, "a", MuteKind.SELLER, days=1)
    long = mute(plant, "a", MuteKind.LISTING, days=9)
    assert plant.hit("a").muted_until == clock.now() + timedelta(days=9)
    assert quieting.end_mute(plant.workspace, long, actor="wu").ended_by == "wu"
    assert plant.hit("a").muted_until == clock.now() + timedelta(days=1)
    quieting.end_mute(plant.workspace, short, actor="wu")
    assert plant.waiting() == ["a"]
    first_end = quieting.list_mutes(plant.workspace, is_all=True)
    clock.advance(60)
    quieting.end_mute(plant.workspace, short, actor="an")
    assert quieting.list_mutes(plant.workspace, is_all=True) == first_end


def test_a_persons_verdict_on_a_muted_hit_is_told(plant: Plant) -> None:
    """A mute silences the machine, not people."""
    look(plant, ("a", OFFER, "甲"))
    mute(plant, "a", MuteKind.LISTING)
    plant.endpoint("mods", mode=EndpointMode.ON_VERDICT)
    plant.judge(a="confirmed")
    assert [alert.kind for alert in endpoints.list_alerts(plant.workspace)] == ["hit.confirmed"]


@pytest.mark.parametrize("days", [0, -1, 367, float("nan")])
def test_a_mute_has_a_fit_length_and_a_reason(plant: Plant, days: float) -> None:
    """Never for ever."""
    look(plant, ("a", OFFER, ""))
    with pytest.raises(InputError, match="366"):
        mute(plant, "a", MuteKind.LISTING, days=days)
    with pytest.raises(InputError, match="seller"):
        mute(plant, "a", MuteKind.SELLER)
    assert quieting.list_mutes(plant.workspace, is_all=True) == []


def allow(plant: Plant, days: float | None = None) -> int:
    for_s = None if days is None else days * DAY_S
    return quieting.allow(
        plant.workspace, "north", "甲", for_s=for_s, reason="our own test shop", actor="li"
    ).id


def test_an_allowed_sellers_listings_never_become_hits_and_can_be_looked_at(plant: Plant) -> None:
    """They are assessed all the same, and counted."""
    plant.endpoint("mods")
    look(plant, ("z", "纯棉床品四件套 一号花色", "甲"))
    entry = allow(plant)
    look(plant, ("a", OFFER, "甲"), ("b", OFFER, "乙"), ("c", "纯棉床品四件套 二号花色", "甲"))
    assert plant.waiting() == ["b"]
    (kept,) = quieting.kept_back(plant.workspace)
    assert (kept.native_id, kept.allowed_id, kept.decision) == ("a", entry, "hit")
    (found,) = quieting.allowed_sellers(plant.workspace)
    assert (found.source, found.native_id, found.kept_back) == ("north", "甲", 1)
    told = [alert.hit_id for alert in endpoints.list_alerts(plant.workspace)]
    assert told == [plant.hit_ids()["b"]]


def test_what_was_kept_back_is_decided_when_the_seller_is_removed(plant: Plant) -> None:
    """It waits for a person and tells nobody by itself."""
    look(plant, ("z", "纯棉床品四件套 一号花色", "甲"))
    entry = allow(plant)
    look(plant, ("a", OFFER, "甲"))
    plant.endpoint("mods")
    removed = quieting.remove_allowed(plant.workspace, entry, actor="wu")
    assert removed.removed_by == "wu"
    assert plant.waiting() == ["a"]
    assert triage.detail(plant.workspace, plant.hit("a").id).snapshots
    assert quieting.kept_back(plant.workspace) == []
    assert endpoints.list_alerts(plant.workspace) == []
    with pytest.raises(ConflictError, match="over"):
        quieting.remove_allowed(plant.workspace, entry, actor="wu")


def test_an_allowance_ends_by_itself_when_the_listing_is_next_seen(
    plant: Plant, clock: ManualClock
) -> None:
    """Though nothing about the listing has changed."""
    look(plant, ("z", "纯棉床品四件套 一号花色", "甲"))
    allow(plant, days=3)
    look(plant, ("a", OFFER, "甲"))
    clock.advance(3 * DAY_S - 1)
    look(plant, ("a", OFFER, "甲"))
    assert plant.waiting() == []
    clock.advance(1)
    look(plant, ("a", OFFER, "甲"))
    assert plant.waiting() == ["a"]
    assert quieting.allowed_sellers(plant.workspace) == []


def test_a_hit_of_an_allowed_seller_stays_and_grows_no_worse(plant: Plant) -> None:
    """A person closes it; no new alert comes of it."""
    look(plant, ("a", "人脸四件套", "甲"))
    before = plant.hit("a")
    allow(plant)
    plant.endpoint("mods")
    look(plant, ("a", OFFER + " 加微信 abc123xyz", "甲"))
    assert plant.hit("a").score == before.score
    assert endpoints.list_alerts(plant.workspace) == []


def test_a_seller_is_allowed_once_and_must_be_known(plant: Plant) -> None:
    """Clear messages; nothing is written."""
    look(plant, ("a", OFFER, "甲"))
    with pytest.raises(NotFoundError, match="nobody"):
        quieting.allow(plant.workspace, "north", "nobody", reason="x", actor="li")
    with pytest.raises(InputError, match="reason"):
        quieting.allow(plant.workspace, "north", "甲", reason=" ", actor="li")
    entry = allow(plant)
    with pytest.raises(ConflictError, match=f"entry {entry}"):
        allow(plant)
    assert len(quieting.allowed_sellers(plant.workspace, is_all=True)) == 1


def test_retention_erases_what_was_kept_back_and_keeps_who_is_allowed(
    workspace: Workspace, plant: Plant, clock: ManualClock
) -> None:
    """To us it was a clear listing; the entry outlives it, and goes when it is over."""
    look(plant, ("z", "纯棉床品四件套 一号花色", "甲"))
    entry = allow(plant)
    look(plant, *((f"a{n}", OFFER, "甲") for n in range(8)))
    clock.advance(30 * DAY_S)
    expected = foresee(workspace)
    done = erase(workspace)
    assert done == expected
    assert done.listings == 9
    assert quieting.kept_back(workspace) == []
    assert [found.id for found in quieting.allowed_sellers(workspace)] == [entry]
    look(plant, ("a0", OFFER, "甲"))
    assert plant.waiting() == []
    assert [kept.native_id for kept in quieting.kept_back(workspace)] == ["a0"]
