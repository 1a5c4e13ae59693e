"""A helper process that tries suspects: pages over which a process died before.

    python -m workers.alone

Reads one JSON object a line (``verb``, ``id``, ``token``) and answers each with
``{"outcome": ...}`` or ``{"error": ...}``. When it dies instead, exactly one page is
to blame. It ends with its standard input, so it never outlives its worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from monitor.config import load_settings
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.store.claims import Claim, abandon
from workers.verbs import VERBS, Verb

__all__ = ["Helper", "HelperDied", "main"]

READY = {"ready": True}


class HelperDied(Exception):
    """The helper ended, or took too long and was ended, over the page in hand."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A running helper, and the pipes to it."""

    process: subprocess.Popen[str]
    orders: IO[str]
    answers: IO[str]

    @classmethod
    def start(cls) -> Self:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.alone"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if process.stdin is None or process.stdout is None:
            raise AssertionError("pipes were asked for")
        return cls(process, process.stdin, process.stdout)


class Helper:
    """Starts the helper when it is first needed, and anew after it died.

    Args:
        limit_s: how long one page may take.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._link: _Link | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def start(self) -> None:
        """Have it ready, so that a death while it starts is no page's fault."""
        self._running()

    def do(self, verb: Verb, claim: Claim) -> str | None:
        """Have one claimed row done; its outcome, None when there was none.

        Raises:
            HelperDied: over this row.
        """
        link = self._running()
        order = {"verb": verb.name, "id": claim.id, "token": claim.token}
        with contextlib.suppress(BrokenPipeError):
            link.orders.write(json.dumps(order) + "\n")
            link.orders.flush()
        outcome: str | None = self._answer(link).get("outcome")
        return outcome

    def _running(self) -> _Link:
        if self._link is None:
            self._link = _Link.start()
            self._answer(self._link)
        return self._link

    def _answer(self, link: _Link) -> dict[str, Any]:
        timer = threading.Timer(self._limit_s, link.process.kill)
        timer.start()
        try:
            line = link.answers.readline()
        finally:
            timer.cancel()
        if not line:
            self._end()
            raise HelperDied
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _end(self) -> None:
        if self._link is not None:
            self._link.process.kill()
            self._link.process.communicate()
            self._link = None


def main() -> None:
    """Serve until standard input ends."""
    _be_first_to_go()
    # Whatever a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with open_workspace(load_settings()) as workspace:
        print(json.dumps(READY), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(_serve(workspace, json.loads(line))), file=answers, flush=True)


def _serve(workspace: Workspace, order: dict[str, Any]) -> dict[str, str | None]:
    verb, claim = VERBS[order["verb"]], Claim(order["id"], order["token"])
    try:
        return {"outcome": verb.do(workspace, claim)}
    except Exception as error:  # noqa: BLE001 - an error is an answer; only a death is not
        with workspace.database.write(durable=False) as tx:
            abandon(tx, verb.table, claim)
        return {"error": type(error).__name__}


def _be_first_to_go() -> None:
    """When memory runs out, the kernel shall end this process and not its worker."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    main()
