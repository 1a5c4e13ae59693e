"""Redis as in production: append-only file, and nothing is evicted."""

from __future__ import annotations

from typing import ClassVar

import redis

from tools.services import find
from tools.services.launch import Image
from tools.services.server import HOST, Server

__all__ = ["RedisServer"]


class RedisServer(Server):
    """A Redis of its own.

    Args:
        is_durable: keep an append-only file, so that data outlives `kill` and `start`.
    """

    name: ClassVar[str] = "redis"

    def __init__(self, *, is_durable: bool = True) -> None:
        super().__init__()
        self._is_durable = is_durable

    @property
    def url(self) -> str:
        """For ``MONITOR_REDIS_URL``."""
        return f"redis://{HOST}:{self.port}/0"

    def wipe(self) -> None:
        """Forget everything, as a Redis that lost its disk does."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _prepare(self) -> None:
        find.redis_program()

    def _command(self) -> list[str]:
        own = {"bind": HOST, "port": str(self.port), "dir": str(self.folder)}
        return [str(find.redis_program()), *self._options(own)]

    def _image(self) -> Image:
        inside = {"protected-mode": "no", "dir": "/data"}
        return Image(find.IMAGES["redis"], 6379, ["redis-server", *self._options(inside)])

    def _options(self, own: dict[str, str]) -> list[str]:
        settings = {
            **own,
            "save": "",
            "appendonly": "yes" if self._is_durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _probe(self) -> None:
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            client.ping()
