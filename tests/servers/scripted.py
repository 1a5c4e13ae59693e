"""A threaded HTTP server on 127.0.0.1 that does what it is told and remembers who asked.

    with ScriptedServer() as server:
        server.route("/list", Reply(429, headers={"Retry-After": "7"}), Reply(body=b"<p>ok"))
        ... ask server.url("/list") twice ...
        assert server.paths() == ["/list", "/list"]
        assert min(server.gaps()) >= 0.5

A route answers with its steps in turn and goes on with the last one. A step is a
`Reply`, a `Script` that writes to the connection itself (`drip`, `endless`, `reset`, ...
below, or one of your own), or a function from `Seen` to either.
Paths without a route answer 404, and so does ``/robots.txt``.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

__all__ = [
    "Reply",
    "Script",
    "ScriptedServer",
    "Seen",
    "Wire",
    "drip",
    "drip_headers",
    "endless",
    "gzip_bomb",
    "half_closed",
    "raw",
    "reset",
    "silent",
]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived.

    Attributes:
        at: `time.monotonic` when its head was read.
        path: without the query.
        query: decoded pairs in order.
        headers: lower-case names; of repeated ones the last.
        peer_port: the client's port: equal for requests over one connection.
    """

    at: float
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    peer_port: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A well-formed answer, sent after `delay_s`; `Content-Length` is added."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


class ServerClosedError(Exception):
    """The server is being closed; a script simply lets it pass."""


class Wire:
    """The connection of one request, for scripts that write it themselves."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping

    def send(self, data: bytes) -> None:
        """Write all of `data`; raises `ServerClosedError` when the server is being closed."""
        if self._stopping.is_set():
            raise ServerClosedError
        self._connection.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait; raises `ServerClosedError` when the server is being closed."""
        if self._stopping.wait(seconds):
            raise ServerClosedError

    def reset(self) -> None:
        """Break the connection with RST instead of a proper end."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def close_writing(self) -> None:
        """Say that nothing more comes, and go on reading."""
        self._connection.shutdown(socket.SHUT_WR)


@dataclass(frozen=True, slots=True)
class Script:
    """An answer written by hand; the connection is closed after it."""

    run: Callable[[Wire], None]


Step = Reply | Script | Callable[[Seen], Reply | Script]


class ScriptedServer:
    """See the module. Use it as a context manager; all methods are thread-safe."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._routes: dict[str, list[Step]] = {}
        self._seen: list[Seen] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._scheme = "https" if tls else "http"
        self._server = _Server((host, 0), self, tls)
        self.failures: list[BaseException] = []
        """Errors of the scripts themselves; `close` raises the first."""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None and self.failures:
            raise self.failures[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """``host:port``, as in the Host header."""
        return f"{self._server.server_address[0]!s}:{self.port}"

    def url(self, path: str = "/") -> str:
        """Absolute address of `path`."""
        return f"{self._scheme}://{self.host}{path}"

    def route(self, path: str, *steps: Step) -> None:
        """Answer `path` (``"/list"``, or ``"/item/*"`` for all below) with `steps` in turn."""
        if not steps:
            raise ValueError("a route needs at least one step")
        with self._lock:
            self._routes[path] = list(steps)

    def seen(self, path: str | None = None) -> list[Seen]:
        """Requests so far in order of arrival, of one path or all."""
        with self._lock:
            return [request for request in self._seen if path is None or request.path == path]

    def forget(self) -> None:
        """Drop the log of requests: a server that runs for long would keep each."""
        with self._lock:
            self._seen.clear()

    def paths(self) -> list[str]:
        """Paths asked for, in order of arrival."""
        return [request.path for request in self.seen()]

    def gaps(self) -> list[float]:
        """Seconds between each request and the one before it."""
        times = sorted(request.at for request in self.seen())
        return [later - earlier for earlier, later in pairwise(times)]

    def close(self) -> None:
        """Stop, break all connections, wait for all threads."""
        self._stopping.set()
        self._server.shutdown()
        self._server.break_connections()
        self._server.server_close()
        self._thread.join()

    def _next_step(self, request: Seen) -> Step:
        with self._lock:
            self._seen.append(request)
            steps = self._routes.get(request.path) or self._below(request.path)
            if steps is None:
                return Reply(404, b"not found")
            return steps.pop(0) if len(steps) > 1 else steps[0]

    def _below(self, path: str) -> list[Step] | None:
        for pattern, steps in self._routes.items():
            if pattern.endswith("*") and path.startswith(pattern[:-1]):
                return steps
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], owner: ScriptedServer, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(address, _Handler)
        self.owner = owner
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._tls is None:
            self._handle(request, client_address)
            return
        request.settimeout(10)
        with self._tls.wrap_socket(request, server_side=True) as wrapped:
            self._handle(wrapped, client_address)

    def _handle(self, connection: socket.socket, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(connection)
        try:
            _Handler(connection, client_address, self)
        finally:
            with self._open_lock:
                self._open.discard(connection)

    def break_connections(self) -> None:
        """Wake every thread that reads or writes."""
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        error = sys.exc_info()[1]
        # A client that hangs up in the middle is what many tests are about.
        if error is not None and not isinstance(error, (OSError, ServerClosedError, ValueError)):
            self.owner.failures.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written apart; without this the body waits 40 ms for an ACK.
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        at = time.monotonic()
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Seen(
            at=at,
            method=self.command,
            path=split.path,
            query=tuple(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            peer_port=int(self.client_address[1]),
        )
        step = self.server.owner._next_step(request)
        if not isinstance(step, (Reply, Script)):
            step = step(request)
        wire = Wire(self.connection, self.server.owner._stopping)
        if isinstance(step, Script):
            self.close_connection = True
            step.run(wire)
            return
        self._reply(step, wire)

    def _reply(self, reply: Reply, wire: Wire) -> None:
        if reply.delay_s:
            wire.pause(reply.delay_s)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815 - http.server asks so

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base
        """Say nothing: the request log is what tests read."""


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def raw(*parts: bytes) -> Script:
    """Send exactly these bytes and close."""

    def run(wire: Wire) -> None:
        for part in parts:
            wire.send(part)

    return Script(run)


def silent(seconds: float = 60.0) -> Script:
    """Read the request and never answer."""
    return Script(lambda wire: wire.pause(seconds))


def drip(body: bytes, every_s: float, *, status: int = 200) -> Script:
    """The head at once, then one byte of the body at a time."""

    def run(wire: Wire) -> None:
        wire.send(_head(status, {"Content-Type": "text/html", "Content-Length": str(len(body))}))
        _drip(wire, body, every_s)

    return Script(run)


def drip_headers(every_s: float) -> Script:
    """A head that comes byte by byte and does not end."""
    return Script(lambda wire: _drip(wire, b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 50_000, every_s))


def _drip(wire: Wire, data: Iterable[int], every_s: float) -> None:
    for byte in data:
        wire.send(bytes([byte]))
        wire.pause(every_s)


def endless(chunk: bytes = b"<p>again</p>" * 1000, *, status: int = 200) -> Script:
    """A body without an end, as fast as the client reads."""

    def run(wire: Wire) -> None:
        wire.send(_head(status, {"Content-Type": "text/html"}))
        while True:
            wire.send(chunk)

    return Script(run)


def reset(after: bytes = b"") -> Script:
    """Send `after`, then break the connection."""

    def run(wire: Wire) -> None:
        if after:
            wire.send(after)
            # RST discards what the client has not read yet.
            wire.pause(0.1)
        wire.reset()

    return Script(run)


def half_closed(head_and_part: bytes = b"", stay_s: float = 60.0) -> Script:
    """Send something, say that nothing more comes, and stay."""

    def run(wire: Wire) -> None:
        if head_and_part:
            wire.send(head_and_part)
        wire.close_writing()
        wire.pause(stay_s)

    return Script(run)


def gzip_bomb(size: int) -> Reply:
    """`size` bytes of nothing, a thousandth of it on the wire."""
    return Reply(
        body=gzip.compress(bytes(size)),
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html"},
    )
