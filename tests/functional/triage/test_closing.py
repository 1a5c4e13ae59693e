"""Many hits closed at once: looked at before, one act, undone without a trace in receivers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from monitor.domain.alert import EndpointMode
from monitor.domain.casework import Batch, MuteKind
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter, Verdict
from monitor.errors import ConflictError, InputError, NotFoundError
from monitor.pipeline.alert import claim_sends, send_alert
from monitor.pipeline.workspace import Workspace
from monitor.services import claiming, closing, quieting, triage
from monitor.store import tables as t
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row
from tests.servers.scripted import Reply, ScriptedServer

EVERY = HitFilter()
QUEUE = HitFilter(is_muted=False)
GRACE_S = closing.GRACE.total_seconds()


@pytest.fixture
def clock() -> ManualClock:
    """Looks are recorded from now on."""
    return ManualClock(MONDAY)


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    """Takes everything."""
    with ScriptedServer() as server:
        server.route("/hook", Reply(204))
        yield server


def look(plant: Plant, *native_ids: str) -> None:
    at = plant.workspace.database.now()
    shown = [row(native_id, f"{OFFER} {native_id}") for native_id in native_ids]
    plant.look("north", BUNDLE, at, *shown, is_baseline=False)


def close(
    workspace: Workspace, verdict: Verdict = Verdict.BENIGN, chosen: HitFilter = QUEUE
) -> Batch:
    token = closing.preview(workspace, chosen, actor="li").token
    return closing.close(
        workspace, chosen, verdict, reason="a campaign of us", actor="li", token=token
    )


def standing(workspace: Workspace) -> dict[str, tuple[str, str]]:
    found = triage.queue(workspace, EVERY, limit=999)
    return {hit.native_id: (hit.status.value, hit.verdict) for hit in found}


def add_endpoint(plant: Plant, receiver: ScriptedServer, mode: EndpointMode) -> None:
    plant.endpoint("mods", mode=mode)
    with plant.workspace.database.write() as tx:
        tx.execute(t.endpoint.update().values(url=receiver.url("/hook")))


def send(workspace: Workspace) -> None:
    for entry in claim_sends(workspace, limit=50):
        send_alert(workspace, entry)


def heard(receiver: ScriptedServer) -> list[str]:
    """Kinds of all that arrived."""
    return [
        request.body.decode().split('"type":"')[1].split('"')[0]
        for request in receiver.seen("/hook")
    ]


def test_a_preview_counts_and_shows_ten_and_changes_nothing(plant: Plant) -> None:
    """The examples are spread over all of them."""
    look(plant, *(f"a{n:02d}" for n in range(25)))
    before = standing(plant.workspace)
    shown = closing.preview(plant.workspace, QUEUE, actor="li")
    assert (shown.total, shown.closing, shown.in_work) == (25, 25, 0)
    assert len({hit.id for hit in shown.examples}) == 10
    assert standing(plant.workspace) == before


def test_what_others_work_on_is_left_out(plant: Plant) -> None:
    """And counted; one's own claims are not in the way."""
    look(plant, "a", "b", "c")
    ids = plant.hit_ids()
    claiming.claim(plant.workspace, ids["a"], actor="wu")
    claiming.claim(plant.workspace, ids["b"], actor="li")
    shown = closing.preview(plant.workspace, QUEUE, actor="li")
    assert (shown.total, shown.closing, shown.in_work) == (3, 2, 1)
    assert close(plant.workspace).hits == 2
    assert plant.waiting() == ["a"]


def test_only_the_hits_that_were_looked_at_are_closed(plant: Plant) -> None:
    """One that came, and one that became worse meanwhile, are not closed unseen."""
    look(plant, "a")
    seen = closing.preview(plant.workspace, QUEUE, actor="li")
    look(plant, "b")
    for token in (seen.token, "", "x" * 99):
        with pytest.raises(ConflictError, match="look again"):
            closing.close(
                plant.workspace, QUEUE, Verdict.BENIGN, reason="x", actor="li", token=token
            )
    seen = closing.preview(plant.workspace, QUEUE, actor="li")
    at = plant.workspace.database.now()
    worse = row("a", OFFER + " 包过 加微信 abc123xyz 手持正反面")
    plant.look("north", BUNDLE, at, worse, is_baseline=False)
    with pytest.raises(ConflictError):
        closing.close(
            plant.workspace, QUEUE, Verdict.BENIGN, reason="x", actor="li", token=seen.token
        )
    assert plant.waiting() == ["a", "b"]


def test_the_same_filters_as_the_queues_choose(plant: Plant) -> None:
    """Muted hits are not in the queue, so they are not closed with it."""
    look(plant, "a", "b")
    quieting.mute(
        plant.workspace, plant.hit("a").id, MuteKind.LISTING, for_s=60, reason="x", actor="li"
    )
    elsewhere = HitFilter(source=("south",), is_muted=False)
    assert closing.preview(plant.workspace, elsewhere, actor="li").closing == 0
    with pytest.raises(InputError, match="nothing to close"):
        close(plant.workspace, chosen=elsewhere)
    batch = close(plant.workspace)
    assert (batch.hits, batch.filters) == (1, {"status": ["open"], "muted": ["false"]})
    assert standing(plant.workspace) == {"a": ("open", ""), "b": ("closed", "benign")}


def test_a_batch_is_one_audited_act_with_a_reason(plant: Plant) -> None:
    """And a verdict that closes nothing is refused."""
    look(plant, "a", "b")
    with pytest.raises(InputError, match="confirmed and benign"):
        close(plant.workspace, Verdict.UNSURE)
    with pytest.raises(InputError, match="reason"):
        closing.close(plant.workspace, QUEUE, Verdict.BENIGN, reason=" ", actor="li", token="")
    batch = close(plant.workspace)
    with plant.workspace.database.read() as tx:
        entries = tx.execute(select(t.audit_entry).where(t.audit_entry.c.actor == "li")).all()
    assert [(entry.action, entry.detail["hits"]) for entry in entries] == [("hit.close_batch", 2)]
    (event,) = triage.detail(plant.workspace, plant.hit("a").id).events
    assert (event.verdict, event.batch_id, event.undone_at) == ("benign", batch.id, None)


def test_undoing_gives_each_hit_its_verdict_of_before(plant: Plant, clock: ManualClock) -> None:
    """What a person or a worse text changed since stays as it is now."""
    look(plant, "none", "unsure", "later", "worse")
    plant.judge(unsure="unsure")
    before = standing(plant.workspace)
    batch = close(plant.workspace)
    clock.advance(60)
    plant.judge(later="confirmed")
    worse = row("worse", OFFER + " 包过 加微信 abc123xyz 手持正反面")
    plant.look("north", BUNDLE, clock.now(), worse, is_baseline=False)
    reopened = standing(plant.workspace)["worse"]
    undone = closing.undo(plant.workspace, batch.id, actor="wu")
    assert (undone.restored, undone.left, undone.batch.undone_by) == (2, 2, "wu")
    assert standing(plant.workspace) == {
        **before,
        "later": ("closed", "confirmed"),
        "worse": reopened,
    }
    (event,) = triage.detail(plant.workspace, plant.hit("none").id).events
    assert (event.undone_at, event.undone_by) == (clock.now(), "wu")


def test_a_batch_is_undone_once_and_not_for_ever(plant: Plant, clock: ManualClock) -> None:
    """After that its hits are judged one by one."""
    look(plant, "a")
    first = close(plant.workspace)
    closing.undo(plant.workspace, first.id, actor="li")
    with pytest.raises(ConflictError, match="undone already"):
        closing.undo(plant.workspace, first.id, actor="li")
    second = close(plant.workspace)
    clock.advance(24 * 3600)
    with pytest.raises(ConflictError, match="too old"):
        closing.undo(plant.workspace, second.id, actor="li")
    with pytest.raises(NotFoundError):
        closing.undo(plant.workspace, 99, actor="li")
    assert [found.id for found in closing.list_batches(plant.workspace)] == [second.id, first.id]


def test_closing_and_undoing_within_the_grace_is_heard_by_nobody(
    plant: Plant, receiver: ScriptedServer, clock: ManualClock
) -> None:
    """However often it is done."""
    add_endpoint(plant, receiver, EndpointMode.ON_HIT)
    look(plant, "a")
    send(plant.workspace)
    for _ in range(3):
        batch = close(plant.workspace)
        clock.advance(GRACE_S - 1)
        send(plant.workspace)
        closing.undo(plant.workspace, batch.id, actor="li")
        send(plant.workspace)
    clock.advance(GRACE_S * 3)
    send(plant.workspace)
    assert heard(receiver) == ["hit.suspected"]


def test_a_benign_batch_retracts_once_after_the_grace(
    plant: Plant, receiver: ScriptedServer, clock: ManualClock
) -> None:
    """As a single verdict does at once."""
    add_endpoint(plant, receiver, EndpointMode.ON_HIT)
    look(plant, "a", "b")
    send(plant.workspace)
    close(plant.workspace)
    clock.advance(GRACE_S)
    send(plant.workspace)
    assert sorted(heard(receiver)) == ["hit.retracted"] * 2 + ["hit.suspected"] * 2


def test_undoing_a_retraction_that_was_heard_says_again_what_had_been_said(
    plant: Plant, receiver: ScriptedServer, clock: ManualClock
) -> None:
    """Once; and closing again before that is sent takes it back without a word."""
    add_endpoint(plant, receiver, EndpointMode.ON_HIT)
    look(plant, "a")
    send(plant.workspace)
    for _ in range(2):
        batch = close(plant.workspace)
        clock.advance(GRACE_S)
        send(plant.workspace)
        closing.undo(plant.workspace, batch.id, actor="li")
    assert heard(receiver) == ["hit.suspected", "hit.retracted"]
    send(plant.workspace)
    assert heard(receiver) == ["hit.suspected", "hit.retracted", "hit.suspected"]


def test_an_alert_that_a_batch_cancelled_unsent_goes_out_after_the_undoing(
    plant: Plant, receiver: ScriptedServer
) -> None:
    """Nothing is lost by a slip."""
    add_endpoint(plant, receiver, EndpointMode.ON_HIT)
    look(plant, "a")
    batch = close(plant.workspace)
    send(plant.workspace)
    assert heard(receiver) == []
    closing.undo(plant.workspace, batch.id, actor="li")
    send(plant.workspace)
    send(plant.workspace)
    assert heard(receiver) == ["hit.suspected"]


def test_a_confirmation_that_was_heard_is_taken_back_by_the_undoing(
    plant: Plant, receiver: ScriptedServer, clock: ManualClock
) -> None:
    """Nobody had heard of the hit before; within the grace nobody ever does."""
    add_endpoint(plant, receiver, EndpointMode.ON_VERDICT)
    look(plant, "a")
    silent = close(plant.workspace, Verdict.CONFIRMED)
    closing.undo(plant.workspace, silent.id, actor="li")
    clock.advance(GRACE_S)
    send(plant.workspace)
    assert heard(receiver) == []
    loud = close(plant.workspace, Verdict.CONFIRMED)
    clock.advance(GRACE_S)
    send(plant.workspace)
    closing.undo(plant.workspace, loud.id, actor="li")
    send(plant.workspace)
    assert heard(receiver) == ["hit.confirmed", "hit.retracted"]
    assert standing(plant.workspace) == {"a": ("open", "")}
