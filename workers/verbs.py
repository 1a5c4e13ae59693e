"""The two verbs that read foreign pages: how they are claimed, done, counted, and given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from prometheus_client import Counter
from sqlalchemy import Table

from monitor.domain.outcome import Outcome
from monitor.pipeline.look import look_at
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.workspace import Workspace
from monitor.store import gaps, looks, people, polls, watches
from monitor.store import tables as t
from monitor.store.claims import Claim
from monitor.store.database import Transaction
from workers import metrics

__all__ = ["VERBS", "Verb"]

QUARANTINE_DETAIL: Final = "its page killed the process that read it, three times"


class _ClaimDue(Protocol):
    def __call__(
        self,
        tx: Transaction,
        *,
        now: datetime,
        lease_s: float,
        limit: int,
        among: Sequence[int] | None = None,
        suspects: bool = False,
    ) -> list[Claim]: ...


class _Do(Protocol):
    def __call__(self, workspace: Workspace, claim: Claim, /) -> str | None: ...


class _Quarantine(Protocol):
    def __call__(self, tx: Transaction, row_id: int, /, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Verb:
    """One kind of pages.

    Attributes:
        table: where its rows are.
        claim_due: claims rows that are due and free.
        do: does one claimed row; its outcome, or None when there was nothing to do.
        quarantine: writes that the row is not to be tried any more.
        counter: counts outcomes.
    """

    name: str
    table: Table
    claim_due: _ClaimDue
    do: _Do
    quarantine: _Quarantine
    counter: Counter

    def claim(self, workspace: Workspace, row_id: int, *, suspects: bool = False) -> Claim | None:
        """Claim exactly this row, if it is still due and free."""
        database = workspace.database
        with database.write(durable=False) as tx:
            claims = self.claim_due(
                tx,
                now=database.now(),
                lease_s=workspace.settings.lease_s,
                limit=1,
                among=[row_id],
                suspects=suspects,
            )
        return claims[0] if claims else None


def _poll(workspace: Workspace, claim: Claim) -> str | None:
    summary = poll_watch(workspace, claim)
    return summary.outcome.value if summary and summary.outcome else None


def _look(workspace: Workspace, claim: Claim) -> str | None:
    outcome = look_at(workspace, claim)
    return outcome.value if outcome else None


def _quarantine_watch(tx: Transaction, watch_id: int, *, now: datetime) -> None:
    """Leave a look in the ledger that says so, and pause the watch."""
    plan = watches.plan(tx, watch_id)
    polls.interrupt_unfinished(tx, watch_id, now=now)
    poll_id = polls.start(
        tx,
        source_id=plan.source.id,
        watch_id=watch_id,
        keyword_version_id=plan.keyword_version_id,
        origin="live",
        is_baseline=plan.is_baseline,
        now=now,
    )
    polls.finish(tx, poll_id, Outcome.QUARANTINED, QUARANTINE_DETAIL, now=now)
    gaps.widen(tx, watch_id, Outcome.QUARANTINED.value)
    watches.quarantine(tx, watch_id, now=now)
    _audit(tx, "watch.pause", f"watch:{watch_id}", now)


def _quarantine_listing(tx: Transaction, listing_id: int, *, now: datetime) -> None:
    looks.quarantine(tx, listing_id)
    _audit(tx, "listing.quarantine", f"listing:{listing_id}", now)


def _audit(tx: Transaction, action: str, target: str, now: datetime) -> None:
    detail = {"reason": QUARANTINE_DETAIL}
    people.audit(tx, actor="monitor", action=action, target=target, detail=detail, now=now)


VERBS: Final = {
    verb.name: verb
    for verb in (
        Verb("poll", t.watch, watches.claim_due, _poll, _quarantine_watch, metrics.POLLS),
        Verb("look", t.listing, looks.claim_due, _look, _quarantine_listing, metrics.LOOKS),
    )
}
