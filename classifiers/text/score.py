"""The first scorer: adds up reasons, and lets a person check the sum.

Log-odds that a text offers something of the trade = `BIAS` + all its reasons.
The category that the reasons lean to most has that sum; each other one has as
much less as fewer lean to it. What the numbers mean as a probability was
measured, see ``docs/reference/assessment.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.contract import OFFER_INTENTS, Category, Contact, Evidence, Intent, Listing, Offer
from classifiers.lexicon import Combination, CueKind, Topic
from classifiers.text.focus import focus, is_about_trade
from classifiers.text.intent import decide_intent, intent_strengths
from classifiers.text.reading import Reading
from classifiers.text.signals import (
    Reason,
    combination_reasons,
    contact_reasons,
    cue_reasons,
    lone_term_reasons,
    part_reasons,
    price_reasons,
    quantity_reasons,
    talk_reasons,
    term_reasons,
)

__all__ = ["NO_OFFER_FACTOR", "SCORER_VERSION", "Scorer", "Verdict", "fuse"]

SCORER_VERSION: Final = "1"
BIAS: Final = -0.92
"""Log-odds before any reason: one term, of weight 3 at most, cannot lift it to a hit."""

NOTHING: Final = 0.005
"""Probability of a category that no reason leans to."""

NO_OFFER_FACTOR: Final = 0.35
"""What is left of the score of a text about the trade that offers nothing."""

MAX_EVIDENCE: Final = 40
FELT: Final = 0.05
"""Log-odds below which a reason is not worth a reviewer's time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the words of a listing say.

    Attributes:
        categories: probability of each category.
        intent: the most likely one.
        evidence: strongest first, at most `MAX_EVIDENCE`.
        offer: what could be read out.
    """

    categories: Mapping[Category, float]
    intent: Intent
    evidence: tuple[Evidence, ...]
    offer: Offer

    def score(self, category: Category) -> float:
        """The probability of a category, cut down where nothing is offered."""
        factor = 1.0 if self.intent in OFFER_INTENTS else NO_OFFER_FACTOR
        return self.categories[category] * factor


class Scorer:
    """Weighs what was read. Deterministic and safe in threads.

    Args:
        topics: the parts of offers.
        combinations: pairs of them that say more together.
    """

    def __init__(self, topics: Sequence[Topic], combinations: Sequence[Combination]) -> None:
        self._topics = {topic.part: topic for topic in topics}
        self._combinations = tuple(combinations)

    def judge(self, listing: Listing, reading: Reading, contacts: Sequence[Contact]) -> Verdict:
        """Weigh everything that was read in a listing."""
        reading = focus(reading, self._topics)
        is_trade = is_about_trade(reading, self._topics)
        length = len(reading.view.original)
        intent = decide_intent(intent_strengths(reading), is_about_trade=is_trade)
        reasons: list[Reason] = []
        if is_trade:
            reasons = [
                *term_reasons(reading),
                *part_reasons(reading, self._topics),
                *combination_reasons(reading, self._combinations),
                *cue_reasons(reading),
                *talk_reasons(reading),
                *quantity_reasons(reading),
                *contact_reasons(contacts),
                *price_reasons(listing, length),
            ]
            reasons += lone_term_reasons(reasons)
        ranked = sorted(
            (reason.evidence for reason in reasons if abs(reason.evidence.weight) >= FELT),
            key=lambda evidence: (-abs(evidence.weight), evidence.start, evidence.term),
        )
        return Verdict(
            categories=fuse(reasons),
            intent=intent,
            evidence=tuple(ranked[:MAX_EVIDENCE]),
            offer=_read_offer(reading, contacts) if is_trade else Offer(),
        )


def fuse(reasons: Sequence[Reason]) -> dict[Category, float]:
    """Probability of every category from all reasons; tiny for all without any."""
    if not reasons:
        return dict.fromkeys(Category, NOTHING)
    total = BIAS + sum(reason.evidence.weight for reason in reasons)
    leaning = [sum(column) for column in zip(*(r.affinity for r in reasons), strict=True)]
    highest = max(leaning)
    return {
        category: round(max(NOTHING, 1 / (1 + math.exp(highest - leans - total))), 4)
        for category, leans in zip(Category, leaning, strict=True)
    }


def _read_offer(reading: Reading, contacts: Sequence[Contact]) -> Offer:
    """What the offer states, as far as words and numbers show it."""
    priced = next((a for a in reading.amounts if a.unit_price_minor is not None), None)
    quantity = max((amount.quantity or 0 for amount in reading.amounts), default=0)
    return Offer(
        unit_price_minor=priced.unit_price_minor if priced else None,
        unit=priced.unit if priced else None,
        quantity=quantity or None,
        contents=_named(reading, CueKind.CONTENT),
        origins=_named(reading, CueKind.ORIGIN),
        targets=_named(reading, CueKind.TARGET),
        handoff=tuple(dict.fromkeys(contact.kind.value for contact in contacts)),
    )


def _named(reading: Reading, kind: CueKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.cue.text for match in reading.cues.get(kind, ())))
