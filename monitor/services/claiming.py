"""Claims: two analysts do not work on the same hit."""

from __future__ import annotations

from datetime import timedelta

from monitor.domain.hit import Hit, HitFilter
from monitor.errors import ConflictError
from monitor.pipeline.workspace import Workspace
from monitor.store import hit_claims, hits, people

__all__ = ["claim", "claim_next", "release"]

TRIES = 20
"""Looks for a free hit while others take the ones that were found."""


def claim(workspace: Workspace, hit_id: int, *, actor: str, is_forced: bool = False) -> Hit:
    """Take a hit to work on it, or have it for longer.

    Args:
        workspace: what is open.
        hit_id: the hit.
        actor: who takes it.
        is_forced: take it from whoever has it; the audit log says so.

    Raises:
        NotFoundError: no such hit.
        ConflictError: somebody else has it.
    """
    with workspace.database.write() as tx:
        now = workspace.database.now()
        held = hit_claims.holder(tx, hit_id, now=now)
        until = now + timedelta(minutes=workspace.settings.claim_minutes)
        is_taken = hit_claims.claim(
            tx, hit_id, actor=actor, until=until, now=now, is_forced=is_forced
        )
        hit = hits.get(tx, hit_id)
        if not is_taken:
            raise ConflictError(
                f"hit {hit_id}: {hit.claimed_by} works on it until {hit.claimed_until:%H:%M} UTC"
            )
        if held is not None and held[0] != actor:
            people.audit(
                tx,
                actor=actor,
                action="hit.take_over",
                target=f"hit:{hit_id}",
                detail={"from": held[0]},
                now=now,
            )
        return hit


def claim_next(workspace: Workspace, chosen: HitFilter, *, actor: str) -> Hit | None:
    """Take the first hit of a queue that nobody works on; None when there is none."""
    database = workspace.database
    for _ in range(TRIES):
        with database.write() as tx:
            now = database.now()
            until = now + timedelta(minutes=workspace.settings.claim_minutes)
            hit_id = hit_claims.claim_next(tx, chosen, actor=actor, until=until, now=now)
            if hit_id is not None:
                return hits.get(tx, hit_id)
            if not hit_claims.is_any_free(tx, chosen, now=now):
                return None
    return None


def release(workspace: Workspace, hit_id: int, *, actor: str) -> None:
    """Give a hit back without a verdict; one that is not this person's stays as it is.

    Raises:
        NotFoundError: no such hit.
    """
    with workspace.database.write() as tx:
        hits.get(tx, hit_id)
        hit_claims.release(tx, hit_id, actor=actor)
