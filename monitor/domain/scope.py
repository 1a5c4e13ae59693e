"""What a question about numbers covers: a time, sources, categories; and time cut into buckets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

__all__ = ["Interval", "Scope", "bucket_starts", "floor_to"]


class Interval(StrEnum):
    """How wide a bucket of time is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of what the monitor has done.

    Attributes:
        since: the first moment that counts; aware UTC.
        until: the first moment that no longer counts; aware UTC.
        zone: where days and weeks begin.
        sources: names; empty: all.
        categories: names; empty: all.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


def floor_to(interval: Interval, at: datetime, zone: ZoneInfo) -> datetime:
    """The start of the bucket that a moment lies in, as the zone's clocks show it.

    >>> floor_to(Interval.WEEK, datetime(2026, 3, 1, 20, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    datetime.datetime(2026, 3, 2, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='Asia/Shanghai'))
    """
    local = at.astimezone(zone)
    if interval is Interval.HOUR:
        return local.replace(minute=0, second=0, microsecond=0)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if interval is Interval.WEEK:
        midnight -= timedelta(days=midnight.weekday())
    if interval is Interval.MONTH:
        midnight = midnight.replace(day=1)
    return _real(midnight, zone)


def bucket_starts(scope: Scope, interval: Interval, *, most: int) -> list[datetime]:
    """Starts of all buckets that the scope's time touches, in order; at most `most` + 1 of them."""
    starts: list[datetime] = []
    start = floor_to(interval, scope.since, scope.zone)
    while start < scope.until and len(starts) <= most:
        starts.append(start)
        start = _next(interval, start, scope.zone)
    return starts


def _next(interval: Interval, start: datetime, zone: ZoneInfo) -> datetime:
    if interval is Interval.HOUR:
        later = (start.astimezone(UTC) + timedelta(hours=1)).astimezone(zone)
        return floor_to(interval, later, zone)
    if interval is Interval.MONTH:
        # No month is longer than 31 days, so this lies in the next one.
        return floor_to(interval, start.replace(day=1, hour=12) + timedelta(days=31), zone)
    days = 7 if interval is Interval.WEEK else 1
    # At noon every zone agrees on the date, whatever its clocks do at night.
    return floor_to(interval, start.replace(hour=12) + timedelta(days=days), zone)


def _real(midnight: datetime, zone: ZoneInfo) -> datetime:
    """A midnight that clocks jump over becomes the first moment of that day."""
    return midnight.astimezone(UTC).astimezone(zone)
