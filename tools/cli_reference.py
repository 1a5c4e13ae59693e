"""Write `docs/reference/cli.md` from the command line itself."""

from __future__ import annotations

from pathlib import Path

import click
import typer.main

from monitor.cli.main import app

__all__ = ["render", "write"]

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
HEAD = """# Command line

Every command with its arguments and options; `--help` says the same. This page is written by
`make docs`.
"""


def render() -> str:
    """The page as Markdown."""
    root = typer.main.get_command(app)
    lines = [HEAD]
    _describe(root, "monitor", lines)
    return "\n".join(lines)


def _describe(command: object, name: str, lines: list[str]) -> None:
    children = getattr(command, "commands", {})
    if not children or getattr(command, "invoke_without_command", False):
        lines.append(f"\n## `{name}`\n\n{(getattr(command, 'help', '') or '').strip()}\n")
        parameters = getattr(command, "params", [])
        lines.extend(_parameter(found) for found in parameters if found.name != "help")
    for child in sorted(children):
        _describe(children[child], f"{name} {child}", lines)


def _parameter(parameter: click.Parameter) -> str:
    text = getattr(parameter, "help", None) or ""
    if parameter.param_type_name == "argument":
        shown = (parameter.name or "").upper()
    else:
        shown = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return f"- `{shown}` {text}".rstrip()


def write() -> None:
    """Write the page."""
    PAGE.write_text(render() + "\n", encoding="utf-8")
