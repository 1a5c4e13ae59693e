"""The command line as people use it: a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import CAPTCHA, Card, Shop

OFFER = "出人脸四件套 一手料 懂的来 现货 包更新"


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


@pytest.fixture
def shop_file(tmp_path: Path) -> Iterator[tuple[Shop, str]]:
    """A shop, and the file that describes it."""
    with Shop() as shop:
        file = tmp_path / "shop.toml"
        file.write_text(_toml(shop), encoding="utf-8")
        yield shop, str(file)


def _toml(shop: Shop) -> str:
    """The definition's TOML: JSON strings and inline tables are TOML too."""

    def value(found: object) -> str:
        if isinstance(found, dict):
            return "{ " + ", ".join(f"{k} = {value(v)}" for k, v in found.items()) + " }"
        return json.dumps(found, ensure_ascii=False)

    row = shop.definition().model_dump(mode="json", exclude_defaults=True)
    return "".join(f"{name} = {value(found)}\n" for name, found in row.items())


def rows(text: str) -> list[dict[str, object]]:
    """JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_only_init_makes_a_keys_file_that_was_named(
    monitor: Monitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that lacks the file says so, and what to do."""
    keys = tmp_path / "shared" / "keys.json"
    monkeypatch.setenv("MONITOR_KEYS_FILE", str(keys))
    monitor("hits", "list", code=2)
    assert "MONITOR_KEYS_FILE" in monitor.errors
    assert "monitor init" in monitor.errors
    assert not keys.exists()
    monitor("init")
    made = keys.read_bytes()
    monitor("hits", "list")
    assert keys.read_bytes() == made


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


def test_from_a_source_file_to_a_verdict_and_a_ping(
    monitor: Monitor, shop_file: tuple[Shop, str]
) -> None:
    """The analyst's day, command by command."""
    shop, file = shop_file
    shop.put(Card("a1", OFFER), Card("a2", "纯棉床品四件套"))
    monitor("init")
    monitor("sources", "add", file)
    out = monitor("sources", "check", "shop", "四件套")
    assert "ok" in out
    assert "native_id" in out
    monitor("watches", "add", "--source", "shop", "--keyword", "四件套", "--every", "10m")
    assert "2 rows" in monitor("poll", "--source", "shop")
    (hit,) = rows(monitor("hits", "list", "--json"))
    shown = monitor("hits", "show", str(hit["id"]))
    assert "hxxp" in shown
    assert "http://" not in shown
    with ScriptedServer() as receiver:
        receiver.route("/hook", Reply(204))
        monitor("endpoints", "add", "mods", receiver.url("/hook"))
        assert "delivered" in monitor("endpoints", "test", "mods")
    out = monitor("hits", "triage", str(hit["id"]), "confirmed", "--reason", "clear")
    assert "queued hit.confirmed for mods" in out
    assert rows(monitor("hits", "list", "--json")) == []
    assert "四件套" in monitor("coverage")
    assert monitor("coverage", "--csv").startswith("source,term,state,looks,")
    assert monitor("coverage", "--gaps-only", "--json") == ""
    assert rows(monitor("keywords", "stats", "--json"))[0]["confirmed"] == 1
    assert "1 hits indexed" in monitor("index", "rebuild")
    assert "a1" in monitor("hits", "search", "人脸四件套", "--json")
    assert monitor("hits", "export").count("\n") == 2


def test_a_blocked_look_says_so_and_fails(monitor: Monitor, shop_file: tuple[Shop, str]) -> None:
    """Never "0 hits" and exit code 0."""
    shop, file = shop_file
    monitor("init")
    monitor("sources", "add", file)
    shop.override = Reply(body=CAPTCHA)
    assert "challenged" in monitor("sources", "check", "shop", "四件套", code=1)
    monitor("watches", "add", "--source", "shop", "--keyword", "四件套")
    assert "challenged" in monitor("poll", "--source", "shop", code=1)
    assert "shop rests until" in monitor("poll", "--source", "shop", code=1)
    monitor("coverage")
    assert "rests" in monitor.errors
    assert "1 circuits" in monitor("sources", "resume", "shop")


def test_watches_that_cannot_fit_are_refused(monitor: Monitor, tmp_path: Path) -> None:
    """The message says what would."""
    monitor("init")
    with Shop() as shop:
        text = _toml(shop).replace("min_interval_s = 0.0\n", "min_interval_s = 30.0\n")
        file = tmp_path / "slow.toml"
        file.write_text(text, encoding="utf-8")
        monitor("sources", "add", str(file))
    monitor("watches", "add", "--source", "shop", "--every", "60s", code=2)
    assert "too short" in monitor.errors
    assert rows(monitor("watches", "list", "--json")) == []


def test_hostile_titles_are_harmless_on_the_terminal(
    monitor: Monitor, shop_file: tuple[Shop, str]
) -> None:
    """Escape sequences, direction marks and formulas stay text."""
    shop, file = shop_file
    evil = "\x1b[2J\u202e[bold]=HYPERLINK(1) "
    shop.put(Card("e1", OFFER + evil, seller_name="=1+1"))
    monitor("init")
    monitor("sources", "add", file)
    monitor("watches", "add", "--source", "shop", "--keyword", "人脸四件套")
    monitor("poll", "--source", "shop")
    for command in (["list"], ["show", "1"], ["search", "人脸四件套"]):
        out = monitor("hits", *command)
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert not any(
        cell.startswith("=") for cell in monitor("hits", "export").replace('"', "").split(",")
    )


def test_assess_keeps_order_and_marks_bad_lines(monitor: Monitor, tmp_path: Path) -> None:
    """No data folder is made; extra fields pass through."""
    good = {"id": 1, "text": OFFER, "note": "x"}
    lines = [
        json.dumps(good),
        "{broken",
        json.dumps({"id": 3}),
        json.dumps({"id": 4, "title": "床单"}),
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monitor("assess", "--input", str(source), "--output", str(target), code=1)
    out = rows(target.read_text(encoding="utf-8"))
    assert [row.get("id") for row in out] == [1, None, 3, 4]
    assert out[0]["note"] == "x"
    assert out[0]["decision"] in {"hit", "review"}
    assert "error" in out[1]
    assert "error" in out[2]
    assert out[3]["decision"] == "clear"
    assert not monitor.folder.exists()
