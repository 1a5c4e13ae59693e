"""What the text in a picture says: through the text cascade, with its boxes kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.contract import Assessment, Box, Listing, PictureEvidence
from classifiers.images.ocr import Line

__all__ = ["Wording", "understand"]

LISTED: Final = frozenset({"lexicon", "part", "trade_context", "lure", "handoff"})
"""Signals of the cascade whose reasons name listed words and quote nothing else."""
MAX_EVIDENCE: Final = 12


@dataclass(frozen=True, slots=True)
class Wording:
    """Text of a picture, understood.

    Attributes:
        text: the lines, joined by line ends; may hold victims' numbers.
        said: what the cascade says about it.
        evidence: its reasons, with the boxes of the lines they stand in and without weight:
            the cascade's own score weighs them.
    """

    text: str
    said: Assessment
    evidence: tuple[PictureEvidence, ...]


def understand(lines: Sequence[Line], assess: Callable[[Listing], Assessment]) -> Wording:
    """Assess the lines as if they were a listing's text."""
    spans: list[tuple[int, int, Box]] = []
    at = 0
    for line in lines:
        spans.append((at, at + len(line.text), line.box))
        at += len(line.text) + 1
    text = "\n".join(line.text for line in lines)
    said = assess(Listing(text))
    reasons = [each for each in said.evidence if each.signal in LISTED and each.weight > 0]
    evidence = tuple(
        PictureEvidence(
            "text",
            reason.term,
            f"in the picture: {reason.why}",
            0.0,
            tuple(box for start, end, box in spans if start < reason.end and reason.start < end),
            reason.category,
        )
        for reason in reasons[:MAX_EVIDENCE]
    )
    return Wording(text, said, evidence)
