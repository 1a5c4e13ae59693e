"""`monitor evaluate --pictures` as people use it: a process, its output, files and exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.tiny_classifier import write_tiny_classifier


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Six red cards, one of them too dark to be found, six photos, one of them red."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rows = []
    for number in range(12):
        is_card = number < 6
        red = 230 if is_card != (number in (0, 6)) else 40
        Image.new("RGB", (80, 60), (red, 60, 60)).save(folder / f"{number}.png")
        renderer = "own.table" if is_card else "photos.own"
        rows.append(
            {
                "file": f"{number}.png",
                "renderer": renderer,
                "shows": ["id_card"] if is_card else [],
                "disturbances": ["blur"] if number == 5 else [],
                "marks": [],
            }
        )
    (folder / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def _evaluate(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    model = write_tiny_classifier(tmp_path / "model")
    config = json.loads((model / "config.json").read_text("utf-8"))
    config["thresholds"] = dict.fromkeys(config["thresholds"], 0.9)
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    return subprocess.run(
        [
            *(sys.executable, "-m", "monitor.cli.main", "evaluate"),
            *("--picture-model", str(model), *arguments),
        ],
        env={**os.environ, "MONITOR_DATA_DIR": str(tmp_path / "data"), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_report_counts_by_class_renderer_and_disturbance(
    tmp_path: Path, pictures: Path
) -> None:
    out = tmp_path / "report"
    done = _evaluate(tmp_path, "--pictures", str(pictures), "--json", "--report", str(out))
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["recall"]["id_card"]["count"], figures["recall"]["id_card"]["n"]) == (4, 5)
    assert figures["recall_by_renderer"]["id_card"]["own.table"]["n"] == 5
    assert figures["recall_by_disturbance"]["id_card"]["blur"]["count"] == 1
    assert figures["false_alarms_on_photos"]["id_card"]["count"] == 1
    assert json.loads((out / "report.json").read_text("utf-8")) == figures
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<figure>") == 2
    assert "found, not there: id card" in page
    assert "missed: id card" in page
    assert "<script" not in page
    with Image.open(out / "errors.png") as sheet:
        assert sheet.width > 1000


def test_people_read_tables_and_are_told_what_could_not_be_used(
    tmp_path: Path, pictures: Path
) -> None:
    with (pictures / "truth.jsonl").open("a", encoding="utf-8") as truth:
        truth.write('\n{"file": "../model/model.onnx", "renderer": "x", "shows": []}\n')
    done = _evaluate(tmp_path, "--pictures", str(pictures))
    assert done.returncode == 1
    assert "truth.jsonl, line 13: the file lies outside the folder" in done.stderr
    assert "id card: own.table" in done.stdout
    assert "recall under blur" in done.stdout


def test_what_cannot_be_measured_is_said_in_one_line(tmp_path: Path, pictures: Path) -> None:
    assert "truth.jsonl" in _evaluate(tmp_path, "--pictures", str(tmp_path)).stderr
    both = _evaluate(tmp_path, "--pictures", str(pictures), "--input", "rows.jsonl")
    assert both.returncode == 2
    assert "no rows of text go with it" in both.stderr
    alone = _evaluate(tmp_path)
    assert alone.returncode == 2
    assert "--picture-model goes with --pictures" in alone.stderr
