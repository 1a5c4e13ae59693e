"""What the monitor is doing, and what it did not see. A block never looks like "no hits"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from monitor.console.desk import Desk
from monitor.domain.outcome import Outcome
from monitor.domain.watch import Watch
from monitor.services import endpoints, overview, watches

__all__ = ["routes", "sight"]

HOURS = 24
SHOWN_LOOKS = 25
SHOWN_LEDGER = 100
SHOWN_ALERTS = 15
REFRESH_S = 10


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A keyword in a source over the last hours.

    Attributes:
        state: ``"seen"``, ``"gaps"`` (some looks were blind), ``"unseen"`` (all were),
            ``"unlooked"`` (a watch without any look) or ``"paused"``.
        outcomes: looks by outcome; "" for one that is still running.
        last_seen_at: newest look that saw, or None.
    """

    source: str
    term: str
    state: str
    seen: int
    blind: int
    outcomes: dict[str, int]
    last_seen_at: datetime | None


STATES = ("unseen", "unlooked", "gaps", "paused", "seen")


def sight(outcome: str) -> str:
    """How an outcome is shown: seen, zero, partial, blocked, blind or running.

    Only the first two say what is on offer.
    """
    if not outcome:
        return "running"
    named = Outcome(outcome)
    if named.has_seen:
        return "seen" if named is Outcome.OK else "zero"
    if named is Outcome.PARTIAL:
        return "partial"
    return "blocked" if named.is_block else "blind"


def routes(desk: Desk) -> APIRouter:
    """The page and the sign of life."""
    router = APIRouter()

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    def healthz() -> dict[str, str]:
        """Whether the process answers; nothing else, so that nobody need sign in."""
        return {"status": "ok"}

    @router.api_route("/status", methods=["GET", "HEAD"])
    def status(request: Request) -> Response:
        """Now and the last hours."""
        session = desk.require(request)
        workspace = desk.workspace
        ledger = _ledger(watches.coverage(workspace, hours=HOURS), watches.list_watches(workspace))
        return desk.render(
            request,
            "status.html",
            session=session,
            sight=sight,
            hours=HOURS,
            now=desk.now(),
            refresh_s=REFRESH_S if request.query_params.get("refresh") else 0,
            counts=overview.overview(workspace),
            waiting=overview.waiting(workspace),
            polls=watches.recent_polls(workspace, limit=SHOWN_LOOKS),
            ledger=ledger[:SHOWN_LEDGER],
            ledger_left_out=max(0, len(ledger) - SHOWN_LEDGER),
            ledger_states=[(state, sum(row.state == state for row in ledger)) for state in STATES],
            circuits=watches.circuits(workspace),
            endpoints=endpoints.list_endpoints(workspace),
            alerts=endpoints.list_alerts(workspace, limit=SHOWN_ALERTS),
        )

    return router


def _ledger(looked: Sequence[watches.Coverage], planned: Sequence[Watch]) -> list[LedgerRow]:
    """What needs attention first. Watches that nobody looked at are rows too: gaps are visible."""
    paused = {(watch.source, watch.term) for watch in planned if watch.is_paused}
    rows = [
        LedgerRow(
            source=row.source,
            term=row.term,
            state=_state(row),
            seen=row.seen,
            blind=row.blind,
            outcomes=row.outcomes,
            last_seen_at=row.last_seen_at,
        )
        for row in looked
    ]
    known = {(row.source, row.term) for row in rows}
    for watch in planned:
        key = watch.source, watch.term
        if key not in known:
            state = "paused" if key in paused else "unlooked"
            rows.append(LedgerRow(*key, state, 0, 0, {}, None))
    return sorted(rows, key=lambda row: (STATES.index(row.state), row.source, row.term))


def _state(row: watches.Coverage) -> str:
    if not row.seen:
        return "unseen" if row.blind else "unlooked"
    return "gaps" if row.blind else "seen"
