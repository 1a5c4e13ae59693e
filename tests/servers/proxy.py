"""A TCP proxy on loopback that breaks links the way networks do.

with Proxy(redis_server.port) as proxy:
    ... use proxy.through(redis_server.url) ...
    proxy.refuse()      # nobody is there any more
    proxy.black_hole()  # connections stand, nothing passes
    proxy.delay(0.2)    # every piece takes so long, either way
    proxy.alter(f)      # what clients say passes through f, piece by piece
    proxy.cut()         # open connections break; new ones work
    proxy.heal()        # all is well
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

__all__ = ["Proxy"]

HOST = "127.0.0.1"
PIECE = 65_536
RESET = struct.pack("ii", 1, 0)  # Closing sends RST and drops what was not sent yet.
LIMIT_S = 30.0

Alter = Callable[[bytes], bytes]


class Proxy:
    """Forwards to `target_port` on loopback. Use as a context manager; thread-safe.

    Attributes:
        port: where it listens, the same from entering to leaving.
        accepted: connections so far.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.accepted = 0
        self._target_port = target_port
        self._delay_s = 0.0
        self._alter: Alter = bytes
        self._gate = asyncio.Event()
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def through(self, url: str) -> str:
        """The same address by way of this proxy; user, password and path stay."""
        parts = urlsplit(url)
        sign_in, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{sign_in}{at}{HOST}:{self.port}"))

    def cut(self) -> None:
        """Break all open connections with RST; new ones work."""
        self._do(self._break())

    def refuse(self) -> None:
        """Break all open connections and refuse new ones until `heal`."""
        self._do(self._stop_listening())

    def black_hole(self) -> None:
        """Let nothing through until `heal`, which delivers what waited. Connections stand."""
        self._do(self._close_gate())

    def delay(self, seconds: float) -> None:
        """Hold every piece back for so long, in either direction; 0 ends that."""
        self._delay_s = seconds

    def alter(self, change: Alter) -> None:
        """Change what clients say, piece by piece, until `heal`; lengths must stay."""
        self._alter = change

    def heal(self) -> None:
        """Everything passes at once again, as it is."""
        self._delay_s = 0.0
        self._alter = bytes
        self._do(self._open_gate())

    @property
    def open_links(self) -> int:
        """Connections that stand now."""
        return len(self._tasks)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._do(self._open_gate())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._stop_listening())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT_S)

    async def _open_gate(self) -> None:
        self._gate.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close_gate(self) -> None:
        self._gate.clear()

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._break()

    async def _break(self) -> None:
        for writer in self._links:
            _reset(writer)
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._tasks.add(task)
        self._links.add(writer)
        try:
            await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            # The other side is told below, by the end of its connection.
            _reset(writer)
        finally:
            self._tasks.discard(task)
            self._links.discard(writer)
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._gate.wait()
        far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
        self._links.add(far_writer)
        try:
            there = self._pump(reader, far_writer, is_from_client=True)
            await asyncio.gather(there, self._pump(far_reader, writer))
        except (OSError, asyncio.CancelledError):
            _reset(far_writer)
            raise
        finally:
            self._links.discard(far_writer)
            far_writer.close()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        *,
        is_from_client: bool = False,
    ) -> None:
        """Pass on what comes, then that nothing more comes."""
        while piece := await source.read(PIECE):
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            await self._gate.wait()
            target.write(self._alter(piece) if is_from_client else piece)
            await target.drain()
        await self._gate.wait()
        with contextlib.suppress(OSError):
            target.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    link: socket.socket | None = writer.get_extra_info("socket")
    if link is not None and link.fileno() != -1:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
