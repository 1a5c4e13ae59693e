"""The same texts in disguise: by each operator, by two of them, and with their slang unknown.

The operators are those of `classifiers.training.augment`; some of them nothing was
trained on. Where an operator cannot be applied to a text, the text is left out: the
figures say how many remain.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.evaluation.judging import Bands, Judge, bands_of
from classifiers.evaluation.rows import LabelledRow
from classifiers.training import augment
from classifiers.training.augment import KEPT_OUT, OPERATORS, Tables

__all__ = [
    "COMPOSED",
    "UNKNOWN_SLANG",
    "DisguiseFigures",
    "any_disguise",
    "measure_disguises",
]

CHINESE: Final = tuple(name for name in OPERATORS if name not in augment.LATIN)
LATIN: Final = tuple(name for name in OPERATORS if name in augment.LATIN)
COMPOSED: Final = "two composed"
UNKNOWN_SLANG: Final = "slang replaced by invented words"
TRIES: Final = 4
"""Draws of an operator for a text before it counts as one that cannot be disguised."""


@dataclass(frozen=True, slots=True)
class DisguiseFigures:
    """What one way of writing does to recall.

    Attributes:
        is_kept_out: whether nothing was trained on it; None where that is no question.
        language: of the offers it was applied to.
        asked: offers that it was tried on.
        bands: recall over those that it changed.
    """

    is_kept_out: bool | None
    language: str
    asked: int
    bands: Bands


def operators_for(language: str) -> tuple[str, ...]:
    """The operators that writers of a language have."""
    return CHINESE if language == "zh" else LATIN


def _disguise(text: str, operator: str, dice: random.Random, tables: Tables) -> str | None:
    # The converter to traditional characters takes no lone surrogates.
    return augment.disguise(text.encode("utf-8", "replace").decode(), operator, dice, tables)


def any_disguise(text: str, language: str, dice: random.Random, tables: Tables) -> str | None:
    """A text disguised by an operator drawn at random; None if none of some draws could be."""
    for _ in range(TRIES):
        operator = dice.choice(operators_for(language))
        if changed := _disguise(text, operator, dice, tables):
            return changed
    return None


def _composed(text: str, language: str, dice: random.Random, tables: Tables) -> str | None:
    for _ in range(TRIES):
        first, second = dice.sample(operators_for(language), 2)
        once = _disguise(text, first, dice, tables)
        if once and (twice := _disguise(once, second, dice, tables)):
            return twice
    return None


def measure_disguises(
    offers: Sequence[LabelledRow], judge: Judge, tables: Tables, seed: int
) -> list[DisguiseFigures]:
    """Recall of plain offers in each disguise.

    Args:
        offers: that are not disguised yet; Latin operators are applied to English ones.
        judge: decides.
        tables: how characters look; without them two operators can do nothing.
        seed: of everything random.
    """
    return list(_figures(offers, judge, tables, seed))


def _figures(
    offers: Sequence[LabelledRow], judge: Judge, tables: Tables, seed: int
) -> Iterator[DisguiseFigures]:
    chinese = [row.text for row in offers if row.language == "zh"]
    english = [row.text for row in offers if row.language == "en"]

    def figures(
        name: str, language: str, found: Sequence[str | None], *, is_kept_out: bool | None
    ) -> DisguiseFigures:
        judged = judge.judge_all(text for text in found if text)
        return DisguiseFigures(is_kept_out, language, len(found), bands_of(name, judged))

    for name in OPERATORS:
        language = "en" if name in LATIN else "zh"
        texts = english if language == "en" else chinese
        # A generator for each operator: a new one does not change the others' figures.
        dice = random.Random(f"{seed}/{name}")
        found = [_disguise(text, name, dice, tables) for text in texts]
        yield figures(name, language, found, is_kept_out=name in KEPT_OUT)
    for language, texts in (("zh", chinese), ("en", english)):
        dice = random.Random(f"{seed}/{COMPOSED}/{language}")
        found = [_composed(text, language, dice, tables) for text in texts]
        yield figures(COMPOSED, language, found, is_kept_out=None)
    dice = random.Random(f"{seed}/{UNKNOWN_SLANG}")
    found = [augment.delexicalise(text, dice) for text in chinese]
    yield figures(UNKNOWN_SLANG, "zh", found, is_kept_out=None)
