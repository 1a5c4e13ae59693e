"""From what was read to a probability: rules that a person can check, and learned models.

A cascade. Rules: the log-odds that a text offers something of the trade are `BIAS` +
all its reasons. N-grams: `classifiers.text.ngrams`. A `Fusion` adds both up with
learned weights. Where the sum leaves doubt, the encoder reads the text
(`classifiers.text.encoder`), and a second `Fusion` of all three decides. Either sum is
a calibrated probability of an offer. The category that all lean to most has that sum;
each other one as much less as they lean to it less.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from classifiers.contract import OFFER_INTENTS, Category, Contact, Evidence, Intent, Listing, Offer
from classifiers.lexicon import Combination, Topic
from classifiers.text.encoder import MAX_CHARS, Encoder, EncoderReading
from classifiers.text.focus import focus, is_about_trade
from classifiers.text.intent import decide_intent, intent_strengths
from classifiers.text.ngrams import NgramModel, NgramReading
from classifiers.text.normalise import normalise
from classifiers.text.offer import shipped_offer_reader
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

__all__ = ["SCORER_VERSION", "Fusion", "Inputs", "Scorer", "Verdict", "ask", "is_one_word"]

SCORER_VERSION: Final = "3"
BIAS: Final = -0.92
"""Log-odds before any reason: one term, of weight 3 at most, cannot lift it to a hit."""

NOTHING: Final = 0.005
"""Probability of a category that no reason leans to."""

NEGLIGIBLE: Final = math.log(NOTHING / (1 - NOTHING))

SHOWN_FROM: Final = -3.0
"""Log-odds from which what the models say is shown; below, nobody looks at the text."""

BARE_WORD: Final = 1.7
"""Most log-odds of a text that is one term and nothing else: no single word decides."""

CLOSE_BEFORE: Final = 40
CLOSE_CHARS: Final = 120
"""What the encoder reads a second time of a long text, around what the n-grams find strongest."""

MAX_EVIDENCE: Final = 40
FELT: Final = 0.05
"""Log-odds below which a reason is not worth a reviewer's time."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is fused.

    Attributes:
        ngrams: log-odds by n-grams; None without a model.
        rules: log-odds by rules; None when no rule applies.
        is_offer: whether the cues of intent speak of an offer.
        encoder: log-odds by the encoder; None when it was not asked.
    """

    ngrams: float | None
    rules: float | None
    is_offer: bool
    encoder: float | None = None


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the inputs, learned on texts that neither saw.

    Attributes:
        bias: log-odds before anything.
        ngrams: weight of the n-grams' log-odds.
        rules: weight of the rules' log-odds.
        no_rules: what it says that no rule applies.
        is_offer: what it says that the cues speak of an offer.
        encoder: weight of the encoder's log-odds.
    """

    bias: float = 0.0
    ngrams: float = 0.0
    rules: float = 1.0
    no_rules: float = 0.0
    is_offer: float = 0.0
    encoder: float = 0.0

    def log_odds(self, inputs: Inputs) -> float:
        """Of an offer."""
        rules = self.no_rules if inputs.rules is None else self.rules * inputs.rules
        learned = self.ngrams * (inputs.ngrams or 0.0) + self.encoder * (inputs.encoder or 0.0)
        return self.bias + learned + rules + (self.is_offer if inputs.is_offer else 0.0)


RULES_ALONE: Final = Fusion(no_rules=NEGLIGIBLE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the words of a listing say.

    Attributes:
        categories: probability of each category.
        intent: the most likely one.
        evidence: strongest first, at most `MAX_EVIDENCE`.
        offer: what could be read out.
        inputs: what was fused.
    """

    categories: Mapping[Category, float]
    intent: Intent
    evidence: tuple[Evidence, ...]
    offer: Offer
    inputs: Inputs


class Scorer:
    """Weighs what was read. Deterministic and safe in threads.

    Args:
        topics: the parts of offers.
        combinations: pairs of them that say more together.
        model: of n-grams; None: the rules alone decide.
        encoder: for the texts that both leave in doubt; None: nobody is asked.
    """

    def __init__(
        self,
        topics: Sequence[Topic],
        combinations: Sequence[Combination],
        model: NgramModel | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self._topics = {topic.part: topic for topic in topics}
        self._combinations = tuple(combinations)
        self._model = model
        self._fusion = Fusion(**model.fusion) if model else RULES_ALONE
        self._encoder = encoder
        self._last_fusion = Fusion(**encoder.fusion) if encoder else self._fusion

    def judge(self, listing: Listing, reading: Reading, contacts: Sequence[Contact]) -> Verdict:
        """Weigh everything that was read in a listing."""
        learned = self._model.read(reading.plain.text) if self._model else None
        reading = focus(reading, self._topics)
        is_trade = is_about_trade(reading, self._topics)
        strengths = intent_strengths(reading)
        intent = decide_intent(strengths, is_about_trade=is_trade)
        reasons = self._reasons(listing, reading, contacts) if is_trade else []
        inputs = Inputs(
            ngrams=learned.offer if learned else None,
            rules=BIAS + sum(reason.evidence.weight for reason in reasons) if reasons else None,
            is_offer=intent in OFFER_INTENTS,
        )
        log_odds = self._fusion.log_odds(inputs)
        read: EncoderReading | None = None
        if self._encoder and self._encoder.is_in_doubt(log_odds):
            read = ask(self._encoder, reading.plain.text, learned)
            inputs = replace(inputs, encoder=read.offer)
            log_odds = self._last_fusion.log_odds(inputs)
        is_bare = not listing.price_minor and is_one_word(reading)
        if is_bare:
            log_odds = min(log_odds, BARE_WORD)
        # A model of one's own may know no intents; then the stage before speaks.
        said = (read.intents if read else {}) or (learned.intents if learned else {})
        if said and not strengths:
            intent = max(said, key=said.__getitem__)
        fusion = self._last_fusion if read else self._fusion
        evidence = _rule_evidence(reasons, fusion.rules)
        if is_bare and log_odds == BARE_WORD:
            only = reading.terms[0]
            why = "the whole text is one word of the trade, which does not decide alone"
            evidence.append(Evidence("alone", only.term.text, only.start, only.end, why, 0.0))
        if log_odds >= SHOWN_FROM:
            if read:
                evidence += _encoder_evidence(read, reading, fusion.encoder)
            if learned:
                evidence += _ngram_evidence(learned, reading, fusion.ngrams)
        evidence.sort(key=lambda item: (-abs(item.weight), item.start, item.term))
        return Verdict(
            categories=_categories(log_odds, reasons, learned, read),
            intent=intent,
            evidence=tuple(evidence[:MAX_EVIDENCE]),
            offer=_read_offer(reading, contacts) if is_trade or log_odds >= SHOWN_FROM else Offer(),
            inputs=inputs,
        )

    def _reasons(
        self, listing: Listing, reading: Reading, contacts: Sequence[Contact]
    ) -> list[Reason]:
        reasons = [
            *term_reasons(reading),
            *part_reasons(reading, self._topics),
            *combination_reasons(reading, self._combinations),
            *cue_reasons(reading),
            *talk_reasons(reading),
            *quantity_reasons(reading, contacts),
            *contact_reasons(contacts),
            *price_reasons(listing, len(reading.view.original)),
        ]
        return reasons + lone_term_reasons(reasons)


def ask(encoder: Encoder, text: str, learned: NgramReading | None) -> EncoderReading:
    """What the encoder says of a normalised text.

    A long text is read where the n-grams point to, and once more close around what they
    find strongest, since a sentence among three hundred characters of something else
    would be outweighed by them; the reading that looks more like an offer counts.
    """
    if learned is None or len(text) <= MAX_CHARS or not learned.strongest:
        return encoder.read(text)
    start = max(0, learned.strongest[0][0] - CLOSE_BEFORE)
    close = encoder.read(text[: start + CLOSE_CHARS], start)
    wide = encoder.read(text, learned.start)
    return max(close, wide, key=lambda reading: reading.offer)


def is_one_word(reading: Reading) -> bool:
    """Whether a text is one term and nothing else that is a letter or a digit."""
    text = reading.view.text
    return any(
        not any(char.isalnum() for char in text[: term.view_start] + text[term.view_end :])
        for term in reading.terms[:4]
    )


def _categories(
    log_odds: float,
    reasons: Sequence[Reason],
    learned: NgramReading | None,
    read: EncoderReading | None,
) -> dict[Category, float]:
    """Probability of every category; tiny for all without any reason."""
    if log_odds < NEGLIGIBLE:
        return dict.fromkeys(Category, NOTHING)
    said = (learned.categories if learned else {}, read.categories if read else {})
    leaning = [sum(each.get(category, 0.0) for each in said) for category in Category]
    for reason in reasons:
        leaning = [sum(pair) for pair in zip(leaning, reason.affinity, strict=True)]
    highest = max(leaning)
    return {
        category: round(max(NOTHING, 1 / (1 + math.exp(min(50.0, highest - leans - log_odds)))), 4)
        for category, leans in zip(Category, leaning, strict=True)
    }


def _rule_evidence(reasons: Sequence[Reason], weight: float) -> list[Evidence]:
    """The rules' reasons, each with what it added after the fusion."""
    return [
        replace(evidence, weight=round(weight * evidence.weight, 3))
        for evidence in (reason.evidence for reason in reasons)
        if abs(weight * evidence.weight) >= FELT
    ]


def _ngram_evidence(learned: NgramReading, reading: Reading, weight: float) -> list[Evidence]:
    """The pieces of text that speak most for an offer."""
    why = "often in offers, by the learned n-grams"
    return [
        _learned("ngrams", reading, start, end, why, weight * added)
        for start, end, added in learned.strongest
        if weight * added >= FELT
    ]


def _encoder_evidence(read: EncoderReading, reading: Reading, weight: float) -> list[Evidence]:
    """The pieces of text that speak most for an offer, and what is left of the answer."""
    why = "the language model looked at this most"
    felt = [piece for piece in read.strongest if weight * piece[2] >= FELT]
    found = [
        _learned("encoder", reading, start, end, why, weight * added) for start, end, added in felt
    ]
    rest = weight * (read.offer - sum(added for *_, added in felt))
    why = "the rest of the text, as the language model reads it"
    return [*found, Evidence("encoder", "", 0, 0, why, round(rest, 2))]


def _learned(
    signal: str, reading: Reading, start: int, end: int, why: str, weight: float
) -> Evidence:
    """What a model says of a place in the plain view."""
    first, last = reading.plain.span(start, end)
    word = reading.plain.text[start:end].strip()
    written = reading.plain.original[first:last].strip()
    if normalise(written).text != word:
        operators = reading.plain.operators(start, end)
        why = f"{written} -> {word}, {', '.join(operators)}; {why}"
    return Evidence(signal, word, first, last, why, round(weight, 2))


def _read_offer(reading: Reading, contacts: Sequence[Contact]) -> Offer:
    """What the offer states, as far as words and numbers show it."""
    return shipped_offer_reader().read(reading.folded, reading.plain, contacts)
