"""robots.txt (RFC 9309): read once per origin, obeyed, and asked for politely itself."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from monitor.domain.clock import Clock
from monitor.domain.page import FetchResult

__all__ = ["MAX_ROBOTS_BYTES", "Robots", "RobotsVerdict"]

MAX_ROBOTS_BYTES = 512_000
"""RFC 9309, 2.5: at least 500 kibibytes must be read, the rest may be left."""
KEEP = timedelta(hours=24)
"""RFC 9309, 2.4: no copy should be used for longer."""
RETRY = timedelta(minutes=5)
"""How long an unreadable robots.txt closes a host before it is asked for again."""
MAX_ORIGINS = 2000
MAX_CRAWL_DELAY_S = 300.0
"""A host may slow us down, not stop us for good by a delay of years."""


@dataclass(frozen=True, slots=True)
class RobotsVerdict:
    """What an origin says of one URL.

    Attributes:
        is_allowed: whether it may be fetched.
        crawl_delay_s: seconds asked for between two requests, 0 when none.
        reason: why not, for people.
        retry_after_s: when to ask again, for a refusal that may pass.
    """

    is_allowed: bool
    crawl_delay_s: float = 0.0
    reason: str = ""
    retry_after_s: float | None = None


@dataclass(slots=True)
class _Entry:
    """What is known of one origin; `lock` lets one thread ask while others wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    trouble: str = ""
    fresh_until: datetime | None = None


class Robots:
    """The robots.txt files of all origins. Thread-safe.

    Args:
        clock: decides when a copy is too old.
        user_agent: only its product name (before the slash) is compared, since the
            rest is prose in which any robot's name might stand.
    """

    def __init__(self, clock: Clock, user_agent: str) -> None:
        self._clock = clock
        self._product = user_agent.split("/")[0].strip()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def judge(self, url: str, read: Callable[[str], FetchResult]) -> RobotsVerdict:
        """Whether `url` may be fetched.

        Args:
            url: absolute.
            read: fetches a robots.txt; called only when no fresh copy is there.
        """
        split = urlsplit(url)
        origin = f"{split.scheme}://{split.netloc}".lower()
        entry = self._entry(origin)
        with entry.lock:
            now = self._clock.now()
            if entry.fresh_until is None or entry.fresh_until <= now:
                self._renew(entry, read(f"{origin}/robots.txt"))
            return self._verdict(entry, url)

    def _entry(self, origin: str) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(origin, _Entry())
            self._entries.move_to_end(origin)
            if len(self._entries) > MAX_ORIGINS:
                self._entries.popitem(last=False)
            return entry

    def _renew(self, entry: _Entry, result: FetchResult) -> None:
        now = self._clock.now()
        answer = result.answer
        entry.trouble = ""
        entry.fresh_until = now + KEEP
        if answer and 200 <= answer.status < 300 and (result.outcome.has_seen):
            entry.rules = _parse(answer.text, is_truncated=answer.is_truncated)
        elif answer and 400 <= answer.status < 500 and answer.status != 429:
            # "Unavailable": the host has no robots.txt for us, so all is allowed.
            entry.rules = Protego.parse("")
        else:
            # "Unreachable": all is forbidden, unless an older copy still speaks.
            entry.fresh_until = now + RETRY
            if entry.rules is None:
                entry.trouble = result.detail or result.outcome.value

    def _verdict(self, entry: _Entry, url: str) -> RobotsVerdict:
        if entry.rules is None:
            left = (entry.fresh_until or self._clock.now()) - self._clock.now()
            return RobotsVerdict(
                False,
                reason=f"robots.txt cannot be read: {entry.trouble}",
                retry_after_s=max(0.0, left.total_seconds()),
            )
        if not entry.rules.can_fetch(url, self._product):
            return RobotsVerdict(False, reason="robots.txt forbids this page")
        return RobotsVerdict(True, crawl_delay_s=_delay(entry.rules.crawl_delay(self._product)))


def _parse(text: str, *, is_truncated: bool) -> Protego:
    # A rule cut in two would forbid more, or less, than was written.
    return Protego.parse(text.rpartition("\n")[0] if is_truncated else text)


def _delay(seconds: float | None) -> float:
    if seconds is None or not math.isfinite(seconds):
        return 0.0
    return min(max(0.0, seconds), MAX_CRAWL_DELAY_S)
