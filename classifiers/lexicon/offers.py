"""The words by which an offer is read out, as data: ``offer_words.csv``.

The table lies beside this file and is read when `offer_words` is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

from classifiers.lexicon import parse_table

__all__ = ["NOTHING", "OfferField", "OfferWord", "offer_words"]

NOTHING: Final = "-"
"""The value of a longer word that only keeps a shorter one in it from being read."""


class OfferField(StrEnum):
    """A field of `classifiers.contract.Offer` that words fill, by its name there."""

    CONTENTS = "contents"
    ORIGINS = "origins"
    TARGETS = "targets"
    DELIVERY = "delivery"
    HANDOFF = "handoff"


@dataclass(frozen=True, slots=True)
class OfferWord:
    """A row of ``offer_words.csv``: one meaning and the phrases for it.

    Attributes:
        field: where it is written.
        value: its canonical name, or `NOTHING`.
        phrases: as people write them; a longer phrase wins over one inside it, of
            whatever field.
    """

    field: OfferField
    value: str
    phrases: tuple[str, ...]


def _offer_word(row: Mapping[str, str]) -> OfferWord:
    phrases = tuple(phrase for phrase in row["phrases"].split("|") if phrase.strip())
    if not phrases or not row["value"].strip():
        raise ValueError("a value and one phrase at least are needed")
    return OfferWord(OfferField(row["field"]), row["value"], phrases)


@lru_cache(maxsize=1)
def offer_words() -> tuple[OfferWord, ...]:
    """All of them, in the order of the file."""
    name = "offer_words.csv"
    text = resources.files("classifiers.lexicon").joinpath(name).read_text(encoding="utf-8")
    return parse_table(name, text, ("field", "value", "phrases"), _offer_word)
