"""The command line as people use it: a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


class Monitor:
    """Runs `monitor ...` over one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, code: int = 0, stdin: bytes = b"") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "monitor.cli.main", *arguments],
            env={
                **os.environ,
                "MONITOR_DATA_DIR": str(self.folder),
                "MONITOR_ALLOW_NETWORKS": "127.0.0.0/8",
                "PYTHONWARNINGS": "error",
            },
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        out = done.stdout.decode()
        self.errors = done.stderr.decode()
        assert done.returncode == code, f"{done.returncode}\n{out}\n{self.errors}"
        return out


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """A data folder that does not exist yet."""
    return Monitor(tmp_path / "data")


def rows(text: str) -> list[dict[str, object]]:
    """JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_init_imports_the_vocabulary_once(monitor: Monitor) -> None:
    """Again: nothing is added, and what was edited stays."""
    assert "keywords added" in monitor("init")
    count = len(rows(monitor("keywords", "list", "--json")))
    assert count >= 150
    monitor("keywords", "edit", "人脸四件套", "--weight", "0.7")
    assert "0 keywords added" in monitor("init")
    (shown,) = rows(monitor("keywords", "show", "人脸四件套", "--json"))
    assert (shown["weight"], shown["version"]) == (0.7, 2)


def test_keywords_are_added_edited_retired_and_their_history_is_kept(monitor: Monitor) -> None:
    """The life of a word."""
    monitor("--as", "li", "keywords", "add", "蛇皮料", "--category", "face_id_bundle")
    monitor("keywords", "edit", "蛇皮料", "--severity", "high", "--expires", "30d")
    monitor("keywords", "retire", "蛇皮料", "--reason", "only snakes")
    history = rows(monitor("keywords", "history", "蛇皮料", "--json"))
    assert [row["action"] for row in history] == ["add", "edit", "retire"]
    assert history[0]["created_by"] == "li"
    assert rows(monitor("keywords", "list", "--json")) == []
    monitor("keywords", "add", "蛇皮料", "--category", "face_id_bundle")
    assert len(rows(monitor("keywords", "history", "蛇皮料", "--json"))) == 4


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["add", "x", "--category", "nonsense"], "category"),
        (["add", " ", "--category", "face_id_bundle"], "term"),
        (["add", "x", "--category", "face_id_bundle", "--weight", "99"], "weight"),
        (["add", "x", "--category", "face_id_bundle", "--severity", "x"], "severity"),
        (["add", "x", "--category", "face_id_bundle", "--expires", "soon"], "duration"),
        (["show", "没有"], "no keyword"),
        (["import", "missing.csv"], "missing.csv"),
    ],
)
def test_wrong_input_is_one_clear_line(
    monitor: Monitor, arguments: list[str], complaint: str
) -> None:
    """No traceback, exit code 2."""
    monitor("keywords", *arguments, code=2)
    assert monitor.errors.startswith("monitor: ")
    assert complaint in monitor.errors
    assert len(monitor.errors.splitlines()) == 1


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_export_and_import_are_a_round_trip(monitor: Monitor, tmp_path: Path, form: str) -> None:
    """What comes out goes in again, unchanged."""
    monitor("init")
    monitor("keywords", "add", '=1+1,"q"', "--category", "face_id_bundle", "--expires", "9d")
    file = tmp_path / f"words.{form}"
    monitor("keywords", "export", str(file))
    assert "0 new, 0 changed" in monitor("keywords", "import", str(file))
    other = Monitor(tmp_path / "other")
    other("keywords", "import", str(file))
    assert other("keywords", "export", "--format", form) == file.read_text(encoding="utf-8")


def test_a_dry_run_shows_the_difference_and_writes_nothing(
    monitor: Monitor, tmp_path: Path
) -> None:
    """Added, changed by field, broken by line."""
    monitor("keywords", "add", "过脸", "--category", "face_verification_bypass")
    file = tmp_path / "words.csv"
    file.write_text(
        "term,category,weight\n过脸,face_verification_bypass,2.5\n新词,face_id_bundle,\n"
        "坏,nonsense,\n坏2,face_id_bundle,x\n三,格,太,多\n",
        encoding="utf-8",
    )
    out = monitor("keywords", "import", str(file), "--dry-run", code=1)
    assert "+ 新词" in out
    assert "~ 过脸  weight: 1.5 -> 2.5" in out
    assert all(f"words.csv:{line}:" in monitor.errors for line in (4, 5, 6))
    assert len(rows(monitor("keywords", "list", "--json"))) == 1
    monitor("keywords", "import", str(file), code=1)
    assert len(rows(monitor("keywords", "list", "--json"))) == 2


def test_a_keyword_is_tested_before_it_goes_live(monitor: Monitor) -> None:
    """Where it matches and why, disguises undone."""
    out = monitor("keywords", "test", "人脸四件套", "出人*脸*四 件 套")
    assert "separators" in out
    assert "nothing matches" in monitor("keywords", "test", "人脸四件套", "纯棉床单")
