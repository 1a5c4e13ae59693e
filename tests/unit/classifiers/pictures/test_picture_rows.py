"""What is measured on: rows that cannot be used are told, and lead nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.evaluation.picture_rows import TRUTH, read_pictures
from classifiers.evaluation.pictures import judge, report, shown_errors
from classifiers.evaluation.rows import Problem
from classifiers.images.classifier import Classifier
from tests.tiny_classifier import write_tiny_classifier

ROW = {"file": "a.png", "renderer": "own.table", "shows": ["id_card"]}


def _folder(tmp_path: Path, *lines: bytes | dict[str, Any]) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (64, 48), (250, 40, 40)).save(folder / "a.png")
    (tmp_path / "outside.png").write_bytes((folder / "a.png").read_bytes())
    coded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    (folder / TRUTH).write_bytes(b"\n".join(coded))
    return folder


def test_a_row_needs_only_file_renderer_and_what_it_shows(tmp_path: Path) -> None:
    problems: list[Problem] = []
    (row,) = read_pictures(_folder(tmp_path, ROW, b""), problems)
    assert problems == []
    assert row.shows == {PictureClass.ID_CARD}
    assert row.places is None
    assert row.kept_out


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"7", "no object"),
        ({"renderer": "x", "shows": []}, "file is missing"),
        (ROW | {"file": "../outside.png"}, "the file lies outside the folder"),
        (ROW | {"file": "/etc/passwd"}, "the file lies outside the folder"),
        (ROW | {"file": "b.png"}, "there is no such file"),
        (ROW | {"file": "."}, "there is no such file"),
        (ROW | {"file": "a\0.png"}, "embedded null byte"),
        (ROW | {"shows": ["cat"]}, "'cat' is not a valid PictureClass"),
        (ROW | {"shows": "id_card"}, "a list is needed"),
        (ROW | {"renderer": ""}, "a name is missing"),
        (ROW | {"marks": [{"subject": "face", "quad": [[0, 0]]}]}, "a mark has four corners"),
        (
            ROW | {"marks": [{"subject": "face", "quad": [[0, float("nan")]] * 4}]},
            "a mark has four corners",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_the_rest_goes_on(
    tmp_path: Path, line: bytes | dict[str, Any], reason: str
) -> None:
    problems: list[Problem] = []
    rows = read_pictures(_folder(tmp_path, line, ROW), problems)
    assert [row.file for row in rows] == ["a.png"]
    assert problems == [Problem(TRUTH, 1, reason)]


def test_a_picture_that_cannot_be_decoded_is_told_and_counts_for_nothing(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ROW, ROW | {"file": "b.png"})
    (folder / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    problems: list[Problem] = []
    rows = read_pictures(folder, problems)
    classifier = Classifier(write_tiny_classifier(tmp_path / "model"))
    judged, _ = judge(rows, classifier, problems)
    assert [one.file for one in judged] == ["a.png"]
    assert [(each.file, each.line) for each in problems] == [("b.png", 0)]


def test_errors_of_unmarked_pictures_are_redacted_like_thumbnails(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ROW | {"shows": []})
    classifier = Classifier(write_tiny_classifier(tmp_path / "model"))
    rows = read_pictures(folder, [])
    judged, seconds = judge(rows, classifier, [])
    figures = report(judged, classifier, seconds)
    ((image, error),) = shown_errors(figures.errors, rows)
    assert error.kind is PictureClass.ID_CARD
    assert error.is_found
    assert max(image.size) <= 320


def test_of_no_pictures_no_goal_is_shown(tmp_path: Path) -> None:
    classifier = Classifier(write_tiny_classifier(tmp_path / "model"))
    figures = report([], classifier, 0.0)
    assert {goal.verdict.value for goal in figures.goals} == {"not shown"}
