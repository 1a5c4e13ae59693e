"""How much a team's own model counts beside the stages before it: three numbers, fitted.

``bias + a * (log-odds by rules and n-grams) + b * (log-odds by the model)``: Platt's
scaling (1999) of both at once, by Newton's method with a small ridge. Three numbers need
few rows. How well that holds is measured on families of rows that were kept out, in turn.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.contract import Listing
from classifiers.evaluation.figures import calibration_of
from classifiers.evaluation.rows import LabelledRow
from classifiers.lexicon import combinations, cues, parts, starter_terms, topics
from classifiers.text.dropin import DOUBT, FUSION, DropIn, first_fusion, shared_fusion
from classifiers.text.ngrams import shipped_model
from classifiers.text.normalise import fold
from classifiers.text.reading import Reader
from classifiers.text.redact import find_personal
from classifiers.text.score import Fusion, Scorer, ask

__all__ = ["FOLDS", "MIN_ROWS", "Fitted", "Quality", "TooFewRows", "fit", "fit_logistic"]

FOLDS: Final = 5
MIN_ROWS: Final = 50
"""So many offers and so many other rows are needed at least."""

RIDGE: Final = 1.0
"""Penalty on squared weights of standardised inputs: finite weights where rows are parted."""

STEPS: Final = 100
SMALLEST_GAIN: Final = 1e-9
SEED: Final = 7
Numbers = NDArray[np.float64]


class TooFewRows(ValueError):
    """A sample that nothing can be fitted on; the text says what it lacks."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good probabilities are on rows that did not help to fit them.

    Attributes:
        log_loss: mean surprise, in nats; smaller is better.
        brier: mean squared error.
        middle: rows scored from 0.05 to 0.95.
        calibration_error: of those, in [0, 1]; None without any.
    """

    log_loss: float
    brier: float
    middle: int
    calibration_error: float | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted, and what it is worth.

    Attributes:
        fusion: weights for all inputs.
        doubt: log-odds by the stages before between which the model is asked.
        rows: that were fitted on.
        offers: those among them that are offers.
        is_doubt_only: whether only rows in doubt were fitted on, as is right; they may be
            too few.
        before: kept-out quality of rules and n-grams alone, scaled in the same way.
        after: kept-out quality of all together.
    """

    fusion: Fusion
    doubt: tuple[float, float]
    rows: int
    offers: int
    is_doubt_only: bool
    before: Quality
    after: Quality

    @property
    def is_better(self) -> bool:
        """Whether the model adds anything on kept-out rows."""
        return self.fusion.encoder > 0 and self.after.log_loss < self.before.log_loss

    def write(self, stage: DropIn) -> Path:
        """Write ``fusion.json`` into the model's folder."""
        path = stage.net.checkpoint.folder / FUSION
        stated = asdict(self) | {"model": stage.digest, "ngrams": shipped_model().version}
        text = json.dumps(stated, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
        return path


def fit(
    stage: DropIn,
    rows: Sequence[LabelledRow],
    *,
    offer_share: float | None = None,
    on_row: Callable[[int], None] = lambda _: None,
) -> Fitted:
    """Fit how a model is weighed.

    Args:
        stage: the model.
        rows: labelled; those with the label ``adjacent`` are left out.
        offer_share: share of offers among the texts that will really reach the model, in
            (0, 1); None: as among the rows. Only the bias changes (prior shift).
        on_row: is told after each row how many were read.

    Raises:
        TooFewRows: there are fewer than `MIN_ROWS` offers or other rows.
    """
    used = [row for row in rows if row.label != "adjacent"]
    is_offer = np.array([row.is_offer for row in used], dtype=np.float64)
    _check_counts(is_offer)
    inputs = _read(stage, used, on_row)
    doubted = (inputs[:, 0] >= DOUBT[0]) & (inputs[:, 0] <= DOUBT[1])
    is_doubt_only = _has_enough(is_offer[doubted])
    if is_doubt_only:
        used = [row for row, is_used in zip(used, doubted, strict=True) if is_used]
        inputs, is_offer = inputs[doubted], is_offer[doubted]
    bias, first, model = fit_logistic(inputs, is_offer)
    if offer_share is not None:
        share = float(is_offer.mean())
        bias += _log_odds(offer_share) - _log_odds(share)
    folds = _folds(used, is_offer)
    return Fitted(
        fusion=shared_fusion(bias, first, model),
        doubt=DOUBT,
        rows=len(used),
        offers=int(is_offer.sum()),
        is_doubt_only=is_doubt_only,
        before=_kept_out_quality(inputs[:, :1], is_offer, folds),
        after=_kept_out_quality(inputs, is_offer, folds),
    )


def fit_logistic(inputs: Numbers, is_offer: Numbers, ridge: float = RIDGE) -> tuple[float, ...]:
    """Logistic regression by Newton's method with halved steps.

    Args:
        inputs: a row each; a column each input.
        is_offer: 1 or 0 for each row.
        ridge: penalty on the squared weights of the standardised inputs; not on the bias.

    Returns:
        The bias and a weight for each column, for inputs as they are given.
    """
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    table = np.c_[np.ones(len(inputs)), (inputs - centre) / spread]
    penalty = np.r_[0.0, np.full(inputs.shape[1], ridge)]
    weights = np.zeros(table.shape[1])
    loss = _penalised(table, is_offer, weights, penalty)
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-np.clip(table @ weights, -500, 500)))
        slope = table.T @ (said - is_offer) + penalty * weights
        curve = (table * (said * (1 - said))[:, None]).T @ table + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while (tried := _penalised(table, is_offer, weights - size * step, penalty)) > loss:
            size /= 2
            if size < SMALLEST_GAIN:
                break
        gain = loss - tried
        if gain < SMALLEST_GAIN:
            break
        weights, loss = weights - size * step, tried
    slopes = weights[1:] / spread
    return (float(weights[0] - slopes @ centre), *map(float, slopes))


def _penalised(table: Numbers, is_offer: Numbers, weights: Numbers, penalty: Numbers) -> float:
    odds = table @ weights
    losses = np.logaddexp(0, odds) - is_offer * odds
    return float(losses.sum() + (penalty * weights**2).sum() / 2)


def _read(stage: DropIn, rows: Sequence[LabelledRow], on_row: Callable[[int], None]) -> Numbers:
    """Log-odds by the stages before, and by the model."""
    ngrams, weights = shipped_model(), first_fusion()
    scorer = Scorer(topics(), combinations(), ngrams)
    reader = Reader(starter_terms(), cues(), parts())
    found = np.empty((len(rows), 2))
    for at, row in enumerate(rows):
        title, _, description = row.text.partition("\n")
        listing = Listing(title, description)
        folded = fold(listing.text)
        contacts, _ = find_personal(folded)
        reading = reader.read(folded)
        found[at, 0] = weights.log_odds(scorer.judge(listing, reading, contacts).inputs)
        text = reading.plain.text
        found[at, 1] = ask(stage, text, ngrams.read(text)).offer
        on_row(at + 1)
    return found


def _has_enough(is_offer: Numbers) -> bool:
    offers = int(is_offer.sum())
    return min(offers, len(is_offer) - offers) >= MIN_ROWS


def _check_counts(is_offer: Numbers) -> None:
    if not _has_enough(is_offer):
        offers = int(is_offer.sum())
        raise TooFewRows(
            f"{offers} offers and {len(is_offer) - offers} other rows; "
            f"{MIN_ROWS} of each are needed at least"
        )


def _folds(rows: Sequence[LabelledRow], is_offer: Numbers) -> NDArray[np.int64]:
    """Families stay together, unless there are too few of them to leave some out."""
    families = sorted({f"{row.batch}/{row.family}" for row in rows})
    random.Random(SEED).shuffle(families)
    part_of = {name: place % FOLDS for place, name in enumerate(families)}
    folds = np.array([part_of[f"{row.batch}/{row.family}"] for row in rows], dtype=np.int64)
    if len(families) >= FOLDS and all(
        len(np.unique(is_offer[folds != one])) == 2 for one in range(FOLDS)
    ):
        return folds
    places = np.arange(len(rows), dtype=np.int64) % FOLDS
    np.random.default_rng(SEED).shuffle(places)
    return places


def _kept_out_quality(inputs: Numbers, is_offer: Numbers, folds: NDArray[np.int64]) -> Quality:
    odds = np.empty(len(inputs))
    for kept_out in range(FOLDS):
        inside = folds != kept_out
        bias, *weights = fit_logistic(inputs[inside], is_offer[inside])
        odds[~inside] = bias + inputs[~inside] @ np.array(weights)
    said: Any = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    measured = calibration_of("kept out", said.tolist(), (is_offer > 0).tolist())
    return Quality(
        log_loss=float((np.logaddexp(0, odds) - is_offer * odds).mean()),
        brier=measured.brier or 0.0,
        middle=measured.middle,
        calibration_error=measured.error,
    )


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))
