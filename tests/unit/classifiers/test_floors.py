"""The shipped model keeps what was recorded of it, on the repository's test rows."""

from __future__ import annotations

import pytest

from classifiers.assess import Assessor
from classifiers.evaluation.judging import Judge
from classifiers.evaluation.rows import EVERYDAY, LabelledRow
from classifiers.training.floors import (
    EVERYDAY_HITS,
    Bound,
    Figure,
    bounds_from,
    measure,
    missed,
    read_bounds,
    read_rows,
)


def test_the_shipped_model_keeps_its_floors() -> None:
    bounds = read_bounds()
    measured = measure(read_rows(), Judge(Assessor()))
    assert len(bounds) > 10
    assert missed(bounds, measured) == []


def test_no_everyday_text_is_a_hit() -> None:
    judge = Judge(Assessor())
    texts = [row.text for row in read_rows() if row.group == EVERYDAY]
    assert len(texts) == 150
    assert [text for text in texts if judge.judge(text).is_hit] == []


def test_a_recorded_figure_keeps_its_own_bound_and_a_worse_one_does_not() -> None:
    figures = {"recall": Figure(True, 0.9, 200), "alarms": Figure(False, 0.01, 200)}
    bounds = bounds_from(figures)
    assert missed(bounds, figures) == []
    worse = {"recall": Figure(True, 0.87, 200), "alarms": Figure(False, 0.04, 200)}
    assert missed(bounds, worse) == [
        "recall: 0.8700 is below 0.8800",
        "alarms: 0.0400 is above 0.0300",
    ]


def test_small_groups_may_move_by_two_rows() -> None:
    (bound,) = bounds_from({"recall": Figure(True, 1.0, 20)})
    assert bound.limit == pytest.approx(0.9)


def test_very_small_groups_may_not_move_further_than_their_interval() -> None:
    figures = {"recall": Figure(True, 1.0, 2), "alarms": Figure(False, 0.0, 2)}
    recall, alarms = bounds_from(figures)
    # Wilson's interval of 2 of 2 begins at 1 / (1 + 1.96² / 2).
    assert recall.limit == pytest.approx(0.3424 - 0.02, abs=2e-4)
    assert alarms.limit == pytest.approx(0.6576 + 0.02, abs=2e-4)


def test_everyday_texts_have_no_margin() -> None:
    figures = {EVERYDAY_HITS: Figure(False, 1 / 150, 150)}
    (bound,) = bounds_from(figures)
    assert missed([bound], figures) == ["false alarms, everyday, hit: 0.0067 is above 0.0000"]


def test_a_share_of_other_rows_keeps_no_bound() -> None:
    bounds = bounds_from({"recall": Figure(True, 0.9, 200)})
    assert missed(bounds, {"recall": Figure(True, 1.0, 100)}) == [
        "recall: measured on 100 rows, recorded on 200; record the floors of these rows"
    ]


def test_the_rows_that_calibration_falls_on_may_change_in_number() -> None:
    bounds = bounds_from({"error": Figure(False, 0.03, 300, is_share=False)})
    assert missed(bounds, {"error": Figure(False, 0.04, 310, is_share=False)}) == []


def test_a_figure_that_is_gone_is_a_miss() -> None:
    bound = Bound("recall, plain, hit", True, 0.9, 0.92, 100)
    assert missed([bound], {}) == ["recall, plain, hit: no longer measured"]


def test_recall_and_false_alarms_are_measured_by_kind_at_both_thresholds() -> None:
    def row(text: str, label: str, kind: str) -> LabelledRow:
        return LabelledRow(text, label, None, None, f"{kind}_x", kind, "zh", "test")

    rows = [
        row("出人脸四件套 一手料 懂的来 现货 包更新", "positive", "plain"),
        row("今天天气很好", "positive", "plain"),
        row("纯棉四件套", "benign", "look"),
    ]
    found = measure(rows, Judge(Assessor(use_ngrams=False)))
    assert found["recall, plain, hit or review"] == Figure(True, 0.5, 2)
    assert found["false alarms, look, hit"] == Figure(False, 0.0, 1)
    assert found["Brier score"].n == 3
