"""Ticks: look for rows that are due and put a message about each into its queue.

Nothing is decided here. The task that gets the message claims the row in the
database, if it is still due and free; what a tick misses, the next one finds.

Messages have no expiry: a worker whose clock runs fast would throw all of them away.
What bounds the queues is their length.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Celery

from monitor.pipeline.index import BATCH
from monitor.pipeline.picture_gate import PICTURES
from monitor.store import looks, outbox, watches
from monitor.store.claims import FreeRow
from monitor.store.database import Transaction
from workers import metrics
from workers.process import Process

__all__ = ["tick"]

log = logging.getLogger(__name__)

BACKLOG = 1000
"""Most messages in a queue. More would only grow old in it."""
INDEX_TASKS = 4
"""Batches for the index that may be under way at once."""
MARKED_S = 30.0
"""A message that was not taken in this time may be lost: its row is sent again."""
RETAIN_EVERY_S = 3600.0
CAPTURES_EVERY_S = 10.0

Finder = Callable[[Transaction, datetime, int], list[FreeRow]]


@dataclass(frozen=True, slots=True)
class _Lane:
    """One kind of rows: where the messages about them go, and how they are found."""

    name: str
    queue: str
    find: Finder


def _outbox_rows(kind: str) -> Finder:
    def find(tx: Transaction, now: datetime, limit: int) -> list[FreeRow]:
        found = outbox.due_refs(tx, kind, now=now, limit=limit)
        return [FreeRow(ref, False) for ref in found]

    return find


LANES = (
    _Lane("poll", "poll", lambda tx, now, limit: watches.due_rows(tx, now=now, limit=limit)),
    _Lane("look", "look", lambda tx, now, limit: looks.due_rows(tx, now=now, limit=limit)),
    _Lane("pictures", "pictures", _outbox_rows(PICTURES)),
    _Lane("send", "outbox", _outbox_rows("send")),
)


def tick(app: Celery, process: Process) -> int:
    """One round over all lanes; how many messages were sent."""
    ticker = _Ticker(app, process)
    with app.producer_pool.acquire(block=True) as producer:
        ticker.producer = producer
        sent = sum(ticker.send_lane(lane) for lane in LANES)
        return sent + ticker.send_index() + ticker.send_retain() + ticker.send_captures()


class _Ticker:
    producer: Any

    def __init__(self, app: Celery, process: Process) -> None:
        self._app = app
        self._process = process
        self._database = process.workspace.database
        self._markers = process.markers

    def send_lane(self, lane: _Lane) -> int:
        with self._database.read() as tx:
            rows = lane.find(tx, self._database.now(), BACKLOG)
        metrics.DUE_ROWS.labels(lane.name).set(len(rows))
        plain = [row.id for row in rows if not row.is_suspect]
        suspects = [row.id for row in rows if row.is_suspect]
        sent = self._send_each(lane.name, lane.queue, plain)
        return sent + self._send_suspects(lane, suspects)

    def send_index(self) -> int:
        """Messages about batches, not rows: which rows, the claim decides."""
        with self._database.read() as tx:
            now = self._database.now()
            due = len(outbox.due_refs(tx, "index", now=now, limit=INDEX_TASKS * BATCH))
            oldest = outbox.oldest_due(tx, "index")
        metrics.DUE_ROWS.labels("index").set(due)
        lag = (now - oldest).total_seconds() if oldest else 0.0
        metrics.INDEX_LAG_SECONDS.set(max(0.0, lag))
        batches = range(-(-due // BATCH))
        return self._send_each("index", "outbox", batches)

    def send_retain(self) -> int:
        # The mark outlives the message here: it is what makes this hourly, for all beats.
        if not self._room("housekeeping"):
            return 0
        if not self._markers.take("retain", [0], for_s=RETAIN_EVERY_S):
            return 0
        return self._send("retain", "housekeeping", [0], [0])

    def send_captures(self) -> int:
        """One round over the folder of captures, where there is one."""
        if not self._process.workspace.settings.captures_dir or not self._room("housekeeping"):
            return 0
        if not self._markers.take("captures", [0], for_s=CAPTURES_EVERY_S):
            return 0
        return self._send("captures", "housekeeping", [0], [0])

    def _room(self, queue: str) -> int:
        return max(0, BACKLOG - int(self._process.redis.llen(queue)))

    def _send_each(self, lane: str, queue: str, keys: Sequence[int]) -> int:
        ours = self._markers.take(lane, keys[: self._room(queue)], for_s=MARKED_S)
        return sum(self._send(lane, queue, [key], [key]) for key in ours)

    def _send_suspects(self, lane: _Lane, ids: list[int]) -> int:
        """One message for all of them: they are tried one after the other."""
        name = f"{lane.name}-suspects"
        if not ids or not self._room(lane.queue):
            return 0
        if not self._markers.take(name, [0], for_s=MARKED_S):
            return 0
        return self._send("suspects", lane.queue, [0], [lane.name, ids], marked_as=name)

    def _send(
        self, task: str, queue: str, keys: list[int], args: list[Any], *, marked_as: str = ""
    ) -> int:
        try:
            self._app.tasks[f"monitor.{task}"].apply_async(
                args, queue=queue, producer=self.producer
            )
        except Exception:
            self._markers.drop(marked_as or task, keys)
            raise
        return 1
