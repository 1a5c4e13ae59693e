"""The first scorer: adds up reasons, and lets a person check the sum.

Log-odds of a category = `BIAS` + its reasons; a category without a word or
combination of its own stays at `NOTHING`. What the numbers mean as a
probability was measured, see ``docs/reference/assessment.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.contract import OFFER_INTENTS, Category, Contact, Evidence, Intent, Listing, Offer
from classifiers.lexicon import Combination, CueKind
from classifiers.text.intent import decide_intent, intent_strengths
from classifiers.text.reading import Reading
from classifiers.text.signals import (
    Reason,
    amount_reasons,
    combination_reasons,
    contact_reasons,
    cue_reasons,
    price_reasons,
    talk_reasons,
    term_reasons,
    trade_reasons,
)

__all__ = ["SCORER_VERSION", "Verdict", "fuse", "judge"]

SCORER_VERSION: Final = "1"
BIAS: Final = -2.4
"""Log-odds before any reason: above what one term can lift over `hit`."""

NOTHING: Final = 0.01
"""Probability of a category that no word speaks for."""

NO_OFFER_FACTOR: Final = 0.35
"""What is left of the score of a text about the trade that offers nothing."""

MAX_EVIDENCE: Final = 40
TALK: Final = tuple(intent for intent in Intent if intent not in OFFER_INTENTS)


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

    def score(self, counted: frozenset[Category]) -> float:
        """The highest probability of a counted category, cut down where nothing is offered."""
        highest = max((self.categories[category] for category in counted), default=0.0)
        return highest if self.intent in OFFER_INTENTS else highest * NO_OFFER_FACTOR


def judge(
    listing: Listing,
    reading: Reading,
    combinations: Iterable[Combination],
    contacts: Sequence[Contact],
) -> Verdict:
    """Weigh everything that was read in a listing."""
    basis = trade_reasons([*term_reasons(reading), *combination_reasons(reading, combinations)])
    strengths = intent_strengths(reading)
    length = len(reading.view.original)
    intent = decide_intent(strengths, is_about_trade=bool(basis), length=length)
    around: list[Reason] = []
    if basis:
        around = [
            *cue_reasons(reading, basis),
            *talk_reasons(reading, TALK),
            *amount_reasons(reading),
            *contact_reasons(contacts),
            *price_reasons(listing, length),
        ]
    ranked = sorted(
        (reason.evidence for reason in (*basis, *around)),
        key=lambda evidence: (-abs(evidence.weight), evidence.start, evidence.term),
    )
    return Verdict(
        categories=fuse(basis, around),
        intent=intent,
        evidence=tuple(ranked[:MAX_EVIDENCE]),
        offer=_read_offer(reading, contacts) if basis else Offer(),
    )


def fuse(basis: Sequence[Reason], around: Sequence[Reason]) -> dict[Category, float]:
    """Probability of every category.

    Args:
        basis: words and combinations of the trade, one category each.
        around: what else speaks for or against some categories.
    """
    named = {reason.evidence.category for reason in basis}
    categories = dict.fromkeys(Category, NOTHING)
    for category in Category:
        if category in named:
            reasons = (r for r in (*basis, *around) if category in r.scope)
            total = BIAS + sum(reason.evidence.weight for reason in reasons)
            categories[category] = round(1 / (1 + math.exp(-total)), 4)
    return categories


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
