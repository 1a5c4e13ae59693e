"""From a time as shown ("3小时前", "昨天 12:30", "2026-8-7 17:00") to aware UTC with its precision.

Relative times count from when the answer was fetched; times without a zone are
in the source's own. What cannot be told is None, never a guess: "05/08/2026" may
be May or August, "3小时前降价" speaks of a price.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from dateutil import parser as dateutil_parser

from monitor.domain.page import Precision

__all__ = ["ParsedTime", "parse_time"]

MAX_TIME_CHARS = 80
OLDEST_YEAR = 1995
"""Before the first market on the web; older dates are mistakes."""


class ParsedTime(NamedTuple):
    """A moment in aware UTC, or None, and how exact it is."""

    at: datetime | None
    precision: Precision


UNKNOWN = ParsedTime(None, Precision.UNKNOWN)

PREFIX = re.compile(
    r"(?:发布于|发表于|发布时间|发表时间|发布日期|发布|posted(?: on)?|published(?: on)?)\s?:?\s?",
    re.IGNORECASE,
)
SUFFIX = re.compile(r"\s?(?:发布|发表|上架|发帖)$")
# What most rows show; taken apart without the rest of this module.
SIMPLE_AGO = re.compile(r"\s*([0-9]{1,3})(秒|分钟|小时|天)前(?:发布)?\s*")
SIMPLE_UNITS = {
    "秒": (timedelta(seconds=1), Precision.MINUTE),
    "分钟": (timedelta(minutes=1), Precision.MINUTE),
    "小时": (timedelta(hours=1), Precision.HOUR),
    "天": (timedelta(days=1), Precision.DAY),
}
AGO = re.compile(
    r"(?P<number>\d{1,6}|[一二两三四五六七八九十半])\s?个?\s?"
    r"(?P<unit>秒钟?|分钟?|小时|钟头|天|日|周|星期|礼拜|月|年)(?P<half>半)?\s?(?:之|以)?前"
)
AGO_ENGLISH = re.compile(
    r"(?:about |over |almost )?(?P<number>\d{1,6}|an?|one)\s?"
    r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)"
    r"\s?ago",
    re.IGNORECASE,
)
JUST_NOW = frozenset({"刚刚", "刚才", "刚刚来过", "just now", "now", "moments ago", "a moment ago"})
DIGITS = {mark: value for value, mark in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
UNITS = (
    # first letters of the unit, its length, precision of "N units ago"
    (("秒", "s"), timedelta(seconds=1), Precision.MINUTE),
    (("分", "mi"), timedelta(minutes=1), Precision.MINUTE),
    (("小", "钟", "h"), timedelta(hours=1), Precision.HOUR),
    (("天", "日", "d"), timedelta(days=1), Precision.DAY),
    (("周", "星", "礼", "w"), timedelta(days=7), Precision.MONTH),
    (("月", "mo"), timedelta(days=30), Precision.MONTH),
    (("m",), timedelta(minutes=1), Precision.MINUTE),
)
CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
DAY_WORD = re.compile(
    rf"(?P<day>今天|昨天|昨日|前天|today|yesterday)(?:\s?(?:at )?{CLOCK})?", re.IGNORECASE
)
DAYS_BACK = {"今天": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
WEEKDAY = re.compile(rf"(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?:\s?{CLOCK})?")
ONLY_CLOCK = re.compile(CLOCK)
MONTH_DAY = re.compile(rf"(?P<month>\d{{1,2}})(?:[-/]|月)(?P<day>\d{{1,2}})日?(?:\s?{CLOCK})?")
YEAR_MONTH = re.compile(r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})月?")
YEAR_MONTH_DAY = re.compile(
    r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})(?:[-/.]|月)(?P<day>\d{1,2})日?"
    rf"(?:\s?T?{CLOCK})?",
)
EPOCH = re.compile(r"(?P<seconds>\d{10})(?P<millis>\d{3})?(?:\.\d{1,9})?")
YEAR = re.compile(r"(?:19|20)\d\d")
YEAR_FIRST = re.compile(r"(?:19|20)\d\d[-/. ]?\d\d?")
MONTH_NAME = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE
)
AMBIGUOUS = re.compile(r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/\d{4}")
DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
NUMBERS = re.compile(r"\d+")
HAS_CLOCK = re.compile(r"\d{1,2}:\d{2}(?P<seconds>:\d{2})?")
# RFC 822 section 5.1, hours from UTC. CST is left to the source's zone, see `_zone_of`.
RFC_822_HOURS = {"UT": 0, "GMT": 0, "UTC": 0, "Z": 0, "EST": -5, "EDT": -4, "CDT": -5}
RFC_822_HOURS |= {"MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
PARSER_ERRORS = (ValueError, OverflowError, TypeError, IndexError, AttributeError, ArithmeticError)


def parse_time(text: str | float, fetched_at: datetime, zone: tzinfo) -> ParsedTime:
    """Read when something was published.

    Args:
        text: as shown, or an epoch number in seconds or milliseconds.
        fetched_at: aware UTC; where relative times count from.
        zone: where times without a zone are meant.

    Returns:
        Aware UTC and its precision; ``(None, unknown)`` for anything else than a
        publish time, and for moments before 1995 or more than a year ahead.
    """
    if not isinstance(text, str):
        return _plausible(_epoch(text), Precision.EXACT, fetched_at)
    simple = SIMPLE_AGO.fullmatch(text)
    if simple:
        length, precision = SIMPLE_UNITS[simple[2]]
        return ParsedTime(fetched_at - length * int(simple[1]), precision)
    if not text or len(text) > MAX_TIME_CHARS:
        return UNKNOWN
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = SUFFIX.sub("", PREFIX.sub("", plain, count=1) if PREFIX.match(plain) else plain)
    if not plain:
        return UNKNOWN
    try:
        found = _relative(plain, fetched_at) or _absolute(plain, fetched_at, zone)
    except PARSER_ERRORS:
        return UNKNOWN
    return _plausible(*found, fetched_at)


def _plausible(at: datetime | None, precision: Precision, fetched_at: datetime) -> ParsedTime:
    try:
        moment = at.astimezone(UTC) if at else None
        if moment is None or moment.year < OLDEST_YEAR:
            return UNKNOWN
        is_ahead = moment > fetched_at + timedelta(days=366)
    except (ValueError, OverflowError):
        return UNKNOWN
    return UNKNOWN if is_ahead else ParsedTime(moment, precision)


def _relative(text: str, fetched_at: datetime) -> ParsedTime | None:
    """Times that count back from the look: 3小时前, 半小时前, 2 days ago."""
    if text.lower() in JUST_NOW:
        return ParsedTime(fetched_at, Precision.MINUTE)
    match = AGO.fullmatch(text) or AGO_ENGLISH.fullmatch(text)
    if match is None:
        return None
    unit = match["unit"].lower()
    for starts, length, precision in UNITS:
        if unit.startswith(starts):
            return ParsedTime(fetched_at - length * _number(match), precision)
    return None  # "2年前" is nearer to unknown than to any precision


def _number(match: re.Match[str]) -> float:
    written = match["number"].lower()
    half = 0.5 if match.groupdict().get("half") else 0.0
    if written == "半":
        return 0.5
    if written in ("a", "an", "one"):
        return 1.0
    return (DIGITS.get(written) or int(written)) + half


def _absolute(text: str, fetched_at: datetime, zone: tzinfo) -> ParsedTime:
    epoch = EPOCH.fullmatch(text)
    if epoch:
        return ParsedTime(_epoch(float(text)), Precision.EXACT)
    local = fetched_at.astimezone(zone)
    found = _day(text, local) or _calendar(text, local)
    if found:
        day, match = found
        moment = datetime.combine(day, _clock(match), tzinfo=zone)
        if match["hour"] is None:
            return ParsedTime(moment, Precision.DAY)
        return ParsedTime(moment, Precision.EXACT if match["second"] else Precision.MINUTE)
    month = YEAR_MONTH.fullmatch(text)
    if month:
        first = datetime(int(month["year"]), int(month["month"]), 1, tzinfo=zone)
        return ParsedTime(first, Precision.MONTH)
    return _written(text, local, zone)


def _day(text: str, local: datetime) -> tuple[date, re.Match[str]] | None:
    """Days that are named from today: 昨天, 周三, or a time of day alone."""
    match = DAY_WORD.fullmatch(text)
    if match:
        return local.date() - timedelta(days=DAYS_BACK[match["day"].lower()]), match
    match = WEEKDAY.fullmatch(text)
    if match:
        wanted = "一二三四五六日".index(match["weekday"].replace("天", "日"))
        return local.date() - timedelta(days=(local.weekday() - wanted) % 7), match
    match = ONLY_CLOCK.fullmatch(text)
    if match:
        # A time of day that is still to come was yesterday's.
        is_ahead = _clock(match) > (local + timedelta(minutes=5)).time()
        return local.date() - timedelta(days=int(is_ahead)), match
    return None


def _calendar(text: str, local: datetime) -> tuple[date, re.Match[str]] | None:
    """Dates in numbers, year first; without a year the latest one that is not ahead."""
    match = YEAR_MONTH_DAY.fullmatch(text)
    if match:
        return date(int(match["year"]), int(match["month"]), int(match["day"])), match
    match = MONTH_DAY.fullmatch(text)
    if match is None:
        return None
    month, day = int(match["month"]), int(match["day"])
    for year in range(local.year, local.year - 9, -1):
        # Nine years reach back over any 29 February.
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= local.date() + timedelta(days=1):
            return found, match
    return None


def _written(text: str, local: datetime, zone: tzinfo) -> ParsedTime:
    """RFC 822, ISO with a zone, "August 5, 2026": by dateutil, once it is surely a date."""
    slashes = AMBIGUOUS.search(text)
    if slashes:
        first, second = int(slashes["first"]), int(slashes["second"])
        if first <= 12 and second <= 12 and first != second:
            return UNKNOWN
    # dateutil fills in what is missing ("10" is the tenth of this month), so it
    # may see only what names a year and a month.
    has_date = MONTH_NAME.search(text) or slashes or DOTTED.search(text) or YEAR_FIRST.match(text)
    if not has_date or not YEAR.search(text):
        return UNKNOWN
    moment = dateutil_parser.parse(
        text,
        default=datetime(local.year, 1, 1, tzinfo=zone),
        dayfirst=bool(DOTTED.search(text)),
        tzinfos=lambda name, offset: _zone_of(name, offset, zone),
    )
    clock = HAS_CLOCK.search(text)
    if clock:
        return ParsedTime(moment, Precision.EXACT if clock["seconds"] else Precision.MINUTE)
    is_only_year = len(NUMBERS.findall(text)) == 1 and not YEAR_FIRST.match(text)
    return ParsedTime(moment, Precision.MONTH if is_only_year else Precision.DAY)


def _zone_of(name: str | None, offset: int | None, zone: tzinfo) -> tzinfo | int:
    """The zone of a written time, in seconds from UTC.

    "CST" is China's time in a source of that zone and America's elsewhere; names
    that RFC 822 does not know leave the source's own zone.
    """
    if offset is not None:
        return offset
    if name == "CST" and "Shanghai" not in str(zone):
        return -6 * 3600
    hours = RFC_822_HOURS.get(name or "")
    return zone if hours is None else hours * 3600


def _epoch(number: float) -> datetime | None:
    """Seconds have ten digits and milliseconds thirteen from 2001 to 2286."""
    seconds = number / 1000 if number >= 1e12 else number
    try:
        return datetime.fromtimestamp(seconds, UTC) if 1e9 <= seconds < 1e10 else None
    except (ValueError, OverflowError, OSError):
        return None


def _clock(match: re.Match[str]) -> time:
    if match["hour"] is None:
        return time()
    return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
