"""Settings become an assessor: thresholds, stages, a model and a vocabulary of one's own."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from classifiers.assess import Thresholds
from classifiers.contract import Category, Decision, Listing
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.pipeline.judging import Judging, thresholds_of
from monitor.pipeline.workspace import open_workspace
from tests.checkpoints import write_checkpoint

HEADING = "term,category,language,severity,weight,search,reason\n"


def from_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    """Settings as an operator writes them."""
    for name, value in values.items():
        monkeypatch.setenv(f"MONITOR_{name.upper()}", value)
    return load_settings()


def test_single_categories_have_thresholds_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not said for a category is as for all."""
    found = thresholds_of(
        from_environment(
            monkeypatch,
            hit_threshold="0.9",
            review_threshold="0.5",
            hit_thresholds="face_id_bundle=0.7, id_document_sale=0.95",
            review_thresholds="face_id_bundle = 0.3",
        )
    )
    assert found.by_category == {
        Category.FACE_ID_BUNDLE: (0.7, 0.3),
        Category.ID_DOCUMENT_SALE: (0.95, 0.5),
    }
    assert found.decide(Category.FACE_ID_BUNDLE, 0.75) is Decision.HIT
    assert found.decide(Category.PHOTO_ANIMATION_TOOL, 0.75) is Decision.REVIEW


def test_without_a_setting_thresholds_are_as_shipped() -> None:
    """Nothing is copied into the settings."""
    assert thresholds_of(load_settings()) == Thresholds()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("nonsense=0.5", "entry 1 names none of face_id_bundle"),
        ("face_id_bundle=0.8,id_document_sale", "entry 2 is not category=score"),
        ("face_id_bundle=high", "entry 1 is not category=score"),
        ("face_id_bundle=1.5", "entry 1 is not category=score"),
        ("face_id_bundle=0", "entry 1 is not category=score"),
        ("face_id_bundle=nan", "entry 1 is not category=score"),
        ("face_id_bundle=0.8,face_id_bundle=0.9", "entry 2 names a category twice"),
    ],
)
def test_a_wrong_entry_is_told_by_its_number(
    monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    """And the setting by its name."""
    with pytest.raises(ConfigError, match=f"MONITOR_HIT_THRESHOLDS: .*{reason}"):
        from_environment(monkeypatch, hit_thresholds=value)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"hit_threshold": "0.3", "review_threshold": "0.5"}, "MONITOR_REVIEW_THRESHOLD"),
        ({"hit_thresholds": "face_id_bundle=0.1"}, "MONITOR_HIT_THRESHOLDS"),
        ({"review_thresholds": "face_id_bundle=0.99"}, "MONITOR_REVIEW_THRESHOLDS"),
    ],
)
def test_a_band_that_is_upside_down_is_refused(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], names: str
) -> None:
    """Review above hit; the text names settings."""
    with pytest.raises(ConfigError, match=names):
        thresholds_of(from_environment(monkeypatch, **values))


@pytest.mark.parametrize(
    ("stages", "on"), [("rules", set()), ("ngrams", {"ngrams"}), ("all", {"ngrams", "encoder"})]
)
def test_stages_are_switched_off(stages: str, on: set[str]) -> None:
    """The assessor's version says which take part."""
    version = Judging(load_settings(text_stages=stages)).assessor().version
    assert {name for name in ("ngrams", "encoder") if version[name] != "off"} == on


def test_an_unknown_stage_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what there is."""
    with pytest.raises(ConfigError, match=r"MONITOR_TEXT_STAGES: .*'rules', 'ngrams' or 'all'"):
        from_environment(monkeypatch, text_stages="some")


def test_a_model_of_ones_own_is_the_last_stage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is read once; that it was never fitted is told."""
    write_checkpoint(tmp_path, {"卖": (0.0, 1.0)})
    judging = Judging(load_settings(text_model=str(tmp_path), offer_labels=("LABEL_1",)))
    first, second = judging.assessor(), judging.assessor()
    assert first.version == second.version
    assert first.version["encoder"] == judging.text_model.version  # type: ignore[union-attr]
    assert [r.message for r in caplog.records].count(caplog.records[0].message) == 1
    assert "MONITOR_TEXT_MODEL: fusion.json is missing" in caplog.text


def test_a_model_is_not_even_read_where_its_stage_is_off(tmp_path: Path) -> None:
    """Nothing depends on it."""
    settings = load_settings(text_model=str(tmp_path / "missing"), text_stages="ngrams")
    assert Judging(settings).text_model is None


def test_a_folder_that_holds_no_model_stops_the_start(tmp_path: Path) -> None:
    """With the setting, the file and the field."""
    with pytest.raises(ConfigError, match=r"MONITOR_TEXT_MODEL: config\.json: missing"):
        Judging(load_settings(text_model=str(tmp_path))).assessor()


def test_a_vocabulary_of_ones_own_is_laid_over_the_stored_keywords(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Broken rows are told at the start, the others work; the model's key is another."""
    row = "蓝月亮料,face_id_bundle,zh,high,2.5,yes,x\n"
    (tmp_path / "keywords.csv").write_text(HEADING + row + "坏,nonsense\n", encoding="utf-8")
    plain = load_settings(data_dir=tmp_path / "data", text_stages="rules")
    own = load_settings(
        data_dir=tmp_path / "data", text_stages="rules", vocabulary_dir=str(tmp_path)
    )
    with open_workspace(plain) as workspace:
        _, key = workspace.assessor()
    with open_workspace(own) as workspace, caplog.at_level(logging.WARNING):
        assessor, own_key = workspace.assessor()
    assert own_key != key
    evidence = assessor.assess(Listing("出蓝月亮料")).evidence
    assert "蓝月亮料" in {item.term for item in evidence}
    assert "MONITOR_VOCABULARY_DIR: keywords.csv, line 3: 2 cells instead of 7" in caplog.text


def test_a_vocabulary_folder_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    """A wrong path must not be silent."""
    settings = load_settings(vocabulary_dir=str(tmp_path / "missing"))
    with pytest.raises(ConfigError, match="MONITOR_VOCABULARY_DIR: not a folder"):
        Judging(settings).assessor()


def test_other_thresholds_are_another_key(tmp_path: Path) -> None:
    """Stored decisions are made anew when their listing is seen again."""
    keys = set()
    for hits in ((), ((Category.FACE_ID_BUNDLE, 0.95),)):
        settings = load_settings(
            data_dir=tmp_path / "data", text_stages="rules", hit_thresholds=hits
        )
        with open_workspace(settings) as workspace:
            keys.add(workspace.assessor()[1])
    assert len(keys) == 2
