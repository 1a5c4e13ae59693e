"""Texts written as sellers would disguise them, and with their words of the trade unknown.

Used twice: to train models on more than was written down, and to measure them. `TRAINED`
operators are used for both, `KEPT_OUT` ones only for measuring (though writers of
training rows wrote a few such words by hand). What is disguised is not
only what `classifiers.text.disguises` knows: four times in ten any characters of the text.

Components and look-alikes come from the character tables of the data folder (for
training and measuring only), so that what the inverse knows is not what it is tested on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import opencc

from classifiers.lexicon import signs, sounds, starter_terms, trade_words

__all__ = [
    "KEPT_OUT",
    "KEPT_OUT_NAMES",
    "OPERATORS",
    "TRAINED",
    "TRAINED_NAMES",
    "Names",
    "Tables",
    "delexicalise",
    "disguise",
    "read_tables",
    "variant",
]

SEPARATORS: Final = " .*/|·-~_,、+"
ZERO_WIDTH: Final = "\u200b\u200c\u2060\ufeff"
CIRCLED: Final = {str(n): chr(0x2460 + n - 1) for n in range(1, 10)} | {"0": "⓪"}
NUMERALS: Final = dict(zip("一二三四五六七八九", "123456789", strict=True))
CYRILLIC: Final = dict(zip("aeopcyxik", "аеорсухік", strict=True))
LEET: Final = dict(zip("aeiost", "431057", strict=True))
STARS: Final = "**×○某口"
RUN: Final = re.compile(r"[\u4e00-\u9fff]{2,}")
WORD: Final = re.compile(r"[A-Za-z]{4,}")
ANYTHING: Final = 0.4
"""Share of disguises that fall on any characters instead of a known word."""

DISGUISED: Final = 0.4
UNKNOWN_WORDS: Final = 0.15
DECOY: Final = 0.05
"""Shares of the ways in which `variant` writes a text anew."""


@dataclass(frozen=True, slots=True)
class Names:
    """Words of everyday things that may stand for words of the trade.

    Attributes:
        chinese: for Chinese words; half of the time two characters at random do instead.
        latin: for others.
    """

    chinese: Sequence[str]
    latin: Sequence[str]


TRAINED_NAMES: Final = Names(
    (
        "西瓜",
        "青菜",
        "石榴",
        "海螺",
        "板栗",
        "砖头",
        "毛线",
        "柚子",
        "青蛙",
        "竹笋",
        "木耳",
        "小鱼",
        "鹅卵石",
        "红薯",
        "菱角",
        "核桃",
        "羽毛",
        "麻雀",
        "扣子",
        "橙子",
        "布丁",
        "松果",
        "鸭梨",
        "蘑菇",
        "贝壳",
        "灯笼",
        "萝卜",
        "花生",
        "云朵",
        "积木",
        "饺子",
        "面团",
        "月饼",
        "陀螺",
    ),
    (
        "plums",
        "marbles",
        "acorns",
        "lanterns",
        "pebbles",
        "turnips",
        "kites",
        "walnuts",
        "buttons",
        "feathers",
    ),
)
KEPT_OUT_NAMES: Final = Names(
    (
        "榴莲",
        "茄子",
        "螃蟹",
        "海带",
        "冬瓜",
        "木梳",
        "铃铛",
        "棉花",
        "丝瓜",
        "杨梅",
        "喜鹊",
        "蚕豆",
        "风筝",
        "瓦片",
        "芝麻",
        "苔藓",
        "柿子",
        "竹筐",
        "豆腐",
        "年糕",
    ),
    (
        "lemons",
        "sponges",
        "ribbons",
        "teapots",
        "candles",
        "carrots",
        "bricks",
    ),
)
"""For measuring only."""


@dataclass(frozen=True, slots=True)
class Tables:
    """How characters look.

    Attributes:
        parts: components of a character, written one after the other.
        alike: characters of like strokes.
    """

    parts: Mapping[str, Sequence[str]]
    alike: Mapping[str, str]


def read_tables(folder: Path) -> Tables:
    """The tables of the data folder; empty ones where it has none."""
    parts: dict[str, list[str]] = {}
    alike: dict[str, str] = {}
    path = folder / "tables" / "chaizi-jt.txt"
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            char, *ways = line.split("\t")
            joined = [way.replace(" ", "") for way in ways if len(way.split()) == 2]
            if joined and "\u4e00" <= char <= "\u9fff":
                parts[char] = joined
    path = folder / "tables" / "same_stroke.txt"
    if path.exists():
        for line in path.read_text("utf-8").splitlines()[1:]:
            chars = "".join(line.split())
            for char in chars:
                alike[char] = alike.get(char, "") + chars.replace(char, "")
    return Tables(parts, alike)


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    terms = (term.text for term in starter_terms())
    return frozenset({word.text for word in trade_words()}.union(terms))


@lru_cache(maxsize=1)
def _latin_words() -> frozenset[str]:
    """Latin words of the vocabulary, those of phrases alone, with their plurals."""
    words = {part.lower() for word in _words() for part in WORD.findall(word)}
    return frozenset(words | {f"{word}s" for word in words})


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, _words()))


@lru_cache(maxsize=1)
def _alike_sounds() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for char, syllable in sounds().items():
        found[syllable] = found.get(syllable, "") + char
    return found


@lru_cache(maxsize=1)
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


Operator = Callable[[str, random.Random, Tables], str]
"""From a word to a disguised spelling; the word itself where it can not be done."""


def _separated(word: str, dice: random.Random, _: Tables) -> str:
    return dice.choice(SEPARATORS).join(word)


def _zero_width(word: str, dice: random.Random, _: Tables) -> str:
    return dice.choice(ZERO_WIDTH).join(word)


def _wide(word: str, _: random.Random, __: Tables) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


def _numerals(word: str, dice: random.Random, _: Tables) -> str:
    circled = dice.random() < 0.5
    digits = [NUMERALS.get(char, char) for char in word]
    return "".join(CIRCLED.get(d, d) if circled else d for d in digits)


def _traditional(word: str, _: random.Random, __: Tables) -> str:
    return str(_to_traditional().convert(word))


def _emoji(word: str, dice: random.Random, _: Tables) -> str:
    fitting = [(sign, meaning) for sign, meaning in signs().items() if meaning in word]
    if not fitting:
        return word
    sign, meaning = dice.choice(fitting)
    return word.replace(meaning, sign)


def _some(word: str, dice: random.Random, change: Callable[[str], str]) -> str:
    """At least one character changed, each other one by a coin."""
    sure = dice.randrange(len(word))
    return "".join(
        change(char) if place == sure or dice.random() < 0.35 else char
        for place, char in enumerate(word)
    )


def _pinyin(word: str, dice: random.Random, _: Tables) -> str:
    table = sounds()
    return _some(word, dice, lambda char: table.get(char, char))


def _full_pinyin(word: str, _: random.Random, __: Tables) -> str:
    table = sounds()
    return "".join(table.get(char, char) for char in word)


def _initials(word: str, dice: random.Random, _: Tables) -> str:
    table = sounds()
    if dice.random() < 0.5:
        return _some(word, dice, lambda char: table.get(char, char)[0])
    return "".join(table.get(char, char)[0] for char in word)


def _homophones(word: str, dice: random.Random, _: Tables) -> str:
    table = sounds()

    def change(char: str) -> str:
        others = _alike_sounds().get(table.get(char, ""), "").replace(char, "")
        return dice.choice(others[:12]) if others else char

    return _some(word, dice, change)


def _split(word: str, dice: random.Random, tables: Tables) -> str:
    return _some(word, dice, lambda char: dice.choice(tables.parts.get(char, [char])))


def _alike(word: str, dice: random.Random, tables: Tables) -> str:
    table = sounds()

    def change(char: str) -> str:
        # What sounds alike, too, is what homophones give, and those are trained on.
        others = [c for c in tables.alike.get(char, "") if table.get(c) != table.get(char)]
        return dice.choice(others) if others else char

    return _some(word, dice, change)


def _starred(word: str, dice: random.Random, _: Tables) -> str:
    if len(word) < 3:
        return word
    place = dice.randrange(len(word))
    return word[:place] + dice.choice(STARS) + word[place + 1 :]


def _reversed(word: str, _: random.Random, __: Tables) -> str:
    return word[::-1]


def _shuffled(word: str, dice: random.Random, _: Tables) -> str:
    if len(word) < 3:
        return word[::-1]
    place = dice.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _latin(table: Mapping[str, str]) -> Operator:
    def change(word: str, dice: random.Random, _: Tables) -> str:
        places = [place for place, char in enumerate(word) if char in table]
        chosen = set(dice.sample(places, min(2, len(places))))
        return "".join(table[c] if place in chosen else c for place, c in enumerate(word))

    return change


OPERATORS: Final[Mapping[str, Operator]] = {
    "separators": _separated,
    "zero_width": _zero_width,
    "width": _wide,
    "digits": _numerals,
    "traditional": _traditional,
    "emoji": _emoji,
    "pinyin": _pinyin,
    "full_pinyin": _full_pinyin,
    "initials": _initials,
    "homophones": _homophones,
    "split": _split,
    "cyrillic": _latin(CYRILLIC),
    "lookalikes": _alike,
    "starred": _starred,
    "reversed": _reversed,
    "shuffled": _shuffled,
    "leet": _latin(LEET),
}
KEPT_OUT: Final = ("lookalikes", "starred", "reversed", "shuffled", "leet")
TRAINED: Final = tuple(name for name in OPERATORS if name not in KEPT_OUT)
LATIN: Final = frozenset({"cyrillic", "leet", "width"})
WHOLE: Final = frozenset({"traditional"})
"""Operators that a writer applies to the whole text."""


def _places(text: str, dice: random.Random, *, is_latin: bool) -> list[tuple[int, int]]:
    """Half-open places of words that may be disguised, known ones first."""
    if is_latin:
        found = list(WORD.finditer(text))
        dice.shuffle(found)
        # Of the trade or not: a stable sort keeps the order that the dice gave.
        return [
            m.span() for m in sorted(found, key=lambda m: m.group().lower() not in _latin_words())
        ]
    known: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        for length in range(min(_longest(), len(text) - start), 1, -1):
            word = text[start : start + length]
            if word in _words() and RUN.fullmatch(word):
                known.append((start, start + length))
                start += length - 1
                break
        start += 1
    anything = []
    for match in RUN.finditer(text):
        length = dice.choice((2, 2, 3, 4))
        at = dice.randint(match.start(), max(match.start(), match.end() - length))
        anything.append((at, min(at + length, match.end())))
    dice.shuffle(known)
    dice.shuffle(anything)
    if known and dice.random() >= ANYTHING:
        return known + anything
    return anything


def disguise(
    text: str, operator: str, dice: random.Random, tables: Tables, *, words: int = 2
) -> str | None:
    """A text with up to `words` of its words disguised by one operator; None if none could be."""
    change = OPERATORS[operator]
    if operator in WHOLE:
        changed = change(text, dice, tables)
        return changed if changed != text else None
    done = 0
    taken: list[tuple[int, int]] = []
    edits: list[tuple[int, int, str]] = []
    for start, end in _places(text, dice, is_latin=operator in LATIN):
        if any(start < last and first < end for first, last in taken):
            continue
        word = text[start:end]
        changed = change(word, dice, tables)
        if changed != word:
            edits.append((start, end, changed))
            taken.append((start, end))
            done += 1
        if done == words:
            break
    for start, end, changed in sorted(edits, reverse=True):
        text = text[:start] + changed + text[end:]
    return text if edits else None


def delexicalise(text: str, dice: random.Random, names: Names = KEPT_OUT_NAMES) -> str | None:
    """A text whose known words of the trade are replaced by invented ones; None without any.

    One word is replaced by the same one wherever it stands, as slang is.
    """
    found = {match.group().lower() for match in _term_pattern().finditer(text)}
    if not found:
        return None
    # In order: a set has another one in every run, and each word uses up dice.
    invented = {word: _invented(word, dice, names) for word in sorted(found)}
    return _term_pattern().sub(lambda match: invented[match.group().lower()], text)


def _invented(word: str, dice: random.Random, names: Names) -> str:
    """A word that may stand for it: of everyday things, or two characters at random."""
    if word.isascii():
        return dice.choice(names.latin)
    if dice.random() < 0.5:
        return dice.choice(names.chinese)
    return "".join(dice.choices(_characters(), k=2))


@lru_cache(maxsize=1)
def _characters() -> Sequence[str]:
    return tuple(sounds())


@lru_cache(maxsize=1)
def _term_pattern() -> re.Pattern[str]:
    words = sorted((w for w in _words() if len(w) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE)


def variant(text: str, decoys: Sequence[str], dice: random.Random, tables: Tables) -> str:
    """The text, or one that means the same written otherwise."""
    chance = dice.random()
    changed: str | None = None
    if chance < DISGUISED:
        changed = disguise(text, dice.choice(TRAINED), dice, tables, words=dice.choice((1, 2, 3)))
    elif chance < DISGUISED + UNKNOWN_WORDS:
        changed = delexicalise(text, dice, TRAINED_NAMES)
    elif chance < DISGUISED + UNKNOWN_WORDS + DECOY and decoys:
        changed = f"{dice.choice(decoys)[:40]} {text}"
    return changed or text
