"""Signing in with a token, signing out, choosing a language."""

from __future__ import annotations

import math
import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from monitor.console import session as sessions
from monitor.console.desk import LANGUAGE_COOKIE, Desk, local_path
from monitor.console.language import LANGUAGES
from monitor.console.throttle import Throttle
from monitor.errors import NotFoundError
from monitor.services.setup import user_of_token

__all__ = ["login_address", "routes"]

TRIES = 10
WINDOW_S = 60.0
MAX_TOKEN_CHARS = 200
LANGUAGE_SECONDS = 365 * 86400
VISITOR_BYTES = 18


def login_address(path: str) -> str:
    """Where to sign in and come back to a path afterwards."""
    path = local_path(path)
    return "/login" if path == "/" else f"/login?to={quote(path, safe='/')}"


def routes(desk: Desk) -> APIRouter:
    """The routes that need no session, and the way out."""
    throttle = Throttle(tries=TRIES, window_s=WINDOW_S)
    router = APIRouter()

    @router.get("/login")
    def show(request: Request, to: str = "") -> Response:
        """The form."""
        session = desk.session(request)
        has_ended = session is None and desk.session_cookie in request.cookies
        problem = "login.ended" if has_ended else ""
        return _form(desk, request, to=to, problem=problem, session=session)

    @router.post("/login")
    def enter(
        request: Request,
        token: Annotated[str, Form()] = "",
        to: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """Exchange a token for a session."""
        desk.check_csrf(request, csrf, desk.visitor_cookie)
        address = request.client.host if request.client else ""
        wait_s = throttle.begin(address, desk.now())
        if wait_s:
            page = _form(desk, request, to=to, problem="login.slow", status=429)
            page.headers["retry-after"] = str(math.ceil(wait_s))
            return page
        token = token.strip()
        holder = user_of_token(desk.workspace, token) if len(token) <= MAX_TOKEN_CHARS else None
        if holder is None:
            return _form(desk, request, to=to, problem="login.wrong", status=401)
        throttle.succeed(address)
        session = sessions.new_session(*holder, token, desk.now())
        answer = desk.go(local_path(to))
        cookie = sessions.seal_session(desk.workspace.keyring, session)
        lifetime_s = int(sessions.LIFETIME.total_seconds())
        _set_cookie(answer, desk.session_cookie, cookie, lifetime_s)
        return answer

    @router.post("/logout")
    def leave(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        """End the session, here and in every copy of its cookie."""
        desk.leave(desk.require_form(request, csrf))
        answer = desk.go("/login")
        answer.delete_cookie(desk.session_cookie, path="/", httponly=True, samesite="strict")
        return answer

    @router.get("/language/{language}")
    def set_language(language: str, to: str = "") -> Response:
        """Remember the reader's language."""
        if language not in LANGUAGES:
            raise NotFoundError("no such language")
        answer = desk.go(local_path(to))
        _set_cookie(answer, LANGUAGE_COOKIE, language, LANGUAGE_SECONDS)
        return answer

    return router


def _form(
    desk: Desk,
    request: Request,
    *,
    to: str,
    problem: str,
    status: int = 200,
    session: sessions.Session | None = None,
) -> Response:
    """The sign-in page; its form is tied to a cookie that this very browser holds."""
    visitor = request.cookies.get(desk.visitor_cookie, "") or secrets.token_urlsafe(VISITOR_BYTES)
    page = desk.render(
        request,
        "login.html",
        status=status,
        problem=problem,
        to=local_path(to),
        is_signed_in=session is not None,
        csrf=sessions.csrf_token(desk.workspace.keyring, visitor),
    )
    _set_cookie(page, desk.visitor_cookie, visitor, None)
    return page


def _set_cookie(answer: Response, name: str, value: str, lifetime_s: int | None) -> None:
    answer.set_cookie(name, value, max_age=lifetime_s, path="/", httponly=True, samesite="strict")
