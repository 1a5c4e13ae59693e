"""Texts re-spelt by sound: what was most likely meant by characters that only sound right.

Homophones and pinyin of words that no table lists (`classifiers.text.disguises` undoes the
others). As an input method does, a text is read as the cheapest row of known words: a word
costs as much as it is rare, each of its characters that was written otherwise costs extra,
and so does a character that belongs to no known word. Words are pieces of one to four
characters as they stand in the texts that models learn from, ordinary ones among them
(`classifiers.training.spelling`), so whatever is usual stays as it is written.

A text is re-spelt only where it sounds like a word of the trade that it does not write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple, Self

import ahocorasick_rs

from classifiers.lexicon import innocent_spellings
from classifiers.text.characters import Operator
from classifiers.text.disguises import Found, replaced
from classifiers.text.ngrams import digest_of
from classifiers.text.normalise import Normalised, normalise
from classifiers.text.syllables import heard, pinyin_syllables, sound_of

__all__ = ["LONGEST", "STEPS_PER_NAT", "UNKNOWN", "Speller", "shipped_speller"]

LONGEST: Final = 4
STEPS_PER_NAT: Final = 12
"""Costs are negative natural logarithms of probabilities in such steps, one byte each."""

UNKNOWN: Final = 15 * STEPS_PER_NAT
"""Of a character that is no known word, and of a syllable left in pinyin."""

HOMOPHONE: Final = 54
"""Of a character that was written as another one. Less undoes more disguises and changes more
ordinary texts: of these 4 nats changed 3 %, 5 nats 1.7 %, with 1.4 points of recall between."""

PINYIN: Final = 2 * STEPS_PER_NAT
"""Of a character that was written in Latin letters: hardly anybody does by mistake."""

MIN_LETTERS: Final = 2
"""Of a run of pinyin: a is a grade more often than a sound."""

MIN_SYLLABLES: Final = 3
"""Of a text that is all pinyin: two are many words, and names."""

AS_WRITTEN: Final = frozenset("买卖")
"""Characters that sound alike and say the opposite: nobody hides one behind the other."""

UNHEARD: Final = "\x00"
"""The sound of what stays as it is: no word has it."""

PIECES: Final = re.compile(r"(?P<latin>[a-z]+)|[\u4e00-\u9fff]")
LATIN: Final = re.compile(r"[a-z]+")


class Piece(NamedTuple):
    """What stands for one syllable in a view.

    Attributes:
        start: first character in the view.
        end: one past the last.
        text: a Chinese character or a syllable in pinyin.
        sound: its private character, or `UNHEARD`.
    """

    start: int
    end: int
    text: str
    sound: str

    @property
    def operator(self) -> Operator:
        """The disguise, if another character is meant."""
        return Operator.PINYIN if self.text.isascii() else Operator.HOMOPHONES


@dataclass(frozen=True, slots=True)
class Words:
    """What is known.

    Attributes:
        costs: of each word, most usual words first.
        trade: words at whose sound a text is looked at more closely.
        kept: Latin words that could be pinyin and are not (made, fan, women).
        by_sound: the most usual word of each sound, of those of several characters.
    """

    costs: Mapping[str, int]
    trade: Sequence[str]
    kept: frozenset[str]
    by_sound: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Listen to each word once."""
        found: dict[str, str] = {}
        for word in self.costs:
            if len(word) > 1:
                found.setdefault(word.translate(heard()), word)
        object.__setattr__(self, "by_sound", found)


class Speller:
    """Re-spells views; safe in threads.

    Args:
        words: what is known.
        version: of the words.
        innocent: spellings that stay as written, beside the shipped ones.
    """

    def __init__(self, words: Words, *, version: str, innocent: Iterable[str] = ()) -> None:
        self.version = version
        self._words = words
        self._costs, self._by_sound = words.costs, words.by_sound
        self._trade, self._kept = words.trade, words.kept
        self._finder = ahocorasick_rs.AhoCorasick([word.translate(heard()) for word in words.trade])
        stay = {normalise(text).text for text in innocent_spellings().union(innocent)}
        self._innocent = ahocorasick_rs.AhoCorasick(sorted(stay - {""}))

    def sparing(self, spellings: Iterable[str]) -> Self:
        """One with the same words that leaves these spellings as they are written."""
        return type(self)(self._words, version=self.version, innocent=spellings)

    @classmethod
    def load(cls, folder: str = "spelling") -> Self:
        """Read the shipped words; raises `ValueError` when they are damaged."""
        root = files("classifiers") / "models" / folder
        config = json.loads((root / "config.json").read_text("utf-8"))
        names = json.loads((root / "words.json").read_text("utf-8"))
        content = (root / "costs.bin").read_bytes()
        try:
            if len(names) != len(content) or config["version"] != digest_of(config, names, content):
                raise ValueError("spelling: its files are not those that were written together")
            costs = dict(zip(names, content, strict=True))
            trade = [names[place] for place in config["trade"]]
            return cls(Words(costs, trade, frozenset(config["kept"])), version=config["version"])
        except KeyError as error:
            raise ValueError(f"spelling: config.json lacks {error}") from error

    def respelt(self, view: Normalised) -> Normalised:
        """A normalised view with its listed disguises undone, re-spelt; in linear time.

        Operators of what was re-spelt are homophones and pinyin.
        """
        if not self._is_suspect(view.text):
            return view
        found = [each for run in self._runs(view.text) for each in self._read(run)]
        return replaced(view, found)

    def _is_suspect(self, text: str) -> bool:
        """Whether a word of the trade is heard where another text is less likely to be meant."""
        pinyin = [len(self._pinyin_in(letters)) for letters in LATIN.findall(text)]
        if text.isascii():
            # One English word is enough to tell the others from pinyin.
            return all(pinyin) and sum(pinyin) >= MIN_SYLLABLES
        return any(pinyin) or any(
            text[start:end] != self._trade[number]
            and self._is_likelier(self._trade[number], text[start:end])
            for number, start, end in self._finder.find_matches_as_indexes(
                text.translate(heard()), overlapping=True
            )
        )

    def _is_likelier(self, word: str, written: str) -> bool:
        changed = sum(one != other for one, other in zip(word, written, strict=True))
        apart = sum(self._costs.get(char, UNKNOWN) for char in written)
        as_written = min(apart, self._costs.get(written, apart))
        return self._costs[word] + HOMOPHONE * changed < as_written

    def _pinyin_in(self, letters: str) -> Sequence[str]:
        """The syllables of a Latin run; none where it is a word of its own."""
        if len(letters) < MIN_LETTERS or letters in self._kept:
            return ()
        return pinyin_syllables(letters)

    def _runs(self, text: str) -> Iterator[list[Piece]]:
        """Pieces that follow each other; pinyin may be spaced."""
        spared = bytearray(len(text))
        for _, start, end in self._innocent.find_matches_as_indexes(text, overlapping=True):
            spared[start:end] = b"\x01" * (end - start)
        run: list[Piece] = []
        for match in PIECES.finditer(text):
            pieces = [
                piece._replace(sound=UNHEARD) if any(spared[piece.start : piece.end]) else piece
                for piece in self._pieces(match)
            ]
            if run and (not pieces or not _follows(run[-1], pieces[0], text)):
                yield run
                run = []
            run += pieces
        yield run

    def _pieces(self, match: re.Match[str]) -> list[Piece]:
        start, end = match.span()
        if not match["latin"]:
            char = match.group()
            sound = UNHEARD if char in AS_WRITTEN else heard().get(ord(char), UNHEARD)
            return [Piece(start, end, char, sound)]
        pieces = []
        for syllable in self._pinyin_in(match.group()):
            end = start + len(syllable)
            pieces.append(Piece(start, end, syllable, sound_of(syllable)))
            start = end
        return pieces

    def _read(self, run: Sequence[Piece]) -> Iterable[Found]:
        """What is changed by the cheapest way to read a run (Viterbi 1967)."""
        meant = self._cheapest(run)
        _keep_latin_words(run, meant)
        for place, (piece, char) in enumerate(zip(run, meant, strict=True)):
            if char == piece.text:
                continue
            end = piece.end
            if place + 1 < len(run) and meant[place + 1] != run[place + 1].text:
                # Spaces between two syllables go, as between Chinese characters.
                end = run[place + 1].start
            yield Found(piece.start, end, char, piece.operator)

    def _cheapest(self, run: Sequence[Piece]) -> list[str]:
        """For each piece the character that is meant, or what was written."""
        costs, by_sound = self._costs, self._by_sound
        sounds = "".join(piece.sound for piece in run)
        total = [0]
        came: list[tuple[int, Sequence[str]]] = [(0, ())]
        for end in range(1, len(run) + 1):
            last = run[end - 1].text
            best = total[end - 1] + costs.get(last, UNKNOWN)
            way: tuple[int, Sequence[str]] = (end - 1, (last,))
            for start in range(max(0, end - LONGEST), end - 1):
                written = "".join(piece.text for piece in run[start:end])
                known = costs.get(written)
                if known is not None and total[start] + known < best:
                    best, way = total[start] + known, (start, written)
                word = by_sound.get(sounds[start:end])
                if word is None or word == written:
                    continue
                cost = total[start] + costs[word]
                if cost < best and (cost := cost + _changes(word, run[start:end])) < best:
                    best, way = cost, (start, word)
            total.append(best)
            came.append(way)
        meant: list[str] = []
        at = len(run)
        while at:
            at, chars = came[at]
            meant += reversed(chars)
        return meant[::-1]


def _keep_latin_words(run: Sequence[Piece], meant: list[str]) -> None:
    """Leave Latin words as they are of which a syllable means nothing here: no pinyin, but a name."""
    first = 0
    for place, piece in enumerate(run, start=1):
        is_last = place == len(run) or run[place].start != piece.end
        if piece.text.isascii() and not is_last and run[place].text.isascii():
            continue
        word = slice(first, place)
        first = place
        if piece.text.isascii() and not all(char > "z" for char in meant[word]):
            meant[word] = [each.text for each in run[word]]


def _changes(word: str, pieces: Sequence[Piece]) -> int:
    return sum(
        PINYIN if piece.text.isascii() else HOMOPHONE
        for char, piece in zip(word, pieces, strict=True)
        if char != piece.text
    )


def _follows(piece: Piece, other: Piece, text: str) -> bool:
    gap = text[piece.end : other.start]
    is_pinyin = piece.text.isascii() and other.text.isascii()
    return not gap or (is_pinyin and gap == " ")


@cache
def shipped_speller() -> Speller:
    """The words in `classifiers/models/spelling`, loaded once."""
    return Speller.load()
