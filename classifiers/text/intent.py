"""What the writer wants: to deal, to talk, or to warn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from classifiers.contract import OFFER_INTENTS, Intent
from classifiers.lexicon import CueKind
from classifiers.text.reading import Reading

__all__ = ["decide_intent", "intent_strengths"]

# A second cue of one intent adds less than the first.
REPEAT: Final = 0.6
# A market shows offers: a text about the trade is one unless it speaks otherwise.
PRESUMED_OFFER: Final = 0.6
TALK_MARGIN: Final = 0.4
OFFERS: Final = tuple(intent for intent in Intent if intent in OFFER_INTENTS)
TALK: Final = tuple(intent for intent in Intent if intent not in OFFER_INTENTS)


def intent_strengths(reading: Reading) -> dict[Intent, float]:
    """How strongly the cues speak for each intent that has any."""
    weights: dict[Intent, dict[str, float]] = {}
    for match in reading.cues.get(CueKind.INTENT, ()):
        if match.cue.intent is not None:
            weights.setdefault(match.cue.intent, {})[match.cue.text] = match.cue.weight
    return {
        intent: sum(
            weight * REPEAT**at for at, weight in enumerate(sorted(found.values(), reverse=True))
        )
        for intent, found in weights.items()
    }


def decide_intent(strengths: Mapping[Intent, float], *, is_about_trade: bool) -> Intent:
    """The most likely intent.

    Args:
        strengths: from `intent_strengths`.
        is_about_trade: whether any word or combination of the trade was found.
    """
    offer = max(OFFERS, key=lambda intent: strengths.get(intent, 0.0))
    talk = max(TALK, key=lambda intent: strengths.get(intent, 0.0))
    talk_strength = strengths.get(talk, 0.0)
    offer_strength = strengths.get(offer, 0.0)
    if is_about_trade:
        offer_strength = max(offer_strength, PRESUMED_OFFER)
    if talk_strength > offer_strength + TALK_MARGIN:
        return talk
    return offer if offer_strength else Intent.OTHER
