"""Many small markets on loopback addresses, each answering late: one process, asyncio.

    python -m benchmarks.loopback_market --hosts 50 --delay 0.2 --new 2

Host n is 127.0.1.n, all on one port, which is printed first. Every page shows 60 cards
of which some were never shown before. ``GET /_counts`` gives pages and the shortest
time between two requests for pages at any one host, and begins to count anew. It also
says by how much this process was late at worst: by so much may the time between two
requests look shorter than it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["CARDS", "address", "main"]

CARDS = 60
LOOK_EVERY_S = 0.005
TITLE = "九成新 自用闲置 {n} 号 包邮 可小刀"


def address(host: int) -> str:
    """Of a host, counted from 1."""
    return f"127.0.1.{host}"


@dataclass(slots=True)
class _Market:
    delay_s: float
    new: int
    pages: int = 0
    shown: int = 0
    last_at: dict[str, float] = field(default_factory=dict)
    shortest_s: float = float("inf")
    late_s: float = 0.0
    firsts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                at = time.monotonic()
                target = head.split(b" ", 2)[1].decode()
                status, body = await self._answer(host, target, at)
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: text/html; charset=utf-8\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                )
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, host: str, target: str, at: float) -> tuple[int, bytes]:
        if target == "/_counts":
            counts = {"pages": self.pages, "shortest_s": self.shortest_s, "late_s": self.late_s}
            self.pages, self.shortest_s, self.late_s = 0, float("inf"), 0.0
            return 200, json.dumps(counts).encode()
        if not target.startswith("/search"):
            return 404, b""
        self.shortest_s = min(self.shortest_s, at - self.last_at.get(host, float("-inf")))
        self.last_at[host] = at
        await asyncio.sleep(self.delay_s)
        self.pages += 1
        return 200, self._page(f"{host}{target}").encode()

    async def watch_itself(self) -> None:
        """Notice how late this loop comes to what is due."""
        while True:
            due_at = time.monotonic() + LOOK_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)
            self.late_s = max(self.late_s, time.monotonic() - due_at)

    def _page(self, search: str) -> str:
        """Newest first; each search has cards of its own."""
        self.firsts[search] += self.new
        first = self.firsts[search]
        name = abs(hash(search)) % 10**9
        cards = "".join(
            f"<div class=card><a href='/item/{name}-{n}'>{TITLE.format(n=n)}</a>"
            f"<b class=price>¥{n % 900}.00</b></div>"
            for n in range(first + CARDS, first, -1)
        )
        return f"<!doctype html><meta charset=utf-8><body><div id=list>{cards}</div></body>"


async def _run(hosts: int, delay_s: float, new: int) -> None:
    market = _Market(delay_s, new)
    first = await asyncio.start_server(market.serve, address(1), 0)
    port = first.sockets[0].getsockname()[1]
    rest = [address(n) for n in range(2, hosts + 1)]
    if rest:
        await asyncio.start_server(market.serve, rest, port)
    print(port, flush=True)
    await asyncio.gather(first.serve_forever(), market.watch_itself())


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--delay", type=float, default=0.2, help="seconds")
    parser.add_argument("--new", type=int, default=2, help="new cards a page")
    given = parser.parse_args()
    asyncio.run(_run(given.hosts, given.delay, given.new))


if __name__ == "__main__":
    main()
