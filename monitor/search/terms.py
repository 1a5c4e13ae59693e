"""Cutting text into terms, and queries into phrases: one analysis for every index.

A run of Chinese becomes overlapping pairs and, at its end, the last character
alone: 人脸识别 -> 人脸 脸识 识别 别. A phrase of two or more characters is then a
phrase of pairs, found without scanning common single characters, and one
character is a prefix. White space inside Chinese is ignored, since marketplaces
inject it. Other words are cut where letters meet digits, so no term holds both:
an index may use such words (``f12``) for itself.

Changing the cut means raising `CUT_VERSION`: indexes are then filled anew.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from monitor.errors import InputError

__all__ = ["CUT_VERSION", "HAN", "Phrase", "cut", "highlight_spans", "parse_query"]

CUT_VERSION = 2
MAX_QUERY_CHARS = 1000
MAX_PHRASES = 32

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, as a class of a regular expression."""
# Order matters: Han runs (with white space inside), digits, words without either.
PIECE = re.compile(rf"([{HAN}](?:\s*[{HAN}])*)|([0-9]+)|([^\W_0-9{HAN}]+)")
QUOTED = re.compile(r'"([^"]*)"?|(\S+)')
QUOTES = str.maketrans("“”„＂", '""""')
"""What Chinese keyboards and word processors write for a double quote."""

# Normalisation sorts runs of combining marks in quadratic time: 80 KB of them take
# seconds. ASCII and Han never join what stands before them, so a text may be cut there,
# and anywhere inside a run of other characters that no language writes.
MAX_RUN_CHARS = 256
SAFE = rf"\x00-\x7f{HAN}"
LONG_RUN = re.compile(rf"[^{SAFE}]{{{MAX_RUN_CHARS + 1}}}")
SEGMENT = re.compile(rf"[{SAFE}]+[^{SAFE}]{{0,{MAX_RUN_CHARS}}}|[^{SAFE}]{{1,{MAX_RUN_CHARS}}}")


class _Place(NamedTuple):
    """Where a term stands in the text; `head` is the end of its first Chinese character."""

    start: int
    head: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that must follow each other.

    Attributes:
        terms: one or more.
        is_prefix: the last term is one Chinese character, which every term that
            begins with it matches.
    """

    terms: tuple[str, ...]
    is_prefix: bool = False


def cut(text: str) -> list[str]:
    """The terms of a text in order: letters, or digits, or one or two Chinese characters.

    >>> cut("出 人脸ID 20套")
    ['出人', '人脸', '脸', 'id', '20', '套']
    """
    terms: list[str] = []
    for match in PIECE.finditer(_fold(text)):
        terms.extend(_terms(match))
    return terms


def parse_query(query: str) -> tuple[Phrase, ...]:
    """What must all occur: each word, and each text in double quotes, is a phrase.

    Nothing in a query is an operator but the quotes.

    Raises:
        InputError: too long, too many words, or nothing that could be searched for.
    """
    if len(query) > MAX_QUERY_CHARS:
        raise InputError(f"the query is longer than {MAX_QUERY_CHARS} characters")
    phrases = []
    for match in QUOTED.finditer(query.translate(QUOTES)):
        phrase = _phrase(match.group(1) if match.group(1) is not None else match.group(2))
        if phrase is not None:
            phrases.append(phrase)
    if not phrases and query.strip():
        raise InputError("the query holds no letter, digit or Chinese character")
    if len(phrases) > MAX_PHRASES:
        raise InputError(f"the query has more than {MAX_PHRASES} words")
    return tuple(dict.fromkeys(phrases))


def highlight_spans(text: str, query: str) -> list[tuple[int, int]]:
    """Where the query's phrases occur in `text`: half-open spans, in order, merged.

    A phrase is marked exactly where an index finds it: ``id`` not inside ``video``.

    Raises:
        InputError: as `parse_query`.
    """
    phrases = parse_query(query)
    terms, places = _cut_with_places(text)
    # Searching one string of terms is linear, whatever repeats in the text.
    line = "".join(f"\n{term}" for term in terms) + "\n"
    starts = _line_starts(terms)
    spans = []
    for phrase in phrases:
        wanted = "\n" + "\n".join(phrase.terms) + ("" if phrase.is_prefix else "\n")
        at = line.find(wanted)
        while at >= 0:
            first = bisect_right(starts, at) - 1
            last = places[first + len(phrase.terms) - 1]
            spans.append((places[first].start, last.head if phrase.is_prefix else last.end))
            at = line.find(wanted, at + 1)
    return _merged(spans)


def _phrase(text: str) -> Phrase | None:
    terms: list[str] = []
    last = None
    for match in PIECE.finditer(_fold(text)):
        terms.extend(_terms(match))
        last = match
    if last is None:
        return None
    if last.group(1) is None:
        return Phrase(tuple(terms))
    # The text may go on after the phrase, so its last character stands alone
    # only when it is all there is of its run: then any pair may begin with it.
    if len(_terms(last)) > 1:
        return Phrase(tuple(terms[:-1]))
    return Phrase(tuple(terms), is_prefix=True)


def _terms(match: re.Match[str]) -> list[str]:
    if match.group(1) is None:
        return [match.group()]
    run = "".join(match.group(1).split())
    return [run[i : i + 2] for i in range(len(run))]


def _segments(text: str) -> list[str]:
    return [text] if LONG_RUN.search(text) is None else SEGMENT.findall(text)


def _fold(text: str) -> str:
    return "".join(_fold_short(segment) for segment in _segments(text))


def _fold_short(segment: str) -> str:
    return unicodedata.normalize("NFKC", segment).casefold()


def _cut_with_places(text: str) -> tuple[list[str], list[_Place]]:
    """As `cut`, with the place in `text` of each term."""
    folded, origins = _fold_with_origins(text)
    terms: list[str] = []
    places: list[_Place] = []
    for match in PIECE.finditer(folded):
        terms.extend(_terms(match))
        start, last = match.start(), match.end() - 1
        if match.group(1) is None:
            end = origins[last][1]
            places.append(_Place(origins[start][0], end, end))
            continue
        at = [i for i in range(start, last + 1) if not folded[i].isspace()]
        places += [
            _Place(*origins[i], origins[j][1]) for i, j in zip(at, [*at[1:], last], strict=True)
        ]
    return terms, places


def _line_starts(terms: list[str]) -> list[int]:
    """Where the line feed before each term stands in the line of terms."""
    starts = []
    at = 0
    for term in terms:
        starts.append(at)
        at += len(term) + 1
    return starts


def _fold_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded text, and for each of its characters the span that it came from."""
    pieces: list[str] = []
    origins: list[tuple[int, int]] = []
    start = 0
    for segment in _segments(text):
        for cluster in _clusters(segment):
            piece = _fold_short(cluster)
            pieces.append(piece)
            origins += [(start, start + len(cluster))] * len(piece)
            start += len(cluster)
    return "".join(pieces), origins


def _clusters(segment: str) -> Iterator[str]:
    """Characters, each with those after it that normalisation joins to it."""
    cluster = ""
    for char in segment:
        if cluster and not _joins(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _joins(cluster: str, char: str) -> bool:
    if char.isascii() or "\u4e00" <= char <= "\u9fff":
        return False
    alone = unicodedata.normalize("NFKC", char)
    if unicodedata.combining(alone[0]):
        return True
    together = unicodedata.normalize("NFKC", cluster + char)
    return together != unicodedata.normalize("NFKC", cluster) + alone


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
