"""One machine and many give the same numbers: the same is planted and asked in each."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.config import Settings, load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.hit import Verdict
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.search.protocol import HitQuery
from monitor.services import sampling, statistics
from monitor.services.statistics import Answer, Asked
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, plant_two_weeks, row
from tests.servers.fixtures import PATIENCE_S

SHOWN_WITHIN_S = 60.0
HITS = 6
SETTINGS = {"keep_sample_percent": 100, "allow_networks": ("127.0.0.0/8",)}
ALL = Asked(since="2026-03-01", until="2026-04-01", zone="Asia/Shanghai")
NORTH = Asked("2026-03-02", "2026-03-16", "Asia/Shanghai", ("north",), ("face_id_bundle",))
Question = Callable[[Workspace, Asked], Answer[Any]]


def _hits(by: str) -> Question:
    return lambda workspace, asked: statistics.hits(workspace, asked, by=by)


def _precision(by: str) -> Question:
    return lambda workspace, asked: statistics.precision(workspace, asked, by=by)


QUESTIONS: dict[str, Question] = {
    **{f"hits by {by}": _hits(by) for by in statistics.HITS_BY},
    **{f"precision by {by}": _precision(by) for by in statistics.PRECISION_BY},
    "outcomes": statistics.outcomes,
    "coverage": statistics.coverage,
    "deliveries": statistics.deliveries,
    "failures": statistics.failures,
    "terms": statistics.rising_terms,
}


def answers(settings: Settings) -> dict[str, Any]:
    """What every question says of the same events."""
    clock = ManualClock()
    with open_workspace(settings, clock=clock) as workspace:
        plant = plant_two_weeks(workspace, clock)
        plant.look("south", BUNDLE, MONDAY, row("x", f"{OFFER} 混", seller="混 =1", region="广东"))
        plant.alert(plant.endpoint("desk"), MONDAY, arrived_after_s=61.5, failures=[503, None])
        plant.index()
        _judge_sample(plant)
        _wait_for_hits(workspace)
        found = {
            f"{name}, {scope}": ask(workspace, asked).plain()
            for name, ask in QUESTIONS.items()
            for scope, asked in (("all", ALL), ("north", NORTH))
        }
        found["misses"] = statistics.misses(workspace, ALL).plain()
        found["queue"] = statistics.queue(workspace, Asked()).plain()
        return found


def _judge_sample(plant: Plant) -> None:
    for listing in sampling.unjudged(plant.workspace, limit=9):
        verdict = Verdict.CONFIRMED if "0 号" in listing.title else Verdict.BENIGN
        sampling.judge(plant.workspace, listing.id, verdict, reason="seen", actor="li")


def _wait_for_hits(workspace: Workspace) -> None:
    """Until a search shows all that was indexed."""
    end = time.monotonic() + SHOWN_WITHIN_S
    while workspace.index.find(HitQuery(limit=1)).total != HITS:
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("server", ["elasticsearch_server", "elasticsearch_9_server"])
def test_many_machines_give_the_numbers_of_one(
    server: str, postgres_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """PostgreSQL with Elasticsearch says what SQLite says, to the last digit."""
    elasticsearch_url = request.getfixturevalue(server).url
    one = answers(load_settings(data_dir=tmp_path / "one", **SETTINGS))
    many = answers(
        load_settings(
            data_dir=tmp_path / "many",
            database_url=postgres_url,
            elasticsearch_url=elasticsearch_url,
            **SETTINGS,
        )
    )
    assert one["hits by day, all"]["total"] == HITS
    assert one["misses"]["rows"][0]["n"] == 5
    for name, expected in one.items():
        # The seconds that polls have been due depend on where their spread fell.
        if name != "queue":
            assert many[name] == expected, name
    assert [_without_age(r) for r in many["queue"]["rows"]] == [
        _without_age(r) for r in one["queue"]["rows"]
    ]


def _without_age(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "oldest_s"}
