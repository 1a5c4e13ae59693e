"""Age filters: a time window in the words of a market's search, for ``{newer_than}`` and its like.

The window is never made smaller: what a unit cannot say exactly is rounded outwards.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from monitor.domain.gap import Window

__all__ = ["AGES", "NEWER", "OLDER", "AgeUnit", "age_values"]

NEWER, OLDER = "newer_than", "older_than"
AGES = (NEWER, OLDER)
"""Placeholders for the window's ends; without a window, what holds one is left out."""

AgeUnit = Literal["seconds", "milliseconds", "days", "date", "datetime"]
DAY = timedelta(days=1)


def age_values(window: Window, unit: AgeUnit, timezone: str) -> dict[str, str | int]:
    """Both placeholders' values.

    Args:
        window: what is asked for.
        unit: ``seconds`` and ``milliseconds`` since 1970, ``days`` of age (counted back
            from the window's end), or a ``date`` or ``datetime`` (ISO 8601).
        timezone: in which dates and times are written.

    >>> from datetime import UTC
    >>> since = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    >>> window = Window(since, since + timedelta(hours=30))
    >>> age_values(window, "date", "Asia/Shanghai")
    {'newer_than': '2026-03-02', 'older_than': '2026-03-04'}
    >>> age_values(window, "days", "Asia/Shanghai")
    {'newer_than': 2, 'older_than': 0}
    """
    since, until = window.since, window.until
    if unit == "days":
        return {NEWER: max(1, math.ceil((until - since) / DAY)), OLDER: 0}
    if unit in ("seconds", "milliseconds"):
        scale = 1 if unit == "seconds" else 1000
        return {
            NEWER: math.floor(since.timestamp()) * scale,
            OLDER: math.ceil(until.timestamp()) * scale,
        }
    zone = ZoneInfo(timezone)
    begin, end = since.astimezone(zone), until.astimezone(zone)
    if unit == "date":
        # Whether a market counts the last day in is its own affair.
        return {NEWER: begin.date().isoformat(), OLDER: (end + DAY).date().isoformat()}
    later = end + timedelta(seconds=1)
    return {NEWER: begin.isoformat(timespec="seconds"), OLDER: later.isoformat(timespec="seconds")}
