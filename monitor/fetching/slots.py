"""Who may ask a host next. The store keeps the slots of many workers; here is the protocol."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from monitor.domain.clock import Clock

__all__ = ["HostSlots", "MemoryHostSlots", "host_key"]

MAX_KEY_CHARS = 255
DEFAULT_PORTS = (None, 80, 443)


class HostSlots(Protocol):
    """Each host's next free moment, shared by all who fetch. Thread-safe."""

    def reserve(self, host: str, interval_s: float) -> float:
        """Take the next slot; the one after it is `interval_s` later.

        An interval of 0 takes nothing: it only asks how far the next slot is.

        Returns:
            Seconds to wait until the slot, 0 or more.
        """
        ...

    def block_until(self, host: str, until: datetime) -> None:
        """Give out no slot before `until`; a block never shortens another."""
        ...


class MemoryHostSlots:
    """Slots of one process, for one-shot commands and tests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def reserve(self, host: str, interval_s: float) -> float:
        """See `HostSlots.reserve`."""
        with self._lock:
            now = self._clock.now()
            slot = max(now, self._free_at.get(host, now))
            self._free_at[host] = slot + timedelta(seconds=interval_s)
        return (slot - now).total_seconds()

    def block_until(self, host: str, until: datetime) -> None:
        """See `HostSlots.block_until`."""
        with self._lock:
            self._free_at[host] = max(until, self._free_at.get(host, until))


def host_key(url: str) -> str:
    """The name under which a URL's host keeps its slots.

    The schemes' own ports are one host, since one machine answers both; another
    port is another server: ``"market.example"``, ``"market.example:8080"``.
    """
    split = urlsplit(url)
    host = (split.hostname or "").lower()
    key = host if split.port in DEFAULT_PORTS else f"{host}:{split.port}"
    return key[-MAX_KEY_CHARS:]
