"""One pass over a text that finds every word the signals ask for.

What is found here has no weight yet; `classifiers.text.signals` weighs it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import Final, NamedTuple

from classifiers.contract import Term
from classifiers.lexicon import Cue, CueKind, Part, Word
from classifiers.text.amounts import Amount, read_amounts
from classifiers.text.disguises import Undisguiser, shipped_undisguiser
from classifiers.text.lexicon import Lexicon, PhraseFinder, PhraseMatch, TermMatch, longest
from classifiers.text.normalise import Normalised
from classifiers.text.spelling import shipped_speller

__all__ = ["PRICE", "CueMatch", "PartMatch", "Place", "Reader", "Reading", "place_of"]

# A longer word that holds a term says that the term is only a part of it (证件照 in 证件照相框).
SHADOWS: Final = frozenset({CueKind.BENIGN, CueKind.REFUSAL, CueKind.FORM})
SWALLOWS: Final = frozenset({CueKind.CONTEXT, CueKind.INTENT})
NUMERALS: Final = frozenset("0123456789一二两三四五六七八九十百千万几每单")
PRICE: Final = "price"
"""The part that numbers make, not phrases."""

PRICED: Final = Part("a price a unit", PRICE, 0.5)

CLAUSE_ENDS: Final = frozenset("\n，。、！？：；,!?:; ")


class Place(NamedTuple):
    """A half-open place in the normalised text."""

    start: int
    end: int

    def holds(self, other: Place) -> bool:
        """Whether the other place lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Place) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


def place_of(term: TermMatch) -> Place:
    """Where a term stands in the normalised text."""
    return Place(term.view_start, term.view_end)


class CueMatch(NamedTuple):
    """A cue found in the normalised text."""

    cue: Cue
    place: Place


class PartMatch(NamedTuple):
    """A phrase that names a part of an offer, found in the normalised text."""

    part: Part
    place: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text.

    Attributes:
        folded: the view for numbers and prices.
        view: the view that the places below refer to; disguises that are listed as
            terms, cues or parts stand there as they were written.
        plain: the view in which every disguise is undone, those of words that no table lists
            too; for models that learned plain words.
        terms: longest matches, without those that are part of an ordinary word.
        cues: by kind; longest matches of each kind, in text order.
        parts: by part; longest matches of each, in text order.
        amounts: prices and quantities; their places are in `folded`.
    """

    folded: Normalised
    view: Normalised
    plain: Normalised
    terms: Sequence[TermMatch]
    cues: Mapping[CueKind, Sequence[CueMatch]]
    parts: Mapping[str, Sequence[PartMatch]]
    amounts: Sequence[Amount]


class Reader:
    """Finds terms, cues and parts; safe to call from several threads.

    Args:
        terms: the lexicon's.
        cues: words around offers.
        parts: phrases that name a part of an offer.
        words: that are looked for in disguise; None: the shipped ones.
        innocent: spellings that stay as written, beside the shipped ones.
    """

    def __init__(
        self,
        terms: Iterable[Term],
        cues: Iterable[Cue],
        parts: Iterable[Part],
        *,
        words: Iterable[Word] | None = None,
        innocent: Iterable[str] = (),
    ) -> None:
        self.lexicon = Lexicon(terms)
        self._cues = tuple(cues)
        self._parts = tuple(parts)
        phrases = [cue.text for cue in self._cues] + [part.phrase for part in self._parts]
        self._finder = PhraseFinder(phrases)
        known = tuple(innocent)
        listed = (*known, *(term.text for term in self.lexicon.terms), *phrases)
        if words is None:
            self._undisguiser = shipped_undisguiser(known)
            self._listed_undisguiser = shipped_undisguiser(listed)
        else:
            looked_for = tuple(words)
            self._undisguiser = Undisguiser(looked_for, known)
            self._listed_undisguiser = Undisguiser(looked_for, listed)
        self._speller = shipped_speller().sparing(known) if known else shipped_speller()
        # Longest match is settled within a group: one kind of cue, or one part.
        self._groups = [cue.kind.value for cue in self._cues] + [part.part for part in self._parts]

    def read(self, folded: Normalised) -> Reading:
        """Find everything in a folded text."""
        plain = self._undisguiser.view(folded)
        view = self._listed_undisguiser.view(folded) if plain.undone else plain
        plain = self._speller.respelt(plain)
        cue_groups: dict[str, list[PhraseMatch]] = {}
        part_groups: dict[str, list[PhraseMatch]] = {}
        first_part = len(self._cues)
        for match in self._finder.find(view):
            if match.end - match.start < 3 and not _is_word(view, match.start, match.end):
                continue
            groups = cue_groups if match.phrase < first_part else part_groups
            groups.setdefault(self._groups[match.phrase], []).append(match)
        cues: dict[CueKind, Sequence[CueMatch]] = {
            CueKind(kind): [
                CueMatch(self._cues[match.phrase], Place(match.start, match.end))
                for match in longest(found)
            ]
            for kind, found in cue_groups.items()
        }
        _drop_refusals_inside(cues)
        parts = {
            part: [
                PartMatch(self._parts[match.phrase - first_part], Place(match.start, match.end))
                for match in longest(found)
            ]
            for part, found in part_groups.items()
        }
        amounts = read_amounts(folded.text)
        priced = [amount for amount in amounts if amount.unit_price_minor is not None]
        if priced:
            places = (_place_in(view, *folded.span(a.start, a.end)) for a in priced)
            parts[PRICE] = [PartMatch(PRICED, place) for place in places]
        terms = _unshadowed(self.lexicon.find(view), cues) if self.lexicon.terms else []
        return Reading(folded, view, plain, terms, cues, parts, amounts)


def _place_in(view: Normalised, start: int, end: int) -> Place:
    """Where a place of the original lies in a view."""
    return Place(bisect_left(view.starts, start), bisect_right(view.ends, end))


def _drop_refusals_inside(cues: dict[CueKind, Sequence[CueMatch]]) -> None:
    """Forget refusals that are a part of a longer cue: 不过不收 offers, though 不收 refuses."""
    refusals = cues.get(CueKind.REFUSAL)
    if refusals:
        longer = [match.place for kind in SWALLOWS for match in cues.get(kind, ())]
        left = _outside([match.place for match in refusals], longer)
        cues[CueKind.REFUSAL] = list(compress(refusals, left))


def _unshadowed(
    terms: Sequence[TermMatch], cues: Mapping[CueKind, Sequence[CueMatch]]
) -> list[TermMatch]:
    """Terms that do not lie inside a longer cue of one of `SHADOWS`."""
    shadows = [match.place for kind in SHADOWS for match in cues.get(kind, ())]
    return list(compress(terms, _outside([place_of(term) for term in terms], shadows)))


def _outside(places: Sequence[Place], shadows: Sequence[Place]) -> list[bool]:
    """Of each place, whether it lies inside no shadow that is longer; in n log n time."""
    if not places or not shadows:
        return [True] * len(places)
    shadows = sorted(shadows)
    starts = [shadow.start for shadow in shadows]
    # How far those reach that begin no later: 0 for none.
    reach = [0, *accumulate((shadow.end for shadow in shadows), max)]
    return [
        reach[bisect_right(starts, place.start)] <= place.end
        and reach[bisect_left(starts, place.start)] < place.end
        for place in places
    ]


def _is_word(view: Normalised, start: int, end: int) -> bool:
    """Whether one or two characters are a word here, and not pieces of its neighbours."""
    if end - start == 1:
        return _stands_alone(view, start)
    if view.starts[start + 1] == view.ends[start]:
        return True
    # Two syllables on either side of a gap (绑卡 包换) belong to their own sides.
    joins_before = start > 0 and view.starts[start] == view.ends[start - 1]
    joins_after = end < len(view.text) and view.starts[end] == view.ends[end - 1]
    return not (
        (joins_before and _is_ideograph(view.text[start - 1]))
        or (joins_after and _is_ideograph(view.text[end]))
    )


def _stands_alone(view: Normalised, at: int) -> bool:
    """Whether one character is a word of its own here: after a number or at a clause's edge.

    出 sells at the head of a clause, and is a mere syllable in 出来.
    """
    if not _is_ideograph(view.text[at]):
        return True
    if at == 0 or view.text[at - 1] in NUMERALS or view.text[at - 1] in CLAUSE_ENDS:
        return True
    if not _is_ideograph(view.text[at - 1]) or view.starts[at] > view.ends[at - 1]:
        return True
    after = at + 1
    if after == len(view.text) or view.text[after] in CLAUSE_ENDS:
        return True
    return view.starts[after] > view.ends[at]


def _is_ideograph(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"
