"""Generated reference pages are fresh, and what the docs link to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import cli_reference, settings_reference

ROOT = Path(__file__).parents[3]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_the_settings_page_is_fresh() -> None:
    """`make docs` writes it."""
    assert settings_reference.PAGE.read_text(encoding="utf-8") == settings_reference.render()


def test_the_command_page_is_fresh() -> None:
    """`make docs` writes it."""
    assert cli_reference.PAGE.read_text(encoding="utf-8") == cli_reference.render() + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A reader who follows a link finds the page."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
