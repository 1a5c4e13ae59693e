"""Reasons that name a picture, a word or its disguise, said in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from classifiers.text.characters import Operator
from monitor.console.language import Words

__all__ = ["disguises", "reason"]

SHOWS = re.compile(r"picture (\d+): (.+)")
OFFERS = re.compile(r"text in picture (\d+) offers it")
NAMES = "names a trade: "
ARROW = " -> "
OPERATORS = frozenset(Operator)
ORDINARY = re.compile(r"(\d+) pictures show ordinary things")


def reason(words: Words, why: str) -> str:
    """A reason's sentence; as it was written where the language has no words for it."""
    if found := SHOWS.fullmatch(why):
        seen = words.of("why", found[2])
        return words("pictures.shows", number=found[1], seen=seen)
    if found := OFFERS.fullmatch(why):
        return words("pictures.offers", number=found[1])
    if found := ORDINARY.fullmatch(why):
        return words("pictures.all_ordinary", count=found[1])
    if why.startswith(NAMES):
        return words("reason.names", term=why.removeprefix(NAMES))
    return _undone(words, why) or words.of("why", why)


def disguises(words: Words, names: Iterable[str]) -> str:
    """What was undone to read a word, one after the other."""
    return words("reason.and").join(words.of("disguise", name) for name in names)


def _undone(words: Words, why: str) -> str:
    """For "人*脸 -> 人脸, separators removed"; "" for anything else."""
    written, arrow, rest = why.rpartition(ARROW)
    term, *names = rest.split(", ")
    if not (arrow and names and OPERATORS.issuperset(names)):
        return ""
    return f"{written}{ARROW}{term}{words('reason.by')}{disguises(words, names)}"
