"""Time as something that is handed in, so that tests can turn it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]

log = logging.getLogger(__name__)

TELL_S = 60.0
"""A clock that is set back by less, or by less more than before, is not worth a word."""


class Clock(Protocol):
    """Wall time and waiting."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; returns at once for zero or less."""
        ...


class SystemClock:
    """The machine's clock, except that it never goes back while the process lives.

    What was planned for a time that had come already would else wait for it again. Until a
    restart, a clock that was set back is taken for as far ahead as it was. Thread-safe.

    Args:
        wall: the machine's clock, in seconds since 1970.
        steady: seconds that nobody sets; those of a machine that slept count, too.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] | None = None
    ) -> None:
        self._wall = wall
        self._steady = steady or _since_boot
        self._ahead_s = wall() - self._steady()
        self._told_s = TELL_S
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Aware UTC now."""
        with self._lock:
            steady = self._steady()
            ahead_s = self._wall() - steady
            set_back_s = self._ahead_s - ahead_s
            if set_back_s > self._told_s:
                self._told_s = set_back_s + TELL_S
                log.warning(
                    "this machine's clock was set back by %.0f s; until a restart of the "
                    "monitor, times go on from where they were",
                    set_back_s,
                )
            self._ahead_s = max(self._ahead_s, ahead_s)
            return datetime.fromtimestamp(steady + self._ahead_s, UTC)

    def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        if seconds > 0:
            time.sleep(seconds)


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ManualClock:
    """A clock that moves when told to, or when somebody sleeps on it. Thread-safe."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Aware UTC, as set."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Advance instead of waiting."""
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Move forward (or, negative, back) by `seconds`."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
