"""Fixtures of empty stores, so that one test runs over both databases.

A PostgreSQL database per test is a copy of one that was migrated once: cheap enough
for every test of the store to have its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.clock import ManualClock
from monitor.store.database import Database
from tests.servers.fixtures import ask_for
from tools.services.postgres_server import PostgresServer
from tools.services.stack import Stack


@pytest.fixture(scope="session")
def migrated_template(stack: Stack) -> str:
    """Name of a PostgreSQL database with the newest schema; nobody is connected to it."""
    name = "migrated"
    Database(ask_for(stack.postgres).create_database(name)).close()
    return name


@pytest.fixture
def postgres_store(postgres_server: PostgresServer, migrated_template: str) -> Iterator[str]:
    """The address of an empty store on PostgreSQL, dropped afterwards."""
    url = postgres_server.create_database(template=migrated_template)
    yield url
    postgres_server.heal()
    postgres_server.drop_database(url)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> str:
    """The address of a store in a file of its own."""
    return f"sqlite:///{tmp_path / 'monitor.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, on each database in turn."""
    return str(request.getfixturevalue(f"{request.param}_store"))


@pytest.fixture(params=["sqlite_store", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without any table, of each kind in turn."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def database(store_url: str, clock: ManualClock) -> Iterator[Database]:
    """An empty store with a clock that tests turn, on each database in turn."""
    opened = Database(store_url, clock=clock)
    yield opened
    opened.close()
