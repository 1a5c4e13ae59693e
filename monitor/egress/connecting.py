"""Opening connections: resolve once, check, connect to the checked address, keep to a deadline.

The name is resolved here and nowhere else, so there is no second resolution
that could give another answer than the one that was checked.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from monitor.egress.addresses import Address, parse_address

__all__ = ["GateTransport", "PinnedBackend", "Resolver", "deadline", "explain", "system_resolver"]

Resolver = Callable[[str, int], Sequence[str]]
"""Host name and port to addresses; raises `OSError` when there are none."""

KEEPALIVE_S = 15.0
MAX_CONNECTIONS = 100

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound all that this thread sends and reads through a gate inside the block.

    A timeout for each read is no bound: a server that sends one byte at a time
    keeps within it for ever.
    """
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    ends_at = _ends_at.get()
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise late("the deadline has passed")
    return left if timeout is None else min(timeout, left)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """All addresses the operating system knows for `host`, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to addresses that `check` let through, and to no others."""

    def __init__(
        self, resolve: Resolver, check: Callable[[str, Sequence[str]], Sequence[Address]]
    ) -> None:
        self._resolve = resolve
        self._check = check
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect; raises `AddressRefused` before anything is sent to a refused address."""
        timeout = _left(timeout, httpcore.ConnectTimeout)
        started = time.monotonic()
        addresses = self._check(host, self._look_up(host, port, timeout))
        for tried, address in enumerate(addresses):
            left = None if timeout is None else timeout - (time.monotonic() - started)
            # One address that swallows packets must not use up the time of the others.
            share = None if left is None else max(left, 0.01) / (len(addresses) - tried)
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if tried + 1 == len(addresses):
                    raise
            else:
                return _BoundedStream(stream)
        raise httpcore.ConnectError("the name has no address")

    def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the signature is httpcore's
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Never: local sockets are no address of the outside."""
        raise httpcore.ConnectError("local sockets are not let out")

    def _look_up(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """Resolve within the time left: the system's resolver knows no timeout of ours."""
        if _is_address(host):
            return [host]
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=work, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        if isinstance(answer, Exception):
            raise httpcore.ConnectError("the name does not resolve") from answer
        return answer


def _is_address(host: str) -> bool:
    try:
        parse_address(host)
    except ValueError:
        return False
    return True


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every operation ends with the deadline of the calling thread."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GateTransport(httpx.BaseTransport):
    """An httpx transport that checks each URL and opens connections through the backend.

    It can be used by an `httpx.Client` or called directly. Called directly it
    writes no log line with the URL in it, which the client does. Thread-safe.
    """

    def __init__(
        self,
        check_url: Callable[[str], None],
        backend: httpcore.NetworkBackend,
        verify: ssl.SSLContext,
    ) -> None:
        self._check_url = check_url
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; raises `AddressRefused` or an `httpx.TransportError`."""
        self._check_url(str(request.url))
        with _httpx_errors():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            request=request,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Both libraries name their errors alike; callers shall know only one of them."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error


def explain(error: Exception) -> str:
    """A transport error in a few words.

    The libraries' own texts may quote what the server sent or what was asked for.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not accepted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "no TLS connection"
        if isinstance(cause, socket.gaierror):
            return "the name does not resolve"
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, TimeoutError):
            return cause.strerror.lower()
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the connection was closed too early or the answer is not HTTP"
    if isinstance(error, httpx.LocalProtocolError):
        return "the request cannot be sent as it is"
    return "no connection"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
