"""The database's clock, carried forward between two looks at it.

All processes of a set-up must agree on what time it is, also one whose own wall
clock is minutes off. The server is asked now and then; in between, this
machine's monotonic clock counts, which nobody sets.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import NamedTuple

__all__ = ["ServerClock"]

ASK_EVERY_S = 5.0
"""How old a reading may become while transactions run."""
DRIFT = 200e-6
"""Seconds per second that two machines' clocks may run apart (twice what hardware does)."""


class _Reading(NamedTuple):
    """The server's time, the monotonic time it belongs to, and how wrong that may be."""

    at: datetime
    taken: float
    error_s: float

    def time(self, monotonic: float) -> datetime:
        return self.at + timedelta(seconds=monotonic - self.taken)

    def error_at(self, monotonic: float) -> float:
        return self.error_s + (monotonic - self.taken) * DRIFT


class ServerClock:
    """A `Clock` that a `Database` sets from its server. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reading: _Reading | None = None
        self._asked = float("-inf")

    def now(self) -> datetime:
        """The server's time, aware UTC; right to half a round trip."""
        reading = self._reading
        if reading is None:
            raise RuntimeError("the database's clock was never read")
        return reading.time(time.monotonic())

    def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        if seconds > 0:
            time.sleep(seconds)

    def is_stale(self) -> bool:
        """Whether the next transaction should read the server's clock."""
        return time.monotonic() - self._asked >= ASK_EVERY_S

    def set(self, at: datetime, asked: float, answered: float) -> None:
        """Take a reading.

        A slow answer says less than the reading there is, carried forward; it is
        taken only when it proves that the server's clock was set meanwhile.

        Args:
            at: what the server said.
            asked: monotonic time before the question.
            answered: monotonic time after the answer.
        """
        new = _Reading(at, (asked + answered) / 2, (answered - asked) / 2)
        with self._lock:
            self._asked = answered
            old = self._reading
            if old is not None:
                error_s = old.error_at(new.taken)
                apart_s = abs((new.at - old.time(new.taken)).total_seconds())
                if new.error_s > error_s and apart_s <= new.error_s + error_s:
                    return
            self._reading = new
