"""The servers that other tests stand on: real, their own, healed, and gone with their run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from elasticsearch import Elasticsearch

from tools.services.elasticsearch_server import ElasticsearchServer
from tools.services.find import ELASTICSEARCH_8, ELASTICSEARCH_9
from tools.services.postgres_server import PostgresServer
from tools.services.redis_server import RedisServer

PATIENCE_S = 60.0


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def test_redis_keeps_what_was_written_over_a_restart(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("kept", "1")
        redis_server.restart()
        assert client.get("kept") == b"1"


def test_a_test_gets_redis_empty(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.dbsize() == 0


def test_redis_never_evicts(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_a_paused_redis_hangs_until_it_is_resumed(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url, socket_timeout=0.5) as client:
        redis_server.pause()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        redis_server.resume()
        wait_until(client.ping)


def test_a_killed_redis_refuses_and_comes_back_on_the_same_port(redis_server: RedisServer) -> None:
    url = redis_server.url
    redis_server.kill()
    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()
    redis_server.start()
    with redis.Redis.from_url(url) as client:
        assert client.ping()


def test_each_test_has_a_database_of_its_own(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    other = postgres_server.create_database()
    with psycopg.connect(postgres_url) as one, psycopg.connect(other) as two:
        one.execute("CREATE TABLE mine (id int)")
        assert two.execute("SELECT to_regclass('mine')").fetchone() == (None,)


def test_a_database_is_copied_from_a_template(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE filled AS SELECT 7 AS n")
    copy = postgres_server.create_database(template=postgres_url.rsplit("/", 1)[-1])
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT n FROM filled").fetchone() == (7,)


def test_postgres_asks_for_the_password(postgres_server: PostgresServer, postgres_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_url.replace(postgres_server.password, "guessed"))


def test_a_killed_postgres_keeps_what_was_committed(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    postgres_server.kill()
    postgres_server.start()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_elasticsearch_8_and_9_are_what_they_say(
    elasticsearch_server: ElasticsearchServer, elasticsearch_9_server: ElasticsearchServer
) -> None:
    for server, version in (
        (elasticsearch_server, ELASTICSEARCH_8),
        (elasticsearch_9_server, ELASTICSEARCH_9),
    ):
        with server.client() as client:
            nodes = client.nodes.info()["nodes"]
            assert [node["version"] for node in nodes.values()] == [version]


def test_a_test_gets_elasticsearch_empty(elasticsearch_server: ElasticsearchServer) -> None:
    with elasticsearch_server.client() as client:
        client.index(index="left", document={"n": 1}, refresh=True)
        elasticsearch_server.wipe()
        assert client.indices.get(index="*") == {}


def test_a_secure_elasticsearch_wants_the_password_and_its_authority(
    elasticsearch_secure_server: ElasticsearchServer,
) -> None:
    server = elasticsearch_secure_server
    with server.client() as client:
        assert client.cluster.health()["status"] == "green"
    with Elasticsearch(server.url, ca_certs=str(server.ca_file)) as nobody:
        assert nobody.options(ignore_status=401).cluster.health().meta.status == 401
    with Elasticsearch(server.url) as stranger, pytest.raises(Exception, match="CERTIFICATE"):
        stranger.cluster.health()


def test_a_server_is_gone_with_the_run_that_started_it(tmp_path: Path) -> None:
    """Also when the run is killed, and the server hangs."""
    script = (
        "import time; from tools.services.redis_server import RedisServer\n"
        "server = RedisServer(); server.start(); server.pause()\n"
        "print(server._launch._process.pid, server.folder, flush=True); time.sleep(600)"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pid, folder = run.stdout.readline().split()
    assert Path(folder).is_dir()
    run.kill()
    run.communicate()
    wait_until(lambda: not Path(folder).exists())
    wait_until(lambda: not is_alive(int(pid)))


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_the_command_prints_settings_and_stops_in_order() -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "tools.services", "up", "--only", "redis"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    line = run.stdout.readline().strip()
    assert line.startswith("export MONITOR_REDIS_URL=redis://127.0.0.1:")
    with redis.Redis.from_url(line.split("=", 1)[1]) as client:
        assert client.ping()
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=PATIENCE_S)
        assert run.returncode == 0, said
        with pytest.raises(redis.ConnectionError):
            client.ping()


def test_a_missing_server_is_said_plainly() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tools.services import find; find.redis_program()"],
        env={"PATH": "/nowhere", "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert "redis-server is not installed; install it with: make services" in done.stderr
