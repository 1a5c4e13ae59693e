"""Every index of hits counts by time alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from monitor.errors import InputError
from monitor.search.protocol import HitIndex, HitQuery
from tests.contract.test_search_index import document
from tests.contract.test_search_index import index as index

pytestmark = pytest.mark.timeout(400)
"""A server may have to start first."""


def put_at(index: HitIndex, *moments: datetime) -> None:
    index.put(document(n, found_at=at) for n, at in enumerate(moments, start=1))


def shown(
    index: HitIndex,
    interval: Literal["hour", "day", "week", "month"],
    zone: str = "UTC",
    query: HitQuery | None = None,
) -> list[tuple[str, int]]:
    found = index.histogram(query or HitQuery(), interval=interval, zone=zone)
    return [(start.isoformat(), count) for start, count in found]


def test_days_begin_at_midnight_of_the_zone(index: HitIndex) -> None:
    """16:00 UTC is the next day in Shanghai."""
    put_at(
        index,
        datetime(2026, 5, 1, 15, 59, 59, 999_999, UTC),
        datetime(2026, 5, 1, 16, 0, tzinfo=UTC),
        datetime(2026, 5, 1, 17, 0, tzinfo=UTC),
    )
    assert shown(index, "day") == [("2026-05-01T00:00:00+00:00", 3)]
    assert shown(index, "day", "Asia/Shanghai") == [
        ("2026-05-01T00:00:00+08:00", 1),
        ("2026-05-02T00:00:00+08:00", 2),
    ]


def test_empty_periods_between_are_shown(index: HitIndex) -> None:
    """A gap is a zero, not a missing row."""
    put_at(index, datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert [count for _, count in shown(index, "month")] == [1, 0, 0, 1]
    assert len(shown(index, "day")) == 61


def test_weeks_start_on_monday(index: HitIndex) -> None:
    """Sunday belongs to the week before."""
    put_at(index, datetime(2026, 5, 3, 23, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC))
    assert shown(index, "week") == [
        ("2026-04-27T00:00:00+00:00", 1),
        ("2026-05-04T00:00:00+00:00", 1),
    ]


def test_the_query_bounds_the_range_and_the_matches(index: HitIndex) -> None:
    """Zeros reach to both ends that were asked for; other hits are not counted."""
    put_at(index, datetime(2026, 5, 2, 12, tzinfo=UTC), datetime(2026, 5, 9, tzinfo=UTC))
    index.put([document(3, "床品", found_at=datetime(2026, 5, 3, tzinfo=UTC))])
    asked = HitQuery(
        text="人脸",
        since=datetime(2026, 5, 1, 6, tzinfo=UTC),
        until=datetime(2026, 5, 4, tzinfo=UTC),
    )
    assert shown(index, "day", query=asked) == [
        ("2026-05-01T00:00:00+00:00", 0),
        ("2026-05-02T00:00:00+00:00", 1),
        ("2026-05-03T00:00:00+00:00", 0),
    ]
    nobody = HitQuery(filters={"seller": ["nobody"]}, since=asked.since, until=asked.until)
    assert [count for _, count in shown(index, "day", query=nobody)] == [0, 0, 0]


def test_nothing_found_without_bounds_is_an_empty_list(index: HitIndex) -> None:
    """There is no range to fill."""
    assert shown(index, "hour") == []


def test_an_hour_that_comes_twice_is_two_hours(index: HitIndex) -> None:
    """The night that clocks go back in Berlin, and the one they go forward."""
    put_at(index, *(datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)))
    assert shown(index, "hour", "Europe/Berlin") == [
        ("2026-10-25T02:00:00+02:00", 1),
        ("2026-10-25T02:00:00+01:00", 1),
        ("2026-10-25T03:00:00+01:00", 1),
    ]
    assert shown(index, "day", "Europe/Berlin") == [("2026-10-25T00:00:00+02:00", 3)]


def test_a_day_without_midnight_starts_when_it_starts(index: HitIndex) -> None:
    """Beirut's clocks jump from 24:00 to 01:00 in spring."""
    put_at(index, *(datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(days=n) for n in range(3)))
    assert shown(index, "day", "Asia/Beirut") == [
        ("2026-03-28T00:00:00+02:00", 1),
        ("2026-03-29T01:00:00+03:00", 1),
        ("2026-03-30T00:00:00+03:00", 1),
    ]


def test_zones_off_the_full_hour_have_hours_of_their_own(index: HitIndex) -> None:
    """Five hours and three quarters; minus three and a half."""
    at = datetime(2026, 5, 1, 10, 20, tzinfo=UTC)
    put_at(index, at)
    for zone in ("Asia/Kathmandu", "America/St_Johns"):
        local = at.astimezone(ZoneInfo(zone))
        start = local.replace(minute=0, second=0, microsecond=0)
        assert index.histogram(HitQuery(), interval="hour", zone=zone) == [(start, 1)]


def test_times_before_1970_have_their_day(index: HitIndex) -> None:
    """A clock that was wrong."""
    put_at(index, datetime(1969, 12, 31, 23, 59, tzinfo=UTC))
    assert shown(index, "day") == [("1969-12-31T00:00:00+00:00", 1)]


def test_what_cannot_be_read_is_a_clear_error(index: HitIndex) -> None:
    """Both come from an address bar."""
    with pytest.raises(InputError, match="interval"):
        index.histogram(HitQuery(), interval="minute", zone="UTC")  # type: ignore[arg-type]
    for zone in ("Mars/Base", "../etc"):
        with pytest.raises(InputError, match="zone"):
            index.histogram(HitQuery(), interval="day", zone=zone)


def test_more_periods_than_anyone_reads_are_refused(index: HitIndex) -> None:
    """Hours of a century."""
    put_at(index, datetime(1926, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InputError, match="interval"):
        shown(index, "hour")
