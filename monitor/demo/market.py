"""The sample marketplace: one object to start, to move and to bring into trouble.

    with Market(load_listings()) as market:
        market.base_url                      # "http://127.0.0.1:41234"
        market.mode = "captcha"

In a process of its own, so that it outlives a monitor that is killed::

    python -m monitor.demo.market --port 0

prints its address as the first line and is then moved by JSON: POST
``/_demo/add`` (a listing), ``edit`` (id and fields), ``remove`` (id), ``mode``
(mode, path, probability, delay_s), ``begin``; GET ``/_demo/log`` and
``/_demo/appeared``.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from monitor.demo.faces import Faces
from monitor.demo.listings import MarketListing, load_listings
from monitor.demo.serving import HOST, LoopbackServer, Reply, Request, json_object, json_reply
from monitor.demo.shelf import Shelf
from monitor.demo.synthetic import generate_listings
from monitor.demo.troubles import Mode, Troubles, troubled_reply
from monitor.domain.clock import Clock, SystemClock
from monitor.errors import MonitorError

__all__ = ["LogEntry", "Market", "main"]

MAX_LOG_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One request that the market answered.

    Attributes:
        at: when it arrived; aware UTC.
        query: its ``q`` and ``page``, else "".
        mode: the trouble that it met, or ``"normal"``.
    """

    at: datetime
    method: str
    path: str
    query: str
    page: str
    status: int
    mode: str


class Market:
    """See the module. All methods are thread-safe.

    Args:
        listings: what is on show, and what appears later.
        clock: decides what is due and what the pages say of time.
        port: 0 takes any free one.
        host: see `LoopbackServer`.
        page_size: cards a page.
        seed: of troubles that come by chance.
        is_moving: whether planned events count from now on; otherwise from `begin`.
    """

    def __init__(
        self,
        listings: Iterable[MarketListing],
        clock: Clock | None = None,
        *,
        port: int = 0,
        host: str = HOST,
        page_size: int = 20,
        seed: int = 0,
        is_moving: bool = True,
    ) -> None:
        self._clock = clock or SystemClock()
        self.shelf = Shelf(listings, self._clock, is_moving=is_moving)
        self._faces = Faces(self.shelf, self._clock, page_size=page_size)
        self._troubles = Troubles(seed)
        self._log: deque[LogEntry] = deque(maxlen=MAX_LOG_ENTRIES)
        self._server = LoopbackServer(self._answer, port=port, host=host)

    @property
    def base_url(self) -> str:
        """Address without a slash at its end; raises `RuntimeError` when it does not run."""
        return self._server.base_url

    def start(self) -> str:
        """Open the doors; returns `base_url`. Raises `OSError` when the port is taken."""
        return self._server.start()

    def stop(self) -> None:
        """Close the doors and wait for all threads; the goods stay."""
        self._server.stop()

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
    def mode(self) -> str:
        """The trouble that all paths meet, ``"normal"`` without; set it to change it."""
        return self._troubles.mode().value

    @mode.setter
    def mode(self, mode: str) -> None:
        self._troubles.set(mode)

    def set_mode(
        self, mode: str, *, path: str = "", probability: float = 1.0, delay_s: float = 3.0
    ) -> None:
        """Bring trouble to a part of the market, see `Troubles.set`; raises `InputError`."""
        self._troubles.set(mode, path=path, probability=probability, delay_s=delay_s)

    def begin(self) -> None:
        """Let planned listings appear, change and vanish from now on."""
        self.shelf.begin()

    def add(self, listing: MarketListing) -> datetime:
        """See `Shelf.add`."""
        return self.shelf.add(listing)

    def edit(self, listing_id: str, **changes: Any) -> None:
        """See `Shelf.edit`."""
        self.shelf.edit(listing_id, **changes)

    def remove(self, listing_id: str) -> None:
        """See `Shelf.remove`."""
        self.shelf.remove(listing_id)

    def appeared_at(self, listing_id: str) -> datetime:
        """See `Shelf.appeared_at`."""
        return self.shelf.appeared_at(listing_id)

    def log(self, path: str = "") -> list[LogEntry]:
        """Requests so far whose path begins with `path`, oldest first; admin ones left out."""
        return [entry for entry in list(self._log) if entry.path.startswith(path)]

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith("/_demo/"):
            return self._administer(request)
        at = self._clock.now()
        trouble = self._troubles.meet(request.path)
        mode = trouble.mode if trouble else Mode.NORMAL
        if trouble is None or trouble.mode is Mode.SLOW:
            reply = self._faces.answer(request)
            if trouble is not None:
                reply = Reply(
                    reply.status, reply.body, reply.content_type, reply.headers, trouble.delay_s
                )
        else:
            faces = self._faces
            reply = troubled_reply(mode, request, faces.captcha_page, faces.login_page)
        query, page = request.query.get("q", ""), request.query.get("page", "")
        self._log.append(
            LogEntry(at, request.method, request.path, query, page, reply.status, mode.value)
        )
        return reply

    def _administer(self, request: Request) -> Reply:
        name = request.path.removeprefix("/_demo/")
        if request.method == "GET":
            if name == "log":
                entries = [asdict(entry) for entry in self.log(request.query.get("path", ""))]
                return json_reply({"entries": entries})
            if name == "appeared":
                return json_reply({"appeared": self.shelf.appeared()})
            return json_reply({"error": "unknown"}, 404)
        acts: dict[str, Callable[[dict[str, Any]], object]] = {
            "add": lambda body: self.add(MarketListing.model_validate(body)),
            "edit": lambda body: self.edit(str(body.pop("id", "")), **body),
            "remove": lambda body: self.remove(str(body.get("id", ""))),
            "mode": lambda body: self.set_mode(str(body.pop("mode", "")), **body),
            "begin": lambda _: self.begin(),
        }
        if name not in acts:
            return json_reply({"error": "unknown"}, 404)
        try:
            result = acts[name](json_object(request))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            return json_reply({"error": f"{first['loc']}: {first['msg']}"}, 400)
        except (MonitorError, ValueError, TypeError) as error:
            return json_reply({"error": str(error)}, 400)
        return json_reply({"ok": True, "at": result})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a market until SIGTERM or SIGINT; prints its address first."""
    parser = argparse.ArgumentParser(prog="python -m monitor.demo.market", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--host", default=HOST, help="another only in a container's own network")
    parser.add_argument(
        "--listings",
        default="demo",
        help="demo (the shipped ones), none, or a number of generated ones",
    )
    parser.add_argument("--offers-share", type=float, default=0.3, help="of generated listings")
    parser.add_argument("--seed", type=int, default=0, help="of generated listings and of chance")
    parser.add_argument("--page-size", type=int, default=20, help="cards a page")
    parser.add_argument("--still", action="store_true", help="wait for /_demo/begin")
    given = parser.parse_args(arguments)
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    market = Market(
        _chosen(given.listings, given.seed, given.offers_share),
        port=given.port,
        host=given.host,
        page_size=given.page_size,
        seed=given.seed,
        is_moving=not given.still,
    )
    with market:
        print(market.base_url, flush=True)
        done.wait()


def _chosen(name: str, seed: int, offers_share: float) -> list[MarketListing]:
    if name == "demo":
        return load_listings()
    if name == "none":
        return []
    return generate_listings(int(name), seed=seed, offers_share=offers_share)


if __name__ == "__main__":
    main()
