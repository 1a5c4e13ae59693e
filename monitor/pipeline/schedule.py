"""When a watch is looked at next. Explained for operators in docs/explanation/schedule.md."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.watch import Changes, Planned
from monitor.sources.definition import SourceDefinition

__all__ = ["next_look", "quiet_until", "slowdown"]

MAX_PAUSE_S = 6 * 3600.0
"""Longest pause that trouble or silence makes of a shorter interval."""
JITTER = 0.1
"""Random share of the interval, so that watches do not march in step."""
SILENCE = ((36, 4.0), (12, 2.0))
"""After so many looks without a new listing, the interval is so many times as long."""
HITS_COUNT = timedelta(days=7)
"""A watch with a hit in this time is never slowed down, and goes before others that wait."""
HEAD_START = 0.5
"""In intervals: others that have waited longer than this still go first."""
WAKING_S = 600.0
"""After quiet hours and with a new day's budget, watches start within this time, not at once."""


def next_look(
    interval_s: float,
    changes: Changes,
    definition: SourceDefinition,
    *,
    began_at: datetime,
    now: datetime,
    slows_silent: bool,
    not_before: datetime | None = None,
) -> Planned:
    """Plan the look after one that ends now.

    Args:
        interval_s: of the watch.
        changes: what the look made of it.
        definition: its source's.
        began_at: start of the look; the interval counts from here, so that a slow market
            does not make the schedule drift.
        now: the end of the look.
        slows_silent: whether watches without anything new are looked at more seldom.
        not_before: when the host may be asked again whose requests of the day are spent.
    """
    has_hits = changes.hit_at is not None and now - changes.hit_at <= HITS_COUNT
    # Each look that saw nothing doubles the pause.
    factor = 2.0 ** min(changes.failures, 20)
    if slows_silent and not changes.failures and not has_hits:
        factor = slowdown(changes.silent_looks)
    longest_s = max(interval_s, MAX_PAUSE_S)
    pause_s = min(interval_s * factor, longest_s) * random.uniform(1 - JITTER, 1 + JITTER)
    at = max(now, began_at + timedelta(seconds=pause_s))
    waking = timedelta(seconds=random.uniform(0, min(WAKING_S, interval_s)))
    if not_before is not None:
        # Whatever the failures say: it is known when the trouble ends.
        at = not_before + waking
    ends_at = quiet_until(definition, at)
    if ends_at is not None:
        at = ends_at + waking
    ahead = timedelta(seconds=HEAD_START * interval_s)
    return Planned(at, at - ahead if has_hits else None)


def slowdown(silent_looks: int) -> float:
    """By how much silence stretches the interval.

    >>> slowdown(11), slowdown(12), slowdown(40)
    (1.0, 2.0, 4.0)
    """
    return next((factor for looks, factor in SILENCE if silent_looks >= looks), 1.0)


def quiet_until(definition: SourceDefinition, at: datetime) -> datetime | None:
    """The end of the source's quiet hours when `at` is in them, else None.

    >>> from datetime import UTC
    >>> market = SourceDefinition(name="shop", kind="html", quiet_hours="23:00-07:30")
    >>> quiet_until(market, datetime(2026, 3, 1, 16, 0, tzinfo=UTC)).isoformat()
    '2026-03-01T23:30:00+00:00'
    >>> quiet_until(market, datetime(2026, 3, 1, 14, 59, tzinfo=UTC)) is None
    True
    """
    hours = definition.quiet
    if hours is None:
        return None
    start, end = hours
    zone = ZoneInfo(definition.timezone)
    local = at.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    is_quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if clock >= end else 0)
    return datetime.combine(day, end, zone).astimezone(at.tzinfo)
