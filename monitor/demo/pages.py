"""The templates of the demo's pages, compiled once for all markets and receivers of a process."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader

__all__ = ["render"]


def render(template: str, **values: Any) -> bytes:
    """A page of `monitor/demo/templates`, in UTF-8; texts are escaped."""
    return _templates().get_template(template).render(values).encode()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.demo", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
