"""One server process: started, watched, paused, killed and started again on the same port."""

from __future__ import annotations

import contextlib
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

__all__ = ["HOST", "Server", "ServerFailed", "free_port"]

HOST = "127.0.0.1"
# Waits until the process that started it is gone, however that ended, then cleans up after it.
WATCH = 'cat >/dev/null; kill -s KILL -- "-$1"; rm -rf -- "$2"'


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
    that started it, even when that is killed. When we are root it runs as another user.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    start_limit_s: ClassVar[float] = 60.0

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path()
        self._account: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address that clients use."""

    @abstractmethod
    def _prepare(self) -> None:
        """Fill the empty folder, once, before the first start."""

    @abstractmethod
    def _command(self) -> list[str]:
        """What runs in the foreground until it is told to stop."""

    @abstractmethod
    def _probe(self) -> None:
        """Ask the server something; any exception means that it is not ready yet."""

    def _environment(self) -> dict[str, str]:
        """The server's whole environment: nothing of ours leaks into it."""
        path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        return {"PATH": path, "LANG": "C.UTF-8", "HOME": str(self.folder)}

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "server.log"

    @property
    def is_running(self) -> bool:
        """Whether the process is there; it may still be paused."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until it answers. Harmless when it runs.

        Raises:
            ServiceMissing: its program is not on this machine.
            ServerFailed: it ended, or did not answer in time.
        """
        if self.is_running:
            return
        if self.folder == Path():
            self._make_folder()
        self._let_go()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                env=self._environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we then stop it in order.
                **self._as_account(),
            )
        self._watchdog = subprocess.Popen(
            ["sh", "-c", WATCH, "watchdog", str(self._process.pid), str(self.folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._await_ready()

    def stop(self, limit_s: float = 60.0) -> None:
        """End it in order. Harmless when it does not run."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self.stop_signal)
            os.killpg(self._process.pid, signal.SIGCONT)
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            said = self._last_words()
            self.kill()
            raise ServerFailed(f"{self.name} did not stop within {limit_s:g} s: {said}") from None
        self._let_go()

    def kill(self) -> None:
        """End all its processes at once, as a crash does. Harmless when it does not run."""
        self._let_go()

    def restart(self) -> None:
        """Stop, then start on the same port with the same data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let it hang: connections stay open, nothing answers, until `resume`."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._signal_all(signal.SIGCONT)

    def heal(self) -> None:
        """Running and answering again, whatever was done to it."""
        if self.is_running:
            self.resume()
        self.start()

    def close(self) -> None:
        """End it and remove its folder."""
        self.kill()
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

    def _make_folder(self) -> None:
        self._account = find.account()
        self.folder = Path(tempfile.mkdtemp(prefix=f"monitor-{self.name}-"))
        self._give_away()
        self._prepare()
        self._give_away()

    def _give_away(self) -> None:
        """The folder belongs to the user that the server runs as."""
        if self._account is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, self._account, self._account)

    def _as_account(self) -> dict[str, object]:
        if self._account is None:
            return {}
        return {"user": self._account, "group": self._account, "extra_groups": []}

    def _run(self, *command: str | Path, said: str = "") -> None:
        """Run one of the server's own tools to its end, as the server's user."""
        done = subprocess.run(
            command,
            env=self._environment(),
            cwd=self.folder,
            input=said.encode(),
            capture_output=True,
            check=False,
            **self._as_account(),
        )
        if done.returncode != 0:
            told = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise ServerFailed(f"{Path(command[0]).name} failed: {told[-800:]}")

    def _await_ready(self) -> None:
        end = time.monotonic() + self.start_limit_s
        while True:
            if not self.is_running:
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

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _let_go(self) -> None:
        """Nothing of an earlier start is left: neither a process nor its watchdog."""
        if self._process is not None:
            group = self._process.pid
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            self._process.wait()
            self._await_end_of(group)
            self._process = None
        if self._watchdog is not None:
            self._watchdog.kill()
            self._watchdog.communicate()
            self._watchdog = None

    @staticmethod
    def _await_end_of(group: int) -> None:
        """Children that outlive their leader by a moment still hold the port and the files."""
        end = time.monotonic() + 10.0
        while time.monotonic() < end:
            try:
                os.killpg(group, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.01)
