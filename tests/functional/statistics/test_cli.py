"""`monitor stats` and `monitor sample` over planted numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor.cli.main import app
from monitor.errors import InputError, NotFoundError
from monitor.services import statistics
from monitor.services.statistics import HITS_BY, PRECISION_BY
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

MARCH = ("--since", "2026-03-01", "--until", "2026-04-01")


def run(plant: Plant, *arguments: str) -> str:
    """What a command prints; its error is raised."""
    folder = str(plant.workspace.settings.data_dir)
    done = CliRunner().invoke(app, ["--data-dir", folder, *arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def asked(plant: Plant, *arguments: str) -> dict[str, Any]:
    """The answer as JSON."""
    found: dict[str, Any] = json.loads(run(plant, "stats", *arguments, "--json"))
    return found


def test_without_a_question_it_tells_the_state_of_the_whole(planted: Plant) -> None:
    """As it did before there were questions."""
    assert json.loads(run(planted, "stats", "--json"))["all_hits"] == 5
    assert "all_hits" in run(planted, "stats")


def test_every_question_has_a_command(planted: Plant) -> None:
    """With the numbers of the service."""
    for by in HITS_BY:
        expected = statistics.hits(
            planted.workspace, statistics.Asked("2026-03-01", "2026-04-01"), by=by
        )
        assert asked(planted, "hits", "--by", by, *MARCH) == expected.plain()
    for by in PRECISION_BY:
        assert asked(planted, "precision", "--by", by, *MARCH)["rows"]
    for question in ("outcomes", "coverage", "deliveries", "failures", "terms", "misses"):
        assert asked(planted, question, *MARCH)["question"] == question
    assert asked(planted, "queue", "--source", "north")["rows"]


def test_the_same_rows_as_table_and_csv(planted: Plant) -> None:
    """A seller's name is no formula; the title says what it covers."""
    planted.look("south", BUNDLE, MONDAY, row("evil", f"{OFFER} 恶", seller="=1+1"))
    planted.index()
    table = run(planted, "stats", "hits", "--by", "seller", "--csv", *MARCH)
    assert table.splitlines()[:2] == ["value,hits", "甲0,2"]
    assert "'=1+1,1" in table.splitlines()
    shown = run(planted, "stats", "hits", "--by", "day", "--zone", "Asia/Shanghai", *MARCH)
    assert "Asia/Shanghai, 6 in all" in shown
    assert "2026-03-02T00:00:00+08:00" in shown


def test_what_is_not_shown_is_said(planted: Plant) -> None:
    """In words, under the table."""
    assert "not shown" in run(planted, "stats", "misses", *MARCH)
    with pytest.raises(InputError, match="zone: 'Mars' is not a time zone"):
        run(planted, "stats", "hits", "--zone", "Mars")


def test_the_sample_is_judged_from_its_list(
    planted: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One listing after the other; then there is an estimate."""
    monkeypatch.setenv("MONITOR_KEEP_SAMPLE_PERCENT", "100")
    listed = [json.loads(line) for line in run(planted, "sample", "list", "--json").splitlines()]
    assert len(listed) == 5
    assert listed[0]["title"] in run(planted, "sample", "list")
    run(planted, "sample", "judge", str(listed[0]["id"]), "benign", "--reason", "bedding")
    assert len(run(planted, "sample", "list", "--json").splitlines()) == 4
    (found,) = asked(planted, "misses", *MARCH)["rows"]
    assert (found["n"], found["missed"], found["low"], found["high"]) == (1, 0, 0.0, 0.975)
    with pytest.raises(NotFoundError, match="no clear listing with id 99999"):
        run(planted, "sample", "judge", "99999", "benign", "--reason", "x")
