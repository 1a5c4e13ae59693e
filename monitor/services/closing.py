"""Closing many hits at once: looked at before, one audited act, undone for a time.

Which hits is said by filters, by words to search for, or by both. The index answers a search,
and only what the store then says is open is closed.

What such a verdict makes known waits `GRACE` before it is sent. An undoing within that
time is heard by nobody; a later one is told to those who had heard of the verdict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from monitor.domain.casework import Batch
from monitor.domain.hit import Hit, HitFilter, HitStatus, Verdict
from monitor.errors import ConflictError, InputError
from monitor.pipeline.masking import masked
from monitor.pipeline.notify import tell_of_undo, tell_of_verdict
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import FACETS, HitQuery
from monitor.services.triage import clean_reason, give_verdict
from monitor.store import batches, hits, people, snapshots
from monitor.store.batches import Candidate, Member
from monitor.store.database import Transaction
from monitor.store.locks import lock_all_sources

__all__ = ["GRACE", "MAX_HITS", "Preview", "Undone", "close", "list_batches", "preview", "undo"]

GRACE = timedelta(minutes=10)
"""How long alerts and retractions of a batch wait for a second thought."""
MAX_HITS = 1000
"""Of one batch: it is one transaction, and others wait for it."""
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What a batch would close.

    Attributes:
        total: hits that match, whoever works on them.
        closing: how many of them it would close: at most `MAX_HITS`, first in triage order;
            of a search's hits, the newest ones.
        in_work: how many it would leave out because somebody else works on them.
        examples: ten of those that it would close, spread over all.
        token: names exactly these hits; `close` refuses when others have come.
    """

    total: int
    closing: int
    in_work: int
    examples: list[Hit]
    token: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undoing did.

    Attributes:
        restored: hits that stand again as before the batch.
        left: hits that stay as they are: judged or changed since, or erased.
    """

    batch: Batch
    restored: int
    left: int


def preview(workspace: Workspace, chosen: HitFilter, *, actor: str, text: str = "") -> Preview:
    """How many and which open hits a batch would close; nothing is changed.

    Args:
        workspace: what is open.
        chosen: which hits.
        actor: who would close them.
        text: only those that a search for it finds; "": all.

    Raises:
        InputError: a search that cannot be made.
        SearchError: the index is away.
    """
    which = _which(workspace, chosen, text)
    with workspace.database.read() as tx:
        now = workspace.database.now()
        found = batches.candidates(tx, which.chosen, now=now, limit=MAX_HITS, is_locking=False)
        total = which.beyond + hits.count(tx, which.chosen, now=now)
        mine = _free_for(found, actor)
        ids = [one.hit_id for one in mine]
        examples = hits.load(tx, ids[:: max(1, len(ids) // EXAMPLES)][:EXAMPLES])
    return Preview(total, len(mine), len(found) - len(mine), examples, _token(mine))


def close(
    workspace: Workspace,
    chosen: HitFilter,
    verdict: Verdict,
    *,
    reason: str,
    actor: str,
    token: str,
    text: str = "",
) -> Batch:
    """Give one verdict to all open hits that match.

    Args:
        workspace: what is open.
        chosen: which hits; of those that somebody else works on none is touched.
        verdict: `confirmed` or `benign`.
        reason: why; required.
        actor: who.
        token: of the preview that was looked at.
        text: as for `preview`.

    Raises:
        ConflictError: the hits are not those of the preview.
        InputError: no reason, nothing to close, a verdict that closes nothing, or a search
            that cannot be made.
        SearchError: the index is away.
    """
    reason = clean_reason(reason)
    if verdict is Verdict.UNSURE:
        raise InputError("only confirmed and benign close a hit")
    which = _which(workspace, chosen, text)
    filters = _filters(chosen, text)
    with workspace.database.write() as tx:
        # Whoever records a page takes hits in the page's order, we in ours.
        lock_all_sources(tx)
        now = workspace.database.now()
        found = batches.candidates(tx, which.chosen, now=now, limit=MAX_HITS, is_locking=True)
        mine = _free_for(found, actor)
        if _token(mine) != token:
            raise ConflictError("these are not the hits of the preview any more; look again")
        if not mine:
            raise InputError("no open hit matches, so there is nothing to close")
        batch_id = batches.add(
            tx,
            verdict=verdict.value,
            reason=reason,
            filters=filters,
            hits=len(mine),
            actor=actor,
            now=now,
            undo_until=now + timedelta(hours=workspace.settings.undo_hours),
        )
        members = [
            _close_one(workspace, tx, hit, verdict, reason, actor, now)
            for hit in hits.load(tx, [one.hit_id for one in mine])
        ]
        batches.add_members(tx, batch_id, members)
        people.audit(
            tx,
            actor=actor,
            action="hit.close_batch",
            target=f"batch:{batch_id}",
            detail={"verdict": verdict.value, "hits": len(mine), "filters": filters},
            now=now,
        )
        return batches.get(tx, batch_id)


def undo(workspace: Workspace, batch_id: int, *, actor: str) -> Undone:
    """Give the hits of a batch their verdicts of before.

    Raises:
        NotFoundError: no such batch.
        ConflictError: it was undone already, or its time is over.
    """
    with workspace.database.write() as tx:
        lock_all_sources(tx)
        now = workspace.database.now()
        batch = batches.undo(tx, batch_id, actor=actor, now=now)
        untouched = [one for one in batches.members(tx, batch) if one.is_untouched]
        for member in untouched:
            status = HitStatus(member.status_before)
            hits.set_verdict(
                tx, member.hit_id, verdict=member.verdict_before, status=status, now=now
            )
            if member.alerts_written or member.alerts_cancelled:
                tell_of_undo(
                    tx,
                    hits.get(tx, member.hit_id),
                    written=member.alerts_written,
                    cancelled=member.alerts_cancelled,
                    cause=f"undo-{batch_id}",
                    now=now,
                )
        people.audit(
            tx,
            actor=actor,
            action="hit.undo_batch",
            target=f"batch:{batch_id}",
            detail={"restored": len(untouched), "left": batch.hits - len(untouched)},
            now=now,
        )
        return Undone(batch, len(untouched), batch.hits - len(untouched))


def list_batches(workspace: Workspace, *, limit: int = 50) -> list[Batch]:
    """The newest first."""
    with workspace.database.read() as tx:
        return batches.recent(tx, limit=limit)


@dataclass(frozen=True, slots=True)
class _Which:
    """Which hits are meant; `beyond` counts those that a search found after the first ones."""

    chosen: HitFilter
    beyond: int = 0


def _which(workspace: Workspace, chosen: HitFilter, text: str) -> _Which:
    is_open = (HitStatus.OPEN.value,)
    if not text.strip():
        return _Which(replace(chosen, status=is_open))
    filters = {name: getattr(chosen, name, ()) for name in FACETS}
    page = workspace.index.find(
        HitQuery(text=text, filters={**filters, "status": is_open}, limit=MAX_HITS)
    )
    among = frozenset(document.hit_id for document in page.documents)
    # What the search shows is what is meant; the index knows of all filters but mutes.
    found = HitFilter(status=is_open, among=among, is_muted=chosen.is_muted)
    return _Which(found, page.total - len(among))


def _free_for(found: Sequence[Candidate], actor: str) -> list[Candidate]:
    return [one for one in found if one.holder in {"", actor}]


def _token(found: Sequence[Candidate]) -> str:
    """Changes with any of the hits and with what stands in them."""
    named = sorted((one.hit_id, one.revision) for one in found)
    return hashlib.sha256(str(named).encode()).hexdigest()[:16]


def _filters(chosen: HitFilter, text: str) -> dict[str, list[str]]:
    values = {name: found for name, found in asdict(chosen).items() if isinstance(found, tuple)}
    shown = {name: list(found) for name, found in values.items() if found}
    shown["status"] = [HitStatus.OPEN.value]
    if chosen.is_muted is not None:
        shown["muted"] = [str(chosen.is_muted).lower()]
    if text.strip():
        # People search for what they saw.
        shown["text"] = [masked(text)]
    return shown


def _close_one(
    workspace: Workspace,
    tx: Transaction,
    hit: Hit,
    verdict: Verdict,
    reason: str,
    actor: str,
    now: datetime,
) -> Member:
    snapshots.take(tx, hit, now=now)
    event_id = give_verdict(tx, hit, verdict, reason=reason, actor=actor, now=now)
    told = tell_of_verdict(
        workspace,
        tx,
        hit,
        verdict,
        event_id=event_id,
        reason=reason,
        now=now,
        send_at=now + GRACE,
    )
    return Member(
        hit_id=hit.id,
        event_id=event_id,
        status_before=hit.status.value,
        verdict_before=hit.verdict,
        alerts_written=told.written,
        alerts_cancelled=told.cancelled,
    )
