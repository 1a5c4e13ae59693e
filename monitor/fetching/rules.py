"""How to behave towards one source. Callers build it from their own settings."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FetchRules"]


@dataclass(frozen=True, slots=True)
class FetchRules:
    """Politeness and limits of one fetch.

    Attributes:
        min_interval_s: least time between two requests to one host.
        jitter: random share added to the interval, in [0, 1].
        obey_robots: whether robots.txt decides (an override needs a recorded
            reason, which is the caller's business).
        timeout_s: longest time on the network for one fetch, redirects
            included; waiting for the host's slot is not counted.
        max_bytes: most bytes of one answer, counted after decompression.
        is_text: whether the body is decoded for parsers; pictures are not.
    """

    min_interval_s: float = 5.0
    jitter: float = 0.2
    obey_robots: bool = True
    timeout_s: float = 20.0
    max_bytes: int = 5_000_000
    is_text: bool = True
