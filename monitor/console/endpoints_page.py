"""Endpoints: who is told, how the last tries went, and the forms that test, stop and repeat."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from monitor.console.desk import Desk
from monitor.console.hit_page import Id, cleaned
from monitor.errors import NotFoundError
from monitor.services import endpoints

__all__ = ["routes"]

SHOWN_TRIES = 20

Text = Annotated[str, Form()]


def routes(desk: Desk) -> APIRouter:
    """The page and its forms."""
    router = APIRouter()

    @router.api_route("/endpoints", methods=["GET", "HEAD"])
    def overview(request: Request, tested: int = 0) -> Response:
        """All of them; `tested` names the test alert that led here."""
        session = desk.require(request)
        states = endpoints.states(desk.workspace, tries=SHOWN_TRIES)
        shown = [one for state in states for one in state.tries]
        return desk.render(
            request,
            "endpoints.html",
            session=session,
            states=states,
            tested=next((one for one in shown if one.alert_id == tested), None),
            now=desk.workspace.database.now(),
        )

    @router.post("/endpoints/{endpoint_id}/test")
    def test(request: Request, endpoint_id: Id, csrf: Text = "") -> Response:
        """Send a signed test message now."""
        session = desk.require_form(request, csrf)
        alert_id = endpoints.ping_now(desk.workspace, name(endpoint_id), actor=session.user)
        return desk.go(f"/endpoints?tested={alert_id}")

    @router.post("/endpoints/{endpoint_id}/disable")
    def disable(request: Request, endpoint_id: Id, reason: Text = "", csrf: Text = "") -> Response:
        """Send nothing more there; what is pending waits."""
        session = desk.require_form(request, csrf)
        endpoints.disable(
            desk.workspace, name(endpoint_id), reason=cleaned(reason), actor=session.user
        )
        return desk.go("/endpoints")

    @router.post("/endpoints/{endpoint_id}/enable")
    def enable(request: Request, endpoint_id: Id, csrf: Text = "") -> Response:
        """Send again."""
        session = desk.require_form(request, csrf)
        endpoints.enable(desk.workspace, name(endpoint_id), actor=session.user)
        return desk.go("/endpoints")

    @router.post("/alerts/{alert_id}/replay")
    def replay(request: Request, alert_id: Id, csrf: Text = "") -> Response:
        """Send an alert that was given up again, under the same webhook id."""
        session = desk.require_form(request, csrf)
        endpoints.replay(desk.workspace, [alert_id], actor=session.user)
        return desk.go("/endpoints")

    def name(endpoint_id: int) -> str:
        """A name may hold what an address cannot, so addresses name endpoints by their ids."""
        for endpoint in endpoints.list_endpoints(desk.workspace):
            if endpoint.id == endpoint_id:
                return endpoint.name
        raise NotFoundError(f"no endpoint with id {endpoint_id}")

    return router
