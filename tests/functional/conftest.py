"""A whole monitor over a temporary data folder, and a shop to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.config import Settings, load_settings
from monitor.domain.clock import ManualClock
from monitor.pipeline.workspace import Workspace, open_workspace
from tests.servers.shop import Shop


@pytest.fixture
def database_url() -> str:
    """The embedded store; `tests/functional/pipeline` runs over the shared one as well."""
    return ""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings that let out to this machine only."""
    return load_settings(
        data_dir=tmp_path / "data", database_url=database_url, allow_networks=("127.0.0.0/8",)
    )


@pytest.fixture
def workspace(settings: Settings, clock: ManualClock) -> Iterator[Workspace]:
    """An open data folder with a clock that tests turn."""
    with open_workspace(settings, clock=clock) as opened:
        yield opened


@pytest.fixture
def shop() -> Iterator[Shop]:
    """An empty shop."""
    with Shop() as opened:
        yield opened
