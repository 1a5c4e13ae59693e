"""Fixtures of tests that cut the power."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.faults.recording import Recording, build_recorder
from tests.servers.fixtures import ask_for


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is preloaded into recorded processes; without a compiler the test is skipped."""
    return ask_for(partial(build_recorder, tmp_path_factory.mktemp("recorder")))


@pytest.fixture
def recording(tmp_path: Path, recorder: Path) -> Recording:
    """Of an empty folder."""
    root = tmp_path.resolve() / "recorded"
    root.mkdir()
    return Recording(root, tmp_path / "trace", recorder)
