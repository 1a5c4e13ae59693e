"""How a model of one's own is weighed: fitted, measured on kept-out rows, written down."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.contract import Category, Intent
from classifiers.evaluation.rows import LabelledRow
from classifiers.fitting import TooFewRows, fit, fit_logistic
from classifiers.text.dropin import DropIn
from tests.checkpoints import write_checkpoint

INFORMED = {"卖": (0.0, 3.0), "聊": (3.0, 0.0)}
IGNORANT = {"无": (0.0, 1.0)}


def row(text: str, is_offer: bool, family: str) -> LabelledRow:
    """A labelled row."""
    return LabelledRow(
        text=text,
        label="positive" if is_offer else "benign",
        category=Category.FACE_ID_BUNDLE if is_offer else None,
        intent=Intent.SELL if is_offer else None,
        family=family,
        kind=family,
        language="zh",
        batch="invented",
    )


def rows(count: int = 200, wrong: float = 0.1) -> list[LabelledRow]:
    """Half of them offers; a share says the opposite of what it is. Eight families."""
    dice = random.Random(3)
    found = []
    for at in range(count):
        is_offer = at % 2 == 0
        word = "卖" if is_offer != (dice.random() < wrong) else "聊"
        found.append(row(f"{word}{at}", is_offer, f"family {at // 2 % 8}"))
    return found


def test_weights_that_made_the_data_are_found_again() -> None:
    """Logistic data of known weights, 20,000 rows."""
    numbers = np.random.default_rng(5)
    inputs = numbers.normal(size=(20_000, 2)) * [1.0, 10.0] + [1.0, -3.0]
    odds = -2.0 + inputs @ np.array([1.5, 0.2])
    is_offer = (numbers.random(20_000) < 1 / (1 + np.exp(-odds))).astype(float)
    assert fit_logistic(inputs, is_offer) == pytest.approx((-2.0, 1.5, 0.2), abs=0.2)


def test_rows_that_are_parted_give_finite_weights() -> None:
    """Where likelihood alone would run away."""
    inputs = np.array([[-1.0], [-2.0], [1.0], [2.0]] * 50)
    found = fit_logistic(inputs, np.array([0.0, 0.0, 1.0, 1.0] * 50))
    assert all(map(math.isfinite, found))
    assert found[1] > 1


@given(st.integers(1, 99))
def test_an_input_that_says_nothing_leaves_the_base_rate(offers: int) -> None:
    """The bias is the log-odds of an offer, the weight nothing."""
    is_offer = np.array([1.0] * offers + [0.0] * (100 - offers))
    bias, weight = fit_logistic(np.full((100, 1), 7.0), is_offer)
    assert weight == pytest.approx(0.0)
    assert bias == pytest.approx(math.log(offers / (100 - offers)), abs=1e-4)


def test_an_informed_model_gets_weight_and_its_fit_is_read_back(tmp_path: Path) -> None:
    """From fit to file to stage, without a note left."""
    stage = DropIn(write_checkpoint(tmp_path, INFORMED))
    fitted = fit(stage, rows())
    assert fitted.is_better
    assert fitted.rows == 200
    assert fitted.offers == 100
    path = fitted.write(stage)
    assert json.loads(path.read_text("utf-8"))["after"]["log_loss"] == fitted.after.log_loss
    again = DropIn(tmp_path)
    assert again.notes == ()
    assert again.fusion["encoder"] == fitted.fusion.encoder > 0


def test_an_ignorant_model_adds_nothing(tmp_path: Path) -> None:
    """It says the same of every text: kept-out rows are judged no better."""
    assert not fit(DropIn(write_checkpoint(tmp_path, IGNORANT)), rows()).is_better


def test_kept_out_probabilities_are_calibrated(tmp_path: Path) -> None:
    """One row in ten is wrong, so the surest say nine in ten, and mean it."""
    quality = fit(DropIn(write_checkpoint(tmp_path, INFORMED)), rows(1000)).after
    assert quality.calibration_error is not None
    assert quality.calibration_error < 0.06
    assert quality.brier < 0.12


def test_another_share_of_offers_moves_the_bias_alone(tmp_path: Path) -> None:
    """By the difference of the log-odds of both shares."""
    stage = DropIn(write_checkpoint(tmp_path, INFORMED))
    even, rare = fit(stage, rows()), fit(stage, rows(), offer_share=0.01)
    assert rare.fusion.encoder == even.fusion.encoder
    assert rare.fusion.bias - even.fusion.bias == pytest.approx(math.log(0.01 / 0.99), abs=0.01)


def test_neighbouring_abuse_is_neither(tmp_path: Path) -> None:
    """Adjacent rows do not take part."""
    stage = DropIn(write_checkpoint(tmp_path, INFORMED))
    adjacent = [replace(each, label="adjacent", text="旁" + each.text) for each in rows(40)]
    assert fit(stage, [*rows(), *adjacent]) == fit(stage, rows())


def test_too_small_a_sample_is_refused_with_its_counts(tmp_path: Path) -> None:
    """Both kinds are needed."""
    stage = DropIn(write_checkpoint(tmp_path, INFORMED))
    with pytest.raises(TooFewRows, match="49 offers and 49 other rows"):
        fit(stage, rows(98))


def test_one_family_is_split_by_row(tmp_path: Path) -> None:
    """Rows without families can be measured too."""
    stage = DropIn(write_checkpoint(tmp_path, INFORMED))
    alike = [row(each.text, each.is_offer, "one") for each in rows()]
    assert fit(stage, alike).after.log_loss < 0.6
