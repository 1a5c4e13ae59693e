"""Times as markets show them, resolved against the moment of the look."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.page import Precision
from monitor.sources.times import parse_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
# Friday 2026-08-07, 17:30 in Shanghai.
NOW = datetime(2026, 8, 7, 9, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "ago", "precision"),
    [
        ("刚刚", timedelta(), Precision.MINUTE),
        ("刚刚发布", timedelta(), Precision.MINUTE),
        ("just now", timedelta(), Precision.MINUTE),
        ("30秒前", timedelta(seconds=30), Precision.MINUTE),
        ("5分钟前", timedelta(minutes=5), Precision.MINUTE),
        ("5 分钟前发布", timedelta(minutes=5), Precision.MINUTE),
        ("3小时前", timedelta(hours=3), Precision.HOUR),
        ("22小时前发布", timedelta(hours=22), Precision.HOUR),
        ("3\u00a0小时前", timedelta(hours=3), Precision.HOUR),
        ("两小时前", timedelta(hours=2), Precision.HOUR),
        ("半小时前", timedelta(minutes=30), Precision.HOUR),
        ("半个小时之前", timedelta(minutes=30), Precision.HOUR),
        ("2天前", timedelta(days=2), Precision.DAY),
        ("7 天前", timedelta(days=7), Precision.DAY),
        ("2周前", timedelta(days=14), Precision.MONTH),
        ("3个月前", timedelta(days=90), Precision.MONTH),
        ("3 hours ago", timedelta(hours=3), Precision.HOUR),
        ("an hour ago", timedelta(hours=1), Precision.HOUR),
        ("Posted 5 minutes ago", timedelta(minutes=5), Precision.MINUTE),
        ("2 months ago", timedelta(days=60), Precision.MONTH),
    ],
)
def test_relative_times_count_from_the_look(
    text: str, ago: timedelta, precision: Precision
) -> None:
    """Three hours ago means: before the answer was fetched."""
    assert parse_time(text, NOW, SHANGHAI) == (NOW - ago, precision)


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("昨天 12:30", "2026-08-06T12:30", Precision.MINUTE),
        ("昨天12:30", "2026-08-06T12:30", Precision.MINUTE),
        ("昨天", "2026-08-06", Precision.DAY),
        ("前天", "2026-08-05", Precision.DAY),
        ("前天 08:05", "2026-08-05T08:05", Precision.MINUTE),
        ("今天 08:05", "2026-08-07T08:05", Precision.MINUTE),
        ("yesterday at 9:00", "2026-08-06T09:00", Precision.MINUTE),
        ("周三", "2026-08-05", Precision.DAY),
        ("星期天", "2026-08-02", Precision.DAY),
        ("周五", "2026-08-07", Precision.DAY),
        ("12:30", "2026-08-07T12:30", Precision.MINUTE),
        ("23:10", "2026-08-06T23:10", Precision.MINUTE),
        ("08-05", "2026-08-05", Precision.DAY),
        ("8-21", "2025-08-21", Precision.DAY),
        ("08-21", "2025-08-21", Precision.DAY),
        ("8月5日", "2026-08-05", Precision.DAY),
        ("8月5日 10:20", "2026-08-05T10:20", Precision.MINUTE),
        ("2-29", "2024-02-29", Precision.DAY),
        ("2019-5", "2019-05-01", Precision.MONTH),
        ("2019年5月", "2019-05-01", Precision.MONTH),
        ("2026-8-7 17:00", "2026-08-07T17:00", Precision.MINUTE),
        ("2026-8-7 17:00:05", "2026-08-07T17:00:05", Precision.EXACT),
        ("2026-08-07T17:00:05", "2026-08-07T17:00:05", Precision.EXACT),
        ("2026年8月7日 17:00", "2026-08-07T17:00", Precision.MINUTE),
        ("2026/8/7", "2026-08-07", Precision.DAY),
        ("2026.08.07", "2026-08-07", Precision.DAY),
        ("发布于 2026-1-2", "2026-01-02", Precision.DAY),
        ("发布时间：2026-01-02", "2026-01-02", Precision.DAY),
        ("２０２６-１-２", "2026-01-02", Precision.DAY),
        ("5 August 2026", "2026-08-05", Precision.DAY),
        ("Aug 5, 2026 10:20", "2026-08-05T10:20", Precision.MINUTE),
        ("August 2026", "2026-08-01", Precision.MONTH),
        ("13/08/2025", "2025-08-13", Precision.DAY),
        ("05.08.2026", "2026-08-05", Precision.DAY),
        ("20260805", "2026-08-05", Precision.DAY),
    ],
)
def test_times_without_a_zone_are_in_the_sources_own(
    text: str, moment: str, precision: Precision
) -> None:
    """Calendar days are those of the market, not those of UTC."""
    assert parse_time(text, NOW, SHANGHAI) == (at(moment), precision)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1786000000", datetime.fromtimestamp(1786000000, UTC)),
        ("1786000000123", datetime.fromtimestamp(1786000000.123, UTC)),
        (1786000000, datetime.fromtimestamp(1786000000, UTC)),
        (1786000000123, datetime.fromtimestamp(1786000000.123, UTC)),
        ("Wed, 05 Aug 2026 10:00:00 GMT", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("Wed, 05 Aug 2026 18:00:00 +0800", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("Wed, 05 Aug 2026 18:00:00 CST", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("Wed, 05 Aug 2026 05:00:00 EST", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("2026-08-05T10:00:00+00:00", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("2026-08-05T10:00:00Z", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("2026-08-05T10:00:00.250Z", datetime(2026, 8, 5, 10, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_times_with_a_zone_and_epochs_are_exact(text: str | int, moment: datetime) -> None:
    """Machines' times need no guess."""
    assert parse_time(text, NOW, SHANGHAI) == (moment, Precision.EXACT)


def test_cst_is_chinese_only_in_a_chinese_source() -> None:
    """The abbreviation has two meanings."""
    found = parse_time("Wed, 05 Aug 2026 18:00:00 CST", NOW, NEW_YORK)
    assert found.at == datetime(2026, 8, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "台灯", "3小时前降价", "2天内降价", "3分钟前来过", "5天前擦亮", "降价", "05/08/2026"),
        *("2026", "10", "周", "99:99", "2026-13-45", "31-31", "2-30", "0", "1", "12345", "sat"),
        *("2年前", "1901-01-01", "2099-01-01", "9" * 10, "9" * 13, "1" * 60, "a" * 5000),
        *("999999天前", "2026-08-07 25:61", "0000-00-00", "T", "前", "半", "12:30:99"),
    ],
)
def test_what_is_no_publish_time_is_unknown(text: str) -> None:
    """A price drop, a visit, an ambiguous or impossible date: no guess is made."""
    assert parse_time(text, NOW, SHANGHAI) == (None, Precision.UNKNOWN)


@pytest.mark.parametrize("number", [0, -1, 1e30, float("nan"), float("inf"), True, 12345])
def test_numbers_that_are_no_epoch_are_unknown(number: float) -> None:
    """Only plausible seconds and milliseconds count."""
    assert parse_time(number, NOW, SHANGHAI).at is None


@settings(max_examples=150, deadline=None)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2026, 8, 1)))  # noqa: DTZ001 - made aware below
def test_any_moment_survives_being_written(moment: datetime) -> None:
    """What a market writes in its own zone comes back as the same moment."""
    written = moment.replace(microsecond=0, second=0, tzinfo=SHANGHAI, fold=0)
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M"):
        text = written.strftime(form)
        assert parse_time(text, NOW, SHANGHAI).at == written.astimezone(UTC)


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=90)
    | st.text("0123456789-/:.年月日 前天小时半AugTZ+,", max_size=40)
    | st.floats()
    | st.integers()
)
def test_no_text_makes_it_fail(text: str | float) -> None:
    """Any text gives an aware UTC moment or None, without a warning."""
    found = parse_time(text, NOW, SHANGHAI)
    if found.at is None:
        assert found.precision is Precision.UNKNOWN
    else:
        assert found.at.utcoffset() == timedelta()


def test_hostile_lengths_cost_nothing() -> None:
    """Long or repetitive texts are answered at once."""
    started = time.perf_counter()
    for text in ("1" * 1_000_000, "2026-" * 16, "1-" * 40, " " * 79 + "x", "1:" * 39):
        parse_time(text, NOW, SHANGHAI)
    assert time.perf_counter() - started < 0.5
