"""Two analysts do not work on the same hit, and nobody waits for one who went away."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from benchmarks.claims import race
from benchmarks.stack_hits import fill
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter, Verdict
from monitor.errors import ConflictError, InputError, NotFoundError
from monitor.pipeline.workspace import Workspace
from monitor.services import claiming, triage
from monitor.store import tables as t
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

OPEN = HitFilter(status=("open",), is_muted=False)


@pytest.fixture
def hit_id(plant: Plant) -> int:
    """A hit, beside another one that is less suspicious."""
    plant.look("north", BUNDLE, MONDAY, row("a", OFFER + " 包过 手持正反面"), row("b", OFFER))
    return triage.queue(plant.workspace, OPEN)[0].id


def judge(workspace: Workspace, hit_id: int, actor: str, *, is_forced: bool = False) -> None:
    triage.triage(
        workspace, hit_id, Verdict.BENIGN, reason="seen", actor=actor, is_forced=is_forced
    )


def audited(workspace: Workspace, action: str) -> list[dict[str, object]]:
    with workspace.database.read() as tx:
        found = tx.execute(select(t.audit_entry).where(t.audit_entry.c.action == action))
        return [entry.detail for entry in found]


def test_a_claimed_hit_is_one_persons_and_shows_whose(workspace: Workspace, hit_id: int) -> None:
    """The other one hears who has it, and until when."""
    taken = claiming.claim(workspace, hit_id, actor="li")
    assert taken.holder(workspace.database.now()) == "li"
    with pytest.raises(ConflictError, match=r"li works on it until \d\d:\d\d"):
        claiming.claim(workspace, hit_id, actor="wu")
    assert claiming.claim(workspace, hit_id, actor="li").claimed_by == "li"


def test_a_verdict_on_anothers_hit_is_refused_unless_one_insists(
    workspace: Workspace, hit_id: int
) -> None:
    """The insisting is in the audit log."""
    claiming.claim(workspace, hit_id, actor="li")
    with pytest.raises(ConflictError, match="li works on it"):
        judge(workspace, hit_id, "wu")
    assert triage.detail(workspace, hit_id).events == []
    judge(workspace, hit_id, "wu", is_forced=True)
    assert audited(workspace, "hit.triage")[0]["despite_claim_of"] == "li"


def test_a_verdict_ends_the_claim(workspace: Workspace, hit_id: int) -> None:
    """Whoever judges it anew need not wait."""
    claiming.claim(workspace, hit_id, actor="li")
    judge(workspace, hit_id, "li")
    assert claiming.claim(workspace, hit_id, actor="wu").claimed_by == "wu"


def test_a_claim_ends_by_itself(workspace: Workspace, hit_id: int, clock: ManualClock) -> None:
    """After as many minutes as the setting says; working on prolongs it."""
    claiming.claim(workspace, hit_id, actor="li")
    clock.advance(14 * 60)
    claiming.claim(workspace, hit_id, actor="li")
    clock.advance(14 * 60)
    with pytest.raises(ConflictError):
        claiming.claim(workspace, hit_id, actor="wu")
    clock.advance(60)
    assert triage.detail(workspace, hit_id).hit.holder(clock.now()) == ""
    claiming.claim(workspace, hit_id, actor="wu")
    with pytest.raises(ConflictError, match="wu"):
        judge(workspace, hit_id, "li")


def test_a_skipped_hit_is_free_and_only_its_holder_can_give_it_back(
    workspace: Workspace, hit_id: int
) -> None:
    """Another's release changes nothing."""
    claiming.claim(workspace, hit_id, actor="li")
    claiming.release(workspace, hit_id, actor="wu")
    with pytest.raises(ConflictError):
        claiming.claim(workspace, hit_id, actor="wu")
    claiming.release(workspace, hit_id, actor="li")
    claiming.claim(workspace, hit_id, actor="wu")


def test_a_hit_is_taken_over_by_an_explicit_act(workspace: Workspace, hit_id: int) -> None:
    """Which the audit log keeps."""
    claiming.claim(workspace, hit_id, actor="li")
    assert claiming.claim(workspace, hit_id, actor="wu", is_forced=True).claimed_by == "wu"
    assert audited(workspace, "hit.take_over") == [{"from": "li"}]


def test_the_next_hit_is_the_first_that_nobody_has(workspace: Workspace, hit_id: int) -> None:
    """And there is none when all are taken."""
    first = claiming.claim_next(workspace, OPEN, actor="li")
    second = claiming.claim_next(workspace, OPEN, actor="wu")
    assert first is not None
    assert second is not None
    assert first.id == hit_id != second.id
    assert claiming.claim_next(workspace, OPEN, actor="an") is None


def test_nothing_can_be_claimed_that_is_not_there(workspace: Workspace) -> None:
    """A clear message."""
    with pytest.raises(NotFoundError):
        claiming.claim(workspace, 77, actor="li")
    with pytest.raises(InputError):
        claiming.release(workspace, 77, actor="li")


def test_twenty_analysts_at_once_lose_and_double_no_claim(workspace: Workspace) -> None:
    """`python -m benchmarks.claims` does the same with ten thousand."""
    fill(workspace.database, 200)
    result = race(workspace, analysts=20)
    assert sorted(result.taken) == list(range(1, 201))
    assert result.refused == 0
    assert triage.count(workspace, OPEN) == 0
