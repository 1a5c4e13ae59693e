"""Trying a keyword judges texts just as polling would."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from classifiers.contract import Decision
from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import open_workspace
from monitor.services import keywords

OFFER = "出人脸四件套 一手料 懂的来 现货 包更新"


@pytest.mark.parametrize(
    ("stages", "signals"),
    [("rules", set()), ("ngrams", {"ngrams"}), ("all", {"ngrams", "encoder"})],
)
def test_a_keyword_is_tried_with_the_stages_that_are_set(
    tmp_path: Path, stages: str, signals: set[str]
) -> None:
    """An operator who turned the models off does not see them here."""
    settings = load_settings(data_dir=tmp_path, text_stages=stages)
    with open_workspace(settings) as workspace:
        (tested,) = keywords.match(workspace, ["代过人脸 懂的来 秒过"], reference="代过人脸")
    spoke = {evidence.signal for evidence in tested.assessment.evidence}
    assert spoke & {"ngrams", "encoder"} == signals


def test_a_keyword_is_tried_at_the_operators_thresholds(tmp_path: Path) -> None:
    """What is a hit at the shipped thresholds is none for an operator who asks for certainty."""
    strict = load_settings(data_dir=tmp_path, hit_threshold=1.0)
    with open_workspace(load_settings(data_dir=tmp_path)) as workspace:
        (shipped,) = keywords.match(workspace, [OFFER], reference="人脸四件套")
    with open_workspace(strict) as workspace:
        (asked,) = keywords.match(workspace, [OFFER], reference="人脸四件套")
    assert (shipped.assessment.decision, asked.assessment.decision) == (
        Decision.HIT,
        Decision.REVIEW,
    )


def test_a_keyword_that_expires_while_the_monitor_runs_is_matched_no_more(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Nobody changes anything at that moment."""
    settings = load_settings(data_dir=tmp_path, text_stages="rules")
    with open_workspace(settings, clock=clock) as workspace:
        ends = clock.now() + timedelta(hours=1)
        trial = KeywordDraft("蓝月亮料", "face_id_bundle", expires_at=ends)
        keywords.add(workspace, trial, actor="test")

        def terms() -> set[str]:
            (tested,) = keywords.match(workspace, ["出蓝月亮料"])
            return {item.term for item in tested.assessment.evidence}

        assert "蓝月亮料" in terms()
        clock.advance(3601)
        assert "蓝月亮料" not in terms()
