"""Celery workers over a real Redis: the verbs end to end, and what must not go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.scene import Scene, open_scene
from tools.services.redis_server import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def scene(tmp_path: Path, redis_server: RedisServer) -> Iterator[Scene]:
    with open_scene(tmp_path, redis_url=redis_server.url) as opened:
        yield opened


def test_from_watches_to_receivers_everything_arrives_once(scene: Scene) -> None:
    """The same that one process brings about, see `tests/faults/test_kill.py`."""
    scene.crew.worker().await_ready()
    scene.crew.beat().await_ready()
    scene.await_baseline()
    scene.offer(9)
    scene.await_all()
    assert scene.counted() == scene.expected()
