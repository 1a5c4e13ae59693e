"""How the sample market searches: all words, spaces aside, and near matches come along.

Real markets cut a query into words and are content when enough of them occur, so
that a search for a kit of face photos also brings bedding. Here a word of Chinese
characters matches when at least half of its two-character pieces do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from math import ceil

__all__ = ["Degree", "Query", "compact", "parse_query"]

BLANKS = re.compile(r"\s+")
RUNS = re.compile(r"[a-z0-9]+|[^a-z0-9]+")
MAX_QUERY_CHARS = 200


class Degree(IntEnum):
    """How well a listing fits a query."""

    NONE = 0
    RELATED = 1
    """A piece of some word occurs: good enough for recommendations."""
    MATCH = 2


@dataclass(frozen=True, slots=True)
class Query:
    """A query cut into words, and each word into pieces, ready to be compared."""

    words: tuple[tuple[str, tuple[str, ...]], ...]

    def degree(self, compacted: str) -> Degree:
        """How well a text (see `compact`) fits; everything fits a query without words."""
        is_related = False
        is_match = True
        for word, pieces in self.words:
            if word in compacted:
                is_related = True
                continue
            count = sum(piece in compacted for piece in pieces)
            is_related = is_related or count > 0
            is_match = is_match and count >= ceil(len(pieces) / 2)
        if is_match:
            return Degree.MATCH
        return Degree.RELATED if is_related else Degree.NONE


def compact(text: str) -> str:
    """Lower case without any blanks.

    >>> compact("人 脸 四件套 KYC")
    '人脸四件套kyc'
    """
    return BLANKS.sub("", text).casefold()


def parse_query(text: str) -> Query:
    """Cut what a person typed; only its first 200 characters count."""
    words = text[:MAX_QUERY_CHARS].casefold().split()
    return Query(tuple((word, _pieces(word)) for word in words))


def _pieces(word: str) -> tuple[str, ...]:
    """Latin words and numbers whole, other characters in overlapping pairs."""
    pieces: list[str] = []
    for run in RUNS.findall(word):
        is_latin = run[0].isascii() and run.isalnum()
        if is_latin or len(run) == 1:
            pieces.append(run)
        else:
            pieces.extend(run[at : at + 2] for at in range(len(run) - 1))
    return tuple(dict.fromkeys(pieces))
