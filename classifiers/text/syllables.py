"""Texts by their sound: Chinese characters and pinyin as the same syllables.

Tones are left out, and so is what many speakers do not tell apart (``zh`` and ``z``, ``ch``
and ``c``, ``sh`` and ``s``). A syllable is written as one private character, so that
dictionaries and automata can look sequences of them up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from classifiers.lexicon import sounds

__all__ = ["heard", "pinyin_syllables", "sound_of"]

FIRST: Final = 0xE000
LONGEST: Final = 6
"""Letters of a syllable: zhuang."""

MAX_LETTERS: Final = 40
"""Of a run of pinyin; a longer one is no word."""

ALSO_WRITTEN: Final = {"lue": "lve", "nue": "nve"}
RETROFLEX: Final = ("zh", "ch", "sh")


def _merged(syllable: str) -> str:
    """What is left of a syllable where retroflex sounds are not told from flat ones."""
    return syllable[0] + syllable[2:] if syllable.startswith(RETROFLEX) else syllable


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    """The private character of each syllable, as pinyin writes it."""
    written = sorted(set(sounds().values()))
    places = {
        syllable: place for place, syllable in enumerate(dict.fromkeys(map(_merged, written)))
    }
    codes = {syllable: chr(FIRST + places[_merged(syllable)]) for syllable in written}
    return codes | {other: codes[usual] for other, usual in ALSO_WRITTEN.items()}


@lru_cache(maxsize=1)
def heard() -> Mapping[int, str]:
    """For `str.translate`: from each Chinese character to its sound; length and places stay."""
    return {ord(char): _codes()[syllable] for char, syllable in sounds().items()}


def sound_of(syllable: str) -> str:
    """The private character of a syllable in pinyin; raises `KeyError` for what is none."""
    return _codes()[syllable]


@lru_cache(maxsize=20_000)
def pinyin_syllables(letters: str) -> Sequence[str]:
    """A run of small Latin letters as the fewest syllables; empty where it is not pinyin.

    >>> pinyin_syllables("renlian")
    ('ren', 'lian')
    >>> pinyin_syllables("kyc")
    ()
    """
    if len(letters) > MAX_LETTERS:
        return ()
    codes = _codes()
    # For each place the fewest syllables that reach it; the first way found stays.
    ways: dict[int, tuple[str, ...]] = {0: ()}
    for at in range(len(letters)):
        if at not in ways:
            continue
        for end in range(min(at + LONGEST, len(letters)), at, -1):
            syllable = letters[at:end]
            is_shorter = end not in ways or len(ways[end]) > len(ways[at]) + 1
            if syllable in codes and is_shorter:
                ways[end] = (*ways[at], syllable)
    return ways.get(len(letters), ())
