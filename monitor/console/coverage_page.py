"""What was looked at, what was not seen, and which sources rest: the ledger as a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response

from monitor.console.desk import Desk
from monitor.console.status_page import sight
from monitor.services import coverage, sources, statistics, watches
from monitor.services.coverage import STATES
from monitor.services.statistics import Asked
from monitor.services.statistics.answers import Coverage

__all__ = ["routes"]

DAYS = (1, 7, 30)
WEEKS = 6
SHOWN_LEDGER = 200
SHOWN_GAPS = 100
MAX_CHARS = 64
MAX_ID = 2**53

Id = Annotated[int, Path(ge=1, le=MAX_ID)]


@dataclass(frozen=True, slots=True)
class Week:
    """The share of a source's looks that saw in one week; None without a look."""

    start: datetime
    looks: int
    share: float | None


def routes(desk: Desk) -> APIRouter:
    """The page, and the form that closes a circuit."""
    router = APIRouter()

    @router.api_route("/coverage", methods=["GET", "HEAD"])
    def show(
        request: Request, days: str = "", source: str = "", closed: Annotated[int, Query(ge=0)] = 0
    ) -> Response:
        """The ledger of some days; `closed` is set after a circuit was."""
        session = desk.require(request)
        workspace = desk.workspace
        chosen = int(days) if days in {str(known) for known in DAYS} else DAYS[0]
        records = sources.list_sources(workspace)
        names = [record.name for record in records]
        only = source if source in names else ""
        since = desk.now() - timedelta(days=chosen)
        ledger = [row for row in coverage.ledger(workspace, since) if only in ("", row.source)]
        ledger.sort(key=lambda row: STATES.index(row.state))
        gaps = [gap for gap in coverage.gaps(workspace, since) if only in ("", gap.source)]
        return desk.render(
            request,
            "coverage.html",
            session=session,
            sight=sight,
            choices=DAYS,
            days=chosen,
            sources=names,
            source=only,
            was_closed=bool(closed),
            circuits=watches.circuits(workspace),
            records=records,
            watched=Counter(one.source for one in watches.list_watches(workspace)),
            suppressed=[row for row in ledger if row.state == "suppressed"],
            ledger=ledger[:SHOWN_LEDGER],
            ledger_left_out=max(0, len(ledger) - SHOWN_LEDGER),
            gaps=gaps[:SHOWN_GAPS],
            gaps_open=sum(gap.ended_at is None for gap in gaps),
            gaps_left_out=max(0, len(gaps) - SHOWN_GAPS),
            weeks=_weeks(desk, only),
        )

    @router.post("/coverage/circuits/{circuit_id}/close")
    def close(request: Request, circuit_id: Id, csrf: Annotated[str, Form()] = "") -> Response:
        """Let a source be asked again before its pause is over."""
        session = desk.require_form(request, csrf)
        is_closed = watches.close_circuit(desk.workspace, circuit_id, actor=session.user)
        return desk.go("/coverage?closed=1" if is_closed else "/coverage")

    return router


def _weeks(desk: Desk, source: str) -> dict[str, list[Week]]:
    """Availability by source, oldest week first; none while there is no source."""
    asked = Asked(since=f"{7 * (WEEKS - 1)}d", sources=(source,) if source else ())
    found: defaultdict[str, list[Coverage]] = defaultdict(list)
    for row in statistics.coverage(desk.workspace, asked, interval="week").rows:
        found[row.source].append(row)
    return {
        name: [Week(row.start, row.looks, row.coverage) for row in rows]
        for name, rows in found.items()
    }
