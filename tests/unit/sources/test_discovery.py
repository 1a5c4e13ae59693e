"""Adapters are found by being there."""

from __future__ import annotations

import importlib.metadata

import pytest

from monitor.errors import SourceError
from monitor.sources import discovery
from monitor.sources.discovery import build, discover, kinds
from monitor.sources.html import HtmlSource
from tests.answers.definitions import HTML, changed


def test_the_four_kinds_are_there() -> None:
    """Their names are those of their modules."""
    assert set(kinds()) >= {"goofish", "html", "json", "rss"}
    for kind, adapter in discover().items():
        assert adapter.__module__ == f"monitor.sources.{kind}"


def test_an_unknown_kind_names_the_known_ones() -> None:
    """A typo is corrected without looking anything up."""
    with pytest.raises(SourceError, match=r"unknown kind 'htlm'.*goofish, html, json, rss"):
        build(changed(HTML, ('kind = "html"', 'kind = "htlm"')))


class _Point(importlib.metadata.EntryPoint):
    """An entry point that loads what it is told."""

    def load(self) -> object:
        """A class, or an import error."""
        if self.name == "broken":
            raise ImportError("no module named acme")
        return {"acme": type("Acme", (HtmlSource,), {"kind": "acme"}), "html": HtmlSource}.get(
            self.name, object()
        )


def _with(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    point = _Point(name, f"acme:{name}", "monitor.sources")
    monkeypatch.setattr(
        discovery, "entry_points", lambda group: [point] if group == discovery.ENTRY_POINTS else []
    )
    discover.cache_clear()


def test_an_installed_adapter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other packages add marketplaces by an entry point."""
    try:
        _with(monkeypatch, "acme")
        assert "acme" in kinds()
        source = build(changed(HTML, ('kind = "html"', 'kind = "acme"')))
        assert source.kind == "acme"
    finally:
        discover.cache_clear()


@pytest.mark.parametrize(
    ("name", "words"),
    [("broken", "no module named acme"), ("html", "is taken"), ("odd", "no source adapter")],
)
def test_a_broken_adapter_is_named(monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
    """Which one, and what is wrong with it."""
    try:
        _with(monkeypatch, name)
        with pytest.raises(SourceError, match=words):
            discover()
    finally:
        discover.cache_clear()
