"""Retries: the published schedule, bounded by what receivers ask for."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts.channels.protocol import Receipt, ReceiptStatus
from monitor.alerts.schedule import DELAYS_S, MAX_ATTEMPTS, next_attempt

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def failed(
    status: ReceiptStatus = ReceiptStatus.RETRY,
    http_status: int | None = 500,
    retry_after_s: float | None = None,
) -> Receipt:
    """A receipt of an attempt that did not succeed."""
    return Receipt(status, http_status, 0.1, "", retry_after_s)


def wait_s(attempt_no: int, receipt: Receipt, seed: int = 0) -> float:
    """Seconds until the next attempt."""
    at = next_attempt(attempt_no, receipt, NOW, random.Random(seed))
    assert at is not None
    return (at - NOW).total_seconds()


def test_the_schedule_is_the_published_one() -> None:
    """Ten attempts over some 76 hours."""
    hours = [seconds / 3600 for seconds in DELAYS_S]
    assert hours[2:] == [0.5, 2, 5, 10, 14, 20, 24]
    assert DELAYS_S[:2] == (5, 300)
    assert MAX_ATTEMPTS == 10
    for number, delay in enumerate(DELAYS_S, start=1):
        for seed in range(20):
            assert delay <= wait_s(number, failed(), seed) <= delay * 1.1


def test_jitter_spreads() -> None:
    """A receiver that comes back is not met by all alerts at once."""
    assert len({wait_s(3, failed(), seed) for seed in range(20)}) == 20


@pytest.mark.parametrize("status", [ReceiptStatus.RETRY, ReceiptStatus.REJECTED])
def test_the_last_attempt_is_the_last(status: ReceiptStatus) -> None:
    """What is not delivered then is a dead letter."""
    rng = random.Random()
    assert next_attempt(9, failed(status), NOW, rng) is not None
    assert next_attempt(10, failed(status), NOW, rng) is None
    assert next_attempt(99, failed(status), NOW, rng) is None


@pytest.mark.parametrize("status", [ReceiptStatus.DELIVERED, ReceiptStatus.GONE])
def test_nothing_is_tried_again_after_an_end(status: ReceiptStatus) -> None:
    """Delivered is delivered, gone is gone."""
    assert next_attempt(1, failed(status), NOW, random.Random()) is None


@pytest.mark.parametrize(
    ("attempt_no", "http_status", "retry_after_s", "least"),
    [
        (1, 429, 120, 120),
        (1, 503, 120, 120),
        (1, 429, None, 60),
        (1, 502, None, 60),
        (1, 429, 1, 60),
        (1, 503, 1, 5),
        (3, 429, 10, 1800),
        (1, 429, 10**9, 86_400),
    ],
)
def test_a_receiver_may_ask_for_later_but_not_for_sooner(
    attempt_no: int, http_status: int, retry_after_s: float | None, least: float
) -> None:
    """And not for later than a day."""
    receipt = failed(http_status=http_status, retry_after_s=retry_after_s)
    assert least <= wait_s(attempt_no, receipt) <= least * 1.1


def test_attempts_are_counted_from_one() -> None:
    """Zero would read the schedule from its end."""
    with pytest.raises(ValueError, match="from 1"):
        next_attempt(0, failed(), NOW, random.Random())


def test_times_keep_their_zone() -> None:
    """The store refuses others."""
    at = next_attempt(1, failed(), NOW, random.Random())
    assert at is not None
    assert at.utcoffset() == timedelta(0)
