"""The console as an application: its pages, and what is answered when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from monitor.api.app import PATH as API_PATH
from monitor.api.app import UPLOADS, create_api
from monitor.console import (
    coverage_page,
    endpoints_page,
    evidence_page,
    hit_page,
    keywords_page,
    queue_page,
    quiet_page,
    sellers_page,
    signing_in,
    statistics_page,
    status_page,
    trial_page,
    work_page,
)
from monitor.console.desk import Desk, FormForged, SignInNeeded
from monitor.console.guard import Guard
from monitor.errors import ConflictError, InputError, MonitorError, NotFoundError
from monitor.pipeline.workspace import Workspace

__all__ = ["create_app"]

HTTP_WORDS = {404: "error.not_found", 405: "error.method"}


def create_app(workspace: Workspace, *, hosts: tuple[str, ...] = ()) -> FastAPI:
    """The console over an open workspace.

    Args:
        workspace: what is open.
        hosts: further names under which it may be asked for; loopback names always work.
    """
    desk = Desk(workspace)
    app = FastAPI(
        title="monitor", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.add_middleware(
        Guard,
        hosts=hosts,
        uploads=UPLOADS,
        large_forms=frozenset({trial_page.TEST_PATH}),
        explain=_explain_with(desk),
    )
    app.mount(API_PATH, create_api(workspace))
    app.mount("/static", StaticFiles(packages=[("monitor.console", "static")]), name="static")
    pages = (
        signing_in,
        queue_page,
        hit_page,
        work_page,
        evidence_page,
        quiet_page,
        sellers_page,
        trial_page,
        keywords_page,
        endpoints_page,
        status_page,
        coverage_page,
        statistics_page,
    )
    for part in pages:
        app.include_router(part.routes(desk))
    _handle_errors(app, desk)
    return app


def _explain_with(desk: Desk) -> Callable[[Request, int, str], Response]:
    def explain(request: Request, status: int, key: str) -> Response:
        # Without a session: this must work whatever is broken.
        return desk.render(request, "error.html", status=status, key=key, detail="")

    return explain


def _handle_errors(app: FastAPI, desk: Desk) -> None:
    def page(request: Request, status: int, key: str, detail: str = "") -> Response:
        session = desk.session(request)
        return desk.render(
            request, "error.html", status=status, session=session, key=key, detail=detail
        )

    @app.exception_handler(SignInNeeded)
    def sign_in(request: Request, _error: Exception) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        is_page = request.method in {"GET", "HEAD"}
        return desk.go(signing_in.login_address(request.url.path + query if is_page else "/"))

    @app.exception_handler(FormForged)
    def forged(request: Request, _error: Exception) -> Response:
        return page(request, 403, "error.csrf")

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, _error: Exception) -> Response:
        is_address = request.method in {"GET", "HEAD"}
        return page(request, *((404, "error.not_found") if is_address else (400, "error.input")))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        answer = page(request, error.status_code, HTTP_WORDS.get(error.status_code, "error.input"))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(MonitorError)
    def explained(request: Request, error: MonitorError) -> Response:
        status, key = 500, "error.internal"
        if isinstance(error, NotFoundError):
            status, key = 404, "error.not_found"
        elif isinstance(error, ConflictError):
            status, key = 409, "error.conflict"
        elif isinstance(error, InputError):
            status, key = 400, "error.input"
        return page(request, status, key, str(error))
