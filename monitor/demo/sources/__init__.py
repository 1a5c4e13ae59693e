"""The sample market as three sources: its HTML, JSON and RSS faces.

Each is a source file as an operator writes it, with ``{base_url}`` for the address
that the market gets when it starts.
"""

from __future__ import annotations

from importlib.resources import files

from monitor.sources.definition import SourceDefinition, parse_definition

__all__ = ["SOURCE_NAMES", "demo_source", "demo_source_text"]

SOURCE_NAMES = ("sample-html", "sample-json", "sample-rss")


def demo_source_text(name: str, base_url: str) -> str:
    """The TOML text of one of `SOURCE_NAMES`, its address filled in."""
    path = files(__name__) / f"{name}.toml"
    return path.read_text(encoding="utf-8").replace("{base_url}", base_url)


def demo_source(name: str, base_url: str) -> SourceDefinition:
    """The checked definition of one of `SOURCE_NAMES`."""
    return parse_definition(demo_source_text(name, base_url), origin=f"{name}.toml")
