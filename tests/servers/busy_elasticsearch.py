"""Elasticsearch with too much to do: passes requests on, but answers some changes with 429."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

__all__ = ["BusyElasticsearch"]

REJECTED = {"type": "es_rejected_execution_exception"}


class BusyElasticsearch:
    """Stands between a client and a real server. Use as a context manager.

    Attributes:
        is_full: every bulk request is rejected as a whole.
        rejects: ids that are rejected alone; the rest of their request is passed on.
    """

    def __init__(self, port: int) -> None:
        self.is_full = False
        self.rejects: set[str] = set()
        handler = type("Handler", (_Handler,), {"between": self, "real_port": port})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """For ``MONITOR_ELASTICSEARCH_URL``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written apart; without this the body waits 40 ms for an ACK.
    disable_nagle_algorithm = True
    between: BusyElasticsearch
    real_port: int

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "/_bulk" not in self.path:
            self._reply(*self._ask(body))
        elif self.between.is_full:
            self._reply(429, json.dumps({"error": REJECTED, "status": 429}).encode())
        else:
            self._serve_bulk(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server asks so

    def _serve_bulk(self, body: bytes) -> None:
        lines = body.splitlines(keepends=True)
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        is_rejected = [_id_of(action) in self.between.rejects for action, _ in pairs]
        passed = zip(pairs, is_rejected, strict=True)
        status, answer = self._ask(
            b"".join(b"".join(pair) for pair, rejected in passed if not rejected)
        )
        found = json.loads(answer)
        items = iter(found["items"])
        found["items"] = [
            {"index": {"status": 429, "error": REJECTED}} if rejected else next(items)
            for rejected in is_rejected
        ]
        found["errors"] = found["errors"] or any(is_rejected)
        self._reply(status, json.dumps(found).encode())

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        """What the real server answers."""
        asked = HTTPConnection("127.0.0.1", self.real_port, timeout=60)
        kinds = {
            name: self.headers[name] for name in ("Content-Type", "Accept") if name in self.headers
        }
        try:
            asked.request(self.command, self.path, body or None, kinds)
            answer = asked.getresponse()
            self._kind = answer.getheader("Content-Type", "application/json")
            return answer.status, answer.read()
        finally:
            asked.close()

    _kind = "application/json"

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", self._kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _id_of(action: bytes) -> str:
    (how,) = json.loads(action).values()
    return str(how["_id"])
