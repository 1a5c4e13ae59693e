"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.clock import ManualClock

pytest_plugins = ["tests.servers.fixtures", "tests.servers.databases"]

FAST_FIRST = ("unit", "contract", "functional", "services", "realsites", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A quick mistake shows within seconds; killed processes come last."""
    rank = {name: place for place, name in enumerate(FAST_FIRST)}
    root = Path(__file__).parent
    items.sort(key=lambda item: rank.get(item.path.relative_to(root).parts[0], len(rank)))


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves only when told to."""
    return ManualClock()
