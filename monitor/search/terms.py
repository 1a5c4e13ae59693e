"""Cutting text into terms, and queries into phrases: one analysis for every index.

A run of Chinese becomes overlapping pairs and, at its end, the last character
alone: 人脸识别 -> 人脸 脸识 识别 别. A phrase of two or more characters is then a
phrase of pairs, found without scanning common single characters, and one
character is a prefix. White space inside Chinese is ignored, since marketplaces
inject it. Latin and other words are cut where letters meet digits.

Changing the cut means raising `CUT_VERSION`: indexes are then filled anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.errors import InputError

__all__ = ["CUT_VERSION", "Phrase", "cut", "highlight_spans", "parse_query"]

CUT_VERSION = 1
MAX_QUERY_CHARS = 1000
MAX_PHRASES = 32

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Order matters: Han runs (with white space inside), digits, words without either.
PIECE = re.compile(rf"([{HAN}](?:\s*[{HAN}])*)|([0-9]+)|([^\W_0-9{HAN}]+)")
QUOTED = re.compile(r'"([^"]*)"?|(\S+)')


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


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _pieces(folded: str) -> Iterator[tuple[str, bool]]:
    """(run without white space, whether it is Chinese), in order."""
    for match in PIECE.finditer(folded):
        if match.group(1):
            yield "".join(match.group(1).split()), True
        else:
            yield match.group(0), False


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run))]


def cut(text: str) -> list[str]:
    """The terms of a text in order.

    >>> cut("出 人脸ID 20套")
    ['出人', '人脸', '脸', 'id', '20', '套']
    """
    terms: list[str] = []
    for run, is_han in _pieces(_fold(text)):
        terms.extend(_pairs(run) if is_han else [run])
    return terms


def parse_query(query: str) -> tuple[Phrase, ...]:
    """What must all occur: each word, and each text in double quotes, is a phrase.

    Raises:
        InputError: too long, too many words, or nothing that could be searched for.
    """
    if len(query) > MAX_QUERY_CHARS:
        raise InputError(f"the query is longer than {MAX_QUERY_CHARS} characters")
    phrases = []
    for match in QUOTED.finditer(query):
        phrase = _phrase(match.group(1) if match.group(1) is not None else match.group(2))
        if phrase is not None:
            phrases.append(phrase)
    if not phrases and query.strip():
        raise InputError("the query holds no letter, digit or Chinese character")
    if len(phrases) > MAX_PHRASES:
        raise InputError(f"the query has more than {MAX_PHRASES} words")
    return tuple(dict.fromkeys(phrases))


def _phrase(text: str) -> Phrase | None:
    pieces = list(_pieces(_fold(text)))
    if not pieces:
        return None
    terms: list[str] = []
    for run, is_han in pieces:
        terms.extend(_pairs(run) if is_han else [run])
    last_run, is_han = pieces[-1]
    if not is_han:
        return Phrase(tuple(terms))
    # The text may go on after the phrase, so its last character stands alone
    # only when it is all there is of its run: then any pair may begin with it.
    if len(last_run) > 1:
        return Phrase(tuple(terms[:-1]))
    return Phrase(tuple(terms), is_prefix=True)


def highlight_spans(text: str, query: str) -> list[tuple[int, int]]:
    """Where the query's phrases occur in `text`: half-open spans, in order, merged.

    Raises:
        InputError: as `parse_query`.
    """
    parse_query(query)
    folded, origin = _fold_with_origin(text)
    spans: list[tuple[int, int]] = []
    for match in QUOTED.finditer(query):
        wanted = match.group(1) if match.group(1) is not None else match.group(2)
        runs = [re.escape(run) for run, _ in _pieces(_fold(wanted))]
        if not runs:
            continue
        pattern = r"[\W_]*".join(r"\s*".join(_characters(run)) for run in runs)
        spans += [
            (origin[found.start()], origin[found.end() - 1] + 1)
            for found in re.finditer(pattern, folded)
        ]
    return _merged(spans)


def _characters(escaped_run: str) -> list[str]:
    return re.findall(r"\\?.", escaped_run)


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    pieces = [_fold(char) for char in text]
    origin = [index for index, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), origin


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
