"""The machine's clock, whatever is done to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.clock import SystemClock

HOUR_S = 3600.0


class Hands:
    """A wall clock that can be set, and time that merely passes."""

    def __init__(self) -> None:
        self.wall_s = 1_700_000_000.0
        self.steady_s = 50.0

    def pass_by(self, seconds: float) -> None:
        self.wall_s += seconds
        self.steady_s += seconds

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.wall_s, lambda: self.steady_s)


def test_a_clock_that_is_set_back_goes_on_from_where_it_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Planned work is done when its time has come; the log says so once."""
    hands = Hands()
    clock = hands.clock()
    before = clock.now()
    hands.wall_s -= HOUR_S
    assert clock.now() == before
    hands.pass_by(90)
    assert clock.now() == before + timedelta(seconds=90)
    (told,) = caplog.records
    assert told.message == (
        "this machine's clock was set back by 3600 s; until a restart of the monitor, "
        "times go on from where they were"
    )
    assert hands.clock().now() == before - timedelta(seconds=HOUR_S - 90)


def test_a_clock_that_is_set_forward_is_followed() -> None:
    """It was wrong before, then."""
    hands = Hands()
    clock = hands.clock()
    hands.wall_s += HOUR_S
    assert clock.now() == datetime.fromtimestamp(hands.wall_s, UTC)


def test_it_is_the_machines_clock_while_nobody_sets_it() -> None:
    """To within what the reading takes."""
    clock = SystemClock()
    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
    assert before - timedelta(seconds=1) <= now <= after + timedelta(seconds=1)
