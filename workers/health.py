"""``/livez``, ``/readyz`` and ``/metrics`` of a worker or beat, for those who watch it.

Live means: not stuck, so restarting would not help. Ready means: Redis and the store
answer. A worker that is not ready needs no restart; it goes on when they are back.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy import text

from workers.metrics import exposition
from workers.process import Process

__all__ = ["HealthServer", "stuck", "unready"]

STUCK_TASK_S = 3600.0
"""No look takes so long: a thread hangs."""
STUCK_BEAT_S = 120.0


def stuck(process: Process) -> list[str]:
    """Why a restart would help."""
    reasons = []
    if process.longest_task_s() > STUCK_TASK_S:
        reasons.append("a task hangs")
    return reasons


def unready(process: Process) -> list[str]:
    """Which servers do not answer."""
    checks: dict[str, Callable[[], object]] = {
        "redis": process.redis.ping,
        "store": lambda: _ask_store(process),
    }
    reasons = []
    for name, check in checks.items():
        try:
            check()
        except Exception as error:  # noqa: BLE001 - whatever it is, it does not answer
            reasons.append(f"{name}: {type(error).__name__}")
    if process.since_beat_s() > STUCK_BEAT_S:
        reasons.append("beat: no round came to its end lately")
    return reasons


def _ask_store(process: Process) -> None:
    with process.workspace.database.read() as tx:
        tx.execute(text("SELECT 1"))


class HealthServer(ThreadingHTTPServer):
    """Serves in a thread that dies with the process.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, process: Callable[[], Process]) -> None:
        super().__init__((host, port), _Handler)
        self.process = process
        threading.Thread(target=self.serve_forever, name="health", daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: HealthServer

    def do_GET(self) -> None:
        process = self.server.process()
        if self.path == "/metrics":
            self._reply(200, exposition(), "text/plain; version=0.0.4; charset=utf-8")
        elif self.path in ("/livez", "/readyz"):
            reasons = stuck(process) if self.path == "/livez" else unready(process)
            body = json.dumps({"ok": not reasons, "reasons": reasons}).encode()
            self._reply(503 if reasons else 200, body, "application/json")
        else:
            self._reply(404, b"", "text/plain")

    def _reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing: probes come every few seconds."""
