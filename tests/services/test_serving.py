"""`monitor migrate` and `monitor serve`, which run beside the workers, over PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from monitor.store.database import SCHEMA_HEAD
from tools.services.postgres_server import PostgresServer

LIMIT_S = 60.0


def environment(folder: Path, url: str, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "MONITOR_DATA_DIR": str(folder),
        "MONITOR_DATABASE_URL": url,
        "MONITOR_CONSOLE_PORT": "0",
        "PYTHONWARNINGS": "error",
        **more,
    }


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "monitor.cli.main", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(env: dict[str, str], *arguments: str, code: int = 0) -> str:
    process = start(env, *arguments)
    out, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == code, said
    return out + said


@contextmanager
def serving(env: dict[str, str]) -> Iterator[str]:
    """The console's address; the process ends in order afterwards."""
    process = start(env, "serve")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("console at http://"), line
        yield line.split()[2].rstrip(";")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0, said
        assert said == ""
    finally:
        process.kill()
        process.communicate()


def test_migrating_twice_is_migrating_once(tmp_path: Path, postgres_url: str) -> None:
    env = environment(tmp_path, postgres_url)
    for _ in range(2):
        assert f"schema {SCHEMA_HEAD}" in run(env, "migrate")


def test_migrating_waits_for_a_database_that_is_not_up_yet(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str
) -> None:
    postgres_server.stop()
    process = start(environment(tmp_path, postgres_url), "migrate")
    assert process.stderr is not None
    assert "waiting: " in process.stderr.readline()
    postgres_server.start()
    out, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert f"schema {SCHEMA_HEAD}" in out


def test_a_database_that_stays_away_is_named_without_its_password(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str
) -> None:
    env = environment(tmp_path, postgres_url)
    postgres_server.stop()
    said = run(env, "migrate", "--wait", "0", code=2)
    assert "cannot open the store" in said
    assert postgres_server.password not in said


def test_serving_answers_and_runs_no_pipeline(tmp_path: Path, postgres_url: str) -> None:
    """Two may run at once: neither takes the data folder's lock."""
    env = environment(tmp_path, postgres_url)
    with serving(env) as one, serving(env) as two:
        for url in (one, two):
            assert httpx.get(f"{url}/login").status_code == 200
        assert not (tmp_path / "monitor.lock").exists()


def test_serving_other_machines_needs_the_names_they_ask_for(
    tmp_path: Path, postgres_url: str
) -> None:
    open_to_all = environment(tmp_path, postgres_url, MONITOR_CONSOLE_HOST="0.0.0.0")
    assert "MONITOR_CONSOLE_HOSTS" in run(open_to_all, "serve", code=2)
    with serving({**open_to_all, "MONITOR_CONSOLE_HOSTS": "desk.example"}) as url:
        local = url.replace("0.0.0.0", "127.0.0.1")
        for host, status in (("desk.example", 200), ("other.example", 400)):
            assert httpx.get(f"{local}/login", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_both_are_listed_for_people(tmp_path: Path, command: str) -> None:
    assert command in run(environment(tmp_path, ""), "--help")
