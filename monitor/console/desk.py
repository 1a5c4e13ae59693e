"""What all pages share: templates, the reader's language and session, checks of forms."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.console import session as sessions
from monitor.console.formats import Formats
from monitor.console.language import LANGUAGES, choose, words
from monitor.console.sentences import disguises, reason
from monitor.console.session import Session
from monitor.console.visible import defang, is_web_link, plain, runs
from monitor.pipeline.workspace import Workspace
from monitor.services.setup import user_of_token

__all__ = ["LANGUAGE_COOKIE", "Desk", "FormForged", "SignInNeeded", "local_path"]

LANGUAGE_COOKIE = "monitor_language"
MAX_PATH_CHARS = 1500


class SignInNeeded(Exception):
    """Nobody is signed in."""


class FormForged(Exception):
    """A form without the token of the session that sends it."""


def local_path(text: str) -> str:
    """A path of this console to go on to; ``"/"`` for anything that could lead elsewhere."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    if not is_path or len(text) > MAX_PATH_CHARS or not text.isprintable():
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else text


class Desk:
    """One for each console. Thread-safe."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.session_cookie = sessions.cookie_name(workspace.keyring, "session")
        self.visitor_cookie = sessions.cookie_name(workspace.keyring, "visitor")
        self._left: dict[str, datetime] = {}
        self._left_lock = threading.Lock()
        self._templates = Environment(
            loader=PackageLoader("monitor.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            runs=runs, plain=plain, defang=defang, reason=reason, disguises=disguises
        )
        self._templates.tests["web_link"] = is_web_link
        style = (files("monitor.console") / "static" / "console.css").read_bytes()
        self._templates.globals["style_version"] = hashlib.sha256(style).hexdigest()[:12]

    def now(self) -> datetime:
        """The workspace's time."""
        return self.workspace.clock.now()

    def session(self, request: Request) -> Session | None:
        """Who sends the request, or None: not signed in, over, signed out, token revoked."""
        cookie = request.cookies.get(self.session_cookie, "")
        found = sessions.open_session(self.workspace.keyring, cookie, self.now())
        if found is None or found.nonce in self._left:
            return None
        holder = user_of_token(self.workspace, found.token)
        return found if holder == (found.user, found.role) else None

    def require(self, request: Request) -> Session:
        """Who is signed in; raises `SignInNeeded`."""
        found = self.session(request)
        if found is None:
            raise SignInNeeded
        return found

    def require_form(self, request: Request, csrf: str) -> Session:
        """Who sends a form; raises `SignInNeeded`, or `FormForged` without its token."""
        found = self.require(request)
        self.check_csrf(request, csrf, self.session_cookie)
        return found

    def check_csrf(self, request: Request, given: str, cookie: str) -> None:
        """Raises `FormForged` unless the token belongs to the cookie of that name."""
        if not sessions.is_csrf(self.workspace.keyring, request.cookies.get(cookie, ""), given):
            raise FormForged

    def leave(self, session: Session) -> None:
        """End a session before its time, also for copies of its cookie."""
        now = self.now()
        with self._left_lock:
            over = [nonce for nonce, ends_at in self._left.items() if ends_at <= now]
            for nonce in over:
                del self._left[nonce]
            self._left[session.nonce] = session.ends_at

    def language(self, request: Request) -> str:
        """The reader's language."""
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        return choose(chosen, request.headers.get("accept-language", ""))

    def render(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page in the reader's language.

        Args:
            request: who asks; a value ``csrf`` replaces the token of the session.
            template: file name.
            status: HTTP status.
            **values: what the template needs besides what every page has.
        """
        language = self.language(request)
        session = values.pop("session", None)
        cookie = request.cookies.get(self.session_cookie, "")
        shared = {
            "w": words(language),
            "f": Formats(words(language), self.now()),
            "session": session,
            "csrf": sessions.csrf_token(self.workspace.keyring, cookie) if session else "",
            "other_language": next(name for name in LANGUAGES if name != language),
            "here": _here(request),
            "path": request.url.path,
        }
        html = self._templates.get_template(template).render({**shared, **values})
        headers = {"content-language": language, "vary": "Accept-Language, Cookie"}
        return HTMLResponse(html, status_code=status, headers=headers)

    def go(self, path: str) -> Response:
        """Send the browser on with GET, after a form or to sign in."""
        return RedirectResponse(path, status_code=303)


def _here(request: Request) -> str:
    """The page's own address, to come back to; ``"/"`` after a form."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return local_path(request.url.path + query)
