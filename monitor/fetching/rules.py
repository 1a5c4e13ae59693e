"""How to behave towards one source. Callers build it from their own settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.fetching.slots import host_key

__all__ = ["Credential", "FetchRules"]

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret header, for one host only.

    Attributes:
        host: as in `host_key`.
        header: the header's name.
        value: the secret.
    """

    host: str
    header: str
    value: str = field(repr=False)

    def may_go_to(self, url: str) -> bool:
        """Whether `url` is on its host, and nobody on the way can read along."""
        split = urlsplit(url)
        is_private = split.scheme == "https" or split.hostname in LOOPBACK
        return is_private and host_key(url) == self.host


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
        per_day: most requests a day to one host; 0: any number.
        credential: sent along to its own host; never to robots.txt.
    """

    min_interval_s: float = 5.0
    jitter: float = 0.2
    obey_robots: bool = True
    timeout_s: float = 20.0
    max_bytes: int = 5_000_000
    is_text: bool = True
    per_day: int = 0
    credential: Credential | None = None
