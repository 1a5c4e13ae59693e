"""How sellers disguise a word, and how that is undone.

Each operator is one function from a word to its disguised spellings. `DISGUISES`
lists them: writing a word in one of its spellings is the disguise, and looking all
spellings up in one automaton is its inverse (`Undisguiser`). Two are too many to
list: homophones are looked up by sound, separators and the like are undone before,
by `classifiers.text.normalise`.

Only listed words are undone, and only where their disguised form is not an ordinary
word itself and cuts no plain word of the trade in two; so this never invents a word of
the trade from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, permutations, product
from typing import Final, NamedTuple

import ahocorasick_rs

from classifiers.lexicon import (
    Shape,
    Word,
    disguised_words,
    innocent_spellings,
    shapes,
    signs,
    sounds,
    starter_keywords,
)
from classifiers.lexicon.offers import OfferField, offer_words
from classifiers.text.characters import Operator
from classifiers.text.normalise import Normalised, Undone, fold, normalise, normalise_folded

__all__ = [
    "DISGUISES",
    "Found",
    "Spelling",
    "Undisguiser",
    "homophones",
    "replaced",
    "shipped_undisguiser",
]

STARS: Final = "*×✕✖○●◯□■※#_"
"""Written where a character was starred out; between Chinese ones the view drops them."""

WILDCARDS: Final = "xo某口囗零0〇?"
"""The same, and they stay in the view."""

RADICALS: Final = frozenset("讠亻氵扌纟钅礻冫辶阝灬宀攵冖彳佥艮")
"""Components that stand alone only in a split character."""

LEET: Final = {"a": "4@", "e": "3", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7"}
SAID_OTHERWISE: Final = {"银行": ("yin", "hang"), "长期": ("chang", "qi"), "露脸": ("lou", "lian")}
"""Words in which a character has not its commonest reading."""

FOR_DISTINCT: Final = frozenset({Operator.LOOKALIKES, Operator.REORDERED})
"""Only for words that few ordinary ones resemble, as homophones are."""

GUESSED: Final = FOR_DISTINCT | {Operator.HOMOPHONES}
"""Those that leave nothing but Chinese characters: what is written could be ordinary words."""

MAX_LEET: Final = 2
MAX_SHUFFLED: Final = 4
MAX_PASSES: Final = 4
"""Disguises of one word that are undone one after the other: ren月佥 -> ren脸 -> 人脸."""

FIRST_SYLLABLE: Final = 0xE000
"""Syllables are written as private characters, so that an automaton can match them."""


class Spelling(NamedTuple):
    """A disguised spelling.

    Attributes:
        text: as it stands in the normalised view.
        starred: place of the character that is missing there and must have been starred
            out in the original; -1 for none.
    """

    text: str
    starred: int = -1


class Found(NamedTuple):
    """A word found in a view.

    Attributes:
        start: first character in the view.
        end: one past the last.
        word: that is meant.
        operator: how it was disguised.
        star: place in the original of the sign that stands for a missing character.
    """

    start: int
    end: int
    word: str
    operator: Operator
    star: int | None = None


def _is_chinese(word: str) -> bool:
    return all("\u3400" <= char <= "\u9fff" for char in word)


def _is_canonical(char: str) -> bool:
    """Whether it can stand in a view at all: 徵 is 征 there."""
    return fold(char).text == char


def _syllables(word: str) -> list[str] | None:
    table = sounds()
    found = [table.get(char, "") for char in word]
    for part, said in SAID_OTHERWISE.items():
        if (at := word.find(part)) >= 0:
            found[at : at + len(part)] = said
    return found if all(found) else None


def pinyin(word: str) -> Iterator[Spelling]:
    """Some or all characters by their pinyin: 人lian, ren脸, renlian.

    All of them only from two syllables and five letters on; -ng and -n are one.
    """
    syllables = _syllables(word) if _is_chinese(word) else None
    if syllables is None or not 2 <= len(word) <= MAX_SHUFFLED:
        return
    for choice in product((False, True), repeat=len(word)):
        if not any(choice):
            continue
        if all(choice) and len("".join(syllables)) < 5:
            continue
        spelled = "".join(
            syllable if is_spelled else char
            for char, syllable, is_spelled in zip(word, syllables, choice, strict=True)
        )
        yield Spelling(spelled)
        yield Spelling(spelled.replace("ng", "n"))


def initials(word: str) -> Iterator[Spelling]:
    """Some characters by their first letters, one at least in full: 身f证, sf证.

    All of them only from four on: three letters mean too many things.
    """
    syllables = _syllables(word) if _is_chinese(word) else None
    if syllables is None or not 3 <= len(word) <= 5:
        return
    for choice in product((False, True), repeat=len(word)):
        if not any(choice) or (all(choice) and len(word) < 4):
            continue
        yield Spelling(
            "".join(
                syllable[0] if is_initial else char
                for char, syllable, is_initial in zip(word, syllables, choice, strict=True)
            )
        )


def split(word: str) -> Iterator[Spelling]:
    """Characters by their components: 月佥, 讠正."""
    table = _shapes()
    for text in _each_replaced(word, lambda char: table[char].parts if char in table else ()):
        yield Spelling(normalise(text).text)


def lookalikes(word: str) -> Iterator[Spelling]:
    """One character by another of like shape: 人睑."""
    if len(word) < 2 or not _is_chinese(word):
        return
    table = _shapes()
    for place, char in enumerate(word):
        for other in table[char].lookalikes if char in table else "":
            if _is_canonical(other):
                yield Spelling(word[:place] + other + word[place + 1 :])


def leet(word: str) -> Iterator[Spelling]:
    """Latin letters by digits and signs of like shape: s3lfie, byp4ss."""
    if not word.isascii() or len(word) < 5:
        return
    places = [place for place, letter in enumerate(word) if letter in LEET]
    for count in range(1, MAX_LEET + 1):
        for chosen in combinations(places, count):
            for signs_ in product(*(LEET[word[place]] for place in chosen)):
                letters = list(word)
                for place, sign in zip(chosen, signs_, strict=True):
                    letters[place] = sign
                yield Spelling(normalise("".join(letters)).text)


def starred(word: str) -> Iterator[Spelling]:
    """One character starred out, from three on: 人*四件套, 身某证.

    The first or last one only from four on and with a star: an ordinary word and what
    goes on after it would look the same (学生*, 微信0元).
    """
    if len(word) < 3 or not _is_chinese(word):
        return
    for place in range(len(word)):
        rest = word[:place], word[place + 1 :]
        is_inside = all(rest)
        if not is_inside and len(word) == 3:
            continue
        yield Spelling("".join(rest), place)
        signs_ = WILDCARDS if is_inside else STARS
        yield from (Spelling(sign.join(rest)) for sign in signs_)


def reordered(word: str) -> Iterator[Spelling]:
    """Characters turned round or shuffled: 脸过, 件四套."""
    if len(word) < 2 or not _is_chinese(word):
        return
    if len(word) <= MAX_SHUFFLED:
        yield from (Spelling("".join(order)) for order in permutations(word))
        return
    yield Spelling(word[::-1])
    for place in range(len(word) - 1):
        yield Spelling(word[:place] + word[place + 1] + word[place] + word[place + 2 :])
        yield Spelling(word[place + 1 :] + word[: place + 1])


def emoji(word: str) -> Iterator[Spelling]:
    """A part of the word by a picture of it: 人😀, ✋持."""
    for sign, meaning in signs().items():
        if meaning in word and meaning != word:
            yield Spelling(word.replace(meaning, fold(sign).text))


def homophones(word: str) -> Mapping[int, str]:
    """For each place, the characters that sound alike: 仁脸, 果脸."""
    table = sounds()
    return {
        place: "".join(
            other for other in _alike()[table[char]] if other != char and _is_canonical(other)
        )
        for place, char in enumerate(word)
        if char in table
    }


DISGUISES: Final[Mapping[Operator, Callable[[str], Iterator[Spelling]]]] = {
    Operator.EMOJI: emoji,
    Operator.PINYIN: pinyin,
    Operator.SPLIT: split,
    Operator.STARRED: starred,
    Operator.INITIALS: initials,
    Operator.LOOKALIKES: lookalikes,
    Operator.LEET: leet,
    Operator.REORDERED: reordered,
}
"""Operators whose spellings can be listed; of two that share one, the first wins."""


def _each_replaced(word: str, ways: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """The word with every character in each of its ways, and with any one of them so."""
    choices = [tuple(ways(char)) or (char,) for char in word]
    for place, options in enumerate(choices):
        for option in options:
            if option != word[place]:
                yield word[:place] + option + word[place + 1 :]
    if sum(len(options[0]) > 1 for options in choices) > 1:
        yield "".join(options[0] for options in choices)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[str, ...]:
    """The shipped terms, and the words by which offers are read out.

    Without those for ways to the seller, of which most are disguises (加薇, 加徽).
    """
    told = (word for word in offer_words() if word.field is not OfferField.HANDOFF)
    phrases = (phrase for word in told for phrase in word.phrases)
    return (*phrases, *(keyword.term for keyword in starter_keywords()))


@lru_cache(maxsize=1)
def _shapes() -> Mapping[str, Shape]:
    return {shape.character: shape for shape in shapes()}


@lru_cache(maxsize=1)
def _alike() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for char, syllable in sounds().items():
        found[syllable] = found.get(syllable, "") + char
    return found


@lru_cache(maxsize=1)
def _sound_table() -> dict[int, int]:
    order = {syllable: place for place, syllable in enumerate(_alike())}
    return {ord(char): FIRST_SYLLABLE + order[syllable] for char, syllable in sounds().items()}


class Undisguiser:
    """Writes disguised words as they are meant; safe in threads.

    Args:
        words: that are looked for.
        listed: spellings that are known as they are, and stay.
    """

    def __init__(self, words: Iterable[Word], listed: Iterable[str] = ()) -> None:
        self._words = {
            form: word.is_distinct for word in words if len(form := normalise(word.text).text) > 1
        }
        known = innocent_spellings().union(self._words)
        spellings = self._list_spellings(known)
        self._sounding = self._list_sounds()
        plain = self._list_plain(known, {text for text, *_, star in spellings if star < 0})
        stay = {normalise(text).text for text in listed}
        self._known = known | stay
        self._meant = [each for each in spellings if each[0].strip(STARS) not in stay]
        self._finder = ahocorasick_rs.AhoCorasick([text for text, *_ in self._meant])
        self._word_finder = ahocorasick_rs.AhoCorasick(list(self._words))
        self._emoji = [
            (text, word) for text, word, operator, _ in self._meant if operator is Operator.EMOJI
        ]
        self._emoji_finder = ahocorasick_rs.AhoCorasick([text for text, _ in self._emoji])
        self._sounds = list(self._sounding)
        self._sound_finder = ahocorasick_rs.AhoCorasick(self._sounds)
        self._plain_finder = ahocorasick_rs.AhoCorasick(plain)

    def _list_spellings(self, known: frozenset[str]) -> list[tuple[str, str, Operator, int]]:
        found: dict[str, tuple[str, str, Operator, int]] = {}
        for operator, spell in DISGUISES.items():
            for word, is_distinct in self._words.items():
                if operator in FOR_DISTINCT and not is_distinct:
                    continue
                for text, place in spell(word):
                    # A star before or after a word leaves the word as it is.
                    if text.strip(STARS) not in known:
                        found.setdefault(text, (text, word, operator, place))
        for shape in shapes():
            for text in shape.parts:
                if not RADICALS.isdisjoint(text) and text not in known:
                    found.setdefault(text, (text, shape.character, Operator.SPLIT, -1))
        return list(found.values())

    def _list_sounds(self) -> dict[str, str]:
        table = _sound_table()
        found: dict[str, str] = {}
        for word, is_distinct in self._words.items():
            if is_distinct and _is_chinese(word) and _syllables(word):
                found.setdefault(word.translate(table), word)
        return found

    def _list_plain(self, known: frozenset[str], spellings: Container[str]) -> list[str]:
        """Words of the trade that are written plainly.

        The vocabulary lists some in disguise, too: those are left out.
        """
        table = _sound_table()

        def is_disguised(piece: str) -> bool:
            meant = self._sounding.get(piece.translate(table))
            is_heard = meant is not None and _shares_a_character(piece, meant)
            return piece in spellings or (is_heard and piece not in known)

        plain = {
            form
            for form in {normalise(text).text for text in _vocabulary()}
            if len(form) > 1
            and not any(is_disguised(form[a:b]) for a, b in combinations(range(len(form) + 1), 2))
        }
        return [*plain.union(self._words)]

    def view(self, folded: Normalised) -> Normalised:
        """The normalised view of a folded text with its disguised words undone.

        What comes out is its own view, however often one word was disguised.
        """
        view = self._undo(folded)
        before = len(folded.undone)
        for _ in range(MAX_PASSES):
            if len(view.undone) == before:
                break
            before = len(view.undone)
            view = self._undo(view)
        return view

    def _undo(self, folded: Normalised) -> Normalised:
        view = normalise_folded(self._read_emoji(folded))
        text = view.text
        found = self._find_spellings(view) + self._find_sounds(text)
        if not found:
            return view
        return replaced(view, _best(self._without_broken_words(found, text), text))

    def _without_broken_words(self, found: Sequence[Found], text: str) -> list[Found]:
        """Without matches that break plain words.

        These are matches across a word as long as theirs (脸过 in 过脸过脸), and guessed ones
        that cut a plain word in two (贷认证 in 网贷认证).
        """
        longest = [0] * len(text)
        for _, start, end in self._word_finder.find_matches_as_indexes(text, overlapping=True):
            for at in range(start, end):
                longest[at] = max(longest[at], end - start)
        inside = bytearray(len(text) + 1)
        for _, start, end in self._plain_finder.find_matches_as_indexes(text, overlapping=True):
            inside[start + 1 : end] = b"\x01" * (end - start - 1)
        return [
            match
            for match in found
            if max(longest[match.start : match.end]) < len(match.word)
            and not (match.operator in GUESSED and (inside[match.start] or inside[match.end]))
        ]

    def _read_emoji(self, folded: Normalised) -> Normalised:
        if folded.text.isascii():
            return folded
        found = [
            Found(start, end, self._emoji[number][1], Operator.EMOJI)
            for number, start, end in self._emoji_finder.find_matches_as_indexes(folded.text)
        ]
        return replaced(folded, found)

    def _find_spellings(self, view: Normalised) -> list[Found]:
        found = []
        for number, start, end in self._finder.find_matches_as_indexes(view.text, overlapping=True):
            _, word, operator, place = self._meant[number]
            if not _is_whole(view.text, start, end):
                continue
            star = _find_star(view, start + place, is_first=place == 0) if place >= 0 else None
            if place < 0 or star is not None:
                found.append(Found(start, end, word, operator, star))
        return found

    def _find_sounds(self, text: str) -> list[Found]:
        if text.isascii():
            return []
        found = []
        for number, start, end in self._sound_finder.find_matches_as_indexes(
            text.translate(_sound_table()), overlapping=True
        ):
            word, surface = self._sounding[self._sounds[number]], text[start:end]
            if surface not in self._known and _shares_a_character(surface, word):
                found.append(Found(start, end, word, Operator.HOMOPHONES))
        return found


def _shares_a_character(surface: str, word: str) -> bool:
    return any(one == other for one, other in zip(surface, word, strict=True))


def _is_whole(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (_joins(before, text[start]) or _joins(text[end - 1], after))


def _joins(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


def _find_star(view: Normalised, at: int, *, is_first: bool) -> int | None:
    """Where in the original a sign stood for the character missing before ``text[at]``.

    Args:
        view: the normalised view.
        at: place in it.
        is_first: whether the word begins with the missing character.
    """
    before = view.ends[at - 1] if at else 0
    after = view.starts[at] if at < len(view.text) else len(view.original)
    signs_ = (place for place in range(before, after) if view.original[place] in STARS)
    return max(signs_, default=None) if is_first else next(signs_, None)


def _best(found: Sequence[Found], text: str) -> list[Found]:
    """Matches that do not overlap: the longest meant word first."""
    chosen: list[Found] = []
    taken = bytearray(len(text))
    for match in sorted(
        found, key=lambda each: (-len(each.word), each.start - each.end, each.start)
    ):
        if not any(taken[match.start : match.end]):
            chosen.append(match)
            taken[match.start : match.end] = b"\x01" * (match.end - match.start)
    return sorted(chosen)


def replaced(view: Normalised, found: Sequence[Found]) -> Normalised:
    """The view with each place rewritten; its characters point to what stood there."""
    if not found:
        return view
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    undone: list[Undone] = list(view.undone)
    done = 0
    for start, end, word, operator, star in found:
        pieces += [view.text[done:start], word]
        starts.extend(view.starts[done:start])
        ends.extend(view.ends[done:start])
        first, last = view.starts[start], view.ends[end - 1]
        if star is not None:
            first, last = min(first, star), max(last, star + 1)
        starts.extend([first] * len(word))
        ends.extend([last] * len(word))
        # In p@s$port, the view takes @ for a separator; it is a letter.
        dropped = () if operator is Operator.LEET else view.dropped(start, end, star)
        undone.append(Undone(first, last, operator, dropped))
        done = end
    pieces.append(view.text[done:])
    starts.extend(view.starts[done:])
    ends.extend(view.ends[done:])
    return Normalised(view.original, "".join(pieces), starts, ends, tuple(sorted(undone)))


@lru_cache(maxsize=4)
def shipped_undisguiser(listed: tuple[str, ...] = ()) -> Undisguiser:
    """For the shipped words.

    Args:
        listed: spellings that are known as they are, and stay.
    """
    return Undisguiser(disguised_words(), listed)
