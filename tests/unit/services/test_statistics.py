"""The arithmetic and the reading of questions, apart from any store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from scipy.stats import binomtest, chi2_contingency

from classifiers.evaluation.figures import exact_interval, wilson
from classifiers.text.redact import find_and_redact
from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.scope import Scope
from monitor.errors import ConfigError, InputError
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services.spreadsheet import csv_line
from monitor.services.statistics.asking import MAX_BUCKETS, Asked, buckets, scope_of
from monitor.services.statistics.terms import log_likelihood, pieces
from monitor.services.statistics.work import percentile

NOW = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty one whose statistics begin their days in Shanghai."""
    settings = load_settings(data_dir=tmp_path / "data", zone=SHANGHAI)
    with open_workspace(settings, clock=ManualClock(NOW)) as opened:
        yield opened


def span(workspace: Workspace, **asked: str) -> tuple[str, str]:
    """Both ends as UTC text."""
    scope = scope_of(workspace, Asked(**asked))
    return scope.since.isoformat(), scope.until.isoformat()


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (0, 59), (1, 100), (50, 100), (3, 4000)])
def test_intervals_agree_with_a_library(count: int, n: int) -> None:
    """Both kinds, also at the ends."""
    test = binomtest(count, n)
    exact = test.proportion_ci(method="exact")
    assert exact_interval(count, n) == pytest.approx((exact.low, exact.high), abs=1e-6)
    score = test.proportion_ci(method="wilson")
    assert wilson(count, n) == pytest.approx((score.low, score.high), abs=1e-9)


def test_nothing_is_known_of_nothing() -> None:
    """Without a case every rate is possible."""
    assert exact_interval(0, 0) == (0.0, 1.0)
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.95, 7.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        (list(map(float, range(1, 101))), 0.95, 95),
    ],
)
def test_a_percentile_is_a_value_that_was_seen(
    values: Sequence[float], share: float, expected: float
) -> None:
    """The nearest rank; nothing is made up between two."""
    assert percentile(values, share) == expected


@pytest.mark.parametrize("cells", [(14, 100, 2, 100), (5, 50, 1, 500), (3, 10, 0, 90)])
def test_the_score_of_a_rise_agrees_with_a_library(cells: tuple[int, int, int, int]) -> None:
    """Dunning's G, without a correction."""
    count, n, before, n_before = cells
    table = [[count, n - count], [before, n_before - before]]
    expected = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    assert log_likelihood(*cells) == pytest.approx(expected)


def test_masked_contacts_and_numbers_never_become_terms() -> None:
    """Not even the letters that a mask leaves at its ends."""
    masked, contacts, _ = find_and_redact("加微信 abc123xyz 出四件套 身份证 11010519491231002X")
    assert contacts
    found = pieces(masked)
    assert "四件套" in found
    assert not [piece for piece in found if piece.isascii()]


def test_white_space_inside_chinese_does_not_hide_a_term() -> None:
    """Sellers inject it."""
    assert "四件套" in pieces("四 件\u3000套")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_of_somebody_else_begins_a_formula(start: str) -> None:
    """Also the wide forms, which Chinese spreadsheets take for the narrow ones."""
    assert csv_line([f"{start}1+1"]).lstrip('"').startswith(f"'{start}")


def test_numbers_stay_numbers() -> None:
    """A negative one is no formula."""
    assert csv_line([-0.5, 3, None, True, "人"]) == "-0.5,3,,true,人\n"


def test_a_date_is_a_midnight_of_the_zone(workspace: Workspace) -> None:
    """Of the settings' zone, of the one asked for, or of the offset that is written."""
    assert span(workspace, since="2026-03-02", until="2026-03-03T12:00") == (
        "2026-03-01T16:00:00+00:00",
        "2026-03-03T04:00:00+00:00",
    )
    assert span(workspace, since="2026-03-02", zone="UTC")[0] == "2026-03-02T00:00:00+00:00"
    assert span(workspace, since="2026-03-02T00:00-05:00")[0] == "2026-03-02T05:00:00+00:00"


def test_how_long_ago_counts_from_now(workspace: Workspace) -> None:
    """To the second."""
    assert span(workspace, since="36h") == (
        "2026-03-14T13:30:00+00:00",
        "2026-03-16T01:30:01+00:00",
    )


def test_a_time_that_nobody_gave_begins_with_a_whole_bucket(workspace: Workspace) -> None:
    """Thirty days, from a midnight in Shanghai."""
    assert span(workspace)[0] == "2026-02-13T16:00:00+00:00"
    scope = scope_of(workspace, Asked(), interval="week")
    assert scope.since.astimezone(ZoneInfo(SHANGHAI)).isoformat() == "2026-02-09T00:00:00+08:00"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"zone": "Asia/Shanghia"}, "zone: 'Asia/Shanghia'"),
        ({"zone": "../../etc/passwd"}, "zone:"),
        ({"since": "yesterday"}, "since: 'yesterday'"),
        ({"until": "2026-13-01"}, "until: '2026-13-01'"),
        ({"since": "2026-03-02", "until": "2026-03-02"}, "since: 2026-03-02 is not before until"),
        ({"since": "1999-12-31"}, "since: not between 2000 and 2100"),
        ({"since": "999999w"}, "since:"),
        ({"sources": ("nowhere",)}, "source: 'nowhere' is unknown; there are: none yet"),
        ({"categories": ("faces",)}, "category: 'faces' is none of face_id_bundle"),
    ],
)
def test_what_cannot_be_read_is_named(
    workspace: Workspace, asked: dict[str, object], message: str
) -> None:
    """With what would be right."""
    with pytest.raises(InputError) as error:
        scope_of(workspace, Asked(**asked))  # type: ignore[arg-type]
    assert str(error.value).startswith(message)


def test_buckets_are_cut_at_the_scopes_end_and_capped() -> None:
    """A day on which clocks go forward has 23 hours."""
    berlin = ZoneInfo("Europe/Berlin")
    day = Scope(
        datetime(2026, 3, 29, tzinfo=berlin).astimezone(UTC),
        datetime(2026, 3, 30, tzinfo=berlin).astimezone(UTC),
        berlin,
    )
    assert len(buckets(day, "hour")) == 23
    ((_, end),) = buckets(day, "month")
    assert end == day.until
    with pytest.raises(InputError, match="wider interval"):
        buckets(day, "hour", most=22)
    assert MAX_BUCKETS == 1000


def test_a_wrong_zone_in_the_settings_is_named() -> None:
    """At start, not at the first question."""
    with pytest.raises(ConfigError, match=r"MONITOR_ZONE: .*not a time zone"):
        load_settings(zone="Mars")
