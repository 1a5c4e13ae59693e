"""Values inside of JSON that others wrote: none is there for sure, and none has a sure type."""

from __future__ import annotations

from typing import Any

__all__ = ["dig", "first_of", "is_true", "table_of", "text_of"]


def dig(value: Any, *path: str | int) -> Any:
    """Follow keys and places down a JSON value; None where the path ends early."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


def table_of(value: Any) -> dict[str, Any]:
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str:
    """The value if it is a text, else ""."""
    return value if isinstance(value, str) else ""


def first_of(*values: Any) -> Any:
    """The first that is a text or a number and not empty, or None."""
    return next((value for value in values if isinstance(value, str | int) and value != ""), None)


def is_true(value: Any) -> bool:
    """Whether it says yes: apps write "true", and pages of old "1", where others have booleans."""
    return value is True or value in ("true", "1", 1)
