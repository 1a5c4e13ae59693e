"""Hits by time: hours, days, weeks and months as a time zone knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.errors import InputError
from monitor.search.protocol import HitQuery, Interval

__all__ = ["MAX_PERIODS", "Periods"]

MAX_PERIODS = 10_000
"""An hour for more than a year."""

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


class Periods:
    """The periods of one time zone. Each is named by the moment it starts.

    Args:
        interval: their length; weeks start on Monday.
        zone: an IANA name such as ``Asia/Shanghai``.

    Raises:
        InputError: an unknown interval or zone.
    """

    def __init__(self, interval: Interval, zone: str) -> None:
        if interval not in ("hour", "day", "week", "month"):
            raise InputError(f"interval: {interval!r} is none of hour, day, week, month")
        self._interval = interval
        try:
            self._zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise InputError(f"zone: {zone!r} is not a time zone such as Asia/Shanghai") from None

    def start(self, at: datetime) -> datetime:
        """The start of the period that `at` falls into, in the time zone."""
        local = at.astimezone(self._zone)
        if self._interval == "hour":
            # Taken from the moment, not the clock's face: an hour may come twice.
            into = timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            return (at.astimezone(UTC) - into).astimezone(self._zone)
        day = local.date()
        if self._interval == "week":
            day -= timedelta(days=day.weekday())
        elif self._interval == "month":
            day = day.replace(day=1)
        return self._midnight(day)

    def after(self, start: datetime) -> datetime:
        """The start of the next period."""
        if self._interval == "hour":
            return (start.astimezone(UTC) + HOUR).astimezone(self._zone)
        day = start.date()
        if self._interval == "month":
            day = (day + timedelta(days=31)).replace(day=1)
        else:
            day += timedelta(days=7 if self._interval == "week" else 1)
        return self._midnight(day)

    def filled(
        self, counts: Iterable[tuple[datetime, int]], query: HitQuery
    ) -> list[tuple[datetime, int]]:
        """Counts by period, the empty ones between included.

        Args:
            counts: moments and how many hits each stands for, in any order.
            query: its `since` and `until`, where given, are the ends of the range.

        Raises:
            InputError: more than `MAX_PERIODS`, or times that no calendar holds.
        """
        try:
            return self._filled(counts, query)
        except OverflowError:
            raise InputError("interval: a time lies outside the calendar") from None

    def _filled(
        self, counts: Iterable[tuple[datetime, int]], query: HitQuery
    ) -> list[tuple[datetime, int]]:
        found: Counter[datetime] = Counter()
        for at, count in counts:
            # Moments of one zone compare by the clock's face: keys are UTC.
            found[self.start(at).astimezone(UTC)] += count
        ends = sorted(found)
        first = ends[0] if query.since is None and ends else query.since
        last = ends[-1] if query.until is None and ends else query.until
        if first is None or last is None or (query.until is not None and first >= query.until):
            return []
        if query.until is not None:
            last = query.until - INSTANT
        start = self.start(first)
        while start <= last:
            found.setdefault(start.astimezone(UTC), 0)
            if len(found) > MAX_PERIODS:
                raise InputError(f"interval: more than {MAX_PERIODS} of them in this time")
            start = self.after(start)
        return [(at.astimezone(self._zone), found[at]) for at in sorted(found)]

    def _midnight(self, day: date) -> datetime:
        # Through UTC: where clocks skip midnight this gives the first moment after it.
        return datetime.combine(day, time(), self._zone).astimezone(UTC).astimezone(self._zone)
