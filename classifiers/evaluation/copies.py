"""Which texts have a near copy among texts that a model learned from.

Whoever writes test rows after training rows writes some that differ in a number or a word
only. Recall on them says little about texts that are new, so it is also given without them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from classifiers.training.data import text_key

__all__ = ["NEAR", "WITHOUT_COPIES", "near_copies"]

WITHOUT_COPIES: Final = "kind, without near copies of training rows"
"""Name of the grouping of recall that leaves them out."""

NEAR: Final = 0.6
"""Share of common 3-grams from which a text is a near copy (Jaccard 1912)."""

GRAM: Final = 3


def near_copies(texts: Iterable[str], learned: Sequence[str]) -> set[str]:
    """Those texts that share `NEAR` or more of all their 3-grams with a learned text.

    3-grams are of the characters that `text_key` leaves; a shorter text is one gram.

    Args:
        texts: to look for.
        learned: to look among.
    """
    known = list({grams for text in learned if (grams := _grams(text))})
    frequency = Counter(gram for grams in known for gram in grams)
    places: dict[str, list[int]] = {}
    for at, grams in enumerate(known):
        for gram in _rarest(grams, frequency):
            places.setdefault(gram, []).append(at)
    found = set()
    for text in texts:
        grams = _grams(text)
        candidates = {at for gram in _rarest(grams, frequency) for at in places.get(gram, ())}
        if any(_alike(grams, known[at]) for at in candidates):
            found.add(text)
    return found


def _grams(text: str) -> frozenset[str]:
    key = text_key(text)
    if not key:
        return frozenset()
    return frozenset(key[at : at + GRAM] for at in range(max(1, len(key) - GRAM + 1)))


def _rarest(grams: frozenset[str], frequency: Counter[str]) -> list[str]:
    """So many that two sets as alike as `NEAR` have one of them in common.

    Such sets share at least `NEAR` of the grams of each, so if both are put in one order,
    the first ones of each, up to where fewer than that remain, cannot be all different
    (prefix filter: Chaudhuri, Ganti and Kaushik 2006).
    """
    ordered = sorted(grams, key=lambda gram: (frequency[gram], gram))
    return ordered[: len(grams) - math.ceil(NEAR * len(grams)) + 1]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    return common >= NEAR * (len(one) + len(other) - common)
