"""The server's time is carried forward, and a slow answer does not make it worse."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.store.server_clock import ASK_EVERY_S, ServerClock

SERVER = datetime(2031, 5, 1, tzinfo=UTC)


def told(clock: ServerClock, offset_s: float, *, took_s: float, at: float) -> None:
    """The answer to a question that `took_s` seconds, ending at `at` (monotonic).

    The server spoke at the end of that time, not in its middle: the worst case.
    """
    clock.set(SERVER + timedelta(seconds=offset_s), asked=at - took_s, answered=at)


def offset(clock: ServerClock, start: float) -> float:
    """How far the clock is ahead of `SERVER` at `start`."""
    elapsed = timedelta(seconds=time.monotonic() - start)
    return (clock.now() - SERVER - elapsed).total_seconds()


def test_time_goes_on_between_two_readings() -> None:
    """By the monotonic clock, whatever the wall says."""
    clock, start = ServerClock(), time.monotonic()
    told(clock, 0.0, took_s=0.001, at=start)
    assert abs(offset(clock, start)) < 0.01


def test_a_slow_answer_is_not_believed_over_a_quick_one() -> None:
    """It may be wrong by half of what it took."""
    clock, start = ServerClock(), time.monotonic()
    told(clock, 0.0, took_s=0.001, at=start)
    told(clock, 0.0, took_s=1.0, at=start)
    assert abs(offset(clock, start)) < 0.01


def test_a_quick_answer_is_believed_over_a_slow_one() -> None:
    """From then on the error is small."""
    clock, start = ServerClock(), time.monotonic()
    told(clock, 0.0, took_s=1.0, at=start)
    assert abs(offset(clock, start)) > 0.4
    told(clock, 0.0, took_s=0.001, at=start)
    assert abs(offset(clock, start)) < 0.01


@pytest.mark.parametrize("step_s", [600.0, -600.0])
def test_a_clock_that_was_set_is_followed(step_s: float) -> None:
    """Another server took over, or its time was corrected: even a slow answer proves that."""
    clock, start = ServerClock(), time.monotonic()
    told(clock, 0.0, took_s=0.001, at=start)
    told(clock, step_s, took_s=1.0, at=start)
    assert abs(offset(clock, start) - step_s) < 0.6


def test_an_old_reading_is_asked_for_again() -> None:
    """Monotonic clocks of two machines drift apart."""
    clock = ServerClock()
    assert clock.is_stale()
    told(clock, 0.0, took_s=0.001, at=time.monotonic())
    assert not clock.is_stale()
    told(clock, 0.0, took_s=0.001, at=time.monotonic() - ASK_EVERY_S)
    assert clock.is_stale()


def test_a_clock_that_was_never_read_says_so() -> None:
    """Guessing would be worse."""
    with pytest.raises(RuntimeError):
        ServerClock().now()
