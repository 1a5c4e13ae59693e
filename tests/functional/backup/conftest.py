"""Backup and restore on both databases: a source, and a fresh place for each restore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import Settings, load_settings
from tools.services.postgres_server import PostgresServer

MakePlace = Callable[[str], Settings]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> MakePlace:
    """Makes settings of an empty set-up, on each database in turn."""
    server: PostgresServer | None = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")

    def make(name: str) -> Settings:
        return load_settings(
            data_dir=tmp_path / name,
            database_url=server.create_database() if server else "",
            allow_networks=("127.0.0.0/8",),
            tick_s=0.05,
        )

    return make


@pytest.fixture
def embedded(tmp_path: Path) -> MakePlace:
    """Makes settings of an empty data folder with SQLite."""

    def make(name: str) -> Settings:
        return load_settings(data_dir=tmp_path / name, allow_networks=("127.0.0.0/8",))

    return make
