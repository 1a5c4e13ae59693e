"""Reading ``Retry-After`` (RFC 9110, 10.2.3): seconds, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["parse_retry_after"]

SECONDS = re.compile(r"[0-9]{1,12}")
MAX_CHARS = 64


def parse_retry_after(value: str | None, now: datetime, max_s: float) -> float | None:
    """How long the server asks to be left alone.

    Args:
        value: the header, or None when there was none.
        now: aware UTC; dates count from here.
        max_s: nobody makes us wait longer.

    Returns:
        Seconds in [0, max_s]; None when absent or unreadable. A date in the past is 0.
    """
    text = (value or "").strip()[:MAX_CHARS]
    if SECONDS.fullmatch(text):
        return min(float(text), max_s)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # An asctime date and the zone "-0000" come without a zone; HTTP dates are GMT.
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return min(max(0.0, (at - now).total_seconds()), max_s)
