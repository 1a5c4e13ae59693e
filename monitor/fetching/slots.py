"""Who may ask a host next. The store keeps the slots of many workers; here is the protocol."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from monitor.domain.clock import Clock

__all__ = ["DAY", "HostSlots", "MemoryHostSlots", "host_key"]

MAX_KEY_CHARS = 255
DEFAULT_PORTS = (None, 80, 443)
ASK_AGAIN_S = 0.1
"""While another's request takes longer to leave than the interval."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
DAY = timedelta(days=1)
"""Of a host's budget; it begins with its first request."""


class HostSlots(Protocol):
    """Each host's next free moment, shared by all who fetch. Thread-safe.

    A slot is booked ahead, so that those who wait stand in line. But a thread may wake
    late for its slot, and a request may take long to leave: the next one, punctual,
    would follow it too soon. So, when its slot has come, a request departs, which no
    other one may do until it is known when this one has really left.
    """

    def reserve(self, host: str, interval_s: float, *, within_s: float = math.inf) -> float:
        """Take the next slot; the one after it is `interval_s` later.

        An interval of 0 takes nothing: it only asks how far the next slot is. Nor is a
        slot taken that is more than `within_s` away: booked and left unused, such
        slots would push the host's queue ahead of everybody for ever.

        Returns:
            Seconds to wait until the slot, 0 or more.
        """
        ...

    def depart(self, host: str, interval_s: float, hold_s: float) -> float:
        """Leave now, if the host's last request left long enough ago.

        Args:
            host: whose slot was reserved.
            interval_s: what `sent` will be told.
            hold_s: how long the host is left alone if nobody ever says `sent`.

        Returns:
            0: go, and say `sent`. Otherwise seconds after which to ask again.
        """
        ...

    def sent(self, host: str, interval_s: float) -> None:
        """The request has left this machine; the next one may `interval_s` from now."""
        ...

    def spent(self, host: str, per_day: int) -> float:
        """Seconds until a host may be asked again that had its requests of the day, else 0."""
        ...

    def spend(self, host: str, per_day: int) -> float:
        """Count one request, of `per_day` in a day that begins with its first one.

        Returns:
            0: it counts, send it. Otherwise all are spent, and in so many seconds a new
            day may begin.
        """
        ...

    def block_until(self, host: str, until: datetime) -> None:
        """Give out no slot and let nobody depart before `until`; a block never shortens another."""
        ...


@dataclass(slots=True)
class _Host:
    next_free_at: datetime
    clear_at: datetime
    held_until: datetime
    day_began_at: datetime = LONG_AGO
    day_requests: int = 0


class MemoryHostSlots:
    """Slots of one process, for one-shot commands and tests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def reserve(self, host: str, interval_s: float, *, within_s: float = math.inf) -> float:
        """See `HostSlots.reserve`."""
        with self._lock:
            now = self._clock.now()
            state = self._host(host)
            slot = max(now, state.next_free_at)
            wait_s = (slot - now).total_seconds()
            if interval_s > 0 and wait_s <= within_s:
                state.next_free_at = slot + timedelta(seconds=interval_s)
        return wait_s

    def depart(self, host: str, interval_s: float, hold_s: float) -> float:
        """See `HostSlots.depart`."""
        with self._lock:
            now = self._clock.now()
            state = self._host(host)
            if state.clear_at > now:
                return (state.clear_at - now).total_seconds()
            if state.held_until > now:
                # Whoever holds it departed `hold_s` before that, and is not clear any sooner.
                left_s = (state.held_until - now).total_seconds() - hold_s + interval_s
                return max(ASK_AGAIN_S, left_s)
            state.held_until = now + timedelta(seconds=hold_s)
            return 0.0

    def sent(self, host: str, interval_s: float) -> None:
        """See `HostSlots.sent`."""
        now = self._clock.now()
        self.block_until(host, now + timedelta(seconds=interval_s))
        with self._lock:
            self._host(host).held_until = now

    def spent(self, host: str, per_day: int) -> float:
        """See `HostSlots.spent`."""
        with self._lock:
            return self._left_s(self._host(host), per_day)

    def spend(self, host: str, per_day: int) -> float:
        """See `HostSlots.spend`."""
        with self._lock:
            state = self._host(host)
            if left_s := self._left_s(state, per_day):
                return left_s
            now = self._clock.now()
            if now >= state.day_began_at + DAY:
                state.day_began_at, state.day_requests = now, 0
            state.day_requests += 1
        return 0.0

    def _left_s(self, state: _Host, per_day: int) -> float:
        if state.day_requests < per_day:
            return 0.0
        return max(0.0, (state.day_began_at + DAY - self._clock.now()).total_seconds())

    def block_until(self, host: str, until: datetime) -> None:
        """See `HostSlots.block_until`."""
        with self._lock:
            state = self._host(host)
            state.next_free_at = max(until, state.next_free_at)
            state.clear_at = max(until, state.clear_at)

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(LONG_AGO, LONG_AGO, LONG_AGO))


def host_key(url: str) -> str:
    """The name under which a URL's host keeps its slots.

    The schemes' own ports are one host, since one machine answers both; another
    port is another server: ``"market.example"``, ``"market.example:8080"``.
    """
    split = urlsplit(url)
    host = (split.hostname or "").lower()
    key = host if split.port in DEFAULT_PORTS else f"{host}:{split.port}"
    return key[-MAX_KEY_CHARS:]
