"""A folder of captures: everything in it is taken in once, or set aside with the reason."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.config import Settings, load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter
from monitor.errors import ConfigError
from monitor.pipeline import captures_folder
from monitor.pipeline.captures_folder import prepare_captures_folder, take_dropped
from monitor.pipeline.retain import erase, foresee, retain
from monitor.pipeline.workspace import Workspace
from monitor.services import retention, sources, triage
from monitor.sources.definition import SourceDefinition, parse_definition
from monitor.store import tables as t
from tests.answers.definitions import JSON
from tests.answers.goofish import envelope, row, search
from tests.answers.pages import goods, json_page

OFFER = "出人脸四件套 一手料 懂的来 现货"
DAY_S = 86_400.0
SEARCH_URL = "https://h5api.m.goofish.example/h5/mtop.taobao.idlemtopsearch.pc.search/1.0/"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings(
        data_dir=tmp_path / "data", database_url=database_url, captures_dir=str(tmp_path / "in")
    )


@pytest.fixture
def folder(workspace: Workspace, tmp_path: Path) -> Path:
    """The folder, of a monitor that knows Goofish."""
    definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
    sources.put(workspace, definition, actor="test")
    prepare_captures_folder(workspace.settings)
    return tmp_path / "in"


def answer(*numbers: int, title: str = "") -> str:
    """A page of Goofish's search."""
    rows = [row(number) for number in numbers]
    for changed in rows if title else ():
        content = changed["data"]["item"]["main"]["exContent"]
        content["title"] = content["detailParams"]["title"] = title
    return envelope(search(rows))


def har(*texts: str, url: str = SEARCH_URL) -> str:
    entries = [
        {
            "request": {"url": url},
            "response": {"status": 200, "content": {"mimeType": "application/json", "text": text}},
            "startedDateTime": "2026-11-01T10:00:00Z",
        }
        for text in texts
    ]
    return json.dumps({"log": {"entries": entries}}, ensure_ascii=False)


def drop(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def refused(folder: Path) -> str:
    """All reasons there are."""
    return "\n".join(path.read_text() for path in sorted((folder / "refused").glob("*.reason.txt")))


def count(workspace: Workspace, table: Any) -> int:
    with workspace.database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_dropped_capture_becomes_listings_and_is_erased(
    workspace: Workspace, folder: Path
) -> None:
    """Whatever its kind; the source is the one that knows its answers again."""
    drop(folder, "one.json", answer(1, 2))
    drop(folder, "session.har", har(answer(3), answer(4, title=OFFER)))
    assert take_dropped(workspace) == 2
    assert names(folder) == set()
    assert count(workspace, t.listing) == 4
    assert triage.count(workspace, HitFilter()) == 1
    assert refused(folder) == ""


def test_the_same_bytes_are_taken_in_once(workspace: Workspace, folder: Path) -> None:
    """Under whatever name they come, and however often."""
    for name in ("a.json", "b.json"):
        drop(folder, name, answer(1))
    take_dropped(workspace)
    drop(folder, "c.json", answer(1))
    take_dropped(workspace)
    assert names(folder) == set()
    assert count(workspace, t.poll) == 1


def test_what_is_not_whole_is_left_alone(workspace: Workspace, folder: Path) -> None:
    """Downloads under way, hidden files, links and folders; none is opened."""
    for name in ("a.har.part", "b.json.crdownload", ".c.json", "d.tmp"):
        drop(folder, name, "{")
    drop(folder.parent, "elsewhere.json", answer(1))
    (folder / "link.json").symlink_to(folder.parent / "elsewhere.json")
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe.json")
    before = set(folder.iterdir())
    assert take_dropped(workspace) == 0
    assert set(folder.iterdir()) == before
    assert count(workspace, t.poll) == 0


def test_a_file_that_grows_is_taken_when_it_has_settled(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it is never read."""
    whole = answer(1, 2)
    file = drop(folder, "grows.json", whole[:50])
    with monkeypatch.context() as patched:
        patched.setattr(workspace.clock, "sleep", lambda _: file.write_text(whole, "utf-8"))
        assert take_dropped(workspace) == 0
    assert (names(folder), refused(folder)) == ({"grows.json"}, "")
    assert take_dropped(workspace) == 1
    assert count(workspace, t.listing) == 2


def test_a_file_that_changes_while_it_is_read_comes_again(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the mixture is recorded."""
    file = drop(folder, "a.json", answer(1))
    write = captures_folder.Spool.write

    def write_and_meddle(spool: captures_folder.Spool, piece: bytes) -> None:
        write(spool, piece)
        with file.open("ab") as more:
            more.write(b" ")

    with monkeypatch.context() as patched:
        patched.setattr(captures_folder, "PIECE_BYTES", 1)
        patched.setattr(captures_folder.Spool, "write", write_and_meddle)
        # It grows as fast as it is read: the reading must come to an end all the same.
        assert take_dropped(workspace) == 0
    assert count(workspace, t.poll) == 0
    assert take_dropped(workspace) == 1


def test_thousands_of_captures_are_taken_in_pieces_oldest_first(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an absence."""
    monkeypatch.setattr(captures_folder, "BATCH", 4)
    for number in range(10):
        file = drop(folder, f"{number % 3}-{number}.json", answer(number))
        os.utime(file, (1_700_000_000 - number, 1_700_000_000 - number))
    seen = []
    for expected in (4, 4, 2):
        assert take_dropped(workspace) == expected
        with workspace.database.read() as tx:
            query = select(t.listing.c.native_id).order_by(t.listing.c.id)
            seen = list(tx.execute(query).scalars())
    assert seen == [row(n)["data"]["item"]["main"]["exContent"]["itemId"] for n in range(9, -1, -1)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.json", b"", "empty"),
        ("bad.har", b"{", "not a HAR"),
        ("noise.bin", os.urandom(5000), "no answer"),
        ("deep.json", b"[" * 200_000, "no answer"),
        ("other.har", har('{"ok": true}', url="https://metrics.example/").encode(), "no answer"),
        ("changed.json", envelope({"resultInfo": {}}).encode(), "shape that goofish"),
        ("x" * 240 + ".json", b"", "empty"),
        ("人脸" * 40 + ".har", b"{", "not a HAR"),
        ("new\nline\x1b[31m.json", b"", "empty"),
        ("=1+1.json", b"<p>", "no answer"),
    ],
)
def test_what_cannot_be_taken_in_is_set_aside_with_the_reason(
    workspace: Workspace, folder: Path, name: str, content: bytes, words: str
) -> None:
    """The file as it came, and a text beside it; the others go on."""
    drop(folder, name, content)
    drop(folder, "good.json", answer(1))
    assert take_dropped(workspace) == 2
    assert names(folder) == set()
    assert words in refused(folder)
    kept = [p for p in (folder / "refused").iterdir() if not p.name.endswith(".reason.txt")]
    assert [path.read_bytes() for path in kept] == [content]
    assert count(workspace, t.listing) == 1


def test_a_cut_off_har_gives_what_is_whole(workspace: Workspace, folder: Path) -> None:
    """A browser that crashed while it saved."""
    text = har(answer(1), answer(2), answer(3))
    drop(folder, "cut.har", text.encode()[: len(text.encode()) - 300])
    assert take_dropped(workspace) == 1
    assert count(workspace, t.listing) == 2


def test_a_folder_called_like_a_source_says_whose_captures_lie_in_it(
    workspace: Workspace, folder: Path
) -> None:
    """Where two sources know the same answers again."""
    for name in ("one", "two"):
        text = JSON.replace('name = "api"', f'name = "{name}"')
        sources.put(workspace, parse_definition(text), actor="test")
    page = json_page(goods(2))
    drop(folder, "whose.json", page)
    take_dropped(workspace)
    assert "claimed by one, two" in refused(folder)
    (folder / "two").mkdir()
    drop(folder / "two", "whose.json", page)
    assert take_dropped(workspace) == 1
    with workspace.database.read() as tx:
        query = select(t.source.c.name).join(t.poll, t.poll.c.source_id == t.source.c.id)
        assert tx.execute(query).scalars().all() == ["two"]


def test_refused_captures_go_after_their_time(
    workspace: Workspace, folder: Path, clock: ManualClock
) -> None:
    """They may hold anything; a week is enough to look."""
    drop(folder, "bad.har", b"{")
    take_dropped(workspace)
    reason = next((folder / "refused").glob("*.reason.txt"))
    at = clock.now().timestamp()
    os.utime(reason, (at, at))
    clock.advance(6 * DAY_S)
    assert foresee(workspace).captures == retain(workspace) == 0
    rows = {row.what: row for row in retention.report(workspace)}
    assert (rows["captures"].count, len(names(folder / "refused"))) == (1, 2)
    clock.advance(2 * DAY_S)
    assert foresee(workspace).captures == erase(workspace).captures == 1
    assert names(folder / "refused") == set()


def test_a_folder_that_cannot_be_used_names_the_setting(tmp_path: Path) -> None:
    """Before anything starts."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError, match="MONITOR_CAPTURES_DIR"):
        prepare_captures_folder(load_settings(captures_dir=str(file / "in")))


def test_without_the_setting_nothing_is_looked_for(tmp_path: Path) -> None:
    """And no folder is made."""
    assert prepare_captures_folder(load_settings(data_dir=tmp_path)) is None
