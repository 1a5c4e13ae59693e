"""Celery workers and beat as processes of a test: started, killed, stopped, asked for their log."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from celery import Celery

__all__ = ["CeleryProcess", "Crew", "deliver", "wait_until"]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 90.0
# Ends the process when the test run is gone, however that ended.
WATCH = 'cat >/dev/null; kill -s KILL -- "-$1"'
QUIETLY = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def wait_until(ready: Callable[[], Any], what: str = "it", limit_s: float = PATIENCE_S) -> None:
    """Look again until it is so, with a limit."""
    end = time.monotonic() + limit_s
    while not ready():
        assert time.monotonic() < end, f"{what} did not happen in time"
        time.sleep(0.05)


def deliver(redis_url: str, queue: str, messages: Iterable[tuple[str, list[Any]]]) -> None:
    """Put messages into a queue by hand: names of tasks and their arguments."""
    app = Celery("by-hand", broker=redis_url)
    with app.connection_for_write() as link:
        for task, arguments in messages:
            app.send_task(task, arguments, queue=queue, connection=link, ignore_result=True)


class CeleryProcess:
    """One ``celery -A workers.app ...``, its process group and its log."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "workers.app", *arguments],
                env=environment,
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog = subprocess.Popen(
            ["sh", "-c", WATCH, "watchdog", str(self._process.pid)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Of the parent, where there are children."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8")

    def await_ready(self) -> None:
        """Until it takes work."""
        wait_until(lambda: not self.is_running or '"message": "ready"' in self.said(), "the start")
        assert self.is_running, self.said()

    def send(self, number: signal.Signals) -> None:
        """A signal to the parent."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it and its children as kill -9 does; harmless when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._let_go()

    def stop(self) -> int:
        """SIGTERM, and its exit status; what it does then is done."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(timeout=PATIENCE_S)
        self._let_go()
        return status

    def wait(self) -> int:
        """Until it ends; its exit status."""
        return self._process.wait(timeout=PATIENCE_S)

    def _let_go(self) -> None:
        # Its group is gone: the watchdog then finds nobody to end.
        self._watchdog.communicate()


class Crew:
    """Workers and beats over one set of servers. Use as a context manager.

    Args:
        folder: for logs and the embedded parts.
        environment: the monitor's settings, as ``MONITOR_...``.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        self.members: list[CeleryProcess] = []

    def worker(
        self, queues: str = "poll,look,outbox,housekeeping", *options: str, **settings: str
    ) -> CeleryProcess:
        """Start a worker of these queues, with settings of its own."""
        name = f"w{len(self.members)}"
        arguments = ["worker", "-Q", queues, "-n", f"{name}@test", *QUIETLY, *options]
        return self._start(name, arguments, settings)

    def beat(self, **settings: str) -> CeleryProcess:
        """Start a beat."""
        return self._start(f"b{len(self.members)}", ["beat"], settings)

    def _start(self, name: str, arguments: list[str], settings: Mapping[str, str]) -> CeleryProcess:
        environment = {**self.environment, **settings}
        member = CeleryProcess(arguments, environment, self.folder / f"{name}.log")
        self.members.append(member)
        return member

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for member in self.members:
            member.kill()
