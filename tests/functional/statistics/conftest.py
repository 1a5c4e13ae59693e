"""A monitor whose numbers are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.pipeline.workspace import Workspace, open_workspace
from tests.planting import Plant, plant_two_weeks


@pytest.fixture
def planted(workspace: Workspace, clock: ManualClock) -> Plant:
    """Two sources, two keywords; the clock stands on Monday two weeks later."""
    return plant_two_weeks(workspace, clock)


@pytest.fixture
def planted_sample(tmp_path: Path, clock: ManualClock) -> Iterator[Plant]:
    """The same in a folder of its own, where every clear listing is in the sample."""
    settings = load_settings(data_dir=tmp_path / "sampled", keep_sample_percent=100)
    with open_workspace(settings, clock=clock) as opened:
        yield plant_two_weeks(opened, clock)
