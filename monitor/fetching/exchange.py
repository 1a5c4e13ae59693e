"""One request, one answer: limits on time and bytes, nothing about politeness."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from monitor.egress import deadline, explain
from monitor.fetching.inflate import PackingError, open_inflater

__all__ = ["Exchange", "ExchangeError", "RawAnswer"]

PACKING_BYTES = 65_536
"""What packing may add to a body that does not shrink."""

SENT = "http11.send_request_body.complete"
"""The transport's step after which the operating system has the whole request."""

FORGOTTEN_HEADERS = frozenset({"set-cookie", "set-cookie2"})
"""Never kept: a session of ours could be taken over from a saved answer."""


class ExchangeError(Exception):
    """No answer arrived. The text is for people and repeats nothing of the request.

    Attributes:
        elapsed_s: time that it took.
    """

    def __init__(self, reason: str, elapsed_s: float) -> None:
        super().__init__(reason)
        self.elapsed_s = elapsed_s


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer before its charset is known.

    Attributes:
        headers: lower-case names, repeated ones joined by a comma.
        body: unpacked, at most the byte cap long; empty for a redirect.
        is_truncated: the end of the body is missing.
        fault: why the body broke off, "" when it did not (the cap is no fault).
        elapsed_s: from sending to the last byte.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_truncated: bool
    fault: str
    elapsed_s: float

    @property
    def location(self) -> str | None:
        """Where a redirect leads, None for any other answer."""
        if self.status in (301, 302, 303, 307, 308):
            return self.headers.get("location")
        return None


class Exchange:
    """Sends requests over one pool of connections. Thread-safe.

    The transport is used without an `httpx.Client`: the client keeps cookies and
    logs every URL with its query.
    """

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def run(
        self,
        request: httpx.Request,
        timeout_s: float,
        max_bytes: int,
        on_sent: Callable[[], None] | None = None,
    ) -> RawAnswer:
        """Send `request` and read the answer.

        Args:
            request: as it goes out.
            timeout_s: for all of it, from the name to the last byte.
            max_bytes: most bytes of the body, before and after unpacking alike.
            on_sent: called when all of the request was given to the network.

        Raises:
            ExchangeError: no answer arrived.
            AddressRefused: the gate refused the address.
        """
        request.extensions = {"timeout": httpx.Timeout(timeout_s).as_dict()}
        if on_sent is not None:
            request.extensions["trace"] = _Trace(on_sent)
        started = time.monotonic()
        with deadline(timeout_s):
            try:
                response = self._transport.handle_request(request)
            except httpx.TransportError as error:
                raise ExchangeError(explain(error), time.monotonic() - started) from None
            try:
                return self._read(response, max_bytes, started)
            finally:
                response.close()

    def _read(self, response: httpx.Response, max_bytes: int, started: float) -> RawAnswer:
        body = bytearray()
        is_truncated, fault = False, ""
        if not response.has_redirect_location:
            try:
                is_truncated = not _read_body(response, max_bytes, body)
            except httpx.TransportError as error:
                is_truncated, fault = True, explain(error)
            except PackingError as error:
                is_truncated, fault = True, str(error)
        return RawAnswer(
            status=response.status_code,
            headers={
                name.lower(): text
                for name, text in response.headers.items()
                if name.lower() not in FORGOTTEN_HEADERS
            },
            body=bytes(body),
            is_truncated=is_truncated,
            fault=fault,
            elapsed_s=time.monotonic() - started,
        )


@dataclass(frozen=True, slots=True)
class _Trace:
    """Told by the transport of each step of an exchange."""

    on_sent: Callable[[], None]

    def __call__(self, step: str, _details: Mapping[str, object]) -> None:
        if step == SENT:
            self.on_sent()


def _read_body(response: httpx.Response, max_bytes: int, body: bytearray) -> bool:
    """Fill `body`; whether all of it fitted. What was read stays when an error is raised."""
    inflater = open_inflater(response.headers.get("content-encoding", ""))
    wire_bytes = 0
    for chunk in response.iter_raw():
        wire_bytes += len(chunk)
        for piece in inflater.feed(chunk):
            body += piece[: max_bytes - len(body) + 1]
            if len(body) > max_bytes:
                del body[max_bytes:]
                return False
        if wire_bytes > max_bytes + PACKING_BYTES:
            return False
    return inflater.is_complete
