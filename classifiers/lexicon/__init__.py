"""The shipped vocabulary as data: terms, cues, parts of offers, and what parts point to.

Five tables lie beside this file. They are read when a function is called, never
at import. What their weights do is in `classifiers.text.score`; what each column
means is in ``docs/reference/assessment.md``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final, TypeVar

from classifiers.contract import Category, Intent, Term

__all__ = [
    "Combination",
    "Cue",
    "CueKind",
    "Part",
    "Shape",
    "StarterKeyword",
    "Topic",
    "VocabularyError",
    "Word",
    "combinations",
    "cues",
    "disguised_words",
    "innocent_spellings",
    "parse_table",
    "parts",
    "shapes",
    "signs",
    "sounds",
    "starter_keywords",
    "starter_terms",
    "topics",
    "trade_words",
]

MAX_WEIGHT: Final = 3.0
SEVERITIES: Final = ("low", "medium", "high")
YES_NO: Final[Mapping[str, bool]] = {"yes": True, "no": False}
Row = TypeVar("Row")


class VocabularyError(ValueError):
    """A table of the vocabulary cannot be used; the text names file and line."""


class CueKind(StrEnum):
    """What a cue speaks for."""

    LURE = "lure"
    HANDOFF = "handoff"
    CONTEXT = "context"
    BENIGN = "benign"
    REFUSAL = "refusal"
    FORM = "form"
    INTENT = "intent"
    CONTENT = "content"
    ORIGIN = "origin"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class StarterKeyword:
    """A row of ``keywords.csv``.

    Attributes:
        term: as people write it.
        category: the trade it points to.
        language: ISO 639-1.
        severity: ``"low"``, ``"medium"`` or ``"high"``.
        weight: evidence in log-odds, 0 < weight <= 3.
        search: whether it is worth typing into a marketplace's search box.
        reason: why it is here.
    """

    term: str
    category: Category
    language: str
    severity: str
    weight: float
    search: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A row of ``cues.csv``: words around an offer.

    Attributes:
        text: as people write it.
        kind: what it speaks for.
        scope: the categories it points to; empty means none in particular.
        intent: for `CueKind.INTENT`, whose cue it is.
        weight: log-odds; below zero for benign, refusal and form cues.
        reason: why, in words for a reviewer.
    """

    text: str
    kind: CueKind
    scope: frozenset[Category]
    intent: Intent | None
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """A row of ``parts.csv``: a phrase that names one part of an offer.

    Attributes:
        phrase: as people write it.
        part: which part, a row of ``topics.csv``.
        weight: log-odds that the part adds when this phrase names it, -1 to 3.
    """

    phrase: str
    part: str
    weight: float


@dataclass(frozen=True, slots=True)
class Topic:
    """A row of ``topics.csv``: a part, and which trades it points to.

    Attributes:
        part: its name.
        is_core: whether it is about faces, papers, checks or accounts; an offer
            without a term needs two such parts.
        meaning: in words for a reviewer.
        affinity: log-odds by which the part speaks for each trade against the others,
            in the order of `Category`.
    """

    part: str
    is_core: bool
    meaning: str
    affinity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Combination:
    """A row of ``combinations.csv``: two parts that say more together than apart."""

    parts: tuple[str, str]
    weight: float
    reason: str


def parse_table(
    name: str, text: str, columns: tuple[str, ...], build: Callable[[Mapping[str, str]], Row]
) -> tuple[Row, ...]:
    """Read one table, and refuse it as a whole when a row is wrong.

    Args:
        name: of the file, for messages.
        text: CSV with a heading.
        columns: the heading, in order.
        build: makes a row; a `ValueError` from it says what is wrong.

    Raises:
        VocabularyError: names the file, the line and what is wrong there.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for cells in reader:
            named = _named_cells(cells, columns, is_heading=reader.line_num == 1)
            if named:
                rows.append(build(named))
    except (csv.Error, ValueError) as error:
        raise VocabularyError(f"{name}, line {reader.line_num}: {error}") from error
    return tuple(rows)


def _named_cells(cells: list[str], columns: tuple[str, ...], *, is_heading: bool) -> dict[str, str]:
    if is_heading:
        if tuple(cells) != columns:
            raise ValueError(f"the heading is not {','.join(columns)}")
        return {}
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells instead of {len(columns)}")
    return dict(zip(columns, cells, strict=True))


def _text_of(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _filled(row: Mapping[str, str], column: str) -> str:
    if not row[column].strip():
        raise ValueError(f"{column} is empty")
    return row[column]


def _one_of(row: Mapping[str, str], column: str, allowed: tuple[str, ...]) -> str:
    if row[column] not in allowed:
        raise ValueError(f"{column} is {row[column]!r}, not one of {', '.join(allowed)}")
    return row[column]


def _weight(row: Mapping[str, str], lowest: float) -> float:
    weight = float(row["weight"])
    if not lowest <= weight <= MAX_WEIGHT:
        raise ValueError(f"weight {weight} is not between {lowest} and {MAX_WEIGHT}")
    return weight


def _keyword(row: Mapping[str, str]) -> StarterKeyword:
    return StarterKeyword(
        term=_filled(row, "term"),
        category=Category(row["category"]),
        language=_filled(row, "language"),
        severity=_one_of(row, "severity", SEVERITIES),
        weight=_weight(row, 0.1),
        search=YES_NO[_one_of(row, "search", tuple(YES_NO))],
        reason=_filled(row, "reason"),
    )


def _cue(row: Mapping[str, str]) -> Cue:
    kind = CueKind(row["kind"])
    is_intent = kind is CueKind.INTENT
    scope = () if is_intent or not row["scope"] else row["scope"].split("|")
    return Cue(
        text=_filled(row, "cue"),
        kind=kind,
        scope=frozenset(Category(name) for name in scope),
        intent=Intent(row["scope"]) if is_intent else None,
        weight=_weight(row, -MAX_WEIGHT),
        reason=_filled(row, "reason"),
    )


def _part(row: Mapping[str, str]) -> Part:
    return Part(_filled(row, "phrase"), _filled(row, "part"), _weight(row, -1.0))


def _topic(row: Mapping[str, str]) -> Topic:
    return Topic(
        part=_filled(row, "part"),
        is_core=YES_NO[_one_of(row, "core", tuple(YES_NO))],
        meaning=_filled(row, "meaning"),
        affinity=tuple(float(row[category]) for category in Category),
    )


def _combination(row: Mapping[str, str]) -> Combination:
    first, _, second = row["parts"].partition("+")
    if not first or not second or first == second:
        raise ValueError("parts: two different ones, joined by +, are needed")
    return Combination((first, second), _weight(row, 0.1), _filled(row, "reason"))


@lru_cache(maxsize=1)
def starter_keywords() -> tuple[StarterKeyword, ...]:
    """The starter vocabulary, in the order of its file."""
    columns = ("term", "category", "language", "severity", "weight", "search", "reason")
    return parse_table("keywords.csv", _text_of("keywords.csv"), columns, _keyword)


def starter_terms() -> tuple[Term, ...]:
    """The starter vocabulary as terms for the lexicon."""
    return tuple(Term(row.term, row.category, row.weight) for row in starter_keywords())


@lru_cache(maxsize=1)
def cues() -> tuple[Cue, ...]:
    """Lures, hand-offs, contexts, intents: everything that counts only beside the trade's words."""
    columns = ("cue", "kind", "scope", "weight", "reason")
    return parse_table("cues.csv", _text_of("cues.csv"), columns, _cue)


@lru_cache(maxsize=1)
def parts() -> tuple[Part, ...]:
    """Phrases that name one part of an offer."""
    columns = ("phrase", "part", "weight")
    return parse_table("parts.csv", _text_of("parts.csv"), columns, _part)


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """The parts of offers, and which trades they point to."""
    columns = ("part", "core", "meaning", *Category)
    return parse_table("topics.csv", _text_of("topics.csv"), columns, _topic)


@lru_cache(maxsize=1)
def combinations() -> tuple[Combination, ...]:
    """Which parts say more together than apart."""
    columns = ("parts", "weight", "reason")
    return parse_table("combinations.csv", _text_of("combinations.csv"), columns, _combination)


@dataclass(frozen=True, slots=True)
class Shape:
    """A row of ``shapes.csv``: how a character is written without writing it.

    Attributes:
        character: the one that is meant.
        parts: its components one after the other (月佥), several ways.
        lookalikes: characters that a reader takes for it.
    """

    character: str
    parts: tuple[str, ...]
    lookalikes: str


def _shape(row: Mapping[str, str]) -> Shape:
    parts = tuple(part for part in row["parts"].split("|") if part)
    return Shape(_filled(row, "character"), parts, row["lookalikes"])


@dataclass(frozen=True, slots=True)
class Word:
    """A row of ``words.csv`` or ``ordinary_words.csv``: a word that sellers disguise.

    Attributes:
        text: the plain word.
        is_distinct: whether so few ordinary words resemble it that it is also looked for
            by sound, by shape and in another order.
    """

    text: str
    is_distinct: bool


def _word(row: Mapping[str, str]) -> Word:
    return Word(_filled(row, "word"), YES_NO[_one_of(row, "distinct", tuple(YES_NO))])


@lru_cache(maxsize=1)
def trade_words() -> tuple[Word, ...]:
    """Words of the trade, besides the terms, that sellers disguise."""
    return _words_of("words.csv")


@lru_cache(maxsize=1)
def disguised_words() -> tuple[Word, ...]:
    """All words, besides the terms, that sellers disguise: of the trade, and around offers."""
    return trade_words() + _words_of("ordinary_words.csv")


def _words_of(table: str) -> tuple[Word, ...]:
    return parse_table(table, _text_of(table), ("word", "distinct"), _word)


@lru_cache(maxsize=1)
def shapes() -> tuple[Shape, ...]:
    """How the characters of such words are split or replaced by others of like shape."""
    columns = ("character", "parts", "lookalikes")
    return parse_table("shapes.csv", _text_of("shapes.csv"), columns, _shape)


@lru_cache(maxsize=1)
def signs() -> Mapping[str, str]:
    """Emoji and the words they stand for."""
    columns = ("sign", "word")
    rows = parse_table("signs.csv", _text_of("signs.csv"), columns, lambda row: row)
    return {row["sign"]: row["word"] for row in rows}


@lru_cache(maxsize=1)
def sounds() -> Mapping[str, str]:
    """Toneless pinyin of the 6,763 characters of GB 2312; ``ü`` is ``v``.

    A character of several readings has its commonest. Made from pypinyin (MIT).
    """
    columns = ("syllable", "characters")
    rows = parse_table("sounds.csv", _text_of("sounds.csv"), columns, lambda row: row)
    return {char: row["syllable"] for row in rows for char in row["characters"]}


@lru_cache(maxsize=1)
def innocent_spellings() -> frozenset[str]:
    """What looks like a disguised word and is an ordinary one (失明 sounds like 实名)."""
    columns = ("spelling",)
    return frozenset(
        parse_table("innocent.csv", _text_of("innocent.csv"), columns, lambda row: row["spelling"])
    )
