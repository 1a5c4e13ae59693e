"""The statistics page: the dashboard's questions as charts, each with its table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from classifiers.contract import Category
from monitor.console.desk import Desk
from monitor.console.figures import hits, verdicts, work
from monitor.console.figures.pen import Figure, Pen
from monitor.console.formats import Formats
from monitor.console.language import words
from monitor.errors import InputError, SearchError
from monitor.pipeline.workspace import Workspace
from monitor.services import sources, statistics
from monitor.services.statistics import Asked

__all__ = ["routes"]

DAYS = (7, 30, 90, 365)
USUAL_DAYS = 30
WIDTHS = {7: "day", 30: "day", 90: "week", 365: "month"}
"""How wide a column over time is."""
SHOWN = 10
MAX_CHARS = 64
HITS_BY = ("category", "source", "keyword", "region", "seller")
PRECISION_BY = ("keyword", "model")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page's address asks for."""

    days: int
    source: str
    category: str

    @classmethod
    def of(cls, params: QueryParams) -> Chosen:
        """Read an address; a time that is not offered is the usual one."""
        days = params.get("days", "")
        return cls(
            days=int(days) if days in {str(known) for known in DAYS} else USUAL_DAYS,
            source=params.get("source", "")[:MAX_CHARS],
            category=params.get("category", "")[:MAX_CHARS],
        )

    def asked(self, zone: str) -> Asked:
        """As the questions take it."""
        return Asked(
            since=f"{self.days}d",
            zone=zone,
            sources=(self.source,) if self.source else (),
            categories=(self.category,) if self.category else (),
        )


def routes(desk: Desk) -> APIRouter:
    """The page's route."""
    router = APIRouter()

    @router.api_route("/statistics", methods=["GET", "HEAD"])
    def show(request: Request) -> Response:
        """All figures of a time."""
        session = desk.require(request)
        chosen = Chosen.of(request.query_params)
        spoken = words(desk.language(request))
        formats = Formats(spoken, desk.now())
        figures: list[Figure] = []
        problem = ""
        try:
            asked = chosen.asked(formats.zone_name)
            figures = _figures(desk.workspace, Pen(spoken, formats), asked, chosen)
        except (InputError, SearchError) as error:
            problem = str(error)
        return desk.render(
            request,
            "statistics.html",
            status=400 if problem else 200,
            session=session,
            chosen=chosen,
            choices={
                "days": DAYS,
                "sources": [source.name for source in sources.list_sources(desk.workspace)],
                "categories": list(Category),
            },
            since=desk.now() - timedelta(days=chosen.days),
            until=desk.now(),
            figures=figures,
            problem=problem,
        )

    return router


def _figures(workspace: Workspace, pen: Pen, asked: Asked, chosen: Chosen) -> list[Figure]:
    width = WIDTHS[chosen.days]
    of_misses = Asked(asked.since, asked.until, asked.zone, asked.sources)
    of_now = Asked(zone=asked.zone, sources=asked.sources, categories=asked.categories)
    return [
        hits.hits_over_time(pen, statistics.hits(workspace, asked, by=width), width),
        *(
            hits.hits_by(pen, statistics.hits(workspace, asked, by=by, limit=SHOWN), by)
            for by in HITS_BY
        ),
        hits.terms(pen, statistics.rising_terms(workspace, asked, limit=SHOWN)),
        *(
            verdicts.precision(pen, statistics.precision(workspace, asked, by=by, limit=SHOWN), by)
            for by in PRECISION_BY
        ),
        verdicts.misses(pen, statistics.misses(workspace, of_misses)),
        work.coverage(pen, statistics.coverage(workspace, asked)),
        work.outcomes(pen, statistics.outcomes(workspace, asked)),
        work.queue(pen, statistics.queue(workspace, of_now)),
        work.deliveries(pen, statistics.deliveries(workspace, asked)),
        work.failures(pen, statistics.failures(workspace, asked)),
    ]
