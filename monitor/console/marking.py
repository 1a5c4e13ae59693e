"""A hit's text in pieces, each with the reasons that stand on it. Pure; HTML is the templates'."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["Piece", "defang", "mark", "visible"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same reasons.

    Attributes:
        text: made visible: hidden and direction-turning characters are shown as marks.
        reasons: numbers of the evidence that covers it, 1 for the strongest.
        is_against: whether all of it speaks for an ordinary listing.
    """

    text: str
    reasons: tuple[int, ...]
    is_against: bool


def mark(text: str, evidence: Sequence[dict[str, Any]]) -> list[Piece]:
    """Cut a text where reasons begin and end; overlapping ones share pieces."""
    placed = [
        (number, max(0, item["start"]), min(len(text), item["end"]), item["weight"] < 0)
        for number, item in enumerate(evidence, start=1)
        if item["end"] > item["start"]
    ]
    borders = sorted({0, len(text), *(s for _, s, _, _ in placed), *(e for _, _, e, _ in placed)})
    pieces = []
    for start, end in pairwise(borders):
        over = [(number, against) for number, s, e, against in placed if s <= start and end <= e]
        pieces.append(
            Piece(
                text=visible(text[start:end]),
                reasons=tuple(number for number, _ in over),
                is_against=bool(over) and all(against for _, against in over),
            )
        )
    return pieces


def visible(text: str, limit: int = 20_000) -> str:
    """Seller's words with nothing hidden in them: controls and format characters become ␣ marks."""
    shown = []
    for char in text[:limit]:
        if char == "\n":
            shown.append(char)
        elif unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            shown.append(f"[U+{ord(char):04X}]")
        else:
            shown.append(char)
    return "".join(shown) + ("…" if len(text) > limit else "")


def defang(url: str) -> str:
    """A link that nobody follows by accident.

    >>> defang("https://a.example/x")
    'hxxps://a[.]example/x'
    """
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme.replace("http", "hxxp") + separator + host.replace(".", "[.]") + slash + path
