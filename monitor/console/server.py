"""The console in a thread of its own, on loopback."""

from __future__ import annotations

import ipaddress
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn

from monitor.console.app import create_app
from monitor.errors import ConfigError
from monitor.pipeline.workspace import Workspace

__all__ = ["ConsoleServer"]

START_LIMIT_S = 30.0


class ConsoleServer:
    """Use as a context manager; `url` is where it answers.

    Args:
        workspace: what is open.
        host: a loopback address: put a proxy with TLS and sign-in before it for others.
        port: 0 takes any free one.

    Raises:
        ConfigError: on entering: not a loopback address, or the port is taken.
    """

    def __init__(self, workspace: Workspace, host: str, port: int) -> None:
        self._workspace = workspace
        self._host = host
        self._port = port

    def __enter__(self) -> Self:
        if not _is_loopback(self._host):
            raise ConfigError(
                f"MONITOR_CONSOLE_HOST: {self._host} is not a loopback address; "
                "the console speaks plain HTTP and stays on this machine"
            )
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((self._host, self._port))
            # Whoever asks before the server thread is ready waits instead of being refused.
            self._socket.listen()
        except OSError as error:
            self._socket.close()
            raise ConfigError(
                f"MONITOR_CONSOLE_PORT: cannot listen on {self._host}:{self._port} "
                f"({error.strerror}); choose another, or 0 for any"
            ) from None
        config = uvicorn.Config(
            create_app(self._workspace),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="monitor-console"
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(START_LIMIT_S)
        self._socket.close()

    @property
    def url(self) -> str:
        """Address without a slash at its end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
