"""From what was read to reasons with a weight.

Weights are the log-odds that are really added: repeats and relatives add less
and less, one kind of reason adds no more than its cap, and nothing counts unless
the text is about the trade (`is_about_trade`). Where a reason leans to some
categories it says so; how the leanings share the sum is in `classifiers.text.score`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from classifiers.contract import OFFER_INTENTS, Category, Contact, Evidence, Intent, Listing
from classifiers.lexicon import Combination, CueKind, Topic
from classifiers.text.amounts import BULK
from classifiers.text.lexicon import TermMatch
from classifiers.text.reading import CueMatch, PartMatch, Place, Reading, place_of

__all__ = [
    "Reason",
    "combination_reasons",
    "contact_reasons",
    "cue_reasons",
    "lone_term_reasons",
    "part_reasons",
    "price_reasons",
    "quantity_reasons",
    "talk_reasons",
    "term_reasons",
]

TERM_REPEAT: Final = 0.5
"""What each further term adds, as a share of the one before."""

CUE_REPEAT: Final = 0.4
"""The same for cues of one meaning."""

TERM_CAP: Final = 4.0
# Log-odds that one kind of cue can add or take away at most.
CAPS: Final[Mapping[CueKind, float]] = {
    CueKind.LURE: 1.6,
    CueKind.HANDOFF: 1.0,
    CueKind.CONTEXT: 1.6,
    CueKind.BENIGN: 4.0,
    CueKind.REFUSAL: 3.0,
    CueKind.FORM: 3.0,
}
SIGNALS: Final[Mapping[CueKind, str]] = {
    CueKind.LURE: "lure",
    CueKind.HANDOFF: "handoff",
    CueKind.CONTEXT: "trade_context",
    CueKind.BENIGN: "benign_context",
    CueKind.REFUSAL: "refusal",
    CueKind.FORM: "form",
}
WITH_TERM_ONLY: Final = frozenset({CueKind.LURE, CueKind.HANDOFF})
"""Every honest seller says 现货 and 私聊 too: they count beside a term alone."""

CONTEXT_AFFINITY: Final = 0.5
# Parts of one offer stand close; letters need more room than Chinese characters.
WINDOW_CHARS: Final = 50
WINDOW_LETTERS: Final = 150
MAX_ANCHORS: Final = 12
LONE_TERM_WEIGHT: Final = -0.9
BULK_WEIGHT: Final = 0.7
CONTACT_WEIGHT: Final = 0.4
TOKEN_PRICE_WEIGHT: Final = 0.3
TOKEN_PRICE_MINOR: Final = 100
TALK_WEIGHTS: Final = {Intent.DISCUSS: -1.8, Intent.WARN: -1.0, Intent.OTHER: -0.4}
TALK_CAP: Final = 4.0
CATEGORIES: Final = tuple(Category)
NEUTRAL: Final = (0.0,) * len(CATEGORIES)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Reason:
    """Evidence, and how far it leans to each category.

    `affinity` has a number for every category, in the order of `Category`: log-odds
    by which the reason speaks for that one against the others.
    """

    evidence: Evidence
    affinity: Sequence[float] = NEUTRAL


def leaning_to(categories: Iterable[Category], by: float) -> Sequence[float]:
    """An affinity that leans to some categories alike."""
    chosen = set(categories)
    return [by if category in chosen else 0.0 for category in CATEGORIES]


def diminished(
    items: Iterable[Item], weight: Callable[[Item], float], repeat: float, cap: float
) -> Iterator[tuple[Item, float]]:
    """Items, strongest first, with the weight that each still adds under a cap."""
    left = cap
    share = 1.0
    for item in sorted(items, key=lambda item: -abs(weight(item))):
        given = min(abs(weight(item)) * share, left)
        if given <= 0.01:
            return
        yield item, given if weight(item) > 0 else -given
        left -= given
        share *= repeat


def _outside_terms(reading: Reading, matches: Sequence[PartMatch]) -> list[PartMatch]:
    """Parts that are words of their own: a term's own syllables do not count twice."""
    terms = [place_of(term) for term in reading.terms]
    if not terms:
        return list(matches)
    return [match for match in matches if not any(term.holds(match.place) for term in terms)]


def term_reasons(reading: Reading) -> list[Reason]:
    """Every term once, at its first place."""
    first: dict[tuple[str, Category], TermMatch] = {}
    for match in reading.terms:
        written = reading.view.text[match.view_start : match.view_end]
        first.setdefault((written, match.term.category), match)
    return [
        Reason(
            Evidence(
                signal="lexicon",
                term=match.term.text,
                start=match.start,
                end=match.end,
                why=_why_term(reading, match),
                weight=weight,
                category=match.term.category,
                source=match.term.source,
            ),
            leaning_to((match.term.category,), match.term.weight),
        )
        for match, weight in diminished(
            first.values(), lambda match: match.term.weight, TERM_REPEAT, TERM_CAP
        )
    ]


def _why_term(reading: Reading, match: TermMatch) -> str:
    if not match.operators:
        return f"names a trade: {match.term.text}"
    written = reading.view.original[match.start : match.end]
    return f"{written} -> {match.term.text}, {', '.join(match.operators)}"


def part_reasons(reading: Reading, topics: Mapping[str, Topic]) -> list[Reason]:
    """Each part once, with the mean weight of the phrases that name it."""
    reasons = []
    for part, matches in reading.parts.items():
        own = _outside_terms(reading, matches)
        if not own or part not in topics:
            continue
        weights = {match.part.phrase: match.part.weight for match in own}
        start, end = reading.view.span(own[0].place.start, own[0].place.end)
        why = f"{topics[part].meaning}: {', '.join(list(weights)[:5])}"
        mean = sum(weights.values()) / len(weights)
        evidence = Evidence("part", part, start, end, why, round(mean, 3))
        reasons.append(Reason(evidence, topics[part].affinity))
    return reasons


def combination_reasons(reading: Reading, combinations: Iterable[Combination]) -> list[Reason]:
    """Pairs of parts that stand close together without sharing a character."""
    reasons = []
    for combination in combinations:
        first, second = (reading.parts.get(part) for part in combination.parts)
        if not first or not second:
            continue
        whole = _closest(first, second, reading.view.text)
        if whole is None or any(place_of(term).holds(whole) for term in reading.terms):
            continue
        start, end = reading.view.span(whole.start, whole.end)
        name = "+".join(combination.parts)
        evidence = Evidence("combination", name, start, end, combination.reason, combination.weight)
        reasons.append(Reason(evidence))
    return reasons


def _closest(first: Sequence[PartMatch], second: Sequence[PartMatch], text: str) -> Place | None:
    best: Place | None = None
    for one in first[:MAX_ANCHORS]:
        window = WINDOW_LETTERS if text[one.place.start].isascii() else WINDOW_CHARS
        for other in second[:MAX_ANCHORS]:
            start = min(one.place.start, other.place.start)
            end = max(one.place.end, other.place.end)
            is_closer = best is None or end - start < best.end - best.start
            if end - start <= window and is_closer and not one.place.meets(other.place):
                best = Place(start, end)
    return best


def cue_reasons(reading: Reading) -> list[Reason]:
    """What stands around the trade: lures, contexts, benign contexts, refusals, forms."""
    terms = [place_of(term) for term in reading.terms]
    reasons: list[Reason] = []
    for kind, signal in SIGNALS.items():
        if kind in WITH_TERM_ONLY and not terms:
            continue
        by_meaning: dict[str, dict[str, CueMatch]] = {}
        for match in reading.cues.get(kind, ()):
            if match.cue.weight < 0 or not any(term.holds(match.place) for term in terms):
                by_meaning.setdefault(match.cue.reason, {}).setdefault(match.cue.text, match)
        left = CAPS[kind]
        for found in by_meaning.values():
            for match, weight in diminished(
                found.values(), lambda match: match.cue.weight, CUE_REPEAT, left
            ):
                reasons.append(_cue_reason(reading, match, signal, weight))
                left -= abs(weight)
    return reasons


def _cue_reason(reading: Reading, match: CueMatch, signal: str, weight: float) -> Reason:
    start, end = reading.view.span(match.place.start, match.place.end)
    evidence = Evidence(signal, match.cue.text, start, end, match.cue.reason, round(weight, 3))
    if not match.cue.scope:
        return Reason(evidence)
    return Reason(evidence, leaning_to(match.cue.scope, CONTEXT_AFFINITY))


def talk_reasons(reading: Reading) -> list[Reason]:
    """Cues of news, questions, warnings and instructions: reasons against an offer."""
    found: dict[str, CueMatch] = {}
    for match in reading.cues.get(CueKind.INTENT, ()):
        if match.cue.intent not in OFFER_INTENTS:
            found.setdefault(match.cue.text, match)
    return [
        _cue_reason(reading, match, "talk", weight)
        for match, weight in diminished(found.values(), _talk_weight, CUE_REPEAT, TALK_CAP)
    ]


def _talk_weight(match: CueMatch) -> float:
    return match.cue.weight * TALK_WEIGHTS[match.cue.intent or Intent.OTHER]


def lone_term_reasons(reasons: Sequence[Reason]) -> list[Reason]:
    """No single word decides: a term beside which nothing else speaks of an offer."""
    speaking = [reason for reason in reasons if reason.evidence.weight > 0]
    if len(speaking) != 1 or speaking[0].evidence.signal != "lexicon":
        return []
    term = speaking[0].evidence
    why = "nothing else in the text speaks of an offer"
    return [Reason(Evidence("alone", term.term, term.start, term.end, why, LONE_TERM_WEIGHT))]


def quantity_reasons(reading: Reading, contacts: Sequence[Contact]) -> list[Reason]:
    """More units than one person needs; a contact's digits are no number of units."""
    for amount in reading.amounts:
        start, end = reading.folded.span(amount.start, amount.end)
        if amount.is_bulk and not any(c.start < end and start < c.end for c in contacts):
            # The number itself may be part of somebody's card or telephone.
            why = f"speaks of {BULK} or more at once"
            return [Reason(Evidence("quantity", "bulk", start, end, why, BULK_WEIGHT))]
    return []


def contact_reasons(contacts: Sequence[Contact]) -> list[Reason]:
    """An account outside the market, which moves the deal off it."""
    if not contacts:
        return []
    contact = contacts[0]
    why = f"gives a contact outside the market ({contact.kind.value})"
    span = contact.start, contact.end
    return [Reason(Evidence("contact", contact.kind.value, *span, why, CONTACT_WEIGHT))]


def price_reasons(listing: Listing, at: int) -> list[Reason]:
    """A price of a yuan or less, which stands for one that is told in private."""
    price = listing.price_minor
    if price is None or not 0 < price <= TOKEN_PRICE_MINOR:
        return []
    why = "asks a token price, as listings do whose price is told in private"
    return [Reason(Evidence("token_price", str(price), at, at, why, TOKEN_PRICE_WEIGHT))]
