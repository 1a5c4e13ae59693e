"""Servers in containers, where a container engine works and has the image."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tools.services import find
from tools.services.redis_server import RedisServer

PATIENCE_S = 60.0


class ContainedRedis(RedisServer):
    """As on a machine without redis-server."""

    def _prepare(self) -> None:
        raise find.ServiceMissing("not here")


def has_image() -> bool:
    engine = find.container_engine()
    asked = [engine or "", "image", "inspect", find.IMAGES["redis"]]
    return engine is not None and subprocess.run(asked, capture_output=True).returncode == 0


@pytest.fixture(autouse=True, scope="module")
def _engine() -> None:
    if not has_image():
        pytest.skip(f"no container engine works here, or it lacks {find.IMAGES['redis']}")


@pytest.fixture
def contained() -> Iterator[ContainedRedis]:
    with ContainedRedis() as server:
        yield server


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


def exists(name: str) -> bool:
    asked = [find.container_engine() or "", "container", "inspect", name]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def test_it_is_reached_on_loopback_and_keeps_its_data(contained: ContainedRedis) -> None:
    with redis.Redis.from_url(contained.url) as client:
        client.set("kept", "1")
        contained.restart()
        assert client.get("kept") == b"1"


def test_a_killed_one_refuses_and_comes_back(contained: ContainedRedis) -> None:
    with redis.Redis.from_url(contained.url) as client:
        contained.kill()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        contained.start()
        assert client.ping()


def test_a_paused_one_hangs_until_it_is_resumed(contained: ContainedRedis) -> None:
    with redis.Redis.from_url(contained.url, socket_timeout=0.5) as client:
        contained.pause()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        contained.heal()
        wait_until(client.ping)


def test_nothing_is_left_of_a_closed_one() -> None:
    with ContainedRedis() as server:
        name = server.folder.name
        assert exists(name)
    assert not exists(name)


def test_it_is_gone_with_the_run_that_started_it() -> None:
    script = (
        "import time; from tests.services.test_containers import ContainedRedis\n"
        "server = ContainedRedis(); server.start(); print(server.folder, flush=True)\n"
        "time.sleep(600)"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    folder = Path(run.stdout.readline().strip())
    assert exists(folder.name)
    run.kill()
    run.communicate()
    wait_until(lambda: not folder.exists())
    assert not exists(folder.name)
