"""Words found in a normalised text, all of them in one pass.

`PhraseFinder` is the automaton; `Lexicon` adds what makes a match a term:
longest match, original place, the disguise that was undone. What a term is
worth is decided in `classifiers.text.score`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import ahocorasick_rs

from classifiers.contract import Term
from classifiers.text.characters import Operator
from classifiers.text.normalise import Normalised, normalise

__all__ = ["Lexicon", "PhraseFinder", "PhraseMatch", "TermMatch", "longest"]

# "face-id", "face_id" and "face id" are one phrase; the length stays.
LATIN_JOINTS: Final = str.maketrans("-_", "  ")
CHINESE_DIGITS: Final = str.maketrans("一二两三四五六七八九", "1223456789")


class PhraseMatch(NamedTuple):
    """A phrase found: which one, and where in the normalised text."""

    phrase: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term found.

    Attributes:
        term: as listed.
        start: first character in the original text.
        end: one past the last.
        view_start: first character in the normalised text.
        view_end: one past the last.
        operators: the disguises undone inside it.
    """

    term: Term
    start: int
    end: int
    view_start: int
    view_end: int
    operators: tuple[Operator, ...]


class PhraseFinder:
    """Finds many phrases at once; safe to call from several threads.

    A phrase that begins or ends in a letter or digit is found only where no other
    letter (or digit) goes on; an English plural s is let pass.

    Args:
        phrases: as people write them; they are normalised here, and 三件套 also
            matches 3件套. Those that normalise to nothing never match.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        owners: dict[str, list[int]] = {}
        for index, phrase in enumerate(phrases):
            for spelling in _spellings(phrase):
                owners.setdefault(spelling, []).append(index)
        self._owners = list(owners.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners)) if owners else None

    def find(self, view: Normalised) -> list[PhraseMatch]:
        """Every match, overlapping ones too, by end and then start."""
        if self._automaton is None:
            return []
        text = view.text
        if "-" in text or "_" in text:
            text = text.translate(LATIN_JOINTS)
        return [
            PhraseMatch(index, start, end)
            for pattern, start, end in self._automaton.find_matches_as_indexes(
                text, overlapping=True
            )
            if _is_whole(text, start, end)
            for index in self._owners[pattern]
        ]


def _spellings(phrase: str) -> set[str]:
    form = normalise(phrase).text.translate(LATIN_JOINTS).strip()
    # A number and its measure word; 一 alone is too often no number (一手, 统一).
    numbered = form.translate(CHINESE_DIGITS) if "件套" in form or "要素" in form else form
    return {form, numbered} - {""}


def _is_whole(text: str, start: int, end: int) -> bool:
    if text[start] > "z" and text[end - 1] > "z":
        return True
    if start and _continues(text[start - 1], text[start]):
        return False
    if end == len(text) or not _continues(text[end - 1], text[end]):
        return True
    return text[end] == "s" and (end + 1 == len(text) or not _continues("s", text[end + 1]))


def _continues(left: str, right: str) -> bool:
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def longest(matches: Sequence[PhraseMatch]) -> Sequence[PhraseMatch]:
    """Matches that do not lie inside a longer one, in text order."""
    if len(matches) < 2:
        return matches
    kept: list[PhraseMatch] = []
    widest = PhraseMatch(-1, -1, -1)
    for match in sorted(matches, key=lambda found: (found.start, -found.end, found.phrase)):
        is_twin = (match.start, match.end) == (widest.start, widest.end)
        if match.end <= widest.end and not is_twin:
            continue
        kept.append(match)
        widest = match
    return kept


class Lexicon:
    """The terms of the trade, ready to be found.

    Args:
        terms: two terms that normalise alike are both found.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms: tuple[Term, ...] = tuple(terms)
        self._finder = PhraseFinder(term.text for term in self.terms)

    def find(self, view: Normalised) -> list[TermMatch]:
        """The terms in a normalised text, longest match, in text order."""
        return [self._locate(view, match) for match in longest(self._finder.find(view))]

    def _locate(self, view: Normalised, match: PhraseMatch) -> TermMatch:
        start, end = view.span(match.start, match.end)
        operators = view.operators(match.start, match.end)
        return TermMatch(self.terms[match.phrase], start, end, match.start, match.end, operators)
