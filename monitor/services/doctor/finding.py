"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "State"]


class State(StrEnum):
    """How well a thing is."""

    GOOD = "good"
    WARN = "warn"
    """It works, and somebody should look."""
    BAD = "bad"
    """The monitor can not do its work like this."""
    OFF = "off"
    """Not used in this set-up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination.

    Attributes:
        check: what was looked at.
        state: how well it is.
        said: what was found, without secrets.
        advice: what to do; "" when there is nothing to do.
    """

    check: str
    state: State
    said: str
    advice: str = ""
