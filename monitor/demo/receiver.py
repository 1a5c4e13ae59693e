"""A sample receiver of alerts: checks signatures, drops repeats, can be told to misbehave.

    with Receiver("whsec_...") as receiver:
        ... register receiver.url as an endpoint ...
        receiver.wait_for(lambda alerts: len(alerts) >= 3, timeout_s=10)

In a process of its own::

    python -m monitor.demo.receiver --port 0 --secret whsec_... --log FILE

prints the address for webhooks as the first line. GET ``/`` shows what arrived,
``/_demo/state`` the counts, ``/_demo/alerts`` the messages; POST ``/_demo/mode``
(mode, delay_s) changes how it answers.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from monitor.demo.inbox import Inbox, ReceivedAlert
from monitor.demo.pages import render
from monitor.demo.serving import LoopbackServer, Reply, Request, json_object, json_reply
from monitor.demo.signatures import BadSignature, secret_key, verify
from monitor.domain.clock import Clock, SystemClock
from monitor.errors import InputError

__all__ = ["Receiver", "ReceiverMode", "main"]

HOOK_PATH = "/hook"
SHOWN_ALERTS = 200


class ReceiverMode(StrEnum):
    """How it answers a message."""

    NORMAL = "normal"
    ERROR = "error"
    """500, and nothing is kept."""
    SLOW = "slow"
    """Kept, and answered late."""
    GONE = "gone"
    """410: no more messages are wanted."""
    FORGETFUL = "forgetful"
    """Kept, and yet answered with 500: the sender will repeat it."""


class Receiver:
    """See the module. All methods are thread-safe.

    Args:
        secrets: one signing secret or several (``whsec_...``).
        clock: decides whether a message is too old.
        port: 0 takes any free one.
        log_path: file for what arrives, see `monitor.demo.inbox`.

    Raises:
        ValueError: a secret that can not be read.
        OSError: the file can not be opened.
    """

    def __init__(
        self,
        secrets: str | Sequence[str],
        clock: Clock | None = None,
        *,
        port: int = 0,
        log_path: Path | None = None,
    ) -> None:
        given = [secrets] if isinstance(secrets, str) else secrets
        self._keys = [secret_key(secret) for secret in given]
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._mode = ReceiverMode.NORMAL
        self._delay_s = 3.0
        self._refused = 0
        self._inbox = Inbox(log_path)
        self._server = LoopbackServer(self._answer, port=port)

    @property
    def url(self) -> str:
        """Address for webhooks; raises `RuntimeError` when it does not run."""
        return self._server.base_url + HOOK_PATH

    def start(self) -> str:
        """Listen; returns `url`. Raises `OSError` when the port is taken."""
        self._server.start()
        return self.url

    def stop(self) -> None:
        """Stop listening and close the file; what arrived stays readable."""
        self._server.stop()
        self._inbox.close()

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

    @property
    def alerts(self) -> list[ReceivedAlert]:
        """What arrived, each id once, in order of arrival."""
        return self._inbox.alerts()

    @property
    def repeats(self) -> int:
        """How many messages were dropped because their id had arrived before."""
        return self._inbox.repeats

    @property
    def refused(self) -> int:
        """How many messages had no valid signature or body."""
        with self._lock:
            return self._refused

    def wait_for(
        self, is_enough: Callable[[Sequence[ReceivedAlert]], bool], timeout_s: float
    ) -> bool:
        """Wait until what has arrived is enough; False when the time is up."""
        return self._inbox.wait_for(is_enough, timeout_s)

    def set_mode(self, mode: str, *, delay_s: float = 3.0) -> None:
        """Answer like this from now on; raises `InputError` for what is no `ReceiverMode`."""
        if mode not in list(ReceiverMode) or not 0 <= delay_s <= 60:
            known = ", ".join(ReceiverMode)
            raise InputError(f"mode is one of {known}; delay_s is 0 to 60")
        with self._lock:
            self._mode, self._delay_s = ReceiverMode(mode), delay_s

    def _answer(self, request: Request) -> Reply:
        if request.path == HOOK_PATH and request.method == "POST":
            return self._receive(request)
        if request.path == "/_demo/mode" and request.method == "POST":
            return self._change_mode(request)
        if request.method == "POST":
            return json_reply({"error": "unknown"}, 404)
        match request.path:
            case "/":
                alerts = self.alerts[: -SHOWN_ALERTS - 1 : -1]
                return Reply(body=render("inbox.html", alerts=alerts, state=self._state()))
            case "/_demo/state":
                return json_reply(self._state())
            case "/_demo/alerts":
                rows = [
                    {"id": alert.id, "arrived_at": alert.arrived_at, "body": alert.body}
                    for alert in self.alerts
                ]
                return json_reply({"alerts": rows})
            case _:
                return json_reply({"error": "unknown"}, 404)

    def _receive(self, request: Request) -> Reply:
        arrived_at = self._clock.now()
        with self._lock:
            mode, delay_s = self._mode, self._delay_s
        if mode is ReceiverMode.ERROR:
            return json_reply({"error": "out of order"}, 500)
        if mode is ReceiverMode.GONE:
            return json_reply({"error": "gone"}, 410)
        try:
            message_id = verify(request.headers, request.body, self._keys, arrived_at.timestamp())
            body = orjson.loads(request.body)
        except (BadSignature, orjson.JSONDecodeError) as error:
            return self._refuse(str(error), 401 if isinstance(error, BadSignature) else 400)
        if not isinstance(body, dict):
            return self._refuse("the body must be a JSON object", 400)
        is_first = self._inbox.put(ReceivedAlert(message_id, arrived_at, body))
        if mode is ReceiverMode.FORGETFUL:
            return json_reply({"error": "out of order"}, 500)
        reply = json_reply({"received": message_id, "repeated": not is_first})
        if mode is ReceiverMode.SLOW:
            return Reply(reply.status, reply.body, reply.content_type, delay_s=delay_s)
        return reply

    def _refuse(self, reason: str, status: int) -> Reply:
        with self._lock:
            self._refused += 1
        return json_reply({"error": reason}, status)

    def _change_mode(self, request: Request) -> Reply:
        try:
            body = json_object(request)
            self.set_mode(str(body.pop("mode", "")), **body)
        except (InputError, ValueError, TypeError) as error:
            return json_reply({"error": str(error)}, 400)
        return json_reply({"ok": True})

    def _state(self) -> dict[str, Any]:
        with self._lock:
            mode, refused = self._mode.value, self._refused
        return {
            "mode": mode,
            "alerts": len(self.alerts),
            "repeats": self.repeats,
            "refused": refused,
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a receiver until SIGTERM or SIGINT; prints its webhook address first."""
    parser = argparse.ArgumentParser(
        prog="python -m monitor.demo.receiver", description=main.__doc__
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument(
        "--secret",
        action="append",
        help="whsec_...; may be given again. Left out: taken from MONITOR_DEMO_SECRET",
    )
    parser.add_argument("--log", type=Path, help="file to append what arrives to")
    given = parser.parse_args(arguments)
    # An argument is visible to all users of the machine; the environment is not.
    secrets = given.secret or os.environ.get("MONITOR_DEMO_SECRET", "").split()
    if not secrets:
        parser.error("a secret is needed: --secret or MONITOR_DEMO_SECRET")
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    try:
        receiver = Receiver(secrets, port=given.port, log_path=given.log)
    except ValueError as error:
        parser.error(str(error))
    with receiver:
        print(receiver.url, flush=True)
        done.wait()


if __name__ == "__main__":
    main()
