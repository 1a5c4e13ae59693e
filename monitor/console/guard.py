"""What stands before every page: which host was asked for, how much was sent, what is answered.

Against DNS rebinding a request must name this console as its host. Every answer,
errors and files included, carries the same security headers. An unforeseen error
becomes a page; its log line names type and place only, because the texts of
errors can hold listings' words.
"""

from __future__ import annotations

import ipaddress
import logging
import traceback
from collections.abc import Callable, Iterable, MutableMapping, Set
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LARGE_FORM_BYTES", "MAX_FORM_BYTES", "STATIC_PATH", "Guard", "is_loopback"]

MAX_FORM_BYTES = 65_536
LARGE_FORM_BYTES = 1_000_000
"""Of forms that take a whole text: a Chinese character is nine bytes on its way."""
STATIC_PATH = "/static/"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
PAGE_CACHING = "no-store"
# Addresses of files hold a digest of what is in them.
FILE_CACHING = "public, max-age=31536000, immutable"

Explain = Callable[[Request, int, str], Response]
_log = logging.getLogger(__name__)


def is_loopback(host: str) -> bool:
    """Whether a name or address (without port and brackets) is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware.

    Args:
        app: what it stands before.
        hosts: names, besides loopback's, under which the console may be asked for.
        uploads: addresses that bound by themselves what is sent to them.
        large_forms: addresses whose forms take a whole text.
        explain: makes the page for a status and a catalogue key.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        uploads: Set[str],
        large_forms: Set[str],
        explain: Explain,
    ) -> None:
        self._app = app
        self._uploads = uploads
        self._large_forms = large_forms
        self._hosts = frozenset(host.lower() for host in hosts)
        self._explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                _add_headers(message, is_file=scope["path"].startswith(STATIC_PATH))
            await send(message)

        problem = self._problem(Headers(scope=scope), scope)
        if problem:
            await self._explain(Request(scope), *problem)(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last one who can turn it into a page
            _log.error("console: %s at %s", type(error).__name__, _place(error))
            if not is_begun:
                page = self._explain(Request(scope), 500, "error.internal")
                await page(scope, receive, send_with_headers)

    def _problem(self, headers: Headers, scope: Scope) -> tuple[int, str] | None:
        named = headers.getlist("host")
        if len(named) != 1 or not self._is_ours(named[0]):
            return 400, "error.host"
        if scope["method"] in {"GET", "HEAD"} or scope["path"] in self._uploads:
            return None
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return 411, "error.length"
        most = LARGE_FORM_BYTES if scope["path"] in self._large_forms else MAX_FORM_BYTES
        return (413, "error.too_large") if int(length) > most else None

    def _is_ours(self, header: str) -> bool:
        is_bracketed = header.startswith("[")
        name = header[1:].partition("]")[0] if is_bracketed else header.partition(":")[0]
        return is_loopback(name.lower()) or name.lower() in self._hosts


def _add_headers(message: MutableMapping[str, Any], *, is_file: bool) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers[name] = value
    is_kept = is_file and message["status"] in {200, 304}
    headers["cache-control"] = FILE_CACHING if is_kept else PAGE_CACHING


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.name}:{last.lineno}"
