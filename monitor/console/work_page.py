"""What people do with one hit beside judging it: take it, give it back, write, mute, allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from monitor.console.desk import Desk
from monitor.console.hit_page import Id, cleaned, following
from monitor.console.view import View
from monitor.domain.casework import MuteKind
from monitor.errors import InputError
from monitor.services import claiming, quieting, triage

__all__ = ["routes"]

Text = Annotated[str, Form()]
DAY_S = 86400.0


def routes(desk: Desk) -> APIRouter:
    """Forms of the hit's page, and the way to the next hit."""
    router = APIRouter()

    @router.post("/work")
    def work(request: Request, view: Text = "", csrf: Text = "") -> Response:
        """Take the first hit of a view that nobody works on."""
        session = desk.require_form(request, csrf)
        asked = View.of(QueryParams(view)).start
        chosen = replace(asked.filter, status=("open",))
        hit = claiming.claim_next(desk.workspace, chosen, actor=session.user)
        if hit is None:
            return desk.go(f"/?{asked.address}&free=0")
        return desk.go(f"/hits/{hit.id}?{asked.address}")

    @router.post("/hits/{hit_id}/claim")
    def claim(
        request: Request, hit_id: Id, view: Text = "", override: Text = "", csrf: Text = ""
    ) -> Response:
        """Take it, or have it for longer."""
        session = desk.require_form(request, csrf)
        claiming.claim(desk.workspace, hit_id, actor=session.user, is_forced=bool(override))
        return _back(desk, hit_id, view)

    @router.post("/hits/{hit_id}/skip")
    def skip(request: Request, hit_id: Id, view: Text = "", csrf: Text = "") -> Response:
        """Give it back and go on to the next one."""
        session = desk.require_form(request, csrf)
        claiming.release(desk.workspace, hit_id, actor=session.user)
        asked = View.of(QueryParams(view))
        found = following(desk, asked, hit_id, user=session.user)
        if found is None:
            return desk.go(f"/?{asked.start.address}")
        return desk.go(f"/hits/{found[0]}?{found[1].address}")

    @router.post("/hits/{hit_id}/note")
    def note(
        request: Request, hit_id: Id, text: Text = "", view: Text = "", csrf: Text = ""
    ) -> Response:
        """Write something beside it."""
        session = desk.require_form(request, csrf)
        triage.note(desk.workspace, hit_id, cleaned(text), actor=session.user)
        return _back(desk, hit_id, view, "#events-h")

    @router.get("/hits/{hit_id}/evidence/{version}")
    def evidence(request: Request, hit_id: Id, version: Id) -> Response:
        """The bytes that the digest is of."""
        desk.require(request)
        taken = triage.evidence_of(desk.workspace, hit_id, version)
        name = f"hit-{hit_id}-version-{version}.json"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(taken.body.encode(), media_type="application/json", headers=headers)

    @router.post("/hits/{hit_id}/mute")
    def mute(
        request: Request,
        hit_id: Id,
        kind: Text = "",
        days: Annotated[float, Form()] = 0.0,
        reason: Text = "",
        csrf: Text = "",
    ) -> Response:
        """Keep it, or all that is like it, out of the queue for a time."""
        session = desk.require_form(request, csrf)
        if kind not in set(MuteKind):
            raise InputError("a mute is by listing, seller or text")
        quieting.mute(
            desk.workspace,
            hit_id,
            MuteKind(kind),
            for_s=days * DAY_S,
            reason=cleaned(reason),
            actor=session.user,
        )
        return desk.go("/quiet")

    @router.post("/hits/{hit_id}/allow")
    def allow(
        request: Request, hit_id: Id, days: Text = "", reason: Text = "", csrf: Text = ""
    ) -> Response:
        """Make no hits of its seller's listings any more."""
        session = desk.require_form(request, csrf)
        for_s = float(days) * DAY_S if days.isdecimal() and len(days) < 5 else None
        quieting.allow_seller_of(
            desk.workspace, hit_id, for_s=for_s, reason=cleaned(reason), actor=session.user
        )
        return desk.go("/quiet")

    return router


def _back(desk: Desk, hit_id: int, view: str, place: str = "") -> Response:
    return desk.go(f"/hits/{hit_id}?{View.of(QueryParams(view)).address}{place}")
