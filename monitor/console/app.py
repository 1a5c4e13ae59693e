"""The pages: sign-in, queue, hit, status. Calls services and nothing below."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.middleware.trustedhost import TrustedHostMiddleware

from classifiers.contract import Category
from monitor.console.language import LANGUAGES, choose, words
from monitor.console.marking import defang, mark, visible
from monitor.console.session import (
    COOKIE,
    LIFETIME,
    Session,
    csrf_token,
    is_csrf,
    open_session,
    seal_session,
)
from monitor.domain.hit import Hit, HitFilter, Verdict
from monitor.errors import InputError, MonitorError, NotFoundError
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitQuery
from monitor.services import endpoints, overview, triage, watches
from monitor.services.setup import user_of_token

__all__ = ["create_app"]

PAGE_SIZE = 50
MARKED_REASONS = 8
"""Weaker reasons are listed but not marked: a text full of marks says nothing."""
LANGUAGE_COOKIE = "monitor_language"
MAX_WRONG_TOKENS = 10
WRONG_TOKENS_WINDOW_S = 60.0
ZONE = ZoneInfo("Asia/Shanghai")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FILTERS = ("status", "decision", "category", "source", "verdict")
CHOICES = {
    "status": ("open", "closed"),
    "decision": ("hit", "review", "clear"),
    "verdict": ("confirmed", "benign", "unsure"),
    "category": tuple(Category),
}


class _SignInNeeded(Exception):
    """Nobody is signed in."""


class _Forged(Exception):
    """A form without the token of its session."""


def create_app(workspace: Workspace, *, hosts: tuple[str, ...] = ()) -> FastAPI:
    """The console over an open workspace.

    Args:
        workspace: what is open.
        hosts: further names under which it may be asked for; loopback names always work.
    """
    app = FastAPI(title="monitor", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", *hosts]
    )
    app.mount("/static", StaticFiles(packages=[("monitor.console", "static")]), name="static")
    pages = _Pages(workspace)
    pages.register(app)
    return app


class _Pages:
    """Handlers with what they share."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._wrong: deque[datetime] = deque(maxlen=MAX_WRONG_TOKENS)
        self._wrong_lock = threading.Lock()
        self._templates = Environment(
            loader=PackageLoader("monitor.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            visible=visible, defang=defang, local_time=_local_time, percent=_percent
        )

    def register(self, app: FastAPI) -> None:
        """Add all routes."""
        app.get("/healthz")(self.healthz)
        app.get("/login")(self.show_login)
        app.post("/login")(self.log_in)
        app.post("/logout")(self.log_out)
        app.get("/language/{language}")(self.set_language)
        app.get("/")(self.queue)
        app.get("/hits/{hit_id}")(self.hit)
        app.post("/hits/{hit_id}/verdict")(self.judge)
        app.get("/status")(self.status)
        app.exception_handler(_SignInNeeded)(self._send_to_login)
        app.exception_handler(_Forged)(self._explain_forged)
        app.exception_handler(MonitorError)(self._explain)

    def healthz(self) -> JSONResponse:
        """Whether the process answers."""
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    def _render(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        language = choose(
            request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")
        )
        cookie = request.cookies.get(COOKIE, "")
        session = open_session(self._workspace.keyring, cookie, datetime.now(UTC))
        other = next(name for name in LANGUAGES if name != language)
        html = self._templates.get_template(template).render(
            w=words(language),
            session=session,
            csrf=csrf_token(self._workspace.keyring, cookie) if session else "",
            other_language=other,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            **values,
        )
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    def _require(self, request: Request) -> Session:
        cookie = request.cookies.get(COOKIE, "")
        session = open_session(self._workspace.keyring, cookie, datetime.now(UTC))
        if session is None:
            raise _SignInNeeded
        return session

    def _require_form(self, request: Request, csrf: str) -> Session:
        session = self._require(request)
        if not is_csrf(self._workspace.keyring, request.cookies.get(COOKIE, ""), csrf):
            raise _Forged
        return session

    def _send_to_login(self, _request: Request, _error: Exception) -> Response:
        return RedirectResponse("/login", status_code=303, headers=HEADERS)

    def _explain_forged(self, request: Request, _error: Exception) -> Response:
        return self._render(request, "error.html", status=403, key="error.csrf", text="")

    def _explain(self, request: Request, error: Exception) -> Response:
        status = 404 if isinstance(error, NotFoundError) else 400
        if not isinstance(error, InputError):
            status = 500
        return self._render(request, "error.html", status=status, key="", text=str(error))

    def show_login(self, request: Request) -> HTMLResponse:
        """The sign-in page."""
        return self._render(request, "login.html", problem="")

    def log_in(self, request: Request, token: Annotated[str, Form()] = "") -> Response:
        """Exchange a token for a session."""
        if self._is_slowed():
            return self._render(request, "login.html", status=429, problem="login.slow")
        found = user_of_token(self._workspace, token.strip())
        if found is None:
            with self._wrong_lock:
                self._wrong.append(datetime.now(UTC))
            return self._render(request, "login.html", status=401, problem="login.wrong")
        session = Session(found[0], found[1], datetime.now(UTC) + LIFETIME)
        answer = RedirectResponse("/", status_code=303, headers=HEADERS)
        answer.set_cookie(
            COOKIE,
            seal_session(self._workspace.keyring, session),
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            samesite="strict",
            path="/",
        )
        return answer

    def _is_slowed(self) -> bool:
        with self._wrong_lock:
            if len(self._wrong) < MAX_WRONG_TOKENS:
                return False
            age = (datetime.now(UTC) - self._wrong[0]).total_seconds()
        return age < WRONG_TOKENS_WINDOW_S

    def log_out(self, request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        """End the session in this browser."""
        self._require_form(request, csrf)
        answer = RedirectResponse("/login", status_code=303, headers=HEADERS)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    def set_language(self, language: str) -> Response:
        """Remember the reader's language."""
        if language not in LANGUAGES:
            raise NotFoundError(f"no language {language[:8]!r}")
        answer = RedirectResponse("/", status_code=303, headers=HEADERS)
        answer.set_cookie(
            LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="strict"
        )
        return answer

    def queue(self, request: Request) -> HTMLResponse:
        """Suspected listings in triage order, filtered by the address."""
        self._require(request)
        chosen = {name: request.query_params.getlist(name) for name in FILTERS}
        if "status" not in request.query_params:
            chosen["status"] = ["open"]
        chosen = {name: [v for v in values if v] for name, values in chosen.items()}
        text = request.query_params.get("q", "").strip()
        page = _page_number(request.query_params.get("page", "1"))
        if text:
            rows, total = self._search(text, chosen)
            has_next = False
        else:
            wanted = HitFilter(**{name: tuple(values) for name, values in chosen.items()})
            rows = triage.queue(
                self._workspace, wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
            )
            total = triage.count(self._workspace, wanted)
            has_next = page * PAGE_SIZE < total
        kept = [(name, value) for name, values in chosen.items() for value in values]
        if "status" in request.query_params and not chosen["status"]:
            kept.append(("status", ""))
        return self._render(
            request,
            "queue.html",
            rows=rows,
            total=total,
            chosen=chosen,
            choices={**CHOICES, "source": self._source_names()},
            q=text,
            page=page,
            next_link=_link(kept, page + 1) if has_next else "",
            previous_link=_link(kept, page - 1) if page > 1 else "",
        )

    def _search(self, text: str, chosen: dict[str, list[str]]) -> tuple[list[Hit], int]:
        filters = {name: values for name, values in chosen.items() if values}
        found = triage.search(
            self._workspace, HitQuery(text=text, filters=filters, limit=PAGE_SIZE)
        )
        ids = [document.hit_id for document in found.documents]
        return triage.load(self._workspace, ids), found.total

    def _source_names(self) -> tuple[str, ...]:
        names = {watch.source for watch in watches.list_watches(self._workspace)}
        return tuple(sorted(names))

    def hit(self, request: Request, hit_id: int) -> HTMLResponse:
        """One hit and all that explains it."""
        self._require(request)
        detail = triage.detail(self._workspace, hit_id)
        scores = sorted(detail.hit.categories.items(), key=lambda item: -item[1])
        offer = {name: value for name, value in detail.hit.offer.items() if value}
        return self._render(
            request,
            "hit.html",
            detail=detail,
            hit=detail.hit,
            pieces=mark(detail.hit.text, detail.hit.evidence[:MARKED_REASONS]),
            scores=scores,
            offer=offer,
        )

    def judge(
        self,
        request: Request,
        hit_id: int,
        verdict: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        go_on: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        """Take a verdict; then the next open hit, or this one again."""
        session = self._require_form(request, csrf)
        try:
            chosen = Verdict(verdict)
        except ValueError:
            raise InputError("a verdict is confirmed, benign or unsure") from None
        triage.triage(self._workspace, hit_id, chosen, reason=reason, actor=session.user)
        target = f"/hits/{hit_id}"
        if go_on:
            following = triage.queue(self._workspace, HitFilter(status=("open",)), limit=2)
            others = [hit.id for hit in following if hit.id != hit_id]
            target = f"/hits/{others[0]}" if others else "/"
        return RedirectResponse(target, status_code=303, headers=HEADERS)

    def status(self, request: Request) -> HTMLResponse:
        """What the monitor is doing."""
        self._require(request)
        ledger = watches.coverage(self._workspace, hours=24.0)
        return self._render(
            request,
            "status.html",
            counts=overview.overview(self._workspace),
            waiting=overview.waiting(self._workspace),
            polls=watches.recent_polls(self._workspace, limit=30),
            ledger=sorted(ledger, key=lambda row: (-row.blind, row.source, row.term)),
            circuits=watches.circuits(self._workspace),
            endpoints=endpoints.list_endpoints(self._workspace),
            alerts=endpoints.list_alerts(self._workspace, limit=20),
        )


def _page_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 and int(text) > 0 else 1


def _link(kept: list[tuple[str, str]], page: int) -> str:
    return "/?" + urlencode([*kept, ("page", str(page))])


def _local_time(at: datetime | None) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S %Z") if at else "-"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
