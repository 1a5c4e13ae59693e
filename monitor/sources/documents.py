"""Reading of JSON from markets: JSONP wrappers, scripts, lone surrogates, bottomless nesting."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

__all__ = ["DocumentError", "read_assigned", "read_json"]

MAX_WRAPPER_CHARS = 200
WRAPPER_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.[]'\"")


class DocumentError(ValueError):
    """The text is no JSON that can be read."""


def read_json(text: str) -> Any:
    """Read JSON or JSONP.

    Escaped lone surrogates become "?", NaN and numbers too large for a float become
    null: they occur in answers, and none may reach the store.

    Raises:
        DocumentError: it is neither, or nested too deeply.
    """
    body = _unwrap(text.strip().lstrip("\ufeff"))
    try:
        return orjson.loads(body)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return _read_tolerantly(body)


def read_assigned(text: str, name: str) -> Any:
    """Read the value that a script in a page gives to a variable: ``name = {...};``.

    Where the value ends is told by its own brackets; a semicolon may stand in its strings.

    Raises:
        DocumentError: nothing is assigned to the name, or no JSON that can be read.
    """
    found = re.search(rf"\b{re.escape(name)}\s*=\s*(?=[\[{{])", text)
    if found is None:
        raise DocumentError(f"nothing is assigned to {name}")
    try:
        _, end = json.JSONDecoder().raw_decode(text, found.end())
    except (ValueError, RecursionError):
        raise DocumentError("not JSON, or nested too deeply") from None
    return read_json(text[found.end() : end])


def _read_tolerantly(body: str) -> Any:
    try:
        value = json.loads(body, parse_constant=lambda _: None, parse_float=_finite)
        clean = json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace")
        return orjson.loads(clean)
    except (ValueError, RecursionError):
        raise DocumentError("not JSON, or nested too deeply") from None


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _unwrap(text: str) -> str:
    """What stands between the brackets of ``callback( ... );``, or the text itself."""
    if not text or text[0] in '{["':
        return text
    head = text[:MAX_WRAPPER_CHARS].removeprefix("/**/").lstrip()
    name, bracket, _ = head.partition("(")
    end = text.rfind(")")
    if not bracket or not name.strip() or not WRAPPER_CHARS.issuperset(name.strip()):
        return text
    start = text.index("(")
    return text[start + 1 : end] if end > start else text
