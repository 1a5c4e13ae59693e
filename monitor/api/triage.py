"""The queue and what people do with hits, for programs; the same verbs as `monitor hits ...`.

Reading is GET, every act is POST. Who acts is the holder of the token.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from monitor.api.problems import SIGN_IN, documented
from monitor.domain.casework import AllowedSeller, Batch, KeptBack, Mute, MuteKind
from monitor.domain.hit import Hit, HitFilter, Verdict
from monitor.pipeline.workspace import Workspace
from monitor.services import claiming, closing, quieting, triage

__all__ = ["routes"]

DAY_S = 86400.0
MAX_NAMES = 50
Id = Annotated[int, Path(ge=1, le=2**53)]
Name = Annotated[str, Field(max_length=100)]
Names = Annotated[list[Name], Field(max_length=MAX_NAMES)]
Words = Annotated[str, Field(max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most rows.")]
PROBLEMS = documented(
    {
        401: SIGN_IN,
        404: "no hit with id 7",
        409: "hit 7: li works on it until 14:20 UTC",
        422: "a reason is required",
        503: "the store cannot be read",
    }
)


class Strict(BaseModel):
    """Unknown names are refused: a misspelt filter must not choose everything."""

    model_config = ConfigDict(extra="forbid")


class Which(Strict):
    """Which hits of the queue."""

    decision: Names = Field([], description="hit, review or clear; none: any.")
    category: Names = Field([], description="Only these.")
    source: Names = Field([], description="Only of these.")
    verdict: Names = Field([], description="Only with this last verdict.")
    muted: bool = Field(False, description="Muted hits and only those, instead of the queue.")


class Listed(Which):
    """Which hits, and which part of them."""

    status: Literal["open", "closed"] = Field("open", description="Waiting, or judged.")
    limit: int = Field(50, ge=1, le=1000, description="Most rows.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Rows to leave out at the start.")


class Listing(BaseModel):
    """A part of the hits that match, in triage order."""

    total: int
    hits: list[Hit]


class Reason(Strict):
    """Why."""

    reason: Words


class Judged(Reason):
    """A verdict."""

    verdict: Verdict
    override: bool = Field(False, description="Also when somebody else works on the hit; audited.")


class Claimed(Strict):
    """How to take a hit."""

    override: bool = Field(False, description="Also from somebody else; audited.")


class Noted(Strict):
    """What to write beside a hit."""

    text: Words


class Muted(Reason):
    """What not to see again, and for how long."""

    hit_id: int = Field(ge=1, le=2**53)
    kind: MuteKind
    days: float = Field(gt=0, le=quieting.MAX_MUTE_DAYS)


class Allowed(Reason):
    """Whose listings never become hits."""

    source: Name
    seller: Annotated[str, Field(max_length=200, description="The market's id of the seller.")]
    days: float | None = Field(None, gt=0, le=quieting.MAX_MUTE_DAYS)


class Closing(Which):
    """Which hits of the queue, or of a search among them."""

    text: Annotated[str, Field(max_length=500)] = Field(
        "", description="Only hits that a search for it finds, the newest 1,000; empty: all."
    )


class Closed(Reason):
    """Which hits to close, and the preview that was looked at."""

    which: Closing
    verdict: Literal["confirmed", "benign"]
    token: Name


def routes(workspace: Workspace) -> APIRouter:
    """The routes; whoever mounts them puts the token's holder into ``request.state.user``."""
    router = APIRouter(tags=["triage"], responses=PROBLEMS)
    _add_hits(router, workspace)
    _add_quieting(router, workspace)
    _add_batches(router, workspace)
    return router


def _add_hits(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/hits")
    def list_hits(asked: Annotated[Listed, Query()]) -> Listing:
        """Hits in triage order: the queue, unless asked otherwise."""
        chosen = _filter(asked, status=asked.status)
        found = triage.queue(workspace, chosen, limit=asked.limit, offset=asked.offset)
        return Listing(total=triage.count(workspace, chosen), hits=found)

    @router.post("/hits/next")
    def take_next(request: Request, asked: Which) -> Hit | None:
        """Take the first hit that nobody works on; null when there is none."""
        return claiming.claim_next(workspace, _filter(asked), actor=request.state.user)

    @router.get("/hits/{hit_id}")
    def show(hit_id: Id) -> triage.HitDetail:
        """A hit and everything around it, masked."""
        return triage.detail(workspace, hit_id)

    @router.get("/hits/{hit_id}/evidence/{version}")
    def evidence(hit_id: Id, version: Id) -> Response:
        """What a version showed: the bytes that the SHA-256 is of."""
        taken = triage.evidence_of(workspace, hit_id, version)
        return Response(taken.body.encode(), media_type="application/json")

    @router.post("/hits/{hit_id}/claim")
    def claim(request: Request, hit_id: Id, asked: Claimed) -> Hit:
        """Take a hit to work on it, or have it for longer."""
        user = request.state.user
        return claiming.claim(workspace, hit_id, actor=user, is_forced=asked.override)

    @router.post("/hits/{hit_id}/skip", status_code=204)
    def skip(request: Request, hit_id: Id) -> None:
        """Give a hit back without a verdict."""
        claiming.release(workspace, hit_id, actor=request.state.user)

    @router.post("/hits/{hit_id}/verdict")
    def judge(request: Request, hit_id: Id, asked: Judged) -> Hit:
        """Give a verdict; alerts and retractions follow from it."""
        return triage.triage(
            workspace,
            hit_id,
            asked.verdict,
            reason=asked.reason,
            actor=request.state.user,
            is_forced=asked.override,
        )

    @router.post("/hits/{hit_id}/notes", status_code=204)
    def note(request: Request, hit_id: Id, asked: Noted) -> None:
        """Write something beside a hit; it is masked before it is stored."""
        triage.note(workspace, hit_id, asked.text, actor=request.state.user)


def _add_quieting(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/mutes")
    def list_mutes(limit: Limit = 200) -> list[Mute]:
        """Mutes that hold now, the newest first."""
        return quieting.list_mutes(workspace, limit=limit)

    @router.post("/mutes", status_code=201)
    def mute(request: Request, asked: Muted) -> Mute:
        """Keep a hit's listing, seller or text out of the queue for a time."""
        return quieting.mute(
            workspace,
            asked.hit_id,
            asked.kind,
            for_s=asked.days * DAY_S,
            reason=asked.reason,
            actor=request.state.user,
        )

    @router.post("/mutes/{mute_id}/end")
    def end_mute(request: Request, mute_id: Id) -> Mute:
        """End a mute before its time."""
        return quieting.end_mute(workspace, mute_id, actor=request.state.user)

    @router.get("/allowed")
    def list_allowed(limit: Limit = 200) -> list[AllowedSeller]:
        """Sellers that are allowed now, the newest first."""
        return quieting.allowed_sellers(workspace, limit=limit)

    @router.get("/allowed/kept")
    def kept(limit: Limit = 200) -> list[KeptBack]:
        """Listings that would be hits if their sellers were not allowed."""
        return quieting.kept_back(workspace, limit=limit)

    @router.post("/allowed", status_code=201)
    def allow(request: Request, asked: Allowed) -> AllowedSeller:
        """Assess a seller's listings without ever making hits of them."""
        return quieting.allow(
            workspace,
            asked.source,
            asked.seller,
            for_s=None if asked.days is None else asked.days * DAY_S,
            reason=asked.reason,
            actor=request.state.user,
        )

    @router.post("/allowed/{entry_id}/remove")
    def remove(request: Request, entry_id: Id) -> AllowedSeller:
        """Allow a seller no longer; what was kept back goes into the queue."""
        return quieting.remove_allowed(workspace, entry_id, actor=request.state.user)


def _add_batches(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/batches")
    def list_batches(limit: Limit = 50) -> list[Batch]:
        """Verdicts on many hits at once, the newest first."""
        return closing.list_batches(workspace, limit=limit)

    @router.post("/batches/preview")
    def preview(request: Request, asked: Closing) -> closing.Preview:
        """How many and which open hits would be closed."""
        user = request.state.user
        return closing.preview(workspace, _filter(asked), actor=user, text=asked.text)

    @router.post("/batches", status_code=201)
    def close(request: Request, asked: Closed) -> Batch:
        """Close the hits of a preview."""
        return closing.close(
            workspace,
            _filter(asked.which),
            Verdict(asked.verdict),
            reason=asked.reason,
            actor=request.state.user,
            token=asked.token,
            text=asked.which.text,
        )

    @router.post("/batches/{batch_id}/undo")
    def undo(request: Request, batch_id: Id) -> closing.Undone:
        """Give the hits of a batch their verdicts of before."""
        return closing.undo(workspace, batch_id, actor=request.state.user)


def _filter(asked: Which, *, status: str = "open") -> HitFilter:
    is_queue = status == "open" and not asked.muted
    return HitFilter(
        status=(status,),
        decision=tuple(asked.decision),
        category=tuple(asked.category),
        source=tuple(asked.source),
        verdict=tuple(asked.verdict),
        is_muted=True if asked.muted else False if is_queue else None,
    )
