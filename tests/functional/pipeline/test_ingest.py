"""Saved answers of a browser: searches and items of Goofish, through to hits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.domain.hit import HitFilter
from monitor.domain.outcome import Outcome
from monitor.errors import NotFoundError
from monitor.pipeline.ingest import Ingested
from monitor.pipeline.workspace import Workspace
from monitor.services import sources, triage
from monitor.sources.definition import SourceDefinition
from monitor.store import tables as t
from tests.answers.goofish import DETAIL_API, detail, envelope, row, search

OFFER = "出人脸四件套 一手料 懂的来 现货"


@pytest.fixture
def goofish(workspace: Workspace) -> Workspace:
    """A workspace that knows Goofish."""
    definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
    sources.put(workspace, definition, actor="test")
    return workspace


def ingest(workspace: Workspace, *files: Path) -> list[Ingested]:
    reports = sources.ingest(workspace, "goofish", files, term="四件套", actor="test")
    return [report.ingested for report in reports]


def saved(folder: Path, text: str, name: str = "answer.json") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def offer_row(number: int) -> dict[str, Any]:
    changed = row(number, title=OFFER)
    changed["data"]["item"]["main"]["exContent"]["detailParams"]["title"] = OFFER
    return changed


def item(**changes: Any) -> str:
    return envelope(detail(**changes), api=DETAIL_API)


def states(workspace: Workspace) -> dict[str, str]:
    with workspace.database.read() as tx:
        rows = tx.execute(select(t.listing.c.native_id, t.listing.c.state)).all()
    return {found.native_id: found.state for found in rows}


def test_a_saved_search_becomes_listings_and_hits(goofish: Workspace, tmp_path: Path) -> None:
    """The offer among lamps is for triage; a capture alerts nobody."""
    file = saved(tmp_path, envelope(search([row(1), offer_row(2), row(3)])))
    (found,) = ingest(goofish, file)
    assert (found.outcome, found.counts.rows, found.counts.hits) == (Outcome.OK, 3, 1)
    (hit,) = triage.queue(goofish, HitFilter())
    assert (hit.native_id, hit.title, hit.is_baseline) == ("880000000002", OFFER, True)
    assert hit.price_minor == 4080


def test_the_same_capture_twice_changes_nothing(goofish: Workspace, tmp_path: Path) -> None:
    """Analysts save a page twice now and then."""
    file = saved(tmp_path, envelope(search([offer_row(2)])))
    ingest(goofish, file)
    (again,) = ingest(goofish, file)
    assert (again.counts.new_listings, again.counts.changed_listings) == (0, 0)
    assert triage.count(goofish, HitFilter()) == 1


def test_a_saved_item_adds_what_the_search_did_not_show(goofish: Workspace, tmp_path: Path) -> None:
    """A lamp by its title, an offer by its description."""
    ingest(goofish, saved(tmp_path, envelope(search([row(1)]))))
    assert triage.count(goofish, HitFilter()) == 0
    (found,) = ingest(goofish, saved(tmp_path, item(desc=f"台灯 1 号\n{OFFER}")))
    assert (found.outcome, found.counts.rows, found.counts.new_listings) == (Outcome.OK, 1, 0)
    (hit,) = triage.queue(goofish, HitFilter())
    assert OFFER in hit.text


def test_only_an_item_page_says_gone(goofish: Workspace, tmp_path: Path) -> None:
    """And a deleted item of which nothing is known is no error."""
    ingest(goofish, saved(tmp_path, envelope(search([row(1), row(2)]))))
    gone = item(itemStatus=-2, itemStatusStr="已删除")
    unknown = item(itemId=880_000_000_009, itemStatus=-2, itemStatusStr="已删除")
    for text in (gone, unknown):
        (found,) = ingest(goofish, saved(tmp_path, text))
        assert (found.outcome, found.counts.rows) == (Outcome.OK, 0)
    assert states(goofish) == {"880000000001": "gone", "880000000002": "seen"}


def test_a_har_holds_searches_items_and_other_traffic(goofish: Workspace, tmp_path: Path) -> None:
    """Each answer by itself; what is not the source's is named and left alone."""

    def entry(url: str, text: object) -> dict[str, Any]:
        content = {"mimeType": "application/json", "text": text}
        return {
            "request": {"url": url},
            "response": {"status": 200, "content": content},
            "startedDateTime": "2026-11-01T10:00:00Z",
        }

    entries = [
        entry("https://h5api.example/h5/x", envelope(search([offer_row(2)]))),
        entry("https://h5api.example/h5/y", item()),
        entry("https://metrics.example/", '{"ok": true}'),
        entry("https://broken.example/", 7),
        "not an entry",
    ]
    har = json.dumps({"log": {"entries": entries}}, ensure_ascii=False)
    found = ingest(goofish, saved(tmp_path, har, "session.har"))
    assert [each.counts.rows for each in found] == [1, 1, 0, 0, 0]
    assert [each.outcome.has_seen for each in found] == [True, True, False, False, False]
    assert found[3].problems[0].field == "entry"


def test_a_file_that_cannot_be_read_loses_only_itself(goofish: Workspace, tmp_path: Path) -> None:
    """The next one is read all the same."""
    empty = saved(tmp_path, "", "empty.json")
    bad = saved(tmp_path, "{", "session.har")
    good = saved(tmp_path, envelope(search([row(1)])), "good.json")
    found = ingest(goofish, empty, tmp_path / "missing.json", bad, good)
    assert [each.outcome.has_seen for each in found] == [False, False, False, True]
    assert "empty" in found[0].detail
    assert "missing.json" in found[1].detail


@pytest.mark.parametrize(
    ("ret", "outcome"),
    [
        ("FAIL_SYS_USER_VALIDATE::哎哟喂", Outcome.CHALLENGED),
        ("FAIL_SYS_SESSION_EXPIRED::Session过期", Outcome.LOGIN_REQUIRED),
        ("FAIL_SYS_TOKEN_EXOIRED::令牌过期", Outcome.TOKEN_STALE),
    ],
)
def test_a_saved_block_is_a_block(
    goofish: Workspace, tmp_path: Path, ret: str, outcome: Outcome
) -> None:
    """Never an empty search."""
    (found,) = ingest(goofish, saved(tmp_path, envelope({}, ret)))
    assert (found.outcome, found.counts.rows) == (outcome, 0)


def test_a_source_that_nobody_added_is_a_clear_error(workspace: Workspace, tmp_path: Path) -> None:
    """Before any file is opened."""
    with pytest.raises(NotFoundError, match="taobao"):
        sources.ingest(workspace, "taobao", [tmp_path / "x.json"], actor="test")
