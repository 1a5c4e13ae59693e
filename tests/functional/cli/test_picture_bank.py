"""`monitor pictures bank` as people type it, and the bank in `monitor assess`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.functional.cli.test_commands import Monitor, rows
from tests.pictures import encoded

HASH = "923e8a6a6dc1655b6df090d38ea0d7b2cf999a7081fc5e8a03cf7dc98a958915"


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """An empty data folder."""
    monitor = Monitor(tmp_path / "data")
    monitor("init")
    return monitor


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture with detail that no finder takes for anything."""
    noise = np.random.default_rng(6).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    pixels = np.kron(noise, np.ones((40, 40, 1), np.uint8)).astype(np.uint8)
    path = tmp_path / "known.png"
    path.write_bytes(encoded(Image.fromarray(pixels), "PNG"))
    return path


def test_a_picture_is_known_from_its_file_or_its_hash_until_it_is_removed(
    monitor: Monitor, picture: Path
) -> None:
    bank = ("pictures", "bank")
    assert "is now known as bad" in monitor(*bank, "add", "bad", str(picture), "--name", "case 7")
    assert HASH in monitor(*bank, "add", "good", HASH.upper(), "--name", "our own banner")
    assert "already known" in monitor(*bank, "add", "good", HASH, "--name", "again")
    first, second = rows(monitor(*bank, "list", "--json"))
    assert (first["label"], first["name"], second["fingerprint"]) == ("bad", "case 7", HASH)
    assert "case 7" in monitor(*bank, "list")
    assert "our own banner" in monitor(*bank, "remove", str(second["id"]))
    monitor(*bank, "remove", str(second["id"]), code=2)
    assert len(rows(monitor(*bank, "list", "--json"))) == 1


def test_what_cannot_be_known_is_told(monitor: Monitor, tmp_path: Path, picture: Path) -> None:
    (tmp_path / "plain.png").write_bytes(encoded(Image.new("RGB", (300, 300)), "PNG"))
    (tmp_path / "broken.png").write_bytes(picture.read_bytes()[:200])
    for what, name, said in (
        ("none.png", "x", "No such file"),
        ("plain.png", "x", "too plain"),
        ("broken.png", "x", "cannot be read: truncated"),
        ("x" * 5000, "x", "File name too long"),
        (HASH[:-1], "x", "No such file"),
        (HASH, " ", "a name has 1 to 100"),
        (HASH, "a\x1b[31mb", "a name has 1 to 100"),
        (HASH, "x" * 101, "a name has 1 to 100"),
    ):
        given = what if what == HASH else str(tmp_path / what)
        monitor("pictures", "bank", "add", "bad", given, "--name", name, code=2)
        assert said in monitor.errors
    assert rows(monitor("pictures", "bank", "list", "--json")) == []


def test_a_shared_file_is_loaded_whole_or_not_at_all(monitor: Monitor, tmp_path: Path) -> None:
    shared = tmp_path / "bank.txt"
    shared.write_text(f"# shared\n{HASH} bad case 1\n\n{'0' * 64} good a banner # ours\n", "utf-8")
    assert "2 added, 0 known already" in monitor("pictures", "bank", "load", str(shared))
    assert "0 added, 2 known already" in monitor("pictures", "bank", "load", str(shared))
    for line, said in (
        (f"{'1' * 64} bad x\n{HASH} good x", "is known as bad"),
        (f"{'1' * 64} bad x\n{'1' * 64} good x", "as bad and as good"),
        (f"{'1' * 64} bad x\n{'1' * 63} good x", "64 hexadecimal digits"),
        (f"{'1' * 64} bad x\n{'2' * 64} worse x", "neither bad nor good"),
        (f"{'1' * 64} bad x\n{'2' * 64} bad", "line 2"),
        ("", "no entry"),
    ):
        shared.write_text(line, "utf-8")
        monitor("pictures", "bank", "load", str(shared), code=2)
        assert said in monitor.errors
    shared.write_bytes(b"\xff\xfe\x00")
    monitor("pictures", "bank", "load", str(shared), code=2)
    assert "is no text" in monitor.errors
    told = monitor("pictures", "bank", "list", "--lines")
    assert told == f"{HASH} bad case 1\n{'0' * 64} good a banner\n"


def test_assess_tells_how_far_a_picture_is_from_a_known_one(
    monitor: Monitor, tmp_path: Path, picture: Path
) -> None:
    monitor("pictures", "bank", "add", "bad", str(picture), "--name", "case 7")
    bank = tmp_path / "bank.txt"
    bank.write_text(monitor("pictures", "bank", "list", "--lines"), "utf-8")
    row = json.dumps({"text": "全新手机壳 包邮", "images": [picture.name]}).encode()
    streams = ("assess", "--input", "-", "--output", "-")
    given = (*streams, "--images", str(tmp_path), "--bank", str(bank))
    (found,) = rows(monitor(*given, stdin=row))
    assert "picture 1: known as bad: 0 of 256 bits from case 7" in json.dumps(found)
    (without,) = rows(monitor(*streams, "--images", str(tmp_path), stdin=row))
    assert "known as bad" not in json.dumps(without)
    monitor(*streams, "--bank", str(bank), stdin=row, code=2)
    assert "--bank goes with --images" in monitor.errors
