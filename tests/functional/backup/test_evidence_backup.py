"""The promise of `docs/explanation/pictures.md`: what was erased is unreadable everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import Settings
from monitor.domain.hit import HitFilter
from monitor.domain.picture import BlobKind
from monitor.errors import InputError
from monitor.media.keys import EvidenceKeys
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import evidence, triage
from monitor.services.backup import backup, evidence_copy, restore
from tests.functional.backup.conftest import MakePlace
from tests.functional.pipeline.test_pictures import OFFER, poll, serve, watch
from tests.servers.looker import RED, Looker, picture
from tests.servers.shop import Card, Shop

ORIGINAL = picture(RED, name="PLANTED-BYTES-OF-AN-ORIGINAL")
Held = Callable[[str], Settings]


@pytest.fixture
def held(place: MakePlace, shop: Shop) -> Held:
    """Makes a store in which the first hit's picture is sealed under hold."""

    def make(name: str) -> Settings:
        bare = place(name)
        keys = str(bare.data_dir / "keys" / "evidence.keys")
        settings = bare.model_copy(update={"evidence_keys_file": keys})
        serve(shop, "/offer.png", ORIGINAL)
        shop.put(Card("offer", OFFER, picture="/offer.png"))
        with open_workspace(settings) as workspace:
            workspace.picture_reader = Looker()
            watch(workspace, shop)
            poll(workspace)
            open_all(workspace)
            evidence.hold(workspace, 1, person="Li Na", basis="case 7", days=90, actor="test")
            open_all(workspace)
            assert seen(workspace) == ORIGINAL
        return settings

    return make


def open_all(workspace: Workspace) -> None:
    for entry in claim_openings(workspace, limit=9):
        open_pictures(workspace, entry)


def seen(workspace: Workspace) -> bytes | None:
    """The original as a person with a reason sees it; None when it is not kept."""
    (hit,) = triage.queue(workspace, HitFilter())
    blobs = evidence.of_listing(workspace, hit.listing_id).blobs
    wanted = [blob.id for blob in blobs if blob.kind is BlobKind.ORIGINAL]
    if not wanted:
        return None
    return evidence.view(workspace, wanted[0], reason="test", actor="li")[1]


def erase(settings: Settings) -> None:
    with open_workspace(settings) as workspace:
        assert evidence.erase_listings(workspace, [1], reason="asked", actor="li") == 4


def test_a_restore_brings_evidence_back_with_its_keys(
    held: Held, place: MakePlace, tmp_path: Path
) -> None:
    """On another machine, from the copies that a backup makes."""
    source = held("old")
    backup(source, tmp_path / "backup", keys_to=tmp_path / "safe" / "keys.json")
    assert evidence_copy(tmp_path / "safe" / "keys.json").stat().st_mode & 0o077 == 0
    target = place("new")
    target = target.model_copy(
        update={"evidence_keys_file": str(target.data_dir / "keys" / "evidence.keys")}
    )
    restore(target, tmp_path / "backup", keys_from=tmp_path / "safe" / "keys.json")
    with open_workspace(target) as workspace:
        assert seen(workspace) == ORIGINAL


def test_a_backup_holds_no_key_and_nothing_in_the_clear(held: Held, tmp_path: Path) -> None:
    """Whoever steals it sees no face."""
    source = held("old")
    backup(source, tmp_path / "backup")
    names = {path.name for path in (tmp_path / "backup").iterdir()}
    assert len(names) == 2
    for path in (tmp_path / "backup").iterdir():
        content = path.read_bytes()
        assert ORIGINAL not in content
        assert ORIGINAL.hex().encode() not in content


def test_what_was_erased_does_not_come_back_with_a_backup_from_before(
    held: Held, tmp_path: Path
) -> None:
    """Its keys are destroyed, and its tombstone takes the rest out again."""
    source = held("old")
    backup(source, tmp_path / "backup")
    erase(source)
    restore(source, tmp_path / "backup", is_forced=True)
    with open_workspace(source) as workspace:
        assert seen(workspace) is None
        (left,) = evidence.of_listing(workspace, 1).pictures
        assert (left.state, left.thumbnail) == ("erased", b"")


def test_not_even_with_the_keys_from_before(held: Held, tmp_path: Path) -> None:
    """The tombstones in the living key file outlive the store; the old copy is not taken."""
    source = held("old")
    backup(source, tmp_path / "backup", keys_to=tmp_path / "keys.json")
    erase(source)
    restore(source, tmp_path / "backup", is_forced=True, keys_from=tmp_path / "keys.json")
    with open_workspace(source) as workspace:
        assert seen(workspace) is None


def test_a_copy_of_keys_is_refused_after_its_days(
    held: Held, place: MakePlace, tmp_path: Path
) -> None:
    """It may open what was promised to be unreadable by now; nothing is changed."""
    source = held("old")
    safe = tmp_path / "keys.json"
    backup(source, tmp_path / "backup", keys_to=safe)
    evidence_copy(safe).unlink()
    long_ago = datetime.now(UTC) - timedelta(days=source.evidence_copy_days, seconds=1)
    EvidenceKeys(source.evidence_keys_path).copy_to(evidence_copy(safe), now=long_ago)
    target = place("new")
    with pytest.raises(InputError, match=r"older than 30 days.*delete it"):
        restore(target, tmp_path / "backup", keys_from=safe)
    evidence_copy(safe).unlink()
    restore(target, tmp_path / "backup", keys_from=safe)
    with open_workspace(target) as workspace, pytest.raises(InputError, match="not in the key"):
        seen(workspace)


def test_a_backup_from_before_a_rotation_can_be_read_until_it_must_be_gone(
    held: Held, tmp_path: Path
) -> None:
    """Rotating takes nothing from those who restore in time."""
    source = held("old")
    backup(source, tmp_path / "backup")
    with open_workspace(source) as workspace:
        evidence.rotate(workspace, actor="li")
        assert seen(workspace) == ORIGINAL
    restore(source, tmp_path / "backup", is_forced=True)
    with open_workspace(source) as workspace:
        assert seen(workspace) == ORIGINAL
