"""What a hit showed stays as it was; what people write beside it holds nobody's numbers."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import select, update

from monitor.domain.casework import Note
from monitor.domain.clock import ManualClock
from monitor.domain.hit import Verdict
from monitor.errors import InputError, NotFoundError
from monitor.pipeline.retain import erase
from monitor.pipeline.workspace import Workspace
from monitor.services import triage
from monitor.store import tables as t
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

ID_NUMBER = "11010519491231002X"


def test_evidence_says_what_was_seen_and_its_digest_is_of_those_bytes(plant: Plant) -> None:
    """Anybody can compute it from the bytes that are given out."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER, seller="甲", region="广东"))
    taken = triage.evidence_of(plant.workspace, plant.hit("a").id)
    assert taken.sha256 == hashlib.sha256(taken.body.encode()).hexdigest()
    assert taken.is_intact
    fields = json.loads(taken.body)
    assert (fields["source"], fields["native_id"], fields["title"]) == ("north", "a", OFFER)
    assert (fields["seller"]["id"], fields["region"]) == ("甲", "广东")
    assert fields["found"]["keywords"] == [BUNDLE]
    assert fields["found"]["decision"] == "hit"


def test_a_later_change_of_the_listing_never_changes_it(plant: Plant, clock: ManualClock) -> None:
    """The new version, which is worse, has evidence of its own."""
    plant.look("north", BUNDLE, MONDAY, row("a", "人脸四件套"))
    hit_id = plant.hit("a").id
    before = triage.evidence_of(plant.workspace, hit_id, 1)
    clock.advance(60)
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER + " 包过 加微信 abc123xyz"))
    first, second = triage.detail(plant.workspace, hit_id).snapshots
    assert first == before
    assert json.loads(second.body)["title"].startswith(OFFER)
    assert (first.version_number, second.version_number) == (1, 2)
    assert "abc123xyz" not in second.body


def test_evidence_that_was_tampered_with_says_so(plant: Plant) -> None:
    """The digest is computed anew whenever it is shown."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER))
    hit_id = plant.hit("a").id
    with plant.workspace.database.write() as tx:
        tx.execute(update(t.snapshot).values(body='{"form":1}'))
    assert not triage.evidence_of(plant.workspace, hit_id).is_intact


def test_a_hit_of_before_snapshots_has_its_evidence_from_its_verdict_on(plant: Plant) -> None:
    """None is made up for the time before; the audit log keeps the digest of what was judged."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER))
    hit_id = plant.hit("a").id
    with plant.workspace.database.write() as tx:
        tx.execute(t.snapshot.delete())
    with pytest.raises(NotFoundError, match="no evidence"):
        triage.evidence_of(plant.workspace, hit_id)
    plant.judge(a="confirmed")
    taken = triage.evidence_of(plant.workspace, hit_id)
    with plant.workspace.database.read() as tx:
        entries = tx.execute(select(t.audit_entry).where(t.audit_entry.c.action == "hit.triage"))
        assert [entry.detail["evidence"] for entry in entries] == [taken.sha256]


def test_evidence_and_notes_go_with_their_hit(plant: Plant, clock: ManualClock) -> None:
    """Nothing of them outlives it."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER))
    triage.note(plant.workspace, plant.hit("a").id, "seen before", actor="li")
    clock.advance(400 * 86400)
    assert erase(plant.workspace).hits == 1
    with plant.workspace.database.read() as tx:
        assert tx.execute(select(t.snapshot)).all() == []
        assert tx.execute(select(t.hit_note)).all() == []


def test_notes_stand_between_the_verdicts_in_the_order_of_time(
    plant: Plant, clock: ManualClock
) -> None:
    """Who wrote what, when."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER))
    hit_id = plant.hit("a").id
    triage.note(plant.workspace, hit_id, "asked\nthe market", actor="li")
    clock.advance(60)
    triage.triage(plant.workspace, hit_id, Verdict.UNSURE, reason="waiting", actor="wu")
    clock.advance(60)
    triage.note(plant.workspace, hit_id, "they answered", actor="li")
    timeline = triage.detail(plant.workspace, hit_id).timeline
    assert [(entry.actor, entry.created_at) for entry in timeline] == [
        (entry.actor, entry.created_at)
        for entry in sorted(timeline, key=lambda entry: entry.created_at)
    ]
    texts = [entry.text if isinstance(entry, Note) else entry.reason for entry in timeline]
    assert texts == ["asked the market", "waiting", "they answered"]


def test_a_note_is_masked_before_it_is_written(plant: Plant) -> None:
    """People paste what they saw."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER))
    hit_id = plant.hit("a").id
    triage.note(plant.workspace, hit_id, f"the ID {ID_NUMBER} stands in it", actor="li")
    (note,) = triage.detail(plant.workspace, hit_id).notes
    assert ID_NUMBER not in note.text
    assert "stands in it" in note.text


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001])
def test_an_empty_or_endless_note_is_refused(workspace: Workspace, plant: Plant, text: str) -> None:
    """Nothing is written."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER))
    with pytest.raises(InputError, match="note"):
        triage.note(workspace, plant.hit("a").id, text, actor="li")
    assert triage.detail(workspace, plant.hit("a").id).notes == []


def test_a_note_beside_nothing_is_refused(workspace: Workspace) -> None:
    """With the id in the message."""
    with pytest.raises(NotFoundError, match="99"):
        triage.note(workspace, 99, "x", actor="li")
