"""Marks in Redis that say: a message about this row lies in a queue.

Ticks come every second, rows may wait for longer: without marks each tick would send
all of them again. A mark lives as long as its message at most. A Redis that is wiped
forgets marks and messages together, so the next tick sends anew. A mark that is
missing does no harm: a message too many finds its row claimed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import redis

__all__ = ["Markers"]

PREFIX = "monitor:sent"


class Markers:
    """Marks of rows, by lane."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def take(self, lane: str, keys: Sequence[int], *, for_s: float) -> list[int]:
        """Mark those that are not marked yet, and say which they were."""
        if not keys:
            return []
        with self._client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.set(_name(lane, key), 1, nx=True, px=int(for_s * 1000))
            taken = pipe.execute()
        return [key for key, is_ours in zip(keys, taken, strict=True) if is_ours]

    def drop(self, lane: str, keys: Sequence[int]) -> None:
        """The message has arrived (or was never sent); the row may be sent again.

        Never fails: without Redis the marks end by themselves, and work goes on.
        """
        if keys:
            with contextlib.suppress(redis.RedisError):
                self._client.delete(*(_name(lane, key) for key in keys))


def _name(lane: str, key: int) -> str:
    return f"{PREFIX}:{lane}:{key}"
