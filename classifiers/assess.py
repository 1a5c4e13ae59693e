"""The assessor: one listing in, one assessment out.

Words of the trade, what stands around them and what the writer wants are read
(`classifiers.text.reading`), weighed (`classifiers.text.signals`) and added up
(`classifiers.text.score`); here the sum becomes a decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from classifiers.contract import Assessment, Category, Decision, Listing, Term
from classifiers.lexicon import combinations, cues, parts, starter_terms, topics
from classifiers.text.normalise import fold
from classifiers.text.reading import Reader
from classifiers.text.redact import find_personal
from classifiers.text.score import SCORER_VERSION, Scorer, Verdict

__all__ = ["SCORED_CHARS", "Assessor", "Thresholds"]

SCORED_CHARS: Final = 20_000
"""Words are weighed in so many first characters; contacts and identifiers are found in all."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a score becomes a decision.

    Attributes:
        hit: scores from here on are hits.
        review: scores from here up to `hit` are for a person to look at.
        by_category: (hit, review) for single categories, instead of the two above.
    """

    hit: float = 0.86
    review: float = 0.4
    by_category: Mapping[Category, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be a pair of thresholds."""
        for hit, review in ((self.hit, self.review), *self.by_category.values()):
            if not 0 < review <= hit <= 1:
                raise ValueError(f"thresholds: 0 < review ({review}) <= hit ({hit}) <= 1 is needed")

    def decide(self, category: Category, score: float) -> Decision:
        """The band of a score in a category."""
        hit, review = self.by_category.get(category, (self.hit, self.review))
        if score >= hit:
            return Decision.HIT
        return Decision.REVIEW if score >= review else Decision.CLEAR


class Assessor:
    """Assesses listings. Deterministic, keeps nothing between calls, safe in threads.

    Args:
        terms: the lexicon; None means the starter vocabulary.
        thresholds: where a score becomes a decision.
        counted: categories that the score speaks about; all eight by default.

    Raises:
        VocabularyError: a shipped table is broken.
    """

    def __init__(
        self,
        terms: Iterable[Term] | None = None,
        *,
        thresholds: Thresholds | None = None,
        counted: frozenset[Category] = frozenset(Category),
    ) -> None:
        self._terms = starter_terms() if terms is None else tuple(terms)
        self._thresholds = thresholds or Thresholds()
        self._counted = frozenset(counted)
        self._scorer = Scorer(topics(), combinations())
        self._reader = Reader(self._terms, cues(), parts())
        self._version = MappingProxyType(
            {"scorer": SCORER_VERSION, "lexicon": _digest(self._terms), "cues": _shipped_digest()}
        )

    @property
    def version(self) -> Mapping[str, str]:
        """Name to version of everything that takes part; equal versions assess alike."""
        return self._version

    def assess(self, listing: Listing) -> Assessment:
        """Assess one listing; any text is accepted, broken Unicode included.

        Time is linear in the length of the text.
        """
        folded = fold(listing.text)
        contacts, identifiers = find_personal(folded)
        scored = (
            folded if len(folded.original) <= SCORED_CHARS else fold(listing.text[:SCORED_CHARS])
        )
        near = tuple(contact for contact in contacts if contact.end <= SCORED_CHARS)
        verdict = self._scorer.judge(listing, self._reader.read(scored), near)
        return Assessment(
            score=max((verdict.score(category) for category in self._counted), default=0.0),
            decision=self._decide(verdict),
            categories=verdict.categories,
            intent=verdict.intent,
            evidence=verdict.evidence,
            contacts=contacts,
            identifiers=identifiers,
            offer=verdict.offer,
            model=self._version,
        )

    def _decide(self, verdict: Verdict) -> Decision:
        decisions = {
            self._thresholds.decide(category, verdict.score(category)) for category in self._counted
        }
        order = (Decision.HIT, Decision.REVIEW)
        return next((decision for decision in order if decision in decisions), Decision.CLEAR)


def _digest(rows: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(repr, rows)).encode("utf-8", "replace")).hexdigest()[:12]


def _shipped_digest() -> str:
    # The scope of a cue is a set: sorted, so that the digest is the same in every process.
    rows = [(c.text, c.kind, sorted(c.scope), c.intent, c.weight) for c in cues()]
    return _digest([*rows, *parts(), *topics(), *combinations()])
