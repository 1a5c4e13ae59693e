"""From what people write (times, a zone, names) to the scope of a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from classifiers.contract import Category
from monitor.domain.scope import Scope
from monitor.errors import InputError
from monitor.pipeline.workspace import Workspace
from monitor.search.periods import Periods
from monitor.search.protocol import Interval
from monitor.store.watches import all_sources

__all__ = ["MAX_BUCKETS", "MAX_ROWS", "Asked", "buckets", "check_limit", "scope_of"]

MAX_BUCKETS = 1000
MAX_ROWS = 1000
USUAL_TIME = timedelta(days=30)
MAX_CHARS = 64
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
AGO = re.compile(r"(\d{1,6})([hdw])")
AGO_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's scope as written.

    Attributes:
        since: ``2026-03-01``, ``2026-03-01T08:00``, the same with an offset, or how long
            ago: ``36h``, ``30d``, ``12w``; empty: some days before `until`.
        until: likewise, exclusive; empty: now.
        zone: an IANA name; empty: the setting's.
        sources: names; empty: all.
        categories: names; empty: all.
    """

    since: str = ""
    until: str = ""
    zone: str = ""
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


def scope_of(
    workspace: Workspace,
    asked: Asked,
    *,
    interval: Interval = "day",
    usual: timedelta = USUAL_TIME,
) -> Scope:
    """Read what was written.

    Args:
        workspace: what is open.
        asked: as written.
        interval: a time that nobody gave begins with a whole bucket of this width.
        usual: how long before its end a time begins when nobody says.

    Raises:
        InputError: names the part that cannot be used, and why.
    """
    zone = _zone(asked.zone or workspace.settings.zone)
    now = workspace.database.now()
    # What was found in this very second counts.
    until = now.replace(microsecond=0) + timedelta(seconds=1)
    if asked.until:
        until = _moment("until", asked.until, zone, now)
    if asked.since:
        since = _moment("since", asked.since, zone, now)
    else:
        since = Periods(interval, zone.key).start(until - usual).astimezone(UTC)
    if since >= until:
        raise InputError(f"since: {asked.since or since:} is not before until")
    return Scope(
        since, until, zone, _sources(workspace, asked.sources), _categories(asked.categories)
    )


def buckets(
    scope: Scope, interval: Interval, *, most: int = MAX_BUCKETS
) -> list[tuple[datetime, datetime]]:
    """(start, end) of each bucket, in the zone's time; the outer ones may be cut by the scope.

    Raises:
        InputError: there would be more than `most`.
    """
    periods = Periods(interval, scope.zone.key)
    found: list[tuple[datetime, datetime]] = []
    start = periods.start(scope.since)
    while start < scope.until:
        if len(found) == most:
            raise InputError(
                f"interval: {interval} cuts the time into more than {most:,} parts; "
                "ask for a wider interval or a shorter time"
            )
        later = periods.after(start)
        found.append((start, min(later, scope.until)))
        start = later
    return found


def check_limit(limit: int) -> int:
    """The limit; raises `InputError` unless it is in 1..`MAX_ROWS`."""
    if not 1 <= limit <= MAX_ROWS:
        raise InputError(f"limit: not between 1 and {MAX_ROWS:,}")
    return limit


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name[:MAX_CHARS])
    except (KeyError, OSError, ValueError):
        raise InputError(
            f"zone: {name[:MAX_CHARS]!r} is not a time zone such as UTC or Asia/Shanghai"
        ) from None


def _moment(name: str, text: str, zone: ZoneInfo, now: datetime) -> datetime:
    ago = AGO.fullmatch(text)
    try:
        if ago:
            at = now.replace(microsecond=0) - int(ago.group(1)) * AGO_UNITS[ago.group(2)]
        else:
            at = datetime.fromisoformat(text)
            at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{name}: {text[:MAX_CHARS]!r} is neither a time such as 2026-03-01 or "
            "2026-03-01T08:00, nor how long ago such as 36h, 30d or 12w"
        ) from None
    if not EARLIEST <= at <= LATEST:
        raise InputError(f"{name}: not between {EARLIEST:%Y} and {LATEST:%Y}")
    return at


def _sources(workspace: Workspace, names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        with workspace.database.read() as tx:
            known = [source.name for source in all_sources(tx)]
        for name in names:
            if name not in known:
                there_are = ", ".join(known) or "none yet"
                raise InputError(f"source: {name[:MAX_CHARS]!r} is unknown; there are: {there_are}")
    return names


def _categories(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in set(Category):
            raise InputError(f"category: {name[:MAX_CHARS]!r} is none of {', '.join(Category)}")
    return names
