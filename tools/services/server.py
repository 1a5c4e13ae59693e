"""One server: started, watched, paused, killed and started again on the same port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tools.services import find
from tools.services.launch import Container, Image, Launch, LocalProcess, owner

__all__ = ["HOST", "Server", "ServerFailed", "free_port"]

HOST = "127.0.0.1"


class ServerFailed(Exception):
    """A server did not start or stop; the text ends with what it last said."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server(ABC):
    """A server on a port and in a folder of its own, both kept over restarts.

    Use as a context manager, or call `start` and `close`. It never outlives the process
    that started it, even when that is killed. It runs as a program of this machine (as
    another user when we are root), or in a container where the program is missing.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    start_limit_s: ClassVar[float] = 60.0

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path()
        self._account: str | None = None
        self._launch: Launch | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address that clients use."""

    @abstractmethod
    def _prepare(self) -> None:
        """Fill the empty folder, once; raises `ServiceMissing` without the program."""

    @abstractmethod
    def _command(self) -> list[str]:
        """What runs in the foreground until it is told to stop."""

    @abstractmethod
    def _image(self) -> Image:
        """What stands for the program where there are containers; may fill the folder."""

    @abstractmethod
    def _probe(self) -> None:
        """Ask the server something; any exception means that it is not ready yet."""

    def _environment(self) -> dict[str, str]:
        """The program's whole environment."""
        path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        return {"PATH": path, "LANG": "C.UTF-8", "HOME": str(self.folder)}

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "server.log"

    @property
    def is_running(self) -> bool:
        """Whether it is there; it may still be paused."""
        return self._launch is not None and self._launch.is_alive

    def start(self) -> None:
        """Start and wait until it answers. Harmless when it runs.

        Raises:
            ServiceMissing: its program is not on this machine, and no container engine.
            ServerFailed: it ended, or did not answer in time.
        """
        if self.is_running:
            return
        if self._launch is None:
            self.folder = Path(tempfile.mkdtemp(prefix=f"monitor-{self.name}-"))
            self._launch = self._make_launch()
        self._launch.start(self.log)
        self._await_ready(self._launch)

    def stop(self, limit_s: float = 60.0) -> None:
        """End it in order. Harmless when it does not run."""
        if self._launch is None:
            return
        self._launch.ask_to_stop(self.stop_signal)
        try:
            self._launch.wait(limit_s)
        except subprocess.TimeoutExpired:
            said = self._last_words()
            self.kill()
            raise ServerFailed(f"{self.name} did not stop within {limit_s:g} s: {said}") from None
        self.kill()

    def kill(self) -> None:
        """End all its processes at once, as a crash does. Harmless when it does not run."""
        if self._launch is not None:
            self._launch.kill()

    def restart(self) -> None:
        """Stop, then start on the same port with the same data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let it hang: connections stay open, nothing answers, until `resume`."""
        if self._launch is not None:
            self._launch.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        if self._launch is not None:
            self._launch.send(signal.SIGCONT)

    def heal(self) -> None:
        """Running and answering again, whatever was done to it."""
        if self.is_running:
            self.resume()
        self.start()

    def close(self) -> None:
        """End it and remove what it kept."""
        self.kill()
        if self._launch is not None:
            self._launch.discard()
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _make_launch(self) -> Launch:
        try:
            self._account = find.account()
            self._give_away()
            self._prepare()
            self._give_away()
        except find.ServiceMissing:
            engine = find.container_engine()
            if engine is None:
                raise
            return Container(engine, self._image(), port=self.port, folder=self.folder)
        return LocalProcess(
            self._command(),
            environment=self._environment(),
            folder=self.folder,
            account=self._account,
        )

    def _give_away(self) -> None:
        """The folder belongs to the user that the server runs as."""
        if self._account is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, self._account, self._account)

    def _run(self, *command: str | Path, said: str = "") -> None:
        """Run one of the program's own tools to its end, as the server's user."""
        done = subprocess.run(
            command,
            env=self._environment(),
            cwd=self.folder,
            input=said.encode(),
            capture_output=True,
            check=False,
            **owner(self._account),
        )
        if done.returncode != 0:
            told = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise ServerFailed(f"{Path(command[0]).name} failed: {told[-800:]}")

    def _await_ready(self, launch: Launch) -> None:
        end = time.monotonic() + self.start_limit_s
        while True:
            if not launch.is_alive:
                said = self._last_words()
                self.kill()
                raise ServerFailed(f"{self.name} ended while it started: {said}")
            try:
                self._probe()
            except Exception as error:
                if time.monotonic() > end:
                    said = self._last_words()
                    self.kill()
                    raise ServerFailed(
                        f"{self.name} did not answer within {self.start_limit_s:g} s "
                        f"({type(error).__name__}): {said}"
                    ) from error
                time.sleep(0.05)
            else:
                return

    def _last_words(self) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return text.strip()[-800:] or "it said nothing"
