"""Write `docs/reference/settings.md` from the settings model."""

from __future__ import annotations

from pathlib import Path

from monitor.config import Settings

__all__ = ["render", "write"]

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"
HEAD = """# Settings

Each comes from an environment variable, is read once at start, and has a default that works on
one machine. This page is written by `make docs`.

| variable | default | meaning |
| --- | --- | --- |
"""


def render() -> str:
    """The page as Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        rows.append(f"| `MONITOR_{name.upper()}` | `{shown or ' '}` | {field.description} |\n")
    return HEAD + "".join(rows)


def write() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")
