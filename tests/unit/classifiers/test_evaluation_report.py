"""The report over a small material: goals, curve, texts that people judged, and the page."""

from __future__ import annotations

import html.parser
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assess import Assessor, Thresholds
from classifiers.contract import Category, Intent, Listing
from classifiers.evaluation.copies import WITHOUT_COPIES
from classifiers.evaluation.curve import make_curve
from classifiers.evaluation.disguised import any_disguise, measure_disguises
from classifiers.evaluation.figures import Estimate, share_of
from classifiers.evaluation.goals import Verdict, at_least, at_most, estimate_at_least, number_goal
from classifiers.evaluation.judging import Judge, show
from classifiers.evaluation.page import figure, render_page, share, write_report
from classifiers.evaluation.report import Material, Report, evaluate
from classifiers.evaluation.rows import (
    KnownText,
    LabelledRow,
    Learned,
    OrdinaryText,
    text_digest,
)
from classifiers.training.augment import KEPT_OUT, OPERATORS, Tables

TABLES = Tables({"脸": ["月佥"]}, {"脸": "险"})
THRESHOLDS = Thresholds(0.5, 0.3)
GREY = "出人脸四件套 一手料 懂的来 现货 包更新 私聊"
HOSTILE = "<script>alert(1)</script> \u202e 人脸四件套 一手 vx: testaccount99 \ud800"
CONTACT = "testaccount99"


def _offer(text: str, kind: str = "plain", language: str = "zh") -> LabelledRow:
    return LabelledRow(
        text,
        "positive",
        Category.FACE_ID_BUNDLE,
        Intent.SELL,
        f"{kind}_x",
        kind,
        language,
        "test",
    )


def _harmless(text: str, kind: str, intent: Intent) -> LabelledRow:
    return LabelledRow(text, "benign", None, intent, f"{kind}_x", kind, "zh", "test")


MATERIAL = Material(
    labelled=[
        *(_offer(f"出人脸四件套 一手料 懂的来 现货{n}套 包更新") for n in range(20)),
        _offer("懂的都懂", "guarded"),
        _offer("selling fullz with selfie, dm me", "english", "en"),
        _harmless("纯棉四件套 全棉", "look", Intent.SELL),
        _harmless(HOSTILE, "look", Intent.SELL),
        _harmless("警方通报人脸四件套案", "talk", Intent.DISCUSS),
    ],
    ordinary=[
        *(OrdinaryText(f"这双鞋{n}码很舒服", "shoes") for n in range(60)),
        OrdinaryText(GREY, "queries"),
    ],
    known=[],
    tables=TABLES,
    name="a test",
    notes=("A note.",),
    learned=Learned(["出人脸四件套 一手料 懂的来 现货7套!包更新"], left_out=3),
)


def _evaluate(material: Material, seed: int = 7) -> Report:
    assessor = Assessor(use_ngrams=False, thresholds=THRESHOLDS)
    return evaluate(material, assessor, THRESHOLDS, seed=seed, minutes_per_review=0.5)


@pytest.fixture(scope="module")
def report() -> Report:
    """Of the small material, by rules alone."""
    return _evaluate(MATERIAL)


def test_recall_and_false_alarms_count_what_was_decided(report: Report) -> None:
    kinds = {bands.name: bands for bands in report.recall["kind"]}
    assert (kinds["plain"].hit.count, kinds["plain"].hit.n) == (20, 20)
    assert (kinds["guarded"].flagged.count, kinds["guarded"].flagged.n) == (0, 1)
    ordinary = {bands.name: bands for bands in report.false_alarms["ordinary texts"]}
    assert (ordinary["all ordinary texts"].hit.count, ordinary["shoes"].hit.count) == (1, 0)
    assert [bands.hit.n for bands in report.false_alarms["harmless rows"]] == [2, 1, 0]


def test_a_text_that_a_person_called_grey_leaves_the_count_and_is_listed() -> None:
    known = [KnownText(text_digest(GREY)[:16], "positive")]
    found = _evaluate(replace(MATERIAL, known=known))
    assert found.false_alarms["ordinary texts"][0].hit.count == 0
    assert found.false_alarms["ordinary texts"][0].hit.n == 60
    assert [(each.label, each.kind) for each in found.known] == [("positive", "queries")]


def test_a_text_that_a_person_called_harmless_stays_an_error() -> None:
    known = [KnownText(text_digest(GREY), "benign")]
    found = _evaluate(replace(MATERIAL, known=known))
    assert found.false_alarms["ordinary texts"][0].hit.count == 1
    assert found.known == ()


def test_near_copies_of_what_was_learned_are_counted_and_recall_is_given_without_them(
    report: Report,
) -> None:
    # 0 to 9 differ in one character from the learned text, 10 to 19 in two.
    assert (report.near_copies.count, report.near_copies.n) == (20, 25)
    (english,) = report.recall[WITHOUT_COPIES]
    assert (english.name, english.hit.n) == ("english", 1)
    assert report.notes == (
        "A note.",
        "3 training rows that equal a test row were left out of training.",
        (
            "20 of 25 labelled rows have a near copy among training rows, 20 of 21 plain and "
            "English offers among them; recall is also given without those."
        ),
    )


def test_stages_are_counted_as_the_assessment_names_them(report: Report) -> None:
    ordinary = next(cost for cost in report.cost if cost.name == "ordinary texts")
    assessor = Assessor(use_ngrams=False, thresholds=THRESHOLDS)
    stages = [assessor.assess(Listing(text.text)).stages for text in MATERIAL.ordinary]
    assert ordinary.rules.count == sum("rules" in each for each in stages)
    assert 0 < ordinary.rules.count < len(stages)
    assert ordinary.encoder.count == 0


def test_each_category_has_a_curve_of_its_own_offers(report: Report) -> None:
    bundle = report.curve.categories["face_id_bundle"]
    assert bundle.n["offers"] == 22
    assert report.curve.categories["covert_face_capture"].n["offers"] == 0
    together = next(p for p in report.curve.table if p.score == THRESHOLDS.hit)
    parts = [
        next(p for p in each.table if p.score == THRESHOLDS.hit)
        for each in report.curve.categories.values()
    ]
    # Each listing and each ordinary text counts in one category.
    for field in ("flagged_per_1000", "ordinary_per_million", "lookalikes"):
        assert sum(getattr(p, field) for p in parts) == pytest.approx(getattr(together, field))


def test_the_same_seed_gives_the_same_figures_but_for_times(report: Report) -> None:
    again = _evaluate(MATERIAL)
    timeless = {"cost": (), "goals": ()}
    assert replace(report, **timeless) == replace(again, **timeless)  # type: ignore[arg-type]


def test_worst_texts_come_with_reasons_and_without_contacts(report: Report) -> None:
    (worst, *_) = report.worst_false_alarms
    assert worst.reasons
    everything = json.dumps(report.to_json())
    assert CONTACT not in everything
    assert "testaccount" not in everything.lower()
    assert report.worst_misses[0].text == "懂的都懂"


def test_every_operator_is_measured_once_a_language_and_says_whether_it_was_trained_on(
    report: Report,
) -> None:
    by_name = {each.bands.name: each for each in report.disguises}
    assert set(OPERATORS) <= set(by_name)
    assert {name for name, each in by_name.items() if each.is_kept_out} == set(KEPT_OUT)
    assert by_name["leet"].language == "en"
    assert by_name["separators"].bands.hit.n == 20


def test_an_operator_that_cannot_be_applied_measures_nothing() -> None:
    judge = Judge(Assessor(use_ngrams=False))
    found = measure_disguises([_offer("出人脸四件套")], judge, Tables({}, {}), 7)
    split = next(each for each in found if each.bands.name == "split")
    assert (split.asked, split.bands.hit.n) == (1, 0)


def test_a_text_without_words_cannot_be_disguised() -> None:
    assert any_disguise("12 !", "zh", random.Random(1), TABLES) is None


def test_without_labelled_offers_there_is_no_stream_and_the_page_says_so() -> None:
    found = _evaluate(replace(MATERIAL, labelled=[]))
    assert found.stream is None
    assert "Not measured: it needs labelled offers." in render_page(found)


def test_the_curve_falls_with_the_threshold_and_knows_those_in_use(report: Report) -> None:
    table = report.curve.table
    assert {THRESHOLDS.hit, THRESHOLDS.review} <= {point.score for point in table}
    for field in ("recall", "ordinary_per_million", "lookalikes", "flagged_per_1000"):
        values = [getattr(point, field) for point in table]
        assert values == sorted(values, reverse=True)


SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@settings(deadline=None)
@given(SCORES, SCORES, st.floats(0, 1))
def test_a_point_counts_what_scores_as_much_or_more(
    offers: list[float], ordinary: list[float], threshold: float
) -> None:
    curve = make_curve(
        offers=offers,
        ordinary=ordinary,
        lookalikes=[],
        stream=[],
        thresholds=[threshold],
        minutes_per_review=1,
    )
    point = next(each for each in curve.table if each.score == threshold)
    found = sum(score >= threshold for score in ordinary)
    assert point.recall == sum(score >= threshold for score in offers) / len(offers)
    assert point.ordinary_per_million == pytest.approx(1e6 * found / len(ordinary))
    assert point.lookalikes is None


@pytest.mark.parametrize(
    ("count", "n", "verdict"),
    [
        (95, 100, Verdict.REACHED),
        (91, 100, Verdict.MISSED),
        # Even 20 of 20 could be a recall of 0.84.
        (20, 20, Verdict.NOT_SHOWN),
        # None of ten is a miss, however few they are.
        (0, 10, Verdict.MISSED),
        (0, 0, Verdict.NOT_SHOWN),
    ],
)
def test_a_recall_goal_is_reached_missed_or_not_shown(count: int, n: int, verdict: Verdict) -> None:
    assert at_least("recall", "hit", share_of(count, n), 0.92).verdict is verdict


@pytest.mark.parametrize(
    ("count", "n", "goal", "min_n", "verdict"),
    [
        (0, 100_000, 0, 100_000, Verdict.REACHED),
        (0, 99_999, 0, 100_000, Verdict.NOT_SHOWN),
        (1, 50, 0, 100_000, Verdict.MISSED),
        (29, 100_000, 300e-6, 100_000, Verdict.REACHED),
        (31, 100_000, 300e-6, 100_000, Verdict.MISSED),
        (0, 200, 0.01, 0, Verdict.NOT_SHOWN),
        (3, 400, 0.01, 0, Verdict.REACHED),
        (100, 200, 0.01, 600, Verdict.MISSED),
    ],
)
def test_a_false_alarm_goal_is_reached_missed_or_not_shown(
    count: int, n: int, goal: float, min_n: int, verdict: Verdict
) -> None:
    assert at_most("errors", "hit", share_of(count, n), goal, min_n=min_n).verdict is verdict


def test_a_goal_by_listing_is_not_shown_by_few_texts_that_repeat() -> None:
    estimate = Estimate(0.99, 0.9, 1.0, 4000)
    assert estimate_at_least("p", "hit", estimate, 0.85, distinct=15).verdict is Verdict.NOT_SHOWN
    assert estimate_at_least("p", "hit", estimate, 0.85, distinct=90).verdict is Verdict.REACHED


def test_a_number_is_compared_on_its_own_side() -> None:
    assert number_goal("s", 9.0, 8, is_floor=True, n=5000, unit="").verdict is Verdict.REACHED
    assert number_goal("s", 9.0, 8, is_floor=False, n=5000, unit="").verdict is Verdict.MISSED
    assert number_goal("s", 9.0, 8, is_floor=True, n=10, unit="").verdict is Verdict.NOT_SHOWN


class _Page(html.parser.HTMLParser):
    """Collects tags and what they refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in {"href", "src", "action", "data", "poster", "srcset"}:
                self.links.append(value or "")


def test_the_page_opens_offline_without_script_or_request(report: Report) -> None:
    page = _Page(render_page(report))
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert page.links
    assert all(link.removeprefix("#") in page.ids for link in page.links)
    assert "svg" in page.tags


def test_texts_of_sellers_are_shown_harmless(report: Report) -> None:
    text = render_page(report)
    assert "&lt;script&gt;alert(1)" in text
    assert "\u202e" not in text
    assert "⟨202E⟩" in text
    assert show("a\ud800b") == "a⟨D800⟩b"


def test_a_folder_holds_page_figures_curve_and_texts_to_judge(
    report: Report, tmp_path: Path
) -> None:
    write_report(report, tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == {
        "index.html",
        "report.json",
        "curve.json",
        "flagged.jsonl",
    }
    curve = json.loads((folder / "curve.json").read_text("utf-8"))
    assert curve["n"]["ordinary"] == 61
    assert curve["measured_on"] == "a test"
    assert {"score", "recall", "lookalikes", "flagged_per_1000"} <= set(curve["points"][0])
    flagged = json.loads((folder / "flagged.jsonl").read_text("utf-8"))
    assert (flagged["label"], flagged["sha256"]) == ("", text_digest(GREY)[:16])
    assert json.loads((folder / "report.json").read_text("utf-8"))["seed"] == 7


@pytest.mark.parametrize(
    ("value", "write", "text"),
    [
        (0.9567, share, "95.7 %"),
        (0.00004, share, "40 per million"),
        (0.9999, share, "99.990 %"),
        (1.0, share, "100 %"),
        (0.0, share, "0 %"),
        (None, share, "–"),
        (12345.67, figure, "12,345.7"),
        (None, figure, "–"),
    ],
)
def test_figures_are_written_for_people(
    value: float | None, write: Callable[[float | None], str], text: str
) -> None:
    assert write(value) == text
