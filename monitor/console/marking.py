"""A hit's text with its evidence in place, as tokens that a template writes one after the other.

Spans may be nested, overlap or lie on one another. They become elements that are
properly nested: where two overlap, the later one is cut in two at the border.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.console.visible import Run, runs

__all__ = ["MAX_MARKS", "Token", "mark"]

MAX_MARKS = 200
"""The strongest are marked; the list of reasons has all of them."""

LEARNED = frozenset({"ngrams", "encoder"})
"""Signals whose places are pieces of words: none is marked where a word is, which stays whole."""


@dataclass(frozen=True, slots=True)
class Token:
    """One thing to write.

    Attributes:
        kind: ``"text"``, ``"hidden"`` (a run of one hidden character), ``"cut"`` (where a
            victim's identifier stood), ``"open"`` or ``"close"`` (a mark).
        text: the characters, for the first three.
        code: the name of the hidden character, or the kind of the identifier.
        number: of the evidence, 1 for the strongest, for marks.
        is_edge: whether this is where the evidence really begins or ends.
        is_against: whether it speaks for an ordinary listing.
    """

    kind: str
    text: str = ""
    code: str = ""
    number: int = 0
    is_edge: bool = True
    is_against: bool = False


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    number: int
    is_against: bool

    def opened(self, at: int) -> Token:
        """The token that begins it, or its second part."""
        return Token(
            "open", number=self.number, is_edge=at == self.start, is_against=self.is_against
        )

    def closed(self, at: int) -> Token:
        """The token that ends it, or its first part."""
        return Token(
            "close", number=self.number, is_edge=at == self.end, is_against=self.is_against
        )


def mark(
    text: str,
    evidence: Sequence[Mapping[str, Any]],
    identifiers: Sequence[Mapping[str, Any]] = (),
) -> list[Token]:
    """Put evidence into a text.

    Args:
        text: what the spans refer to.
        evidence: strongest first, each with ``signal``, ``start``, ``end`` and ``weight``;
            spans that reach over the end of the text are cut there.
        identifiers: where victims' identifiers stood, with ``kind``, not overlapping.
    """
    spans = _spans(len(text), evidence)
    pieces = _pieces(text, spans, identifiers)
    starting: dict[int, list[_Span]] = {}
    for span in sorted(spans, key=lambda span: (-span.end, span.number)):
        starting.setdefault(span.start, []).append(span)
    ends = {span.end for span in spans}
    tokens: list[Token] = []
    is_open: list[_Span] = []
    for at, piece in pieces:
        if at in ends:
            tokens += _close(is_open, at)
        for span in starting.get(at, ()):
            is_open.append(span)
            tokens.append(span.opened(at))
        tokens.append(piece)
    tokens += _close(is_open, len(text))
    return tokens


def _spans(length: int, evidence: Sequence[Mapping[str, Any]]) -> list[_Span]:
    found = []
    for number, item in enumerate(evidence[:MAX_MARKS], start=1):
        start, end = max(0, item["start"]), min(length, item["end"])
        if start < end:
            found.append(_Span(start, end, number, item["weight"] < 0))
    words = [span for span in found if evidence[span.number - 1]["signal"] not in LEARNED]
    return [
        span
        for span in found
        if span in words
        or not any(span.start < word.end and word.start < span.end for word in words)
    ]


def _close(is_open: list[_Span], at: int) -> Iterator[Token]:
    """End the marks that end here; those inside which go on begin anew."""
    ending = [place for place, span in enumerate(is_open) if span.end <= at]
    if not ending:
        return
    outermost = ending[0]
    for span in reversed(is_open[outermost:]):
        yield span.closed(at)
    is_open[outermost:] = [span for span in is_open[outermost:] if span.end > at]
    for span in is_open[outermost:]:
        yield span.opened(at)


def _pieces(
    text: str, spans: Sequence[_Span], identifiers: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[int, Token]]:
    """The text between all borders, each piece with its offset."""
    kinds: list[tuple[int, int, str]] = sorted(
        (max(0, item["start"]), min(len(text), item["end"]), str(item["kind"]))
        for item in identifiers
    )
    borders = {border for span in spans for border in (span.start, span.end)}
    borders |= {border for start, end, _ in kinds for border in (start, end)}
    waiting = sorted(borders, reverse=True)
    for run in runs(text):
        for at, shown in _cut(run, waiting):
            while kinds and kinds[0][1] <= at:
                kinds.pop(0)
            if kinds and kinds[0][0] <= at:
                yield at, Token("cut", shown, kinds[0][2])
            else:
                yield at, Token("hidden" if run.code else "text", shown, run.code)


def _cut(run: Run, waiting: list[int]) -> Iterator[tuple[int, str]]:
    """The run in parts that no border divides; `waiting` has the borders, last one first."""
    at, end = run.start, run.start + len(run.text)
    while at < end:
        while waiting and waiting[-1] <= at:
            waiting.pop()
        until = min(end, waiting[-1]) if waiting else end
        yield at, run.text[at - run.start : until - run.start]
        at = until
