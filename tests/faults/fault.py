"""What a fault is, and how hard it strikes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.stage import Stage

__all__ = ["Extent", "Fault", "Strike"]


@dataclass(frozen=True, slots=True)
class Extent:
    """How hard.

    Attributes:
        moments: random moments at which a fault strikes.
        outage_s: how long a server or link is away.
        random: where the moments come from.
    """

    moments: int
    outage_s: float
    random: random.Random

    def pause(self, longest_s: float = 4.0) -> None:
        """Let a random time pass."""
        time.sleep(self.random.uniform(0.0, longest_s))


Strike = Callable[[Stage, Extent], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table.

    Attributes:
        what: as the table says it; ``{moments}`` and ``{outage}`` are filled in.
        strike: does it, and puts offers into the shop meanwhile.
        is_daily: whether CI runs it, which has four minutes for all of them.
    """

    name: str
    what: str
    strike: Strike
    is_daily: bool = True
