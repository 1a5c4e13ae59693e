"""What thresholds imply, read from a curve: interpolated, and silent where little was measured."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.evaluation.curve import CategoryScores, curve_json, make_curve
from classifiers.implications import CurveError, MeasuredCurve, read_curve

N = {"ordinary": 100_000, "lookalikes": 600, "offers": 800, "listings": 5_000}


def point(score: float, **figures: float) -> dict[str, float | None]:
    """A point, all figures falling with the score."""
    return {
        "score": score,
        "ordinary_per_million": 1000 * (1 - score),
        "ordinary_upper": 1100 * (1 - score),
        "lookalikes": 0.2 * (1 - score),
        "lookalikes_upper": 0.3 * (1 - score),
        "recall": 1 - score / 2,
        "recall_low": 0.9 - score / 2,
        "recall_high": 1.0,
        "flagged_per_1000": 50 * (1 - score),
        **figures,
    }


def curve(**fields: Any) -> dict[str, Any]:
    """A curve from 0.4 to 0.9."""
    return {
        "measured_on": "invented rows",
        "model": {"ngrams": "1"},
        "minutes_per_review": 0.5,
        "n": N,
        "points": [point(0.4), point(0.6), point(0.9)],
        **fields,
    }


def read(folder: Path, stated: Any) -> MeasuredCurve:
    """Through a file, as always."""
    path = folder / "curve.json"
    path.write_text(stated if isinstance(stated, str) else json.dumps(stated), encoding="utf-8")
    return read_curve(path)


def test_between_two_points_figures_are_interpolated(tmp_path: Path) -> None:
    """Half way between 0.6 and 0.9."""
    found = read(tmp_path, curve()).together.at(0.75)
    assert found.ordinary_per_million == pytest.approx(250)
    assert found.recall == pytest.approx(0.625)
    assert found.flagged_per_1000 == pytest.approx(12.5)


@settings(deadline=None)
@given(st.floats(0.4, 0.9), st.floats(0.4, 0.9))
def test_a_higher_threshold_never_implies_more_false_alarms(one: float, other: float) -> None:
    """As in the measured points, so between them."""
    with tempfile.TemporaryDirectory() as folder:
        measured = read(Path(folder), curve())
    low, high = (measured.together.at(score).ordinary_per_million for score in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert high <= low + 1e-9


@pytest.mark.parametrize("score", [0.39, 0.91, 1.0])
def test_beyond_the_measured_scores_nothing_is_told(tmp_path: Path, score: float) -> None:
    """Nobody knows."""
    found = read(tmp_path, curve()).together.at(score)
    assert (found.recall, found.ordinary_per_million, found.flagged_per_1000) == (None,) * 3


@pytest.mark.parametrize(
    ("kind", "figure"),
    [
        ("ordinary", "ordinary_per_million"),
        ("lookalikes", "lookalikes"),
        ("offers", "recall"),
        ("listings", "flagged_per_1000"),
    ],
)
def test_a_figure_of_too_few_texts_is_not_told(tmp_path: Path, kind: str, figure: str) -> None:
    """The others are."""
    found = read(tmp_path, curve(n=N | {kind: 50})).together.at(0.5)
    assert getattr(found, figure) is None
    told = {"ordinary_per_million", "lookalikes", "recall", "flagged_per_1000"} - {figure}
    assert all(getattr(found, name) is not None for name in told)


def test_what_the_evaluation_writes_is_read(tmp_path: Path) -> None:
    """One format, two sides."""
    made = make_curve(
        offers=[0.95] * 90 + [0.5] * 10,
        ordinary=[0.01] * 20_000,
        lookalikes=[0.1] * 98 + [0.7] * 2,
        stream=[0.1] * 900 + [0.8] * 100,
        thresholds=(0.6, 0.9),
        minutes_per_review=0.5,
        categories={
            "face_id_bundle": CategoryScores(
                offers=[0.95] * 45 + [0.5] * 15,
                ordinary=[0.7],
                lookalikes=[0.1] * 60,
                stream=[0.8] * 30 + [0.95] * 10,
            )
        },
    )
    found = read(tmp_path, curve_json(made, measured_on="invented scores", model={}))
    at_hit = found.together.at(0.9)
    assert at_hit.recall == pytest.approx(0.9)
    assert at_hit.ordinary_per_million == 0
    assert at_hit.ordinary_upper == pytest.approx(150, abs=1)
    assert found.together.at(0.6).flagged_per_1000 == pytest.approx(100)
    assert found.minutes_per_review == 0.5
    own = found.of("face_id_bundle")
    # Its own offers; shares of all ordinary texts and listings.
    assert own.at(0.9).recall == pytest.approx(45 / 60)
    assert own.at(0.6).ordinary_per_million == pytest.approx(50)
    assert (own.at(0.6).flagged_per_1000, own.at(0.9).flagged_per_1000) == (40, 10)
    assert found.of("id_document_sale") == found.together


def test_a_file_of_before_categories_were_measured_is_read(tmp_path: Path) -> None:
    """Its minutes were those of all that a point flags."""
    points = [point(0.4), point(0.9)]
    for each in points:
        flagged = each.pop("flagged_per_1000")
        assert flagged is not None
        each |= {"reviews_per_1000": flagged, "minutes_per_1000": flagged * 0.25}
    stated = curve(points=points)
    del stated["minutes_per_review"]
    found = read(tmp_path, stated)
    assert found.together.at(0.4).flagged_per_1000 == pytest.approx(30)
    assert found.minutes_per_review == pytest.approx(0.25)
    assert found.of("face_id_bundle") == found.together


def test_a_category_of_few_offers_tells_no_recall(tmp_path: Path) -> None:
    """But fewer are enough than for all together."""
    parts = {
        name: {"n": N | {"offers": n}, "points": [point(0.4), point(0.9)]}
        for name, n in (("face_id_bundle", 49), ("id_document_sale", 50))
    }
    found = read(tmp_path, curve(categories=parts))
    assert found.of("face_id_bundle").at(0.5).recall is None
    assert found.of("id_document_sale").at(0.5).recall == pytest.approx(0.75)


def test_parts_of_other_versions_than_were_measured_are_named(tmp_path: Path) -> None:
    """New parts, too."""
    found = read(tmp_path, curve(model={"ngrams": "1", "encoder": "1"}))
    assert found.differs_from({"ngrams": "1", "encoder": "1"}) == []
    assert found.differs_from({"ngrams": "1", "encoder": "2", "fusion": "1"}) == [
        "encoder",
        "fusion",
    ]


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (curve(measured_on=None), "measured_on is not a text"),
        (curve(model=[]), "model is not an object"),
        (curve(n={"ordinary": 1}), "n: whole numbers for ordinary, lookalikes"),
        (curve(n=N | {"offers": -1}), "n: whole numbers"),
        (curve(points=[point(0.5)]), "points: at least two"),
        (curve(points=[point(0.5), 3]), "point 2: not an object"),
        (curve(points=[point(0.5), point(1.5)]), "point 2: score is not a number from 0 to 1"),
        (curve(points=[point(0.5), point(0.5)]), "point 2: score does not rise"),
        (curve(points=[point(0.5, recall=1.2), point(0.6)]), "point 1: recall is not a number"),
        (curve(categories=[]), "categories is not an object"),
        (curve(categories={"a": {"n": N, "points": []}}), "a: points: at least two"),
        (curve(categories={"a": {"n": N, "points": [1, 2]}}), "a: point 1: not an object"),
        (curve(minutes_per_review=0), "minutes_per_review is not a number above 0"),
        (curve(points=[point(0.5, lookalikes=-1), point(0.6)]), "point 1: lookalikes"),
    ],
)
def test_a_file_that_is_no_curve_is_refused_with_the_place(
    tmp_path: Path, stated: Any, complaint: str
) -> None:
    """Point and field."""
    with pytest.raises(CurveError, match=complaint):
        read(tmp_path, stated)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path with a typing error."""
    with pytest.raises(CurveError, match=r"none\.json"):
        read_curve(tmp_path / "none.json")
