"""What the monitor is doing, and what it did not see. A block never looks like "no hits"."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from monitor.console.desk import Desk
from monitor.domain.outcome import Outcome
from monitor.services import coverage, endpoints, overview, watches

__all__ = ["routes", "sight"]

HOURS = 24
SHOWN_LOOKS = 25
SHOWN_ALERTS = 15
REFRESH_S = 10


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
        ledger = coverage.ledger(workspace, desk.now() - timedelta(hours=HOURS))
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
            ledger_states=Counter(row.state for row in ledger),
            circuits=watches.circuits(workspace),
            endpoints=endpoints.list_endpoints(workspace),
            alerts=endpoints.list_alerts(workspace, limit=SHOWN_ALERTS),
        )

    return router
