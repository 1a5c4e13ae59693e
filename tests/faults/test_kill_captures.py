"""kill -9 at every step of taking in a folder of captures; two at once; then all is counted."""

from __future__ import annotations

import json
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.config import load_settings
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import sources
from monitor.sources.definition import SourceDefinition
from monitor.store import tables as t
from tests.answers.goofish import envelope, row, search
from tests.servers.dying_captures import start_taking

MOST_STEPS = 60
NEVER = 0
FILES = 12

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@contextmanager
def opened(data_dir: Path) -> Iterator[Workspace]:
    with open_workspace(load_settings(data_dir=data_dir, text_stages="rules")) as workspace:
        yield workspace


def prepare(data_dir: Path) -> None:
    with opened(data_dir) as workspace:
        definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
        sources.put(workspace, definition, actor="test")


def har(*numbers: int) -> str:
    """One answer a number, and one of another site."""
    texts = [envelope(search([row(number)])) for number in numbers]
    entries: list[dict[str, Any]] = [
        {
            "request": {"url": ""},
            "response": {"status": 200, "content": {"mimeType": "application/json", "text": text}},
        }
        for text in (*texts, '{"ok": true}')
    ]
    return json.dumps({"log": {"entries": entries}})


def is_done(process: BaseProcess) -> bool:
    """Whether it came to its end; else it killed itself."""
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


def recorded(data_dir: Path) -> tuple[Counter[str], int]:
    """How often each listing was seen, and how many looks there are."""
    with opened(data_dir) as workspace, workspace.database.read() as tx:
        joined = t.sighting.join(
            t.listing_version, t.listing_version.c.id == t.sighting.c.version_id
        ).join(t.listing, t.listing.c.id == t.listing_version.c.listing_id)
        seen = Counter(tx.execute(select(t.listing.c.native_id).select_from(joined)).scalars())
        looks = len(tx.execute(select(t.poll.c.id)).all())
    return seen, looks


def test_a_kill_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Every answer is one look; every file is erased, or refused with its reason."""
    prepare(tmp_path / "fresh")
    files = {"a.har": har(1, 2), "b.json": envelope(search([row(3)])), "bad.har": "{"}
    expected: tuple[Counter[str], int] | None = None
    for step in range(MOST_STEPS):
        data_dir, folder = tmp_path / str(step) / "data", tmp_path / str(step) / "in"
        shutil.copytree(tmp_path / "fresh", data_dir)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        is_whole = is_done(start_taking(data_dir, folder, step))
        assert is_whole or is_done(start_taking(data_dir, folder, NEVER))
        found = recorded(data_dir)
        expected = expected or found
        assert found == expected, f"killed before step {step}"
        assert sorted(path.name for path in folder.iterdir()) == ["refused"]
        assert len(list((folder / "refused").iterdir())) == 2
        if is_whole and step != NEVER:
            break
    assert is_whole
    assert step > 8
    assert expected == (
        Counter({row(n)["data"]["item"]["main"]["exContent"]["itemId"]: 1 for n in (1, 2, 3)}),
        3,
    )


def test_two_processes_at_once_take_each_capture_in_once(tmp_path: Path) -> None:
    """Who comes second leaves a file alone."""
    data_dir, folder = tmp_path / "data", tmp_path / "in"
    prepare(data_dir)
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number}.har").write_text(har(2 * number, 2 * number + 1), encoding="utf-8")
    processes = [start_taking(data_dir, folder, NEVER) for _ in range(2)]
    assert [is_done(process) for process in processes] == [True, True]
    assert is_done(start_taking(data_dir, folder, NEVER))
    seen, looks = recorded(data_dir)
    assert (len(seen), set(seen.values()), looks) == (2 * FILES, {1}, 2 * FILES)
    assert [path.name for path in folder.iterdir()] == ["refused"]
