"""The assessor: one listing in, one assessment out.

Words of the trade, what stands around them and what the writer wants are read
(`classifiers.text.reading`), weighed (`classifiers.text.signals`) and added up
(`classifiers.text.score`); here the sum becomes a decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from classifiers.contract import (
    Assessment,
    Category,
    Contact,
    Decision,
    Evidence,
    Identifier,
    Listing,
    PictureReading,
    Term,
)
from classifiers.fusion import FUSION_VERSION, fuse
from classifiers.lexicon import (
    combinations,
    cues,
    disguised_words,
    innocent_spellings,
    parts,
    shapes,
    signs,
    starter_terms,
    topics,
)
from classifiers.lexicon.offers import offer_words
from classifiers.lexicon.overlay import Overlay
from classifiers.text.encoder import Encoder, shipped_encoder
from classifiers.text.lexicon import TermMatch
from classifiers.text.ngrams import NgramModel, shipped_model
from classifiers.text.normalise import fold
from classifiers.text.reading import Reader
from classifiers.text.redact import find_personal
from classifiers.text.score import SCORER_VERSION, Scorer
from classifiers.text.spelling import shipped_speller

__all__ = ["SCORED_CHARS", "Assessor", "Thresholds"]

QUOTING: Final = frozenset({"ngrams", "encoder"})
"""Signals whose reasons quote the text."""

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

    hit: float = 0.92
    review: float = 0.54
    by_category: Mapping[Category, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be a pair of thresholds."""
        for hit, review in ((self.hit, self.review), *self.by_category.values()):
            if not 0 < review <= hit <= 1:
                raise ValueError(f"thresholds: 0 < review ({review}) <= hit ({hit}) <= 1 is needed")

    @property
    def lowest(self) -> float:
        """No score below it is anything but clear."""
        return min([self.review, *(review for _, review in self.by_category.values())])

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
        use_ngrams: whether the learned n-grams take part; without them the rules decide.
        use_encoder: whether the encoder is asked in doubt; only together with n-grams.
        encoder: a model of one's own instead of the shipped one (`classifiers.text.dropin`).
        overlay: an operator's changes to the vocabulary, `terms` among it.

    Raises:
        VocabularyError: a shipped table is broken.
    """

    def __init__(
        self,
        terms: Iterable[Term] | None = None,
        *,
        thresholds: Thresholds | None = None,
        counted: frozenset[Category] = frozenset(Category),
        use_ngrams: bool = True,
        use_encoder: bool = True,
        encoder: Encoder | None = None,
        overlay: Overlay | None = None,
    ) -> None:
        base = starter_terms() if terms is None else tuple(terms)
        self._terms = overlay.terms(base) if overlay else base
        self._thresholds = thresholds or Thresholds()
        self._lowest = self._thresholds.lowest
        self._counted = frozenset(counted)
        model = shipped_model() if use_ngrams else None
        asked = (encoder or shipped_encoder()) if use_ngrams and use_encoder else None
        self._scorer = Scorer(topics(), combinations(), model, asked)
        self._reader = (
            Reader(
                self._terms,
                overlay.cues(cues()),
                overlay.parts(parts()),
                words=overlay.words(disguised_words()),
                innocent=overlay.innocent,
            )
            if overlay
            else Reader(self._terms, cues(), parts())
        )
        self._version = MappingProxyType(
            {
                "scorer": SCORER_VERSION,
                "lexicon": _digest(self._terms),
                "cues": _shipped_digest(),
                "spelling": shipped_speller().version,
                "ngrams": model.version if model else "off",
                "encoder": asked.version if asked else "off",
                "fusion": _fusion_digest(model, asked),
                "overlay": overlay.version if overlay else "none",
            }
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
        inputs = verdict.inputs
        took_part = {
            "rules": inputs.rules is not None,
            "ngrams": inputs.ngrams is not None,
            "encoder": inputs.encoder is not None,
        }
        return Assessment(
            score=max((verdict.categories[category] for category in self._counted), default=0.0),
            decision=self._decide(verdict.categories),
            categories=verdict.categories,
            intent=verdict.intent,
            evidence=_without_personal(verdict.evidence, (*contacts, *identifiers)),
            contacts=contacts,
            identifiers=identifiers,
            offer=verdict.offer,
            model=self._version,
            stages=tuple(stage for stage, has_say in took_part.items() if has_say),
        )

    def terms_in(self, text: str) -> Sequence[TermMatch]:
        """The terms that a text names, disguised ones too; nothing is weighed."""
        return self._reader.read(fold(text[:SCORED_CHARS])).terms

    def join(self, assessment: Assessment, readings: Sequence[PictureReading]) -> Assessment:
        """The assessment of a text with what the listing's pictures showed.

        Args:
            assessment: as `assess` gave it.
            readings: of the pictures that were looked at, in the listing's order; refused
                ones too. Without any the assessment stays as it is.
        """
        if not readings:
            return assessment
        categories, reasons = fuse(assessment.categories, readings)
        return replace(
            assessment,
            score=max((categories[category] for category in self._counted), default=0.0),
            decision=self._decide(categories),
            categories=categories,
            evidence=(*reasons, *assessment.evidence),
            model=MappingProxyType({**assessment.model, "pictures": FUSION_VERSION}),
            stages=(*assessment.stages, "pictures"),
            pictures=tuple(readings),
        )

    def _decide(self, categories: Mapping[Category, float]) -> Decision:
        if max(categories.values()) < self._lowest:
            return Decision.CLEAR
        decisions = {
            self._thresholds.decide(category, categories[category]) for category in self._counted
        }
        order = (Decision.HIT, Decision.REVIEW)
        return next((decision for decision in order if decision in decisions), Decision.CLEAR)


def _without_personal(
    evidence: Iterable[Evidence], personal: Sequence[Contact | Identifier]
) -> tuple[Evidence, ...]:
    """Without the models' reasons that quote a contact or an identifier.

    Those of the rules quote nothing but listed words.
    """
    if not personal:
        return tuple(evidence)
    return tuple(
        item
        for item in evidence
        if item.signal not in QUOTING
        or not any(each.start < item.end and item.start < each.end for each in personal)
    )


def _digest(rows: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(repr, rows)).encode("utf-8", "replace")).hexdigest()[:12]


def _fusion_digest(model: NgramModel | None, encoder: Encoder | None) -> str:
    used = [
        (name, sorted(each.fusion.items())) for name, each in (("n", model), ("e", encoder)) if each
    ]
    return _digest(used)


def _shipped_digest() -> str:
    # The scope of a cue is a set: sorted, so that the digest is the same in every process.
    rows = [(c.text, c.kind, sorted(c.scope), c.intent, c.weight) for c in cues()]
    spellings = [
        *disguised_words(),
        *shapes(),
        *sorted(signs().items()),
        *sorted(innocent_spellings()),
    ]
    return _digest([*rows, *parts(), *topics(), *combinations(), *spellings, *offer_words()])
