"""Whether a text is about the trade at all, and where in a long text it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from classifiers.lexicon import Topic
from classifiers.text.reading import Place, Reading, place_of

__all__ = ["focus", "is_about_trade"]

CORE_PARTS_NEEDED: Final = 2
PARTS_NEEDED: Final = 3
FOCUS_CHARS: Final = 300
FOCUS_LEAD: Final = 60
# Places that are tried as the heart of a long text.
MAX_ANCHORS: Final = 200


def focus(reading: Reading, topics: Mapping[str, Topic]) -> Reading:
    """A long text narrowed to where it speaks most of the trade.

    Words that meet by chance over a page make no offer. Terms stay wherever they are:
    an analyst wants to see each of them.
    """
    if len(reading.view.text) <= FOCUS_CHARS:
        return reading
    places = [place_of(term).start for term in reading.terms]
    by_part = {
        part: [match.place.start for match in matches] for part, matches in reading.parts.items()
    }
    for part, starts in by_part.items():
        if part in topics and topics[part].is_core:
            places += starts
    if not places:
        return reading
    best = max(sorted(places)[:MAX_ANCHORS], key=lambda at: _density(at, reading, by_part))
    span = Place(max(0, best - FOCUS_LEAD), best - FOCUS_LEAD + FOCUS_CHARS)
    first, last = reading.view.span(span.start, min(span.end, len(reading.view.text)))
    return replace(
        reading,
        amounts=[
            amount
            for amount in reading.amounts
            if first <= reading.folded.starts[amount.start] < last
        ],
        cues={
            kind: [match for match in matches if span.holds(match.place)]
            for kind, matches in reading.cues.items()
        },
        parts={
            part: inside
            for part, matches in reading.parts.items()
            if (inside := [match for match in matches if span.holds(match.place)])
        },
    )


def _density(at: int, reading: Reading, by_part: Mapping[str, Sequence[int]]) -> int:
    first, last = at - FOCUS_LEAD, at - FOCUS_LEAD + FOCUS_CHARS
    named = sum(
        1 for starts in by_part.values() if bisect_left(starts, first) < bisect_left(starts, last)
    )
    terms = sum(1 for term in reading.terms[:MAX_ANCHORS] if first <= term.view_start < last)
    return named + 2 * terms


def is_about_trade(reading: Reading, topics: Mapping[str, Topic]) -> bool:
    """Whether there is a term, two core parts, or a core part and two others.

    Core parts are about faces, papers, checks or accounts.
    """
    if reading.terms:
        return True
    known = [part for part in reading.parts if part in topics]
    core = [part for part in known if topics[part].is_core]
    if not core:
        return False
    # One word that names two parts (人脸: a face and a check) is one word.
    core_words = {match.place for part in core for match in reading.parts[part]}
    words = core_words | {match.place for part in known for match in reading.parts[part]}
    has_two_core = len(core) >= CORE_PARTS_NEEDED and len(core_words) >= CORE_PARTS_NEEDED
    return has_two_core or min(len(known), len(words)) >= PARTS_NEEDED
