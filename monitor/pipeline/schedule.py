"""When a watch is looked at next. Explained for operators in docs/explanation/schedule.md."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.watch import Watch
from monitor.sources.definition import SourceDefinition
from monitor.store import polls
from monitor.store.database import Transaction

__all__ = ["Next", "next_look", "quiet_until", "slowdown"]

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
"""After quiet hours, watches start within this time, not all at once."""


@dataclass(frozen=True, slots=True)
class Next:
    """The plan for one watch.

    Attributes:
        at: when its next look is due.
        queued_at: its place among all that are due; None: as `at`.
    """

    at: datetime
    queued_at: datetime | None


def next_look(
    tx: Transaction,
    watch: Watch,
    definition: SourceDefinition,
    *,
    began_at: datetime,
    now: datetime,
    failures: int,
    slows_silent: bool,
) -> Next:
    """Plan the look after one that ends now.

    Args:
        tx: the transaction that ends the look.
        watch: as it was before the look.
        definition: its source's.
        began_at: start of the look; the interval counts from here, so that a slow market
            does not make the schedule drift.
        now: the end of the look.
        failures: looks in a row that saw nothing; each doubles the pause, up to a limit.
        slows_silent: whether watches without anything new are looked at more seldom.
    """
    has_hits = polls.has_hits(tx, watch.id, now - HITS_COUNT)
    factor = 2.0 ** min(failures, 20)
    if slows_silent and not failures and not has_hits:
        factor = slowdown(polls.seen_new(tx, watch.id, limit=SILENCE[0][0]))
    longest_s = max(watch.interval_s, MAX_PAUSE_S)
    pause_s = min(watch.interval_s * factor, longest_s) * random.uniform(1 - JITTER, 1 + JITTER)
    at = max(now, began_at + timedelta(seconds=pause_s))
    ends_at = quiet_until(definition, at)
    if ends_at is not None:
        at = ends_at + timedelta(seconds=random.uniform(0, min(WAKING_S, watch.interval_s)))
    ahead = timedelta(seconds=HEAD_START * watch.interval_s)
    return Next(at, at - ahead if has_hits else None)


def slowdown(new_listings: list[int]) -> float:
    """By how much silence stretches the interval.

    Args:
        new_listings: of the looks that saw, newest first.

    >>> slowdown([0] * 11), slowdown([0] * 12), slowdown([0] * 40), slowdown([0, 3] + [0] * 38)
    (1.0, 2.0, 4.0, 1.0)
    """
    for looks, factor in SILENCE:
        newest = new_listings[:looks]
        if len(newest) == looks and not any(newest):
            return factor
    return 1.0


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
