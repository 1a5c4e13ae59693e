"""From what was read to reasons with a weight.

A reason is evidence whose scope may be several categories. Weights are the
log-odds that are really added: repeats and relatives of a word add less and
less, and nothing around an offer counts unless a word of the trade, or a
combination of its parts, stands near.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from classifiers.contract import Category, Contact, Evidence, Intent, Listing
from classifiers.lexicon import Combination, CueKind
from classifiers.text.lexicon import TermMatch
from classifiers.text.reading import CueMatch, Place, Reading

__all__ = [
    "Reason",
    "amount_reasons",
    "combination_reasons",
    "contact_reasons",
    "cue_reasons",
    "price_reasons",
    "talk_reasons",
    "term_reasons",
    "trade_reasons",
]

EVERY: Final = frozenset(Category)
BASIS_REPEAT: Final = 0.55
"""What each further word or combination of a category adds, as a share of its weight."""

CUE_REPEAT: Final = 0.6
BENIGN_REPEAT: Final = 0.6
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
NEAR_CHARS: Final = 160
"""How far from a word of the trade a cue still speaks about it."""

# Parts of one offer stand close; letters need more room than Chinese characters.
WINDOW_CHARS: Final = 60
WINDOW_LETTERS: Final = 150
MAX_ANCHORS: Final = 40
UNIT_PRICE_WEIGHT: Final = 0.7
BULK_WEIGHT: Final = 0.6
CONTACT_WEIGHT: Final = 0.7
TOKEN_PRICE_WEIGHT: Final = 0.3
TOKEN_PRICE_MINOR: Final = 100
TALK_WEIGHT: Final = -1.1
TALK_CAP: Final = 4.0
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Reason:
    """Evidence, the categories it is about, and where it stands in the normalised text.

    `place` is None when the reason has no place there.
    """

    evidence: Evidence
    scope: frozenset[Category]
    place: Place | None = None


def diminished(
    items: Sequence[Item], weight: Callable[[Item], float], repeat: float, cap: float
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


def _place_of(term: TermMatch) -> Place:
    return Place(term.view_start, term.view_end)


def term_reasons(reading: Reading) -> list[Reason]:
    """Every term once, at its first place, with its full weight."""
    seen: set[tuple[str, Category]] = set()
    reasons = []
    for match in reading.terms:
        key = (reading.view.text[match.view_start : match.view_end], match.term.category)
        if key in seen:
            continue
        seen.add(key)
        reasons.append(
            Reason(
                Evidence(
                    signal="lexicon",
                    term=match.term.text,
                    start=match.start,
                    end=match.end,
                    why=_why_term(reading, match),
                    weight=match.term.weight,
                    category=match.term.category,
                    source=match.term.source,
                ),
                frozenset({match.term.category}),
                _place_of(match),
            )
        )
    return reasons


def _why_term(reading: Reading, match: TermMatch) -> str:
    if not match.operators:
        return f"names a trade: {match.term.text}"
    written = reading.view.original[match.start : match.end]
    return f"{written} -> {match.term.text}, {', '.join(match.operators)}"


def combination_reasons(reading: Reading, combinations: Iterable[Combination]) -> list[Reason]:
    """Combinations whose parts stand close together, and not all inside one term."""
    terms = [_place_of(term) for term in reading.terms]
    reasons = []
    for combination in combinations:
        if not all(part in reading.parts for part in combination.parts):
            continue
        chosen = _closest([reading.parts[part] for part in combination.parts], reading.view.text)
        if chosen is None:
            continue
        whole = Place(min(chosen).start, max(place.end for place in chosen))
        if any(term.holds(whole) for term in terms):
            continue
        start, end = reading.view.span(whole.start, whole.end)
        named = ", ".join(
            f"{part}: {reading.view.text[place.start : place.end]}"
            for part, place in zip(combination.parts, chosen, strict=True)
        )
        reasons.append(
            Reason(
                Evidence(
                    signal="combination",
                    term="+".join(combination.parts),
                    start=start,
                    end=end,
                    why=f"{combination.reason} ({named})",
                    weight=combination.weight,
                    category=combination.category,
                ),
                frozenset({combination.category}),
                whole,
            )
        )
    return reasons


def _closest(parts: Sequence[Sequence[Place]], text: str) -> tuple[Place, ...] | None:
    """One place of each part, apart from each other and within one window; None if there is none."""
    anchor_index = min(range(len(parts)), key=lambda index: len(parts[index]))
    best: tuple[int, tuple[Place, ...]] | None = None
    for anchor in parts[anchor_index][:MAX_ANCHORS]:
        chosen: dict[int, Place] = {anchor_index: anchor}
        for index, places in enumerate(parts):
            if index != anchor_index:
                nearest = _nearest(places, anchor, chosen.values())
                if nearest is None:
                    break
                chosen[index] = nearest
        if len(chosen) < len(parts):
            continue
        width = max(p.end for p in chosen.values()) - min(p.start for p in chosen.values())
        window = WINDOW_LETTERS if text[anchor.start].isascii() else WINDOW_CHARS
        if width <= window and (best is None or width < best[0]):
            best = width, tuple(chosen[index] for index in range(len(parts)))
    return best[1] if best else None


def _nearest(
    places: Sequence[Place], anchor: Place, taken: Iterable[Place]
) -> Place | None:
    middle = bisect_left(places, anchor)
    taken = tuple(taken)
    free = [
        place
        for place in places[max(0, middle - 4) : middle + 4]
        if not any(place.meets(other) for other in taken)
    ]
    return min(free, key=lambda place: abs(place.start - anchor.start), default=None)


def trade_reasons(found: Sequence[Reason]) -> list[Reason]:
    """Terms and combinations with the weight that each adds to its category."""
    reasons: list[Reason] = []
    for category in Category:
        own = [reason for reason in found if reason.evidence.category is category]
        for reason, weight in diminished(
            own, lambda reason: reason.evidence.weight, BASIS_REPEAT, cap=4.5
        ):
            reasons.append(replace(reason, evidence=replace(reason.evidence, weight=weight)))
    return reasons


class _Surroundings:
    """Answers whether a place is near the trade, and whether it is part of a term."""

    def __init__(self, reading: Reading, basis: Sequence[Reason]) -> None:
        self._places = sorted(reason.place for reason in basis if reason.place)
        self._terms = [_place_of(term) for term in reading.terms]
        self.categories = frozenset(
            reason.evidence.category for reason in basis if reason.evidence.category
        )

    def is_near(self, place: Place) -> bool:
        at = bisect_left(self._places, place)
        return any(
            other.start - NEAR_CHARS <= place.end and place.start <= other.end + NEAR_CHARS
            for other in self._places[max(0, at - 1) : at + 1]
        )

    def is_in_term(self, place: Place) -> bool:
        return any(term.holds(place) for term in self._terms)


def cue_reasons(reading: Reading, basis: Sequence[Reason]) -> list[Reason]:
    """What stands around the words of the trade: lures, contexts, benign contexts, refusals."""
    if not basis:
        return []
    around = _Surroundings(reading, basis)
    reasons: list[Reason] = []
    for kind, signal in SIGNALS.items():
        found: dict[tuple[str, frozenset[Category]], CueMatch] = {}
        for match in reading.cues.get(kind, ()):
            counts = around.is_near(match.place) and (
                kind in (CueKind.BENIGN, CueKind.REFUSAL, CueKind.FORM)
                or not around.is_in_term(match.place)
            )
            if counts and (not match.cue.scope or match.cue.scope & around.categories):
                found.setdefault((match.cue.text, match.cue.scope), match)
        repeat = BENIGN_REPEAT if kind is CueKind.BENIGN else CUE_REPEAT
        for match, weight in diminished(
            list(found.values()), lambda match: match.cue.weight, repeat, CAPS[kind]
        ):
            reasons.append(_cue_reason(reading, match, signal, weight))
    return reasons


def _cue_reason(reading: Reading, match: CueMatch, signal: str, weight: float) -> Reason:
    start, end = reading.view.span(match.place.start, match.place.end)
    scope = match.cue.scope or EVERY
    return Reason(
        Evidence(
            signal=signal,
            term=match.cue.text,
            start=start,
            end=end,
            why=match.cue.reason,
            weight=weight,
            category=next(iter(scope)) if len(scope) == 1 else None,
        ),
        scope,
        match.place,
    )


def talk_reasons(reading: Reading, talk: Sequence[Intent]) -> list[Reason]:
    """Cues of news, questions, warnings and instructions, as reasons against an offer."""
    found: dict[str, CueMatch] = {}
    for match in reading.cues.get(CueKind.INTENT, ()):
        if match.cue.intent in talk:
            found.setdefault(match.cue.text, match)
    return [
        _cue_reason(reading, match, "talk", weight)
        for match, weight in diminished(
            list(found.values()),
            lambda match: match.cue.weight * TALK_WEIGHT,
            CUE_REPEAT,
            TALK_CAP,
        )
    ]


def _plain_reason(
    signal: str, term: str, span: tuple[int, int], why: str, weight: float
) -> Reason:
    return Reason(Evidence(signal, term, *span, why, weight), EVERY)


def amount_reasons(reading: Reading) -> list[Reason]:
    """A price a unit, and more units than one person needs."""
    reasons = []
    priced = next((amount for amount in reading.amounts if amount.unit_price_minor is not None), None)
    if priced:
        span = reading.folded.span(priced.start, priced.end)
        why = f"asks a price a unit ({priced.unit})"
        reasons.append(_plain_reason("unit_price", priced.unit or "", span, why, UNIT_PRICE_WEIGHT))
    bulk = next((amount for amount in reading.amounts if amount.is_bulk), None)
    if bulk:
        span = reading.folded.span(bulk.start, bulk.end)
        why = f"offers {bulk.quantity} at once"
        reasons.append(_plain_reason("quantity", "bulk", span, why, BULK_WEIGHT))
    return reasons


def contact_reasons(contacts: Sequence[Contact]) -> list[Reason]:
    """An account outside the market, which moves the deal off it."""
    if not contacts:
        return []
    contact = contacts[0]
    why = f"gives a contact outside the market ({contact.kind.value})"
    span = contact.start, contact.end
    return [_plain_reason("contact", contact.kind.value, span, why, CONTACT_WEIGHT)]


def price_reasons(listing: Listing, at: int) -> list[Reason]:
    """A price of a yuan or less, which stands for one that is told in private."""
    price = listing.price_minor
    if price is None or not 0 < price <= TOKEN_PRICE_MINOR:
        return []
    why = "asks a token price, as listings do whose price is told in private"
    return [_plain_reason("token_price", str(price), (at, at), why, TOKEN_PRICE_WEIGHT)]
