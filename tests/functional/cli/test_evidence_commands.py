"""`monitor evidence` as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import Settings, load_settings
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.workspace import open_workspace
from tests.functional.cli.test_commands import Monitor, rows
from tests.functional.pipeline.test_pictures import OFFER, poll, serve, watch
from tests.servers.looker import RED, Looker, picture
from tests.servers.shop import Card, Shop

ORIGINAL = picture(RED)


@pytest.fixture
def monitor(tmp_path: Path, shop: Shop) -> Monitor:
    """A hit whose picture was opened."""
    monitor = Monitor(tmp_path / "data")
    serve(shop, "/offer.png", ORIGINAL)
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    with open_workspace(settings_of(monitor)) as workspace:
        workspace.picture_reader = Looker()
        watch(workspace, shop)
        poll(workspace)
    open_all(monitor)
    return monitor


def settings_of(monitor: Monitor) -> Settings:
    return load_settings(data_dir=monitor.folder, allow_networks=("127.0.0.0/8",))


def open_all(monitor: Monitor) -> None:
    with open_workspace(settings_of(monitor)) as workspace:
        workspace.picture_reader = Looker()
        for entry in claim_openings(workspace, limit=9):
            open_pictures(workspace, entry)


def test_a_hold_from_its_beginning_to_its_end(monitor: Monitor, tmp_path: Path) -> None:
    """Held, listed, shown, viewed for a reason, rotated, released."""
    monitor("evidence", "hold", "1", "--person", " ", "--basis", "case 7", code=2)
    assert "a person's name is required" in monitor.errors
    said = monitor("evidence", "hold", "1", "--person", "Li Na", "--basis", "case 7")
    assert "hold 1 ends on" in said
    open_all(monitor)
    (held,) = rows(monitor("evidence", "list", "--json"))
    assert (held["person"], held["basis"]) == ("Li Na", "case 7")
    (found,) = rows(monitor("evidence", "show", "1", "--json"))
    blob = next(each for each in found["blobs"] if each["kind"] == "original")
    assert found["pictures"][0]["thumbnail"] is True
    assert "held_id" in monitor("evidence", "show", "1")
    out = tmp_path / "original.png"
    view = ("evidence", "view", str(blob["id"]), "--output", str(out), "--reason")
    monitor(*view, "  ", code=2)
    assert not out.exists()
    assert "delete it after use" in monitor(*view, "case 7")
    assert out.read_bytes() == ORIGINAL
    assert out.stat().st_mode & 0o077 == 0
    monitor(*view, "case 7", code=2)
    assert "exists already" in monitor.errors
    assert "3 sealed anew" in monitor("evidence", "rotate")
    assert "erased: 3 sealed" in monitor("evidence", "release", "1", "--reason", "closed")
    assert rows(monitor("evidence", "list", "--json")) == []
    assert len(rows(monitor("evidence", "list", "--all", "--json"))) == 1
    assert rows(monitor("evidence", "notices", "--json")) == []


def test_erasing_names_one_thing_and_a_reason(monitor: Monitor) -> None:
    """A picture, a hit's, or a seller's."""
    monitor("evidence", "erase", "--reason", "asked", code=2)
    assert "say one of --picture, --hit, --seller" in monitor.errors
    monitor("evidence", "erase", "--hit", "1", "--seller", "1", "--reason", "asked", code=2)
    monitor("evidence", "erase", "--picture", "99", "--reason", "asked", code=2)
    assert "no picture with id 99" in monitor.errors
    assert "erased: 1 " in monitor("evidence", "erase", "--seller", "1", "--reason", "asked")
    assert "erased: 0 " in monitor("evidence", "erase", "--picture", "1", "--reason", "asked")
    (found,) = rows(monitor("evidence", "show", "1", "--json"))
    assert found["pictures"][0]["state"] == "erased"
