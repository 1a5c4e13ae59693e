"""Reasons that name a picture or a disguise, said in the reader's language."""

from __future__ import annotations

import re

from monitor.console.language import Words

__all__ = ["reason"]

SHOWS = re.compile(r"picture (\d+): (.+)")
OFFERS = re.compile(r"text in picture (\d+) offers it")
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
    read, _, rest = why.rpartition("; ")
    if " -> " in read:
        return f"{read}; {words.of('why', rest)}"
    return words.of("why", why)
