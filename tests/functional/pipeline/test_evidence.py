"""Evidence under hold: sealed, seen for a reason, and erased everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.config import Settings
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter
from monitor.domain.picture import BlobKind
from monitor.errors import InputError, NotFoundError
from monitor.pipeline.index import index_due
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.retain import Erased, erase, foresee
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import evidence, retention, triage
from monitor.store import people
from monitor.store import tables as t
from tests.functional.pipeline.test_pictures import (
    OFFER,
    assert_nowhere,
    open_all,
    poll,
    serve,
    watch,
)
from tests.servers.looker import RED, WRITTEN, Looker, picture
from tests.servers.shop import Card, Shop

DAY_S = 86_400
ORIGINAL = picture(RED, name="PLANTED-BYTES-OF-AN-ORIGINAL")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Keys in a place that all machines would share."""
    path = str(tmp_path / "keys" / "evidence.keys")
    return settings.model_copy(update={"evidence_keys_file": path})


@pytest.fixture
def workspace(settings: Settings, clock: ManualClock) -> Iterator[Workspace]:
    with open_workspace(settings, clock=clock) as opened:
        opened.picture_reader = Looker()
        yield opened


@pytest.fixture
def hit_id(workspace: Workspace, shop: Shop) -> int:
    """An offer of which the picture was opened; no hold yet."""
    serve(shop, "/offer.png", ORIGINAL)
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    (hit,) = triage.queue(workspace, HitFilter())
    return hit.id


def listing_of(workspace: Workspace, hit_id: int) -> int:
    return triage.detail(workspace, hit_id).hit.listing_id


def kept(workspace: Workspace, hit_id: int) -> evidence.ListingEvidence:
    return evidence.of_listing(workspace, listing_of(workspace, hit_id))


def put_under_hold(workspace: Workspace, hit_id: int, days: int = 30) -> int:
    """Held, and what it shows is fetched and sealed; the hold's id."""
    made = evidence.hold(workspace, hit_id, person="Li Na", basis="case 7", days=days, actor="test")
    open_all(workspace)
    return made.id


def original_of(workspace: Workspace, hit_id: int) -> int:
    blobs = kept(workspace, hit_id).blobs
    return next(blob.id for blob in blobs if blob.kind is BlobKind.ORIGINAL)


def actions(workspace: Workspace) -> list[str]:
    with workspace.database.read() as tx:
        return [row["action"] for row in people.audit_entries(tx, limit=99)]


def test_under_hold_original_face_and_text_are_sealed_apart(
    workspace: Workspace, hit_id: int, tmp_path: Path
) -> None:
    """Each under a key of its own; in no file in the clear."""
    assert kept(workspace, hit_id).blobs == []
    put_under_hold(workspace, hit_id)
    blobs = kept(workspace, hit_id).blobs
    assert sorted(blob.kind for blob in blobs) == ["face", "original", "text"]
    assert len({blob.key_id for blob in blobs}) == 3
    shown = {
        blob.kind: evidence.view(workspace, blob.id, reason="court", actor="li")[1]
        for blob in blobs
    }
    assert shown[BlobKind.ORIGINAL] == ORIGINAL
    assert shown[BlobKind.TEXT].decode() == WRITTEN
    assert shown[BlobKind.FACE].startswith(b"\x89PNG")
    index_due(workspace)
    assert_nowhere(tmp_path, ORIGINAL)
    assert_nowhere(tmp_path, WRITTEN.encode() * 2)


def test_nobody_looks_without_a_reason_and_each_look_is_audited(
    workspace: Workspace, hit_id: int
) -> None:
    """Also who, when, and which."""
    put_under_hold(workspace, hit_id)
    blob_id = original_of(workspace, hit_id)
    with pytest.raises(InputError, match="a reason is required"):
        evidence.view(workspace, blob_id, reason="  ", actor="li")
    assert "evidence.view" not in actions(workspace)
    evidence.view(workspace, blob_id, reason="case 7, 13800138000", actor="li")
    with workspace.database.read() as tx:
        entry = people.audit_entries(tx, limit=1)[0]
    assert (entry["actor"], entry["action"]) == ("li", "evidence.view")
    assert entry["object"] == f"blob:{blob_id}"
    assert "13800138000" not in str(entry["detail"])
    with pytest.raises(NotFoundError):
        evidence.view(workspace, 999, reason="x", actor="li")


@pytest.mark.parametrize(
    ("person", "basis", "days", "match"),
    [
        ("", "case 7", 30, "person's name is required"),
        ("Li Na", " ", 30, "basis is required"),
        ("Li Na", "case 7", 0, "days"),
        ("Li Na", "case 7", 99_999, "days"),
        ("L" * 101, "case 7", 30, "longer than 100"),
    ],
)
def test_a_hold_needs_a_person_a_basis_and_an_end(
    workspace: Workspace, hit_id: int, person: str, basis: str, days: int, match: str
) -> None:
    """Else nothing is held."""
    with pytest.raises(InputError, match=match):
        evidence.hold(workspace, hit_id, person=person, basis=basis, days=days, actor="test")
    assert evidence.holds(workspace) == []


def test_what_is_kept_goes_when_the_hold_ends(
    workspace: Workspace, hit_id: int, clock: ManualClock
) -> None:
    """Nobody sees it from that moment on, and `retain` erases keys and bytes."""
    put_under_hold(workspace, hit_id, days=30)
    blob_id = original_of(workspace, hit_id)
    uids = {blob.uid for blob in kept(workspace, hit_id).blobs}
    clock.advance(29 * DAY_S)
    assert erase(workspace).evidence == 0
    clock.advance(DAY_S + 1)
    with pytest.raises(InputError, match="hold on this listing is over"):
        evidence.view(workspace, blob_id, reason="late", actor="li")
    assert foresee(workspace).evidence == 3
    assert erase(workspace).evidence == 3
    assert kept(workspace, hit_id).blobs == []
    assert not uids & workspace.evidence_keys.blobs(made_before=clock.now())


def test_a_held_listing_outlives_its_retention(
    workspace: Workspace, hit_id: int, clock: ManualClock
) -> None:
    """Text, thumbnail and original stay together until the hold's end date."""
    put_under_hold(workspace, hit_id, days=400)
    clock.advance(399 * DAY_S)
    assert erase(workspace) == Erased()
    assert triage.queue(workspace, HitFilter())
    clock.advance(2 * DAY_S)
    expected = foresee(workspace)
    assert erase(workspace) == expected
    # What its listing showed is orphaned and goes with it.
    assert (expected.hits, expected.evidence, expected.pictures) == (1, 3, 1)
    with workspace.database.read() as tx:
        assert tx.execute(select(t.picture_content)).all() == []


def test_thumbnails_go_with_their_hits(
    workspace: Workspace, hit_id: int, clock: ManualClock
) -> None:
    """Without a hold, after the hit's own time."""
    (found,) = kept(workspace, hit_id).pictures
    assert evidence.thumbnail(workspace, found.id)
    clock.advance(181 * DAY_S)
    assert erase(workspace).pictures == 1
    with pytest.raises(NotFoundError):
        evidence.thumbnail(workspace, found.id)


def test_releasing_a_hold_erases_at_once_what_no_other_hold_keeps(
    workspace: Workspace, hit_id: int
) -> None:
    """Two people may answer for one listing."""
    first = put_under_hold(workspace, hit_id)
    second = put_under_hold(workspace, hit_id)
    assert evidence.release(workspace, first, reason="closed", actor="li") == 0
    assert len(kept(workspace, hit_id).blobs) == 3
    assert evidence.release(workspace, second, reason="closed", actor="li") == 3
    with pytest.raises(NotFoundError, match="no active hold"):
        evidence.release(workspace, second, reason="again", actor="li")


@pytest.mark.parametrize("by", ["picture", "hit", "seller"])
def test_erasure_destroys_keys_and_all_that_was_learnt(
    workspace: Workspace, hit_id: int, shop: Shop, tmp_path: Path, by: str
) -> None:
    """By picture, listing or seller; what is shown again is not kept again."""
    put_under_hold(workspace, hit_id)
    (found,) = kept(workspace, hit_id).pictures
    blob = kept(workspace, hit_id).blobs[0]
    score = triage.detail(workspace, hit_id).hit.score
    if by == "picture":
        erased = evidence.erase_picture(workspace, found.id, reason="asked", actor="li")
    elif by == "hit":
        erased = evidence.erase_listings(workspace, [hit_id], reason="asked", actor="li")
    else:
        seller_id = triage.detail(workspace, hit_id).hit.seller_id
        assert seller_id is not None
        erased = evidence.erase_seller(workspace, seller_id, reason="asked", actor="li")
    assert erased == 4
    with pytest.raises(NotFoundError):
        evidence.view(workspace, blob.id, reason="x", actor="li")
    (left,) = kept(workspace, hit_id).pictures
    assert (left.state, left.thumbnail, left.fingerprint) == ("erased", b"", "")
    serve(shop, "/again.png", ORIGINAL)
    shop.edit("offer", picture="/again.png")
    poll(workspace)
    open_all(workspace)
    assert kept(workspace, hit_id).blobs == []
    assert {row.state for row in kept(workspace, hit_id).pictures} == {"erased"}
    assert triage.detail(workspace, hit_id).hit.score >= score
    index_due(workspace)
    assert_nowhere(tmp_path, ORIGINAL)
    assert "evidence.erase" in actions(workspace)


def test_pictures_of_an_erased_listing_that_were_not_opened_stay_closed(
    workspace: Workspace, shop: Shop
) -> None:
    """The erasure came first."""
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    (hit,) = triage.queue(workspace, HitFilter())
    evidence.erase_listings(workspace, [hit.id], reason="asked", actor="li")
    open_all(workspace)
    assert "/offer.png" not in shop.server.paths()


def test_rotation_gives_every_blob_a_fresh_key(
    workspace: Workspace, hit_id: int, clock: ManualClock
) -> None:
    """All is readable; the old keys go when no backup from before may exist any more."""
    put_under_hold(workspace, hit_id, days=90)
    before = {blob.key_id for blob in kept(workspace, hit_id).blobs}
    assert evidence.rotate(workspace, actor="li") == 3
    after = kept(workspace, hit_id).blobs
    assert not before & {blob.key_id for blob in after}
    shown = evidence.view(workspace, original_of(workspace, hit_id), reason="x", actor="li")
    assert shown[1] == ORIGINAL
    clock.advance(31 * DAY_S)
    erase(workspace)
    file = workspace.settings.evidence_keys_path.read_bytes()
    assert not any(key.encode() in file for key in before)
    assert all(blob.key_id.encode() in file for blob in after)


def test_a_key_whose_seal_was_never_written_is_dropped(
    workspace: Workspace, hit_id: int, clock: ManualClock
) -> None:
    """A process died between the two."""
    lost = workspace.evidence_keys.seal(b"x", now=clock.now())
    clock.advance(2 * DAY_S)
    erase(workspace)
    with pytest.raises(InputError):
        workspace.evidence_keys.unseal(lost)


def test_an_erasure_that_was_cut_off_is_ended_by_the_next_start(
    settings: Settings, workspace: Workspace, hit_id: int
) -> None:
    """Killed after the tombstone, before the store was changed."""
    put_under_hold(workspace, hit_id)
    (found,) = kept(workspace, hit_id).pictures
    workspace.evidence_keys.bury([found.content_key], [], now=workspace.database.now())
    with open_workspace(settings) as later:
        (left,) = kept(later, hit_id).pictures
        assert left.state == "erased"
        assert kept(later, hit_id).blobs == []


def test_the_report_counts_pictures_and_evidence(workspace: Workspace, hit_id: int) -> None:
    """With the rule for each."""
    put_under_hold(workspace, hit_id)
    rows = {row.what: row for row in retention.report(workspace)}
    assert (rows["pictures"].count, rows["evidence"].count) == (1, 3)
    assert rows["original pictures"].why.startswith("never kept without a hold")


def test_a_hold_on_many_machines_needs_one_place_for_the_keys(
    workspace: Workspace, hit_id: int
) -> None:
    """What one machine seals the others must be able to erase."""
    workspace.settings = workspace.settings.model_copy(update={"evidence_keys_file": ""})
    if workspace.database.is_sqlite:
        assert put_under_hold(workspace, hit_id)
    else:
        with pytest.raises(InputError, match="MONITOR_EVIDENCE_KEYS_FILE"):
            put_under_hold(workspace, hit_id)


def test_duty_notices_wait_until_somebody_takes_note(workspace: Workspace, shop: Shop) -> None:
    """Once."""

    class Stops:
        def examine(self, content: bytes) -> str:
            assert content
            return "sexual"

    workspace.stop_detectors = (Stops(),)
    serve(shop, "/offer.png", ORIGINAL)
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    for entry in claim_openings(workspace, limit=9):
        open_pictures(workspace, entry)
    (notice,) = evidence.notices(workspace)
    evidence.acknowledge(workspace, notice["id"], actor="li")
    assert evidence.notices(workspace) == []
    with pytest.raises(NotFoundError):
        evidence.acknowledge(workspace, notice["id"], actor="li")
