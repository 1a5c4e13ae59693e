"""What is kept out of the queue, and verdicts that were given to many hits at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from monitor.console.desk import Desk
from monitor.console.hit_page import Id, cleaned
from monitor.console.view import View
from monitor.domain.hit import Verdict
from monitor.errors import InputError
from monitor.services import closing, quieting

__all__ = ["routes"]

Text = Annotated[str, Form()]
SHOWN = 50


def routes(desk: Desk) -> APIRouter:
    """The page of what is kept out, the page that closes many hits, and their forms."""
    router = APIRouter()

    @router.api_route("/quiet", methods=["GET", "HEAD"])
    def quiet(request: Request, closed: int = 0) -> Response:
        """All of it; `closed` names the batch that led here."""
        session = desk.require(request)
        batches = closing.list_batches(desk.workspace, limit=SHOWN)
        return desk.render(
            request,
            "quiet.html",
            session=session,
            mutes=quieting.list_mutes(desk.workspace, limit=SHOWN),
            allowed=quieting.allowed_sellers(desk.workspace, limit=SHOWN),
            kept=quieting.kept_back(desk.workspace, limit=SHOWN),
            batches=batches,
            closed=next((batch for batch in batches if batch.id == closed), None),
            now=desk.workspace.database.now(),
        )

    @router.post("/mutes/{mute_id}/end")
    def end_mute(request: Request, mute_id: Id, csrf: Text = "") -> Response:
        """End a mute before its time."""
        session = desk.require_form(request, csrf)
        quieting.end_mute(desk.workspace, mute_id, actor=session.user)
        return desk.go("/quiet")

    @router.post("/allowed/{entry_id}/remove")
    def remove(request: Request, entry_id: Id, csrf: Text = "") -> Response:
        """Allow a seller no longer."""
        session = desk.require_form(request, csrf)
        quieting.remove_allowed(desk.workspace, entry_id, actor=session.user)
        return desk.go("/quiet")

    @router.post("/batches/{batch_id}/undo")
    def undo(request: Request, batch_id: Id, csrf: Text = "") -> Response:
        """Give its hits their verdicts of before."""
        session = desk.require_form(request, csrf)
        closing.undo(desk.workspace, batch_id, actor=session.user)
        return desk.go("/quiet#batches-h")

    @router.api_route("/close", methods=["GET", "HEAD"])
    def preview(request: Request) -> Response:
        """How many and which hits of a view would be closed."""
        session = desk.require(request)
        view = View.of(request.query_params).start
        shown = closing.preview(desk.workspace, view.filter, actor=session.user, text=view.text)
        return desk.render(request, "close.html", session=session, view=view, shown=shown)

    @router.post("/close")
    def close(
        request: Request,
        view: Text = "",
        verdict: Text = "",
        reason: Text = "",
        token: Text = "",
        csrf: Text = "",
    ) -> Response:
        """Close them."""
        session = desk.require_form(request, csrf)
        if verdict not in set(Verdict):
            raise InputError("a verdict is confirmed, benign or unsure")
        asked = View.of(QueryParams(view))
        batch = closing.close(
            desk.workspace,
            asked.filter,
            Verdict(verdict),
            reason=cleaned(reason),
            actor=session.user,
            token=token,
            text=asked.text,
        )
        return desk.go(f"/quiet?closed={batch.id}")

    return router
