"""What a question about numbers covers: a time, sources and categories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of what the monitor has done.

    Attributes:
        since: the first moment that counts; aware UTC.
        until: the first moment that no longer counts; aware UTC.
        zone: where days and weeks begin.
        sources: names; empty: all.
        categories: names; empty: all.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
