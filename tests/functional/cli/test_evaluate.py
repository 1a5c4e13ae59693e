"""`monitor evaluate` as people use it: a process, its output, its files and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Done:
    """What a run left behind."""

    code: int
    out: str
    errors: str


def _evaluate(folder: Path, *arguments: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", "evaluate", "--stages", "rules", *arguments],
        env={**os.environ, "MONITOR_DATA_DIR": str(folder / "data"), "PYTHONWARNINGS": "error"},
        capture_output=True,
        timeout=100,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A few labelled rows."""
    offer = {"label": "positive", "category": "face_id_bundle", "intent": "sell"}
    look = {"label": "benign", "intent": "sell", "family": "look_bedding"}
    lines = [
        *(
            {**offer, "text": f"出人脸四件套 一手料 懂的来 现货{n}套", "family": "plain_bundles"}
            for n in range(30)
        ),
        *({**look, "text": f"纯棉四件套 床上用品 {n}号"} for n in range(30)),
    ]
    return _write(tmp_path / "rows.jsonl", lines)


@pytest.fixture
def ordinary(tmp_path: Path) -> Path:
    """A few ordinary texts, one of them grey."""
    texts = [*(f"这双鞋{n}码很舒服" for n in range(50)), "出人脸四件套 一手料 懂的来 现货 包更新"]
    return _write(tmp_path / "shoes.jsonl", [{"text": text} for text in texts])


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_summary_names_goals_recall_false_alarms_and_cost(
    tmp_path: Path, rows: Path, ordinary: Path
) -> None:
    done = _evaluate(tmp_path, "--input", str(rows), "--ordinary", str(ordinary))
    assert done.code == 0, done.errors
    assert "60 labelled rows (rows given by hand), 51 ordinary texts." in done.out
    for heading in ("goals", "recall, by kind", "false alarms, ordinary texts", "cost, one thread"):
        assert heading in done.out
    assert "not shown" in done.out


def test_the_report_opens_offline_and_its_curve_is_what_thresholds_shows(
    tmp_path: Path, rows: Path, ordinary: Path
) -> None:
    report = tmp_path / "report"
    done = _evaluate(
        tmp_path, "--input", str(rows), "--ordinary", str(ordinary), "--report", str(report)
    )
    assert done.code == 0, done.errors
    assert "<script" not in (report / "index.html").read_text("utf-8")
    curve = str(report / "curve.json")
    shown = subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", "thresholds", "--curve", curve],
        env={**os.environ, "MONITOR_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr.decode()
    assert "51 ordinary texts" in shown.stdout.decode()


def test_a_flagged_text_that_a_person_labels_is_no_longer_counted(
    tmp_path: Path, rows: Path, ordinary: Path
) -> None:
    report = tmp_path / "report"
    given = ("--input", str(rows), "--ordinary", str(ordinary))
    _evaluate(tmp_path, *given, "--report", str(report))
    flagged = [
        json.loads(line) for line in (report / "flagged.jsonl").read_text("utf-8").splitlines()
    ]
    assert len(flagged) == 1
    known = _write(tmp_path / "known.jsonl", [{**flagged[0], "label": "positive"}])
    done = _evaluate(tmp_path, *given, "--known", str(known), "--json")
    found = json.loads(done.out)
    assert found["false_alarms"]["ordinary texts"][0]["flagged"]["count"] == 0
    assert found["false_alarms"]["ordinary texts"][0]["flagged"]["n"] == 50
    assert len(found["known"]) == 1


def test_bad_lines_are_told_with_their_place_and_fail_the_run_in_the_end(
    tmp_path: Path, rows: Path
) -> None:
    with rows.open("a", encoding="utf-8") as file:
        file.write('{"text": "x", "label": "maybe"}\n')
    done = _evaluate(tmp_path, "--input", str(rows), "--json")
    assert done.code == 1
    assert f"{rows}, line 61: label: 'maybe' is not one of" in done.errors
    assert "1 lines could not be used" in done.errors
    assert json.loads(done.out)["recall"]["all"][0]["hit"]["n"] == 30


def test_nothing_to_evaluate_is_one_clear_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    done = _evaluate(tmp_path, "--input", str(empty))
    assert done.code == 2
    assert done.errors == "monitor: nothing to evaluate: no usable row was given\n"


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    done = _evaluate(tmp_path, "--input", str(tmp_path / "none.jsonl"))
    assert done.code == 2
    assert done.errors.endswith("none.jsonl: No such file or directory\n")


def test_a_folder_without_character_tables_is_refused(tmp_path: Path, rows: Path) -> None:
    done = _evaluate(tmp_path, "--input", str(rows), "--tables", str(tmp_path))
    assert done.code == 2
    assert "no tables/chaizi-jt.txt" in done.errors
