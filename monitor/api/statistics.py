"""`GET /stats/...`: the dashboard's questions as JSON and CSV."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from monitor.api.problems import SIGN_IN, documented
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import Interval
from monitor.services import statistics
from monitor.services.statistics import Answer, Asked, answers, csv_lines

__all__ = ["routes"]

CSV = "text/csv"
MAX_NAMES = 50
Text = Annotated[str, Field(max_length=64)]
Names = Annotated[list[Text], Field(max_length=MAX_NAMES)]
HitsBy = Literal[
    "source",
    "category",
    "keyword",
    "region",
    "seller",
    "decision",
    "verdict",
    "hour",
    "day",
    "week",
    "month",
]
PrecisionBy = Literal["keyword", "model", "source", "category", "decision"]


class Form(BaseModel):
    """How to answer. Unknown parameters are refused: a misspelt filter must not count all."""

    model_config = ConfigDict(extra="forbid")

    zone: Text = Field("", description="IANA time zone; empty: `MONITOR_ZONE`.")
    format: Literal["json", "csv"] | None = Field(None, description="Wins over the Accept header.")


class Sources(Form):
    """Which sources."""

    source: Names = Field([], description="Only these; may be repeated.")


class Now(Sources):
    """A part of the state of now."""

    category: Names = Field([], description="Only these; may be repeated.")


class Times(BaseModel):
    """Which time."""

    since: Text = Field(
        "", description="`2026-03-01`, `2026-03-01T08:00+08:00`, or how long ago: `36h`, `30d`."
    )
    until: Text = Field("", description="Likewise; this moment no longer counts. Empty: now.")


class SourcesOverTime(Sources, Times):
    """Sources in a time."""


class Part(Now, Times):
    """A part of what was done in a time."""


class Limited(Part):
    """A part, cut after some rows."""

    limit: int = Field(50, ge=1, le=statistics.MAX_ROWS, description="Most rows.")


class HitsAsked(Limited):
    """Which hits, and by what."""

    by: HitsBy = Field("category", description="A property of hits, or a width of time.")


class PrecisionAsked(Limited):
    """Which verdicts, and by what."""

    by: PrecisionBy = Field("keyword", description="What to tell apart.")


class Series(Part):
    """A part, cut into equal times."""

    interval: Interval = Field("week", description="How wide a row's time is.")


def routes(workspace: Workspace) -> APIRouter:
    """The questions' routes."""
    router = APIRouter(prefix="/stats", tags=["statistics"])

    @router.get("/hits", **_described(answers.HitCount, "hits", total=57))
    def hits(request: Request, asked: Annotated[HitsAsked, Query()]) -> Response:
        """Hits by source, category, keyword, region, seller, decision, verdict or time."""
        found = statistics.hits(workspace, _asked(asked), by=asked.by, limit=asked.limit)
        return _answered(request, asked, found)

    @router.get("/precision", **_described(answers.Precision, "precision"))
    def precision(request: Request, asked: Annotated[PrecisionAsked, Query()]) -> Response:
        """How many of the judged hits were confirmed, with n and Wilson's 95 % interval."""
        found = statistics.precision(workspace, _asked(asked), by=asked.by, limit=asked.limit)
        return _answered(request, asked, found)

    @router.get("/outcomes", **_described(answers.OutcomeCount, "outcomes"))
    def outcomes(request: Request, asked: Annotated[Series, Query()]) -> Response:
        """How looks ended, by source and time."""
        found = statistics.outcomes(workspace, _asked(asked), interval=asked.interval)
        return _answered(request, asked, found)

    @router.get("/coverage", **_described(answers.Coverage, "coverage"))
    def coverage(request: Request, asked: Annotated[Series, Query()]) -> Response:
        """How much of what was looked at was seen, by source and time."""
        found = statistics.coverage(workspace, _asked(asked), interval=asked.interval)
        return _answered(request, asked, found)

    @router.get("/queue", **_described(answers.Load, "queue", since=None))
    def queue(request: Request, asked: Annotated[Now, Query()]) -> Response:
        """What is due now, and since when."""
        return _answered(request, asked, statistics.queue(workspace, _asked(asked)))

    @router.get("/deliveries", **_described(answers.Delivery, "deliveries"))
    def deliveries(request: Request, asked: Annotated[Part, Query()]) -> Response:
        """What became of alerts and how long they took, by endpoint."""
        return _answered(request, asked, statistics.deliveries(workspace, _asked(asked)))

    @router.get("/failures", **_described(answers.Failure, "failures"))
    def failures(request: Request, asked: Annotated[Part, Query()]) -> Response:
        """Tries that did not deliver, by endpoint and reason."""
        return _answered(request, asked, statistics.failures(workspace, _asked(asked)))

    @router.get("/terms", **_described(answers.Term, "terms"))
    def terms(request: Request, asked: Annotated[Limited, Query()]) -> Response:
        """Rising terms: hits of a time (else: seven days) against as long a time before it."""
        found = statistics.rising_terms(workspace, _asked(asked), limit=asked.limit)
        return _answered(request, asked, found)

    @router.get("/misses", **_described(answers.Misses, "misses"))
    def misses(request: Request, asked: Annotated[SourcesOverTime, Query()]) -> Response:
        """Offers among clear listings, estimated from the judged sample, with exact interval."""
        return _answered(request, asked, statistics.misses(workspace, _asked(asked)))

    return router


def _asked(given: Form) -> Asked:
    values: dict[str, Any] = given.model_dump(include={"since", "until", "zone"})
    for name, field in (("source", "sources"), ("category", "categories")):
        values[field] = tuple(getattr(given, name, ()))
    return Asked(**values)


R = TypeVar("R", bound=answers.Row)


def _answered(request: Request, given: Form, answer: Answer[R]) -> Response:
    form = given.format
    if form is None and _prefers_csv(request.headers.get("accept", "")):
        form = "csv"
    if form != "csv":
        return JSONResponse(answer.plain(), headers={"vary": "Accept"})
    headers = {
        "content-disposition": f'attachment; filename="{answer.question}.csv"',
        "vary": "Accept",
    }
    return Response("".join(csv_lines(answer)), media_type=CSV, headers=headers)


def _prefers_csv(accept: str) -> bool:
    """Whether CSV is named, and JSON is not liked better."""
    liked: dict[str, float] = {}
    for part in accept.split(",")[:20]:
        name, _, rest = part.partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            liked[name.strip().lower()] = float(quality) if quality else 1.0
        except ValueError:
            liked[name.strip().lower()] = 0.0
    return liked.get(CSV, 0.0) > liked.get("application/json", 0.0)


def _described(row_type: type[R], question: str, **example_values: Any) -> dict[str, Any]:
    """What OpenAPI says of a question: its rows, an example in both forms, its problems."""
    answer_type = Answer[row_type]  # type: ignore[valid-type]
    example = answer_type.example(question, **example_values)
    problems = documented(
        {
            401: SIGN_IN,
            422: "zone: 'Asia/Shanghia' is not a time zone such as UTC or Asia/Shanghai",
            503: "the index cannot be read: it is closed",
        }
    )
    content = {
        "application/json": {"example": example.plain()},
        CSV: {"schema": {"type": "string"}, "example": "".join(csv_lines(example))},
    }
    return {"response_model": answer_type, "responses": {200: {"content": content}, **problems}}
