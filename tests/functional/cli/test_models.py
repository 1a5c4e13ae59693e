"""`monitor models`, `thresholds` and `vocabulary` as people use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from classifiers.assess import Assessor
from tests.checkpoints import write_checkpoint

WEIGHTS = {"卖": (0.0, 3.0), "聊": (3.0, 0.0)}


class Monitor:
    """Runs `monitor ...` with settings and without torch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # What cannot be imported here may be installed elsewhere.
        (folder / "torch.py").write_text("raise ImportError('hidden')\n", encoding="utf-8")
        self.errors = ""

    def __call__(self, *arguments: str, code: int = 0, **settings: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "monitor.cli.main", *arguments],
            env={
                **os.environ,
                "MONITOR_DATA_DIR": str(self.folder / "data"),
                "PYTHONWARNINGS": "error",
                "PYTHONPATH": f"{self.folder}:{Path(__file__).parents[3]}",
                **{f"MONITOR_{name.upper()}": value for name, value in settings.items()},
            },
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.errors = done.stderr.decode()
        out = done.stdout.decode()
        assert done.returncode == code, f"{done.returncode}\n{out}\n{self.errors}"
        return out


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """Without a data folder."""
    return Monitor(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of one's own that parts 卖 from 聊."""
    return write_checkpoint(tmp_path / "model", WEIGHTS)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """200 rows; one in ten says the opposite of what it is."""
    rows = []
    for at in range(200):
        is_offer = at % 2 == 0
        word = "卖" if is_offer != (at % 20 < 2) else "聊"
        row = {"text": f"{word}{at}", "label": "positive" if is_offer else "benign"}
        rows.append(row | ({"category": "face_id_bundle"} if is_offer else {}))
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def objects(text: str) -> list[dict[str, Any]]:
    """JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_stages_are_listed_with_version_size_and_licence(monitor: Monitor) -> None:
    """In the order in which they are asked."""
    rules, ngrams, language = objects(monitor("models", "list", "--json"))
    assert [row["stage"] for row in (rules, ngrams, language)] == [
        "rules",
        "n-grams",
        "language model",
    ]
    for row in (rules, ngrams, language):
        assert row["in_use"]
        assert row["version"]
        assert row["bytes"] > 1000
        assert row["licence"]
    assert "Apache-2.0" in monitor("models", "list")


def test_ones_own_model_and_vocabulary_are_listed_beside_them(
    monitor: Monitor, model: Path, tmp_path: Path
) -> None:
    """The shipped language model is out of use then; what an operator should know is told."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "words.csv").write_text("word,distinct\n月饼脸,yes\n", encoding="utf-8")
    out = monitor(
        "models", "list", "--json", text_model=str(model), vocabulary_dir=str(tmp_path / "own")
    )
    found = {row["stage"]: row for row in objects(out)}
    assert not found["language model"]["in_use"]
    assert found[f"your model in {model}"]["in_use"]
    assert f"your vocabulary in {tmp_path / 'own'}" in found
    assert "fusion.json is missing" in monitor.errors


def test_a_check_without_the_original_is_one_when_it_is_wanted(
    monitor: Monitor, model: Path, labelled: Path
) -> None:
    """Cost, calibration and what the labels mean."""
    arguments = ("models", "check", str(model), "--sample", str(labelled), "--without-original")
    (found,) = objects(monitor(*arguments, "--json"))
    assert found["agreement"] is None
    assert found["offers"] == ["LABEL_1 (offer)"]
    assert found["cost"]["bands"][0]["n"] == 200
    assert [point["recall"] for point in found["quality"]["recall"]] == [0.0, 0.0]
    out = monitor(*arguments)
    assert "texts a second" in out
    assert "not compared" in out


def test_a_check_that_could_not_compare_says_so_and_exits_with_3(
    monitor: Monitor, model: Path, labelled: Path
) -> None:
    """What is missing, and how to get it."""
    (model / "model.safetensors").write_bytes(b"")
    monitor("models", "check", str(model), "--sample", str(labelled), code=3)
    assert "torch is not installed" in monitor.errors
    assert "--without-original" in monitor.errors


def test_broken_lines_of_a_sample_are_told(monitor: Monitor, model: Path, labelled: Path) -> None:
    """By file and line; the rest is checked; exit code 1."""
    with labelled.open("a", encoding="utf-8") as file:
        file.write("{\n")
    arguments = ("models", "check", str(model), "--sample", str(labelled), "--without-original")
    (found,) = objects(monitor(*arguments, "--json", code=1))
    assert found["broken"] == 0
    assert f"{labelled}, line 201: not JSON" in monitor.errors


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "MODEL/missing"], "not a folder"),
        (["check", "MODEL", "--offer-label", "cats"], "no label 'cats'"),
        (["check", "MODEL", "--sample", "missing.jsonl"], "missing.jsonl: No such file"),
        (["check", "MODEL", "--int8"], "add --export"),
        (["check", "MODEL", "--export"], "model.onnx: is there already"),
        (["fit", "MODEL", "--sample", "SMALL"], "50 of each are needed"),
    ],
)
def test_wrong_input_is_one_clear_line(
    monitor: Monitor, model: Path, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    """No traceback, exit code 2."""
    small = tmp_path / "small.jsonl"
    small.write_text('{"text": "卖", "label": "benign"}\n', encoding="utf-8")
    places = {"MODEL": str(model), "MODEL/missing": str(model / "missing"), "SMALL": str(small)}
    monitor("models", *(places.get(argument, argument) for argument in arguments), code=2)
    assert monitor.errors.startswith("monitor: ")
    assert complaint in monitor.errors
    assert len(monitor.errors.splitlines()) == 1


def test_a_damaged_model_is_one_clear_line(monitor: Monitor, model: Path) -> None:
    """File and reason; also where it is a setting."""
    (model / "model.onnx").write_bytes(b"no net")
    monitor("models", "check", str(model), code=2)
    assert monitor.errors.startswith("monitor: model.onnx: cannot be loaded")
    monitor("models", "list", code=2, text_model=str(model))
    assert monitor.errors.startswith("monitor: MONITOR_TEXT_MODEL: model.onnx")
    assert len(monitor.errors.splitlines()) == 1


def test_a_fit_is_written_beside_the_model_and_used(
    monitor: Monitor, model: Path, labelled: Path
) -> None:
    """From fit to list, where no note is left."""
    (found,) = objects(monitor("models", "fit", str(model), "--sample", str(labelled), "--json"))
    assert found["is_better"]
    assert found["after"]["log_loss"] < found["before"]["log_loss"]
    monitor("models", "list", text_model=str(model))
    assert monitor.errors == ""


def test_a_model_that_adds_nothing_gets_no_fit(
    monitor: Monitor, tmp_path: Path, labelled: Path
) -> None:
    """Exit code 1, and nothing is written."""
    folder = write_checkpoint(tmp_path / "ignorant", {"无": (0.0, 1.0)})
    monitor("models", "fit", str(folder), "--sample", str(labelled), code=1)
    assert "adds nothing" in monitor.errors
    assert not (folder / "fusion.json").exists()


def curve(folder: Path) -> Path:
    """False alarms fall and offers are missed with the score."""
    points = [
        {
            "score": score,
            "ordinary_per_million": 1000 * (1 - score),
            "ordinary_upper": 1100 * (1 - score),
            "lookalikes": 0.1 * (1 - score),
            "lookalikes_upper": 0.2 * (1 - score),
            "recall": 1 - score / 10,
            "recall_low": 0.8,
            "recall_high": 1.0,
            "flagged_per_1000": 40 * (1 - score),
        }
        for score in (0.3, 0.99)
    ]
    n = {"ordinary": 100_000, "lookalikes": 600, "offers": 800, "listings": 5_000}
    own = [{**point, "flagged_per_1000": 10 * (1 - point["score"])} for point in points]
    stated = {
        "measured_on": "invented rows",
        "model": {},
        "minutes_per_review": 0.5,
        "n": n,
        "points": points,
        "categories": {"face_id_bundle": {"n": n, "points": own}},
    }
    file = folder / "curve.json"
    file.write_text(json.dumps(stated), encoding="utf-8")
    return file


def test_thresholds_are_shown_beside_what_they_imply(monitor: Monitor, tmp_path: Path) -> None:
    """For each category; minutes are for the operator's own number of listings."""
    arguments = ("thresholds", "--curve", str(curve(tmp_path)), "--listings-per-day", "5000")
    settings = {"hit_thresholds": "face_id_bundle=0.5", "review_thresholds": "face_id_bundle=0.4"}
    rows = objects(monitor(*arguments, "--json", **settings))
    assert len(rows) == 8
    first = rows[0]
    assert (first["category"], first["hit"], first["review"]) == ("face_id_bundle", 0.5, 0.4)
    assert first["at_hit"]["ordinary_per_million"] == pytest.approx(500)
    # Of its own listings, hits told apart: 25 from 0.5 on, 30 from 0.4 on.
    assert first["measured_for"] == "face_id_bundle"
    assert (first["hits_a_day"], first["reviews_a_day"]) == (pytest.approx(25), pytest.approx(5))
    assert first["minutes_a_day"] == pytest.approx(2.5)
    assert rows[1]["measured_for"] == "all"
    assert rows[1]["hit"] > 0.5
    out = monitor(*arguments, **settings)
    assert "measured on invented rows" in out
    assert "800 offers" in out
    assert "your market may differ" in out


def test_thresholds_of_other_models_than_were_measured_say_so(
    monitor: Monitor, tmp_path: Path
) -> None:
    """By the names of what differs."""
    file = curve(tmp_path)
    versions = dict(Assessor(use_ngrams=False).version)
    stated = json.loads(file.read_text("utf-8")) | {"model": versions}
    file.write_text(json.dumps(stated), encoding="utf-8")
    arguments = ("thresholds", "--curve", str(file))
    assert "other versions" not in monitor(*arguments, text_stages="rules")
    stated["model"]["scorer"] = "0"
    file.write_text(json.dumps(stated), encoding="utf-8")
    out = monitor(*arguments, text_stages="rules")
    assert "measured with other versions than those in use (scorer)" in out


def test_a_threshold_that_was_not_measured_is_not_shown(monitor: Monitor, tmp_path: Path) -> None:
    """Rather nothing than a guess."""
    file = curve(tmp_path)
    out = monitor("thresholds", "--curve", str(file), review_thresholds="face_id_bundle=0.1")
    (line,) = [line for line in out.splitlines() if "face_id_bundle" in line]
    assert "not shown" in line


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"hit_thresholds": "cats=0.5"}, "MONITOR_HIT_THRESHOLDS"),
        ({"hit_thresholds": "face_id_bundle=0.1"}, "face_id_bundle"),
    ],
)
def test_wrong_thresholds_are_named(
    monitor: Monitor, tmp_path: Path, settings: dict[str, str], complaint: str
) -> None:
    """One line, exit code 2."""
    monitor("thresholds", "--curve", str(curve(tmp_path)), code=2, **settings)
    assert complaint in monitor.errors
    assert len(monitor.errors.splitlines()) == 1


def test_a_file_that_is_no_curve_is_refused(monitor: Monitor, tmp_path: Path) -> None:
    """With its name."""
    (tmp_path / "curve.json").write_text("{}", encoding="utf-8")
    monitor("thresholds", "--curve", str(tmp_path / "curve.json"), code=2)
    assert monitor.errors.startswith("monitor: curve.json: measured_on")


def test_a_vocabulary_is_checked_before_it_is_used(monitor: Monitor, tmp_path: Path) -> None:
    """What it changes, and broken rows by file, line and reason."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "words.csv").write_text("word,distinct\n人脸,no\n月饼脸,yes\n坏,yes\n", "utf-8")
    out = monitor("vocabulary", "check", str(folder), "--json", code=1)
    (found,) = objects(out)
    (table,) = found["tables"]
    assert (table["added"], table["replaced"], table["removed"]) == (1, 1, 0)
    assert "words.csv, line 4: one character is too little" in monitor.errors
    monitor("vocabulary", "check", str(tmp_path / "missing"), code=2)
    assert "not a folder" in monitor.errors
