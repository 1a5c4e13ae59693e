"""A small HTTP server on 127.0.0.1 for what the demo needs: threads, keep-alive, broken answers.

Who uses it gives a function from `Request` to `Reply`, which runs on the thread
of its connection and must be thread-safe.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

__all__ = ["HOST", "LoopbackServer", "Reply", "Request", "json_object", "json_reply"]

MAX_BODY_BYTES = 1_000_000
MAX_IGNORED_BYTES = 20_000_000
IDLE_S = 30.0
LINGER_S = 2.0
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        path: decoded, without the query.
        query: decoded; of repeated names the last.
        headers: lower-case names; of repeated ones the last.
        body: whole; empty without one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        delay_s: waited before it is sent; cut short when the server stops.
        is_broken: the connection breaks (RST) after half of the body.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    is_broken: bool = False


def json_reply(content: Any, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, orjson.dumps(content), "application/json; charset=utf-8")


def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty one.

    Raises:
        ValueError: it is none, or not declared as JSON. Pages of other origins can
            not declare it unasked, so a browser can not be made to post one.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("the body must be application/json")
    content = orjson.loads(request.body) if request.body else {}
    if not isinstance(content, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - of a remote caller
    return content


class LoopbackServer:
    """Serves until `stop`; also a context manager.

    Args:
        answer: called for each request; an exception ends that connection.
        port: 0 takes any free one.
        host: another than loopback's only inside a container's own network.
    """

    def __init__(
        self, answer: Callable[[Request], Reply], *, port: int = 0, host: str = HOST
    ) -> None:
        self._answer = answer
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Address without a slash at its end; raises `RuntimeError` when it does not run."""
        if self._server is None:
            raise RuntimeError("the server does not run")
        return f"http://{self._host}:{self._server.server_address[1]}"

    def start(self) -> str:
        """Listen and serve on threads of its own; returns `base_url`.

        Raises:
            OSError: the port is taken.
        """
        if self._server is not None:
            raise RuntimeError("the server runs already")
        self._server = _Server((self._host, self._port), self._answer)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="demo-server",
            daemon=True,
        )
        self._thread.start()
        return self.base_url

    def stop(self) -> None:
        """Break all connections and wait for all threads. Harmless when it does not run."""
        if self._server is None or self._thread is None:
            return
        self._server.stopping.set()
        self._server.shutdown()
        self._server.break_connections()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        try:
            # A connection accepted while the others were being broken.
            if not self.stopping.is_set():
                _Handler(request, client_address, self)
        finally:
            with self._open_lock:
                self._open.discard(request)

    def break_connections(self) -> None:
        """Wake every thread that reads or writes."""
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that hang up in the middle are what faults are about.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleMarket"
    sys_version = ""
    timeout = IDLE_S
    # Head and body in one segment: apart, each answer would wait for a delayed ACK.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self._refuse(411, b"a Content-Length is needed")
            return
        if len(length) > 9 or int(length) > MAX_BODY_BYTES:
            self._refuse(413, b"the body is too long")
            return
        try:
            split = urlsplit(self.path)
            query = dict(parse_qsl(split.query, keep_blank_values=True))
        except ValueError:
            self._send(Reply(400, b"not an address", "text/plain"))
            return
        request = Request(
            method=self.command,
            path=unquote(split.path),
            query=query,
            headers={name.lower(): text for name, text in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        self._send(self.server.answer(request))

    do_GET = do_HEAD = do_POST = _serve  # noqa: N815 - http.server asks for these names

    def _send(self, reply: Reply) -> None:
        if reply.delay_s > 0:
            self.server.stopping.wait(reply.delay_s)
        self.send_response(reply.status)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.is_broken:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.wfile.flush()
            self._break()
        elif self.command != "HEAD":
            self.wfile.write(reply.body)

    def _refuse(self, status: int, reason: bytes) -> None:
        """Answer without the body, then let the client finish.

        Closing while bytes are unread would reset the connection, and the client
        might never see the answer.
        """
        self.close_connection = True
        self._send(Reply(status, reason, "text/plain", {"Connection": "close"}))
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_S)
        left = MAX_IGNORED_BYTES
        while left > 0 and (part := self.rfile.read1(65_536)):
            left -= len(part)

    def _break(self) -> None:
        """End the connection with RST instead of properly."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base
        """Say nothing: who needs a log keeps one."""
