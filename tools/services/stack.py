"""The servers of one run, each started when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar, cast

from tools.services.elasticsearch_server import ElasticsearchServer
from tools.services.find import ELASTICSEARCH_8, ELASTICSEARCH_9
from tools.services.postgres_server import PostgresServer
from tools.services.redis_server import RedisServer
from tools.services.server import Server

__all__ = ["Stack"]

AnyServer = TypeVar("AnyServer", bound=Server)


class Stack:
    """Use as a context manager. Each method starts its server once and returns it healthy."""

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}

    def redis(self) -> RedisServer:
        """Redis."""
        return self._healthy("redis", RedisServer)

    def postgres(self) -> PostgresServer:
        """PostgreSQL."""
        return self._healthy("postgres", PostgresServer)

    def elasticsearch(self) -> ElasticsearchServer:
        """Elasticsearch 8, without security."""
        return self._healthy("8", lambda: ElasticsearchServer(ELASTICSEARCH_8))

    def elasticsearch_9(self) -> ElasticsearchServer:
        """Elasticsearch 9, without security; needs a newer Java than Debian 12 has."""
        return self._healthy("9", lambda: ElasticsearchServer(ELASTICSEARCH_9))

    def elasticsearch_secure(self) -> ElasticsearchServer:
        """Elasticsearch 8 with TLS and password sign-in."""
        return self._healthy("secure", lambda: ElasticsearchServer(is_secure=True))

    def _healthy(self, key: str, make: Callable[[], AnyServer]) -> AnyServer:
        server = self._servers.get(key)
        if server is None:
            server = self._servers[key] = make()
        server.heal()
        return cast("AnyServer", server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers.values():
            server.close()
