"""When to try again: the example schedule of Standard Webhooks, about 76 hours in all."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from monitor.alerts.channels.protocol import Receipt, ReceiptStatus

__all__ = ["DELAYS_S", "MAX_ATTEMPTS", "next_attempt"]

DELAYS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds to wait after the first, second, ... failed attempt."""
MAX_ATTEMPTS = len(DELAYS_S) + 1
JITTER = 0.1
"""Up to a tenth is added, so that a receiver that comes back is not met by all at once."""
MIN_THROTTLED_S = 60.0
"""Least wait after an answer that says "too much"."""
THROTTLING = frozenset({429, 502, 504})
MAX_RETRY_AFTER_S = 86_400.0


def next_attempt(
    attempt_no: int, receipt: Receipt, now: datetime, rng: random.Random
) -> datetime | None:
    """When to make the next attempt.

    A receiver that asks for a later time (``Retry-After``) gets it, up to a day;
    it can not ask for an earlier one.

    Args:
        attempt_no: how many attempts have been made, 1 or more.
        receipt: what came of the last one.
        now: aware UTC.
        rng: source of jitter.

    Returns:
        Aware UTC; None when there is nothing left to try: it was delivered, the
        receiver is gone, or all attempts are used up (a dead letter).

    Raises:
        ValueError: `attempt_no` is less than 1.
    """
    if attempt_no < 1:
        raise ValueError("attempts are counted from 1")
    if receipt.status in (ReceiptStatus.DELIVERED, ReceiptStatus.GONE):
        return None
    if attempt_no >= MAX_ATTEMPTS:
        return None
    wait_s = float(DELAYS_S[attempt_no - 1])
    if receipt.http_status in THROTTLING:
        wait_s = max(wait_s, MIN_THROTTLED_S)
    if receipt.retry_after_s is not None:
        wait_s = max(wait_s, min(receipt.retry_after_s, MAX_RETRY_AFTER_S))
    return now + timedelta(seconds=wait_s * (1 + JITTER * rng.random()))
