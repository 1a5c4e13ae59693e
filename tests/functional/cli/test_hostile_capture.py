"""Hostile titles out of a saved answer: harmless in the terminal, the console and exports."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.hit import HitFilter
from monitor.pipeline.index import index_due
from monitor.pipeline.workspace import Workspace
from monitor.services import setup, sources, triage
from monitor.sources.definition import SourceDefinition
from tests.answers.goofish import envelope, row, search

OFFER = "出人脸四件套 一手料 懂的来 现货"
HOSTILE = (
    f"{OFFER}<script>alert(1)</script><img src=x onerror=alert(1)>",
    f"{OFFER}\u202egnp.exe\u2066",
    f"{OFFER}\u200b\u200d\ufeff\u00ad",
    f"{OFFER}\x1b[31m\x1b]0;title\x07\x9b2J",
    f"=HYPERLINK(1) {OFFER}",
    f"@SUM(1) {OFFER}",
    f"{OFFER}" + "长" * 40_000,
    "{{ 7 * 7 }} {% raw %} " + OFFER,
)
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MEGABYTE = 1_000_000


@pytest.fixture
def captured(workspace: Workspace, tmp_path: Path) -> Workspace:
    """One capture with all of them, taken in."""
    definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
    sources.put(workspace, definition, actor="test")
    rows = [_row(number, title) for number, title in enumerate(HOSTILE)]
    file = tmp_path / "hostile.json"
    file.write_text(envelope(search(rows)), encoding="utf-8")
    (report,) = sources.ingest(workspace, "goofish", [file], actor="test")
    assert report.ingested.counts.rows == len(HOSTILE)
    index_due(workspace)
    assert triage.count(workspace, HitFilter()) == len(HOSTILE)
    return workspace


def _row(number: int, title: str) -> dict[str, Any]:
    made = row(number, userNickName=title[:300])
    content = made["data"]["item"]["main"]["exContent"]
    content["title"] = content["detailParams"]["title"] = title
    return made


def run(workspace: Workspace, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", *arguments],
        env={**os.environ, "MONITOR_DATA_DIR": str(workspace.settings.data_dir)},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def test_the_terminal_shows_no_control_character(captured: Workspace) -> None:
    """Nor an endless line."""
    hits = triage.queue(captured, HitFilter())
    for arguments in (("list",), ("search", "人脸四件套"), ("show", str(hits[0].id))):
        shown = run(captured, "hits", *arguments)
        assert "人脸四件套" in shown
        assert not UNSAFE.search(shown.replace("\n", ""))
        assert len(shown) < MEGABYTE


def test_a_spreadsheet_finds_no_formula(captured: Workspace) -> None:
    """In no cell of the export."""
    cells = [
        cell for line in csv.reader(io.StringIO(run(captured, "hits", "export"))) for cell in line
    ]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_json_goes_on_one_line_with_the_text_as_it_was(captured: Workspace) -> None:
    """For programs: nothing is hidden from them, and no control character ends a line."""
    for arguments in (("export", "--format", "jsonl"), ("list", "--json")):
        lines = run(captured, "hits", *arguments).removesuffix("\n").split("\n")
        titles = {json.loads(line)["title"] for line in lines}
        assert len(lines) == len(HOSTILE)
        assert titles >= {HOSTILE[0], HOSTILE[1], HOSTILE[4]}
        assert not re.search("[\x00-\x1f\x7f]", "".join(lines))


def test_the_console_shows_text_only(captured: Workspace) -> None:
    """In the queue and on the page of each hit."""
    token = setup.new_token(captured, user="admin", role="admin", name="console")
    paths = ["/", *(f"/hits/{hit.id}" for hit in triage.queue(captured, HitFilter()))]
    with (
        ConsoleServer(captured, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as browser,
    ):
        form = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.get("/login").text)
        assert form
        browser.post("/login", data={"token": token, "csrf": form[1]})
        for path in paths:
            page = browser.get(path)
            assert page.status_code == 200
            assert "<script" not in page.text
            assert "<img src=x" not in page.text
            assert not UNSAFE.search(page.text.replace("\n", ""))
            assert len(page.text) < MEGABYTE
