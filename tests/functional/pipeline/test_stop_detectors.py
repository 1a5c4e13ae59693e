"""Detectors of minors and sexual content that an operator installs as a package."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.pipeline.looking import find_stop_detectors
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.workspace import Workspace
from tests.functional.pipeline.test_pictures import OFFER, poll, watch
from tests.servers.looker import Looker
from tests.servers.shop import Card, Shop

DETECTOR = """
class Detector:
    def examine(self, content):
        return "minor" if b"child" in content else ""
"""


def install(folder: Path, target: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with an entry point, as pip leaves it."""
    about = folder / "operators_detector-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: operators-detector\nVersion: 1.0\n"
    )
    (about / "entry_points.txt").write_text(f"[monitor.stop_detectors]\nours = {target}\n")
    (folder / "operators_detector.py").write_text(code)
    monkeypatch.syspath_prepend(str(folder))


def test_none_is_shipped() -> None:
    """The documents say so, too."""
    assert find_stop_detectors() == ()


def test_an_installed_detector_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its entry point."""
    install(tmp_path, "operators_detector:Detector", DETECTOR, monkeypatch)
    (found,) = find_stop_detectors()
    assert (found.examine(b"a child"), found.examine(b"a bed")) == ("minor", "")


@pytest.mark.parametrize("target", ["operators_detector:Missing", "nowhere:Detector"])
def test_a_detector_that_can_not_be_loaded_keeps_pictures_closed(
    workspace: Workspace,
    shop: Shop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
) -> None:
    """Going on without it would look at what it was installed to stop."""
    workspace.picture_reader = Looker()
    shop.put(Card("offer", OFFER, picture="/offer.png"))
    watch(workspace, shop)
    poll(workspace)
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, target, DETECTOR, monkeypatch)
    (entry,) = claim_openings(workspace, limit=9)
    with pytest.raises(ConfigError, match="cannot be loaded"):
        open_pictures(workspace, entry)
    assert "/offer.png" not in shop.server.paths()
