"""The analyst's day beside verdicts, as people type it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import open_workspace
from monitor.services import keywords
from tests.functional.cli.test_commands import Monitor, rows
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

ID_NUMBER = "11010519491231002X"


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """Three hits; the first two are of one seller."""
    data = tmp_path / "data"
    settings = load_settings(data_dir=data, allow_networks=("127.0.0.0/8",))
    with open_workspace(settings, may_create_keys=True) as workspace:
        keywords.add(workspace, KeywordDraft(BUNDLE, "face_id_bundle"), actor="test")
        plant = Plant(workspace)
        plant.source("north", BUNDLE)
        sellers = {"a": "甲", "b": "甲", "c": "乙"}
        offers = [row(name, f"{OFFER} {name}", seller=who) for name, who in sellers.items()]
        plant.look("north", BUNDLE, MONDAY, *offers)
    return Monitor(data)


def queued(monitor: Monitor) -> set[object]:
    return {hit["native_id"] for hit in rows(monitor("hits", "list", "--json"))}


def test_a_hit_is_worked_on_by_one_person(monitor: Monitor) -> None:
    """Taken, noted, judged; the other one is refused until they insist."""
    (taken,) = rows(monitor("--as", "li", "hits", "next", "--json"))
    number = str(taken["id"])
    for refused in (("claim", number), ("triage", number, "benign", "--reason", "x")):
        monitor("--as", "wu", "hits", *refused, code=2)
        assert "li works on it until" in " ".join(monitor.errors.split())
    monitor("--as", "li", "hits", "note", number, f"the number {ID_NUMBER} stands in the picture")
    shown = monitor("hits", "show", number)
    assert "by li" in shown
    assert "stands in the picture" in shown
    assert ID_NUMBER not in shown
    monitor("--as", "wu", "hits", "triage", number, "benign", "--reason", "x", "--override")
    assert "is yours until" in monitor("--as", "wu", "hits", "claim", number)
    monitor("--as", "wu", "hits", "skip", number)
    assert "is yours until" in monitor("--as", "li", "hits", "claim", number)


def test_evidence_is_printed_as_it_was_digested(monitor: Monitor) -> None:
    """`sha256sum` says what the hit's page says."""
    body = monitor("hits", "evidence", "1")
    digest = hashlib.sha256(body.encode()).hexdigest()
    assert digest in monitor("hits", "show", "1")
    monitor("hits", "evidence", "1", "--version", "7", code=2)
    assert "no evidence of version 7" in monitor.errors


def test_many_are_closed_after_a_look_and_opened_again(monitor: Monitor) -> None:
    """A dry run changes nothing; the undoing restores all."""
    assert "3 would be closed" in monitor("hits", "close", "--source", "north", "--dry-run")
    assert len(queued(monitor)) == 3
    monitor("hits", "close", "--source", "north", code=2)
    assert "reason" in monitor.errors
    monitor("hits", "close", "--verdict", "unsure", "--reason", "x", code=2)
    monitor("hits", "close", "--reason", "x", code=1, stdin=b"n\n")
    assert len(queued(monitor)) == 3
    out = monitor("hits", "close", "--source", "north", "--reason", "a drill", "--yes")
    assert "batch 1: 3 hits are benign" in out
    assert queued(monitor) == set()
    assert "3 hits stand as before; 0" in monitor("hits", "undo", "1")
    assert len(queued(monitor)) == 3
    monitor("hits", "undo", "1", code=2)
    assert "undone already" in monitor.errors
    (batch,) = rows(monitor("hits", "batches", "--json"))
    assert batch["filters"] == {"status": ["open"], "source": ["north"], "muted": ["false"]}


def test_what_is_known_is_kept_out_of_the_queue(monitor: Monitor) -> None:
    """Muted for a time, or a seller allowed until removed; both are listed with their reason."""
    found = rows(monitor("hits", "list", "--json"))
    ids = {hit["native_id"]: str(hit["id"]) for hit in found}
    muting = ("mutes", "add", ids["a"], "--by", "seller", "--reason", "a known tester")
    assert "2 hits are quiet until" in monitor(*muting, "--for", "7d")
    assert queued(monitor) == {"c"}
    assert len(rows(monitor("hits", "list", "--muted", "--json"))) == 2
    assert "a known tester" in monitor("mutes", "list")
    monitor("mutes", "end", "1")
    assert len(queued(monitor)) == 3
    for wrong in (("--for", "forever"), ("--for", "9999d")):
        monitor(*muting, *wrong, code=2)
    monitor("allowed", "add", "--reason", "x", code=2)
    assert "--hit" in monitor.errors
    monitor("allowed", "add", "--hit", ids["c"], "--reason", "our own shop", "--for", "30d")
    (entry,) = rows(monitor("allowed", "list", "--json"))
    assert (entry["native_id"], entry["reason"]) == ("乙", "our own shop")
    assert rows(monitor("allowed", "kept", "--json")) == []
    monitor("allowed", "remove", "1")
    assert rows(monitor("allowed", "list", "--json")) == []
