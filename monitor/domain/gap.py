"""A gap: a time in which a watch was not seen, and whether the look after it caught up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["NOT_LOOKED", "PAUSED", "Gap", "Reach", "Window"]

NOT_LOOKED = "not_looked"
"""Cause of a gap in which nobody looked: the monitor did not run, or it came too late."""
PAUSED = "paused"
"""Cause of a gap that ended because a person paused the watch, not because it was seen."""


class Reach(StrEnum):
    """How far back a look that saw went."""

    END = "end"
    """To the last result that the market shows."""
    KNOWN = "known"
    """To results that were known before, in a source that shows the newest first."""
    WINDOW = "window"
    """To the last result that was published in the gap, by the source's age filter."""
    LIMIT = "limit"
    """To the most pages of one look: older results are not known."""
    CAPTURE = "capture"
    """A saved answer held all that the market said there was."""
    CAPTURE_PART = "capture_part"
    """A saved answer held some of it."""


@dataclass(frozen=True, slots=True)
class Window:
    """The times of publication that a look asks an age filter for; both aware UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which one watch was not seen.

    Attributes:
        watch_id: the watch.
        source: its source's name.
        term: its keyword.
        began_at: start of the last look that saw, or of the watch, or the end of its newest
            pause: whichever was last.
        ended_at: end of the look that saw again, or when an answer was saved that showed what
            there was; None while the gap is open.
        cause: outcome of the newest look that saw nothing; without one, that of the block
            after which the source rests, else `NOT_LOOKED`. `PAUSED` when a pause ended it.
        looks: looks in the gap that saw nothing.
        reached: how far back the look that closed it went; None while it is open, and
            when a pause ended it.
    """

    watch_id: int
    source: str
    term: str
    began_at: datetime
    ended_at: datetime | None
    cause: str
    looks: int
    reached: Reach | None

    @property
    def is_filled(self) -> bool:
        """Whether what appeared in the gap and is still on offer has been read."""
        return self.reached in (Reach.END, Reach.KNOWN, Reach.WINDOW, Reach.CAPTURE)
