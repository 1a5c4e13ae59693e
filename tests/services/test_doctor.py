"""`monitor doctor` against real servers."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from monitor.config import load_settings
from monitor.pipeline.workspace import Workspace
from monitor.services.doctor import Finding, State, examine
from monitor.store.inspection import look_at_store
from tools.services.elasticsearch_server import ElasticsearchServer
from tools.services.redis_server import RedisServer


def findings(folder: Path, **settings: object) -> dict[str, Finding]:
    """All of them by check."""
    found = examine(load_settings(data_dir=folder, **settings))
    return {finding.check: finding for finding in found}


def test_an_empty_database_waits_for_its_schema(tmp_path: Path, postgres_url: str) -> None:
    """Looking makes none."""
    found = findings(tmp_path, database_url=postgres_url)
    assert (found["store"].state, found["store"].advice) == (State.BAD, "run: monitor init")
    assert look_at_store(postgres_url).schema is None


def test_postgres_with_its_schema_is_good(tmp_path: Path, postgres_url: str) -> None:
    """Version, schema, and a clock that agrees: it is this machine's own."""
    Workspace(load_settings(data_dir=tmp_path, database_url=postgres_url)).close()
    found = findings(tmp_path, database_url=postgres_url)
    assert found["store"].said.startswith("PostgreSQL")
    assert found["store"].state is State.GOOD
    assert found["clock"].state is State.GOOD
    assert found["work"].state is State.GOOD


def test_redis_is_asked_how_it_keeps_tasks(tmp_path: Path, redis_server: RedisServer) -> None:
    """One that evicts, or that forgets when it restarts, works but is told."""
    client = redis.Redis.from_url(redis_server.url, decode_responses=True)
    before = {name: client.config_get(name)[name] for name in ("appendonly", "maxmemory-policy")}
    try:
        for append, policy, state, word in (
            ("yes", "noeviction", State.GOOD, "nothing is evicted"),
            ("no", "noeviction", State.WARN, "no append-only file"),
            ("yes", "allkeys-lru", State.WARN, "allkeys-lru"),
        ):
            client.config_set("appendonly", append)
            client.config_set("maxmemory-policy", policy)
            found = findings(tmp_path, redis_url=redis_server.url)["redis"]
            assert found.state is state
            assert word in found.said
    finally:
        for name, value in before.items():
            client.config_set(name, value)


def test_redis_that_hangs_is_away_within_seconds(tmp_path: Path, redis_server: RedisServer) -> None:
    """The doctor does not hang with it."""
    redis_server.pause()
    try:
        found = findings(tmp_path, redis_url=redis_server.url)["redis"]
    finally:
        redis_server.resume()
    assert found.state is State.BAD
    assert "no answer" in found.said


@pytest.mark.parametrize("sign_in", ["", ":a-wrong-one@"], ids=["none", "a wrong one"])
def test_a_wrong_password_of_redis(tmp_path: Path, redis_server: RedisServer, sign_in: str) -> None:
    """It is told from no answer, and is not printed."""
    client = redis.Redis.from_url(redis_server.url)
    client.config_set("requirepass", "right")
    try:
        url = redis_server.url.replace("redis://", f"redis://{sign_in}")
        found = findings(tmp_path, redis_url=url)["redis"]
    finally:
        client.config_set("requirepass", "")
    assert found.state is State.BAD
    assert "sign-in" in found.said
    assert "a-wrong-one" not in found.said + found.advice


def test_elasticsearch_is_asked_for_version_and_health(
    tmp_path: Path, elasticsearch_server: ElasticsearchServer
) -> None:
    """Nothing of it is made by looking."""
    found = findings(tmp_path, elasticsearch_url=elasticsearch_server.url)["elasticsearch"]
    assert found.state is State.GOOD
    assert "8.19" in found.said
    with elasticsearch_server.client() as client:
        assert not client.indices.get(index="monitor-*")


def test_a_wrong_password_of_elasticsearch(
    tmp_path: Path, elasticsearch_secure_server: ElasticsearchServer
) -> None:
    """The settings to look at are named; the password is not."""
    server = elasticsearch_secure_server
    settings = {
        "elasticsearch_url": server.url,
        "elasticsearch_ca_file": str(server.ca_file),
        "elasticsearch_user": server.user,
    }
    right = findings(tmp_path, **settings, elasticsearch_password=server.password)
    assert right["elasticsearch"].state is State.GOOD
    wrong = findings(tmp_path, **settings, elasticsearch_password="a-wrong-one")["elasticsearch"]
    assert wrong.state is State.BAD
    assert "MONITOR_ELASTICSEARCH_PASSWORD" in wrong.said
    assert "a-wrong-one" not in wrong.said + wrong.advice
