"""Fit what adds rules, n-grams and encoder up to one probability, and measure it.

    python -m classifiers.training.fusion --data FOLDER [--write]

The labelled rows are those of families that no model saw. The fusion is fitted on all of
them but one fifth of the families and reported on that fifth, five times over; the
weights that are written see all of them. Ordinary texts that are reported were seen by
no model and by no fusion.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

import classifiers
from classifiers.assess import Thresholds
from classifiers.contract import Listing
from classifiers.evaluation.figures import calibration_of, wilson
from classifiers.lexicon import combinations, cues, parts, starter_terms, topics
from classifiers.text.encoder import Encoder
from classifiers.text.ngrams import shipped_model
from classifiers.text.normalise import fold
from classifiers.text.reading import Reader
from classifiers.text.redact import find_personal
from classifiers.text.score import Fusion, Inputs, Scorer, ask
from classifiers.training.data import FOLDS, SEED, Row, plain, read_corpus

__all__ = ["main"]

MODELS = Path(classifiers.__file__).parent / "models"
ORDINARY_WEIGHT = 0.3
LAST_ORDINARY_WEIGHT = 0.05
"""Of an ordinary text, in the first and the last fusion; benign rows and offers weigh 1 and as
much as each other in all. Few ordinary texts reach the last one; with more weight there
scores would no longer be probabilities among listings that look suspicious."""

REPORTED = 100_000
ASKED = 0.02
"""Share of ordinary texts for which the encoder is asked: what its time allows."""

SURE = 0.9999
"""Probability by rules and n-grams from which nobody asks any more."""


def read_inputs(texts: Iterable[str]) -> list[Inputs]:
    """What rules and n-grams say."""
    scorer = Scorer(topics(), combinations(), shipped_model())
    reader = Reader(starter_terms(), cues(), parts())
    found = []
    for text in texts:
        title, _, description = text.partition("\n")
        listing = Listing(title, description)
        folded = fold(listing.text)
        contacts, _ = find_personal(folded)
        found.append(scorer.judge(listing, reader.read(folded), contacts).inputs)
    return found


def _table(inputs: Sequence[Inputs]) -> Any:
    return np.array(
        [
            [each.ngrams or 0.0, each.rules or 0.0, each.rules is None, each.is_offer]
            for each in inputs
        ],
        dtype=float,
    )


def _fit(rows: Any, is_offer: Any, ordinary: Any, weight: float) -> LogisticRegression:
    share = is_offer.mean()
    balanced = np.where(is_offer > 0, 0.5 / share, 0.5 / (1 - share))
    weights = np.r_[balanced, np.full(len(ordinary), weight)]
    labels = np.r_[is_offer, np.zeros(len(ordinary))]
    return LogisticRegression(C=10, max_iter=1000).fit(
        np.r_[rows, ordinary], labels, sample_weight=weights
    )


def _as_fusion(model: LogisticRegression) -> Fusion:
    ngrams, rules, no_rules, is_offer, *encoder = (round(float(w), 4) for w in model.coef_[0])
    bias = round(float(model.intercept_[0]), 4)
    return Fusion(bias, ngrams, rules, no_rules, is_offer, *encoder)


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


class _Stages:
    """Both fusions on one fold's division; scores of any texts by the cascade."""

    def __init__(self, rows: Any, is_offer: Any, ordinary: Any, ask: Callable[..., Any]) -> None:
        self.first = _fit(rows.first, is_offer, ordinary.first, ORDINARY_WEIGHT)
        self._ask = ask
        odds = self.first.decision_function(ordinary.first)
        self.doubt = float(np.quantile(odds, 1 - ASKED)), _log_odds(SURE)
        in_rows, in_ordinary = self._in_doubt(rows.first), self._in_doubt(ordinary.first)
        self.last = _fit(
            np.c_[rows.first[in_rows], ask(rows, in_rows)],
            is_offer[in_rows],
            np.c_[ordinary.first[in_ordinary], ask(ordinary, in_ordinary)],
            LAST_ORDINARY_WEIGHT,
        )

    def _in_doubt(self, table: Any) -> Any:
        odds = self.first.decision_function(table)
        return (odds >= self.doubt[0]) & (odds <= self.doubt[1])

    def score(self, texts: Any) -> tuple[Any, Any]:
        """Log-odds after the last stage, and which texts reached it."""
        odds = self.first.decision_function(texts.first)
        asked = self._in_doubt(texts.first)
        if asked.any():
            last = np.c_[texts.first[asked], self._ask(texts, asked)]
            odds[asked] = self.last.decision_function(last)
        return odds, asked


class _Texts:
    """Texts with their inputs; the encoder's are read when first asked for."""

    def __init__(self, texts: Sequence[str], table: Any | None = None) -> None:
        self.texts = list(texts)
        self.first = _table(read_inputs(texts)) if table is None else table
        self.encoder = np.full(len(self.texts), np.nan)

    def take(self, chosen: Any) -> _Texts:
        """Some of them."""
        part = _Texts([self.texts[at] for at in np.flatnonzero(chosen)], self.first[chosen])
        part.encoder = self.encoder[chosen]
        return part

    def ask(self, encoder: Encoder, chosen: Any) -> Any:
        """The encoder's log-odds of some."""
        for at in np.flatnonzero(chosen & np.isnan(self.encoder)):
            text = plain(self.texts[at])
            self.encoder[at] = ask(encoder, text, shipped_model().read(text)).offer
        return self.encoder[chosen]


def _report(
    rows: Sequence[Row], scores: Any, ordinary: Any, seen: Any, asked: tuple[float, float]
) -> None:
    """Print figures at the shipped thresholds, and what to choose thresholds by.

    Args:
        rows: held out.
        scores: of the rows, log-odds.
        ordinary: of texts that are only reported.
        seen: of texts that the fusion was fitted on; thresholds are chosen by these.
        asked: shares of rows and of ordinary texts for which the encoder was asked.
    """
    bands = {"hit": Thresholds().hit, "hit or review": Thresholds().review}
    groups = {"ordinary texts": ordinary}
    for batch in sorted({row.batch for row in rows}):
        for label in ("positive", "benign"):
            mask = np.array([row.batch == batch and row.label == label for row in rows])
            if mask.any():
                groups[f"{batch} {label}"] = scores[mask]
    for label in ("positive", "benign"):
        groups[f"all {label}"] = scores[np.array([row.label == label for row in rows])]
    for name, found in groups.items():
        said = []
        for band, threshold in bands.items():
            count = int((found >= _log_odds(threshold)).sum())
            low, high = wilson(count, len(found))
            said.append(f"{band} {count} = {count / len(found):.4f} [{low:.4f}, {high:.4f}]")
        print(f"{name:28} n = {len(found):6}  " + "  ".join(said))
    is_offer = np.array([row.label == "positive" for row in rows])
    benign = np.sort(scores[~is_offer])[::-1]
    for share in (0.01, 0.04):
        limit = benign[int(share * len(benign))]
        recall, errors = (scores[is_offer] > limit).mean(), (seen > limit).sum()
        p = 1 / (1 + math.exp(-limit))
        print(
            f"look-alikes and talk at {share:.0%}: p > {p:.3f}, recall {recall:.3f}, ordinary {errors}"
        )
    for errors in (0, 5, 15):
        limit = np.sort(seen)[::-1][errors]
        p = 1 / (1 + math.exp(-limit))
        print(
            f"ordinary errors {errors} of {len(seen)}: p > {p:.3f}, recall "
            f"{(scores[is_offer] > limit).mean():.3f}, benign {(benign > limit).mean():.3f}"
        )
    print(f"the encoder was asked: labelled {asked[0]:.1%}, ordinary {asked[1]:.2%}")
    probability = 1 / (1 + np.exp(-scores))
    found = calibration_of("held-out rows", probability.tolist(), is_offer.tolist())
    print(
        f"calibration: error {found.error} (n = {found.middle}), Brier {found.brier}, "
        f"of the base rate {found.base_brier}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, print held-out figures, write the weights into the models' configurations."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="listings.jsonl and text/")
    parser.add_argument("--write", action="store_true", help="into the shipped models")
    given = parser.parse_args(arguments)
    corpus = read_corpus(given.data)
    _, fusing, reported = corpus.ordinary_parts()
    rows = corpus.held
    encoder = Encoder(MODELS / "encoder")
    texts = _Texts([row.text for row in rows])
    fitting, ordinary = _Texts(fusing), _Texts(reported[:REPORTED])
    is_offer = np.array([row.label == "positive" for row in rows], dtype=float)

    def asked_of(of: _Texts, chosen: Any) -> Any:
        return of.ask(encoder, chosen)

    families = sorted({row.family for row in rows})
    random.Random(SEED).shuffle(families)
    part_of = {family: place % FOLDS for place, family in enumerate(families)}
    parts_ = np.array([part_of[row.family] for row in rows])
    everything = np.ones(len(rows), dtype=bool)
    texts.ask(encoder, everything)
    scores, asked = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    for number in range(FOLDS):
        inside = parts_ != number
        stages = _Stages(texts.take(inside), is_offer[inside], fitting, asked_of)
        scores[~inside], asked[~inside] = stages.score(texts.take(~inside))
    stages = _Stages(texts, is_offer, fitting, asked_of)
    ordinary_scores, ordinary_asked = stages.score(ordinary)
    seen, _ = stages.score(fitting)
    _report(rows, scores, ordinary_scores, seen, (asked.mean(), ordinary_asked.mean()))
    if given.write:
        _write("ngrams", fusion=asdict(_as_fusion(stages.first)))
        doubt = [round(bound, 3) for bound in stages.doubt]
        _write("encoder", fusion=asdict(_as_fusion(stages.last)), doubt=doubt)


def _write(model: str, **values: Any) -> None:
    path = MODELS / model / "config.json"
    config = json.loads(path.read_text("utf-8")) | values
    path.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
