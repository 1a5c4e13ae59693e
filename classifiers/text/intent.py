"""What the writer wants: to deal, to talk, or to warn."""

from __future__ import annotations

from typing import Final

from classifiers.contract import OFFER_INTENTS, Intent
from classifiers.lexicon import CueKind
from classifiers.text.reading import Reading

__all__ = ["decide_intent", "intent_strengths"]

# A second cue of one intent adds less than the first.
REPEAT: Final = 0.6
# A market shows offers: a short text about the trade without any cue is one.
SHORT_CHARS: Final = 120
TALK_MARGIN: Final = 0.4


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


def decide_intent(strengths: dict[Intent, float], *, is_about_trade: bool, length: int) -> Intent:
    """The most likely intent.

    Args:
        strengths: from `intent_strengths`.
        is_about_trade: whether any word or combination of the trade was found.
        length: of the text in characters.
    """
    offer = max(
        (intent for intent in Intent if intent in OFFER_INTENTS),
        key=lambda intent: strengths.get(intent, 0.0),
    )
    talk = max(
        (intent for intent in Intent if intent not in OFFER_INTENTS),
        key=lambda intent: strengths.get(intent, 0.0),
    )
    offer_strength, talk_strength = strengths.get(offer, 0.0), strengths.get(talk, 0.0)
    if talk_strength > offer_strength + TALK_MARGIN or (talk_strength and not offer_strength):
        return talk
    if offer_strength:
        return offer
    return Intent.SELL if is_about_trade and length <= SHORT_CHARS else Intent.OTHER
