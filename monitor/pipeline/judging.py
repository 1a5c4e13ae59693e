"""How settings become an assessor: thresholds, stages, a model and a vocabulary of one's own.

What is costly to read (a model, a vocabulary) is read once, when it is first needed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from classifiers.assess import Assessor, Thresholds
from classifiers.contract import Category, Term
from classifiers.lexicon import VocabularyError
from classifiers.lexicon.overlay import Overlay, read_overlay
from classifiers.text.checkpoint import ModelFolderError
from classifiers.text.encoder import Encoder
from monitor.config import Settings
from monitor.domain.keyword import Keyword
from monitor.errors import ConfigError

__all__ = ["Judging", "term_of", "thresholds_of"]

LOG = logging.getLogger(__name__)
MAX_TOLD = 20


class Judging:
    """What the settings say about judging texts.

    Args:
        settings: read only here.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def thresholds(self) -> Thresholds:
        """Where a score becomes a decision; raises `ConfigError`."""
        return thresholds_of(self._settings)

    @cached_property
    def text_model(self) -> Encoder | None:
        """The operator's own last stage; None: the shipped one. Raises `ConfigError`."""
        if not self._settings.text_model or self._settings.text_stages != "all":
            return None
        # Half a second to import; nobody pays it who has no model of their own.
        from classifiers.text.dropin import DropIn

        try:
            model = DropIn(Path(self._settings.text_model), self._settings.offer_labels)
        except ModelFolderError as error:
            raise ConfigError(f"MONITOR_TEXT_MODEL: {error}") from error
        for note in model.notes:
            LOG.warning("MONITOR_TEXT_MODEL: %s", note)
        return model

    @cached_property
    def overlay(self) -> Overlay | None:
        """The operator's own vocabulary; broken rows are told and left out.

        Raises:
            ConfigError: there is no such folder, or no table in it.
        """
        if not self._settings.vocabulary_dir:
            return None
        try:
            overlay = read_overlay(Path(self._settings.vocabulary_dir))
        except VocabularyError as error:
            raise ConfigError(f"MONITOR_VOCABULARY_DIR: {error}") from error
        for problem in overlay.problems[:MAX_TOLD]:
            LOG.warning("MONITOR_VOCABULARY_DIR: %s", problem)
        if len(overlay.problems) > MAX_TOLD:
            LOG.warning("MONITOR_VOCABULARY_DIR: %d problems in all", len(overlay.problems))
        return overlay

    def assessor(self, terms: Iterable[Term] | None = None) -> Assessor:
        """An assessor as the settings want it.

        Args:
            terms: the lexicon before the overlay; None: the starter vocabulary.

        Raises:
            ConfigError: a setting cannot be followed.
        """
        return Assessor(
            terms,
            thresholds=self.thresholds,
            use_ngrams=self._settings.text_stages != "rules",
            use_encoder=self._settings.text_stages == "all",
            encoder=self.text_model,
            overlay=self.overlay,
        )


def term_of(keyword: Keyword) -> Term:
    """A keyword as a term of the lexicon."""
    source = f"keyword:{keyword.id}@{keyword.version}"
    return Term(keyword.term, Category(keyword.draft.category), keyword.draft.weight, source)


def thresholds_of(settings: Settings) -> Thresholds:
    """The operator's thresholds, the shipped ones filled in.

    Raises:
        ConfigError: a review threshold lies above its hit threshold; the text names the
            settings.
    """
    shipped = Thresholds()
    hit = settings.hit_threshold or shipped.hit
    review = settings.review_threshold or shipped.review
    if review > hit:
        raise ConfigError(
            f"MONITOR_HIT_THRESHOLD ({hit:g}) lies below MONITOR_REVIEW_THRESHOLD ({review:g})"
        )
    hits, reviews = dict(settings.hit_thresholds), dict(settings.review_thresholds)
    chosen = [category for category in Category if category in hits or category in reviews]
    by_category = {
        category: (hits.get(category, hit), reviews.get(category, review)) for category in chosen
    }
    for category, (of_hit, of_review) in by_category.items():
        if of_review > of_hit:
            raise ConfigError(
                f"{category}: its hit threshold ({of_hit:g}, MONITOR_HIT_THRESHOLDS) lies below "
                f"its review threshold ({of_review:g}, MONITOR_REVIEW_THRESHOLDS); set both"
            )
    return Thresholds(hit=hit, review=review, by_category=by_category)
