"""One canonical character for every way of writing it.

Works on single characters, so that places in the text stay known; what needs
neighbours (separators, spaces) is `classifiers.text.normalise`. When a rule is
added here, it must keep folding idempotent: `tests/unit/classifiers/test_normalise.py`
walks over all of Unicode.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

import opencc

__all__ = [
    "CJK",
    "DELETED",
    "EXPANDED",
    "FOLDS",
    "LATIN_LIKE",
    "Operator",
    "fold_character",
    "operator_of",
]

DELETED: Final = "\x00"
"""Stands in a folded text where a character leaves nothing behind."""

EXPANDED: Final = "\x01"
"""Stands in a folded text where one character becomes several."""

CJK: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U0003fffd"
"""Ranges of Chinese characters, for use inside a regular expression's class."""

# Letters and others by category, yet drawn as nothing.
INVISIBLE_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
BLANKS = frozenset("\t\u2800")
LINE_ENDS = frozenset("\n\v\f\x85\u2028\u2029")
# White letters in black circles and squares have no compatibility mapping.
BOXED_LETTERS = ((0x1F150, 0x1F169), (0x1F170, 0x1F189))
MAX_CACHED = 200_000

LATIN_LIKE: Final = dict(
    zip("аеорсухіѕјкһԁԛԝвнмтαορνικτυ", "aeopcyxisjkhdqwbhmtaopviktu", strict=True)
)
"""Cyrillic and Greek letters (lower case) by the Latin ones that they are drawn like.

They stand for those only inside a word of Latin letters.
"""


class Operator(StrEnum):
    """How a word was disguised, in words that complete "人*脸 -> 人脸, ..."."""

    INVISIBLE = "invisible characters removed"
    SEPARATORS = "separators removed"
    STICKERS = "stickers removed"
    TRADITIONAL = "traditional characters folded"
    WIDTH = "special letter forms folded"
    DIGITS = "special digits folded"
    EMOJI = "emoji read as words"
    PINYIN = "pinyin read"
    INITIALS = "initials read"
    HOMOPHONES = "homophones read"
    SPLIT = "split characters joined"
    LOOKALIKES = "look-alike characters replaced"
    LEET = "digits read as letters"
    STARRED = "starred-out characters restored"
    REORDERED = "order of characters restored"


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=4096)
def fold_character(char: str) -> str:
    """The canonical form: lower case, plain width, simplified, ASCII digits.

    Args:
        char: one character, lone surrogates included.

    Returns:
        One character for nearly all; ``""`` for what cannot be seen (format and
        control characters, marks, lone surrogates); several for ligatures and the like.
        Folding the result again changes nothing.
    """
    folded = _fold_once(char)
    for _ in range(4):
        again = "".join(_fold_once(part) for part in folded)
        if again == folded:
            break
        folded = again
    return folded


def _fold_once(char: str) -> str:
    if char in LINE_ENDS:
        return "\n"
    if char in BLANKS:
        return " "
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cf", "Cs", "Mn", "Me"} or char in INVISIBLE_LETTERS:
        return ""
    if kind == "Zs":
        return " "
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    point = ord(char)
    for first, last in BOXED_LETTERS:
        if first <= point <= last:
            return chr(ord("a") + point - first)
    plain = _unbracketed(unicodedata.normalize("NFKC", char)).lower()
    return _simplified(_unaccented(plain))


def _unbracketed(form: str) -> str:
    # Enclosed forms arrive as "(a)" or "(一)"; the brackets were only drawn around it.
    is_enclosed = len(form) == 3 and form[0] == "(" and form[2] == ")"
    return form[1] if is_enclosed else form


def _unaccented(form: str) -> str:
    if form.isascii():
        return form
    parts = []
    for char in form:
        base = unicodedata.normalize("NFD", char)[:1]
        parts.append(base if "a" <= base <= "z" else char)
    return "".join(parts)


def _simplified(form: str) -> str:
    if not any(_is_chinese(char) for char in form):
        return form
    # Character by character: phrases would change the length and lose the places.
    converted = [_converter().convert(char) if _is_chinese(char) else char for char in form]
    return "".join(new if len(new) == 1 else old for old, new in zip(form, converted, strict=True))


def _is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


class _Folds(dict[int, str]):
    """A table for `str.translate` that fills itself; every value is one character long."""

    def __missing__(self, point: int) -> str:
        folded = fold_character(chr(point))
        value = folded if len(folded) == 1 else (EXPANDED if folded else DELETED)
        if len(self) < MAX_CACHED:
            self[point] = value
        return value


FOLDS: Final[dict[int, str]] = _Folds()
"""Folds a text without moving a character: `DELETED` and `EXPANDED` mark the exceptions."""


def operator_of(char: str) -> Operator | None:
    """What folding this one character undoes; None when only its case changed, or nothing."""
    folded = fold_character(char)
    if not folded:
        return Operator.INVISIBLE
    if folded == char.lower() or char.isspace():
        return None
    if unicodedata.digit(char, None) is not None:
        return Operator.DIGITS
    if _is_chinese(char) and char == unicodedata.normalize("NFKC", char):
        return Operator.TRADITIONAL
    return Operator.WIDTH
