"""The sample of clear listings: what people judge so that misses can be estimated."""

from __future__ import annotations

import heapq

from monitor.domain.hit import Verdict
from monitor.errors import NotFoundError
from monitor.pipeline.retain import is_sampled
from monitor.pipeline.workspace import Workspace
from monitor.services.triage import clean_reason
from monitor.store import people, samples
from monitor.store.samples import ClearListing

__all__ = ["ClearListing", "judge", "unjudged"]

BATCH = 2000


def unjudged(workspace: Workspace, *, limit: int) -> list[ClearListing]:
    """Listings of the sample that nobody judged, in an order that is unrelated to what they say.

    So a sample that is only begun is random too.
    """
    with workspace.database.read() as tx:
        found: list[tuple[str, int]] = []
        after = 0
        while batch := samples.clear_ids(tx, after, BATCH):
            after = batch[-1]
            drawn = [(_place(workspace, id_), id_) for id_ in batch if is_sampled(workspace, id_)]
            found = heapq.nsmallest(limit, [*found, *drawn])
        return samples.clear_listings(tx, [listing_id for _, listing_id in found])


def _place(workspace: Workspace, listing_id: int) -> str:
    return workspace.keyring.digest("content", f"sample-order:{listing_id}")


def judge(
    workspace: Workspace, listing_id: int, verdict: Verdict, *, reason: str, actor: str
) -> None:
    """Say what a listing of the sample is: ``confirmed`` means an offer that was missed.

    Raises:
        NotFoundError: the sample has no such clear listing.
        InputError: no reason.
    """
    reason = clean_reason(reason)
    if not is_sampled(workspace, listing_id):
        raise NotFoundError(f"listing {listing_id} is not in the sample; see: monitor sample list")
    with workspace.database.write() as tx:
        now = workspace.database.now()
        samples.put_verdict(
            tx, listing_id, verdict=verdict.value, reason=reason, actor=actor, now=now
        )
        people.audit(
            tx,
            actor=actor,
            action="sample.judge",
            target=f"listing:{listing_id}",
            detail={"verdict": verdict.value},
            now=now,
        )
