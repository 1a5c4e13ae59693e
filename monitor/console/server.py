"""The console in a thread of its own; on loopback, unless an operator says otherwise."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn

from monitor.console.app import create_app
from monitor.console.guard import is_loopback
from monitor.errors import ConfigError
from monitor.pipeline.workspace import Workspace

__all__ = ["ConsoleServer"]

START_LIMIT_S = 30.0
STOP_LIMIT_S = 5
MAX_CONNECTIONS = 200


class ConsoleServer:
    """Use as a context manager; `url` is where it answers, from entering to leaving.

    Args:
        workspace: what is open.
        host: a loopback name or address. Any other one needs `hosts`: the console speaks
            plain HTTP, and a proxy with TLS belongs before it.
        port: 0 takes any free one.
        hosts: names under which other machines ask for it; none: it stays on this machine.

    Raises:
        ConfigError: on entering: the host is not allowed, or the port cannot be had.
    """

    def __init__(
        self, workspace: Workspace, host: str, port: int, *, hosts: tuple[str, ...] = ()
    ) -> None:
        self._workspace = workspace
        self._host = host.strip("[]")
        self._port = port
        self._hosts = hosts

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """Where the settings of `workspace` want it."""
        settings = workspace.settings
        return cls(
            workspace, settings.console_host, settings.console_port, hosts=settings.console_hosts
        )

    def __enter__(self) -> Self:
        if not is_loopback(self._host) and not self._hosts:
            raise ConfigError(
                f"MONITOR_CONSOLE_HOST: {self._host} is not a loopback address; the console "
                "speaks plain HTTP and stays on this machine, unless MONITOR_CONSOLE_HOSTS says "
                "under which names others may ask for it"
            )
        self._socket = self._listen()
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(self._workspace, hosts=self._hosts),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                # A client could name any address as its own in such a header.
                proxy_headers=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=STOP_LIMIT_S,
            )
        )
        self._thread = threading.Thread(target=self._run, name="monitor-console", daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def _listen(self) -> socket.socket:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listening = socket.socket(family, kind, protocol)
        except OSError as error:
            raise self._cannot_listen(error) from None
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            # From here on a browser that comes early waits instead of being refused.
            listening.listen(MAX_CONNECTIONS)
        except OSError as error:
            listening.close()
            raise self._cannot_listen(error) from None
        return listening

    def _cannot_listen(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"MONITOR_CONSOLE_PORT: cannot listen on {self._host}:{self._port} "
            f"({error.strerror}); choose another, or 0 for any"
        )

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
