"""Fixtures of real Redis, PostgreSQL and Elasticsearch servers.

Each starts once a session, when a test first asks for it, and is healed before each
test that uses it, whatever an earlier one did to it. Where a server is not installed
the test is skipped with the reason; in CI it fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tools.services import find
from tools.services.elasticsearch_server import ElasticsearchServer
from tools.services.find import ServiceMissing
from tools.services.postgres_server import PostgresServer
from tools.services.redis_server import RedisServer
from tools.services.stack import Stack

AnyServer = TypeVar("AnyServer")
SLOW_TO_START = {"elasticsearch_server", "elasticsearch_9_server", "elasticsearch_secure_server"}
PATIENCE_S = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test that asks for Elasticsearch also waits for its start."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & SLOW_TO_START and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(PATIENCE_S))


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """All servers of this session, for fixtures that live as long; `stack.redis()` starts one."""
    with Stack() as servers:
        yield servers


def ask_for(start: Callable[[], AnyServer]) -> AnyServer:
    """What `start` gives; without the server the test is skipped, in CI it fails."""
    try:
        return start()
    except ServiceMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture
def redis_server(stack: Stack) -> RedisServer:
    """A running and empty Redis."""
    server = ask_for(stack.redis)
    server.wipe()
    return server


@pytest.fixture
def postgres_server(stack: Stack) -> PostgresServer:
    """A running PostgreSQL; databases of earlier tests may still be in it."""
    return ask_for(stack.postgres)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database, dropped afterwards."""
    url = postgres_server.create_database()
    yield url
    postgres_server.heal()
    postgres_server.drop_database(url)


@pytest.fixture
def elasticsearch_server(stack: Stack) -> ElasticsearchServer:
    """A running and empty Elasticsearch 8 without security."""
    return _wiped(ask_for(stack.elasticsearch))


@pytest.fixture
def elasticsearch_9_server(stack: Stack) -> ElasticsearchServer:
    """A running and empty Elasticsearch 9; skipped everywhere without a Java new enough."""
    try:
        find.java_home(find.OLDEST_JAVA[find.ELASTICSEARCH_9])
    except ServiceMissing as missing:
        pytest.skip(f"Elasticsearch {find.ELASTICSEARCH_9}: {missing}")
    return _wiped(ask_for(stack.elasticsearch_9))


@pytest.fixture
def elasticsearch_secure_server(stack: Stack) -> ElasticsearchServer:
    """A running and empty Elasticsearch 8 with TLS (`ca_file`), `user` and `password`."""
    return _wiped(ask_for(stack.elasticsearch_secure))


def _wiped(server: ElasticsearchServer) -> ElasticsearchServer:
    server.wipe()
    return server
