"""`monitor assess --images`: pictures of a folder, and of nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import encoded, held_card, huge_png, scene


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, broken ones among them, and a secret beside the folder."""
    root = tmp_path_factory.mktemp("rows")
    (root / "secret.jpg").write_bytes(encoded(held_card()))
    images = root / "images"
    images.mkdir()
    (images / "held.jpg").write_bytes(encoded(held_card()))
    (images / "room.png").write_bytes(encoded(scene(), "PNG"))
    (images / "cut.jpg").write_bytes(encoded(scene())[:900])
    (images / "bomb.png").write_bytes(huge_png(30_000, 30_000))
    (images / "list.jpg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (images / "way_out.jpg").symlink_to(root / "secret.jpg")
    os.mkfifo(images / "pipe.jpg")
    return images


def assess(rows: list[dict[str, Any]], *options: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "monitor.cli.main", "assess", "--input", "-", "--output", "-"]
    given = "\n".join(map(json.dumps, rows)).encode()
    done = subprocess.run([*command, *options], input=given, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_pictures_are_read_and_weighed(folder: Path) -> None:
    names = ["held.jpg", "cut.jpg", "bomb.png", "list.jpg"]
    rows = [
        {"id": 1, "text": "全新手机壳 包邮", "images": names},
        {"id": 2, "text": "全新手机壳 包邮"},
    ]
    with_pictures, without = assess(rows, "--images", str(folder))
    assert "pictures" not in without
    assert with_pictures["score"] > without["score"]
    assert with_pictures["decision"] == "hit"
    readings = with_pictures["pictures"]
    assert [each["picture"] for each in readings] == names
    reasons = [None, "truncated", "too_many_pixels", "vector"]
    assert [each["refused"] for each in readings] == reasons
    assert "held_id" in {each["term"] for each in readings[0]["evidence"]}
    assert with_pictures["evidence"][0]["signal"] == "picture"
    assert "text" not in readings[0]


def test_only_files_of_the_folder_are_opened(folder: Path) -> None:
    outside = ["../secret.jpg", str(folder.parent / "secret.jpg"), "way_out.jpg"]
    no_files = ["missing.jpg", "pipe.jpg", "", "a" * 5000, "nul\0.jpg"]
    (row,) = assess([{"id": 1, "text": "x", "images": outside + no_files}], "--images", str(folder))
    told = [each["refused"] for each in row["pictures"]]
    assert told[:3] == ["outside_the_folder"] * 3
    assert set(told[3:]) <= {"not_found", "unreadable"}


def test_thousands_of_pictures_in_one_listing_are_cut_short(folder: Path) -> None:
    (row,) = assess([{"text": "x", "images": ["room.png"] * 3000}], "--images", str(folder))
    told = [each["refused"] for each in row["pictures"]]
    assert told[:24] == [None] * 24
    assert told[24:] == ["too_many_pictures"] * 2976


def test_without_a_folder_pictures_are_ignored() -> None:
    (row,) = assess([{"text": "x", "images": ["held.jpg"]}])
    assert "pictures" not in row


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor.cli.main", "assess", "--input", "-", "--output", "-"]
    command += ["--images", str(tmp_path / "none")]
    done = subprocess.run(command, input=b'{"text": "x"}', capture_output=True, check=False)
    assert done.returncode != 0
    assert b"--images" in done.stderr
