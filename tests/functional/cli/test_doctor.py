"""`monitor doctor` on set-ups that lack something: what is wrong, and what to do."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

PASSWORD = "a-secret-of-the-operator"


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command over a data folder, with further settings."""
    return subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", *arguments],
        env={**os.environ, "MONITOR_DATA_DIR": str(folder), **settings},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def examine(folder: Path, *, fails: bool = True, **settings: str) -> dict[str, dict[str, str]]:
    """The findings by check; the exit code says whether one is bad."""
    done = run(folder, "doctor", "--json", **settings)
    assert done.returncode == int(fails), done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    return {finding["check"]: finding for finding in findings}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that was set up."""
    data = tmp_path / "data"
    assert run(data, "init").returncode == 0
    return data


def test_a_fresh_set_up_is_fit(folder: Path) -> None:
    """Everything is good or not used here, but for what an operator must know of pictures."""
    found = examine(folder, fails=False)
    assert found.pop("pictures")["state"] == "warn"
    assert {finding["state"] for finding in found.values()} == {"good", "off"}
    assert found["store"]["said"].startswith("SQLite")
    assert found["redis"]["state"] == "off"


def test_people_read_a_line_a_check(folder: Path) -> None:
    """And the advice below the line that needs it."""
    (folder / "keys" / "keys.json").chmod(0o644)
    out = run(folder, "doctor").stdout
    assert "good  store" in out
    assert "readable by other users" in out
    assert "1 of 12 checks failed" in out


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    """The doctor looks, and says what sets it up."""
    found = examine(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    for check in ("data folder", "keys", "store"):
        assert found[check]["state"] == "bad"
        assert "monitor init" in found[check]["advice"]
    assert found["models"]["state"] == "good"


@pytest.mark.parametrize(
    ("version", "advice"), [("0000", "monitor migrate"), ("9999", "newer version")]
)
def test_a_schema_of_another_program_is_named(folder: Path, version: str, advice: str) -> None:
    """It is left as it is: upgrading is a decision."""
    with sqlite3.connect(folder / "monitor.db") as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))
    found = examine(folder)
    assert advice in found["store"]["advice"]
    assert found["index"]["state"] == "off"
    with sqlite3.connect(folder / "monitor.db") as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)


def test_a_damaged_database_is_a_finding(folder: Path) -> None:
    """The other checks go on."""
    (folder / "monitor.db").write_bytes(b"not a database" * 100)
    found = examine(folder)
    assert found["store"]["state"] == "bad"
    assert found["models"]["state"] == "good"


def test_servers_that_are_away_are_named_without_their_passwords(folder: Path) -> None:
    """With the setting to look at."""
    found = examine(
        folder,
        MONITOR_DATABASE_URL=f"postgresql://monitor:{PASSWORD}@127.0.0.1:1/monitor",
        MONITOR_REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:1/0",
        MONITOR_ELASTICSEARCH_URL="https://127.0.0.1:1",
        MONITOR_ELASTICSEARCH_USER="elastic",
        MONITOR_ELASTICSEARCH_PASSWORD=PASSWORD,
    )
    assert "MONITOR_DATABASE_URL" in found["store"]["advice"]
    assert "MONITOR_REDIS_URL" in found["redis"]["advice"]
    assert "MONITOR_ELASTICSEARCH_" in found["elasticsearch"]["advice"]
    assert found["clock"]["state"] == found["work"]["state"] == "off"


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "http://127.0.0.1/", f"redis://{PASSWORD}@x:y"])
def test_an_address_that_is_none_of_redis(folder: Path, url: str) -> None:
    """A typing error is told from a server that is down."""
    found = examine(folder, MONITOR_REDIS_URL=url)
    assert found["redis"]["state"] == "bad"
    assert "redis://" in found["redis"]["advice"]


def test_a_vocabulary_that_is_not_there(folder: Path) -> None:
    """Judging by another vocabulary than the operator's would be worse than an error."""
    found = examine(folder, MONITOR_VOCABULARY_DIR=str(folder / "none"))
    assert "MONITOR_VOCABULARY_DIR" in found["models"]["said"]
