"""Two ways to run a server in the foreground: as a process of this machine, or in a container.

Neither outlives the process that started it, however that ends: a watchdog waits for the
end of a pipe that only this process holds, and cleans up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

__all__ = ["Container", "Image", "Launch", "LocalProcess", "Owner", "owner"]

ORPHANS_LIMIT_S = 10.0


class Owner(TypedDict, total=False):
    """Whom a child process runs as; empty: as we do."""

    user: str
    group: str
    extra_groups: list[str]


def owner(account: str | None) -> Owner:
    """The arguments of `subprocess` that run a child as `account`."""
    return {"user": account, "group": account, "extra_groups": []} if account else {}


class Launch(ABC):
    """Something that can be started again and again with the same data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        """Start the process that lives as long as the server."""

    @abstractmethod
    def _clean_up(self, leader: int) -> list[str]:
        """The command that ends all of it, whatever state it is in."""

    @abstractmethod
    def send(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""

    @abstractmethod
    def ask_to_stop(self, number: signal.Signals) -> None:
        """Send a signal to the one that leads the others, and wake it up to hear it."""

    @abstractmethod
    def discard(self) -> None:
        """Remove what is left outside the folder, once it is not started any more."""

    @property
    def is_alive(self) -> bool:
        """Whether it runs; it may be paused."""
        return self._process is not None and self._process.poll() is None

    def start(self, log: Path) -> None:
        """Start it; what it prints is appended to `log`."""
        self.kill()
        with log.open("ab") as opened:
            self._process = self._spawn(opened.fileno())
        script = 'cat >/dev/null; folder="$1"; shift; "$@"; rm -rf -- "$folder"'
        self._watchdog = subprocess.Popen(
            ["sh", "-c", script, "sh", str(self._folder), *self._clean_up(self._process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self, limit_s: float) -> None:
        """Until it has ended; raises `subprocess.TimeoutExpired`."""
        if self._process is not None:
            self._process.wait(limit_s)

    def kill(self) -> None:
        """End all its processes at once. Harmless when it does not run."""
        if self._process is not None:
            self._kill_all(self._process)
            self._process.wait()
            self._process = None
        if self._watchdog is not None:
            self._watchdog.kill()
            self._watchdog.communicate()
            self._watchdog = None

    @abstractmethod
    def _kill_all(self, process: subprocess.Popen[bytes]) -> None:
        """End all of it and wait until it is gone."""


class LocalProcess(Launch):
    """A program of this machine, with its children in a process group of their own.

    Args:
        command: runs in the foreground.
        environment: the whole of it: nothing of ours leaks into the server.
        folder: where it runs; removed by the watchdog.
        account: the user it runs as; None: ours.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        account: str | None,
    ) -> None:
        super().__init__(folder)
        self._command = command
        self._environment = environment
        self._account = account

    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we then stop it in order.
            **owner(self._account),
        )

    def _clean_up(self, leader: int) -> list[str]:
        return ["sh", "-c", 'kill -s KILL -- "-$1"', "sh", str(leader)]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        if self._process is not None and self.is_alive:
            os.killpg(self._process.pid, number)

    def ask_to_stop(self, number: signal.Signals) -> None:
        """Send a signal to the leader alone: its children are its own business."""
        if self._process is not None and self.is_alive:
            self._process.send_signal(number)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGCONT)

    def discard(self) -> None:
        """A process leaves nothing behind."""

    def _kill_all(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # Children that outlive their leader by a moment still hold the port and the files.
        end = time.monotonic() + ORPHANS_LIMIT_S
        while time.monotonic() < end:
            try:
                os.killpg(process.pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Image:
    """What a container is made of.

    Attributes:
        port: where the server listens inside.
        command: the image's arguments.
        environment: for the image's start script.
        files: files of this machine, and where they appear inside, read-only.
    """

    name: str
    port: int
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)


class Container(Launch):
    """A container that keeps its data from start to start, until it is discarded.

    Args:
        engine: the command line of a container engine, such as ``docker``.
        image: what it is made of; pulled when it is not there.
        port: where it is reached on this machine's loopback.
        folder: removed by the watchdog; its name becomes the container's.
    """

    def __init__(self, engine: str, image: Image, *, port: int, folder: Path) -> None:
        super().__init__(folder)
        self._engine = engine
        self._name = folder.name
        options = ["--name", self._name, "--publish", f"127.0.0.1:{port}:{image.port}"]
        for name, value in image.environment.items():
            options += ["--env", f"{name}={value}"]
        for path, inside in image.files.items():
            options += ["--volume", f"{path}:{inside}:ro"]
        self._do("create", *options, image.name, *image.command, must=True)

    def _do(self, *arguments: str, must: bool = False) -> None:
        done = subprocess.run([self._engine, *arguments], capture_output=True, check=False)
        if must and done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace").strip()[-800:])

    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self._engine, "start", "--attach", self._name],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _clean_up(self, leader: int) -> list[str]:  # noqa: ARG002 - a container has a name
        return [self._engine, "rm", "--force", "--volumes", self._name]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all its processes; stopping and going on are the engine's own."""
        if number is signal.SIGSTOP:
            self._do("pause", self._name)
        elif number is signal.SIGCONT:
            self._do("unpause", self._name)
        else:
            self._do("kill", "--signal", number.name, self._name)

    def ask_to_stop(self, number: signal.Signals) -> None:
        """Send a signal to its first process."""
        self._do("unpause", self._name)
        self._do("kill", "--signal", number.name, self._name)

    def _kill_all(self, process: subprocess.Popen[bytes]) -> None:
        self._do("unpause", self._name)
        self._do("kill", self._name)
        process.wait()

    def discard(self) -> None:
        """Remove the container and its volumes."""
        self._do("rm", "--force", "--volumes", self._name)
