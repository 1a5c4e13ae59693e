"""How often one address may try a token."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime

__all__ = ["Throttle"]

MAX_ADDRESSES = 1024


class Throttle:
    """At most `tries` failures in `window_s` seconds for one address. Thread-safe.

    A try counts from its beginning, so that many at once do not slip through, and
    is forgotten when it succeeds.
    """

    def __init__(self, *, tries: int, window_s: float) -> None:
        self._tries = tries
        self._window_s = window_s
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, deque[datetime]] = OrderedDict()

    def begin(self, address: str, now: datetime) -> float:
        """Count a try; 0.0 when it may go on, else seconds to wait."""
        with self._lock:
            begun = self._begun.setdefault(address, deque(maxlen=self._tries))
            self._begun.move_to_end(address)
            if len(self._begun) > MAX_ADDRESSES:
                self._begun.popitem(last=False)
            if len(begun) == self._tries:
                passed = (now - begun[0]).total_seconds()
                if passed < self._window_s:
                    return self._window_s - passed
            begun.append(now)
        return 0.0

    def succeed(self, address: str) -> None:
        """Forget the address: it knew the token."""
        with self._lock:
            self._begun.pop(address, None)
