"""Placeholders such as ``{term}`` in addresses, parameters and JSON bodies.

A value is never pasted into syntax: in an address it is percent-encoded, in a
JSON body it becomes a string or a number of the structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from monitor.sources.ages import AGES

__all__ = ["check_placeholders", "fill_structure", "fill_text", "fill_url", "placeholders"]

PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")

Value = str | int | None


def placeholders(template: Any) -> set[str]:
    """All placeholder names in a text or in the strings of a JSON structure."""
    if isinstance(template, str):
        return set(PLACEHOLDER.findall(template))
    if isinstance(template, Mapping):
        return set().union(*(placeholders(value) for value in template.values()))
    if isinstance(template, list | tuple):
        return set().union(*(placeholders(value) for value in template))
    return set()


def check_placeholders(template: Any, allowed: Iterable[str]) -> None:
    """Refuse names that nobody will fill.

    Raises:
        ValueError: names the placeholder and the known ones.
    """
    known = sorted(allowed)
    for name in sorted(placeholders(template) - set(known)):
        names = ", ".join(f"{{{each}}}" for each in known)
        raise ValueError(f"unknown placeholder {{{name}}}; known here: {names}")


def fill_text(template: str, values: Mapping[str, Value]) -> str:
    """Put values into a text as they are; missing ones become "".

    >>> fill_text("q={term}", {"term": "人脸 x"})
    'q=人脸 x'
    """
    return PLACEHOLDER.sub(lambda match: _text(values.get(match[1])), template)


def fill_url(template: str, values: Mapping[str, Value], encoding: str = "utf-8") -> str:
    """Put percent-encoded values into an address.

    >>> fill_url("https://m.example/s/{term}", {"term": "a/b&c"})
    'https://m.example/s/a%2Fb%26c'
    """
    return PLACEHOLDER.sub(lambda match: encode(_text(values.get(match[1])), encoding), template)


def encode(text: str, encoding: str = "utf-8") -> str:
    """Percent-encode everything but unreserved characters; what the charset lacks becomes "?"."""
    return quote(text, safe="", encoding=encoding, errors="replace")


def fill_structure(template: Any, values: Mapping[str, Value]) -> Any:
    """Put values into the strings of a JSON structure.

    A string that is nothing but one placeholder takes the value with its type, so
    ``"{page}"`` becomes a number. A key whose placeholder has no value is left out.

    >>> fill_structure({"q": "{term}", "page": "{page}"}, {"term": 'a"b', "page": 2})
    {'q': 'a"b', 'page': 2}
    """
    if isinstance(template, str):
        whole = PLACEHOLDER.fullmatch(template)
        return values.get(whole[1]) if whole else fill_text(template, values)
    if isinstance(template, Mapping):
        return {
            key: fill_structure(value, values)
            for key, value in template.items()
            if not is_absent(value, values)
        }
    if isinstance(template, list | tuple):
        kept = [value for value in template if not _lacks_age(value, values)]
        return [fill_structure(value, values) for value in kept]
    return template


def is_absent(template: Any, values: Mapping[str, Value]) -> bool:
    """Whether a value is nothing but a placeholder that has no value (a first page's cursor).

    A value that holds an age filter among other text is absent as well: half a filter asks
    for something else.
    """
    if not isinstance(template, str):
        return False
    whole = PLACEHOLDER.fullmatch(template)
    is_empty = whole is not None and values.get(whole[1]) is None
    return is_empty or _lacks_age(template, values)


def _lacks_age(template: Any, values: Mapping[str, Value]) -> bool:
    if not isinstance(template, str):
        return False
    return any(values.get(name) is None for name in placeholders(template).intersection(AGES))


def _text(value: Value) -> str:
    return "" if value is None else str(value)
