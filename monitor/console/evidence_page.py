"""Pictures of a hit: the redacted thumbnail, a hold, and an original seen for a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from monitor.console.desk import Desk
from monitor.services import evidence

__all__ = ["routes"]

MAX_ID = 2**53
SHOWN_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""What every browser shows; the rest, AVIF and HEIC, is offered as a file."""

Id = Annotated[int, Path(ge=1, le=MAX_ID)]


def routes(desk: Desk) -> APIRouter:
    """Thumbnails, and the two audited acts that pages offer."""
    router = APIRouter()

    @router.api_route("/pictures/{picture_id}", methods=["GET", "HEAD"])
    def thumbnail(request: Request, picture_id: Id) -> Response:
        """The redacted thumbnail."""
        desk.require(request)
        return Response(evidence.thumbnail(desk.workspace, picture_id), media_type="image/jpeg")

    @router.post("/hits/{hit_id}/hold")
    def hold(
        request: Request,
        hit_id: Id,
        person: Annotated[str, Form()] = "",
        basis: Annotated[str, Form()] = "",
        days: Annotated[int, Form()] = 0,
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """Put the listing under hold."""
        session = desk.require_form(request, csrf)
        evidence.hold(
            desk.workspace, hit_id, person=person, basis=basis, days=days, actor=session.user
        )
        return desk.go(f"/hits/{hit_id}#pictures-h")

    @router.post("/evidence/{blob_id}")
    def view(
        request: Request,
        blob_id: Id,
        reason: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """An original, a face or the writing in the clear."""
        session = desk.require_form(request, csrf)
        blob, content = evidence.view(desk.workspace, blob_id, reason=reason, actor=session.user)
        if blob.media_type == "text/plain":
            return Response(content, media_type="text/plain; charset=utf-8")
        if blob.media_type in SHOWN_TYPES:
            return Response(content, media_type=blob.media_type)
        headers = {"content-disposition": f'attachment; filename="evidence-{blob_id}"'}
        return Response(content, media_type="application/octet-stream", headers=headers)

    return router
