"""First starts, outages, overload and broken rebuilds, on a real Elasticsearch."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.stack_hits import fill
from monitor.config import Settings, load_settings
from monitor.domain.clock import ManualClock
from monitor.errors import InputError, SearchError
from monitor.pipeline.drift import find_drift
from monitor.pipeline.index import index_due, rebuild
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.runner import Runner
from monitor.search.elastic_mapping import LIVE, MAPPING
from monitor.search.protocol import HitQuery
from tests.contract.test_search_index import document as made_up
from tests.servers.busy_elasticsearch import BusyElasticsearch
from tests.servers.proxy import Proxy
from tests.servers.workers import wait_until
from tests.services.test_elastic_index import HITS, LATER, indexed, waiting
from tests.services.test_elastic_index import workspace as workspace
from tools.services.elasticsearch_server import ElasticsearchServer

pytestmark = pytest.mark.timeout(400)

ALL = list(range(1, HITS + 1))
FIRST = "monitor-hits-000001"
KILLED = """
import os, sys
from pathlib import Path
from monitor.config import load_settings
from monitor.pipeline import index
from monitor.pipeline.workspace import open_workspace

index.BATCH = 10
settings = load_settings(data_dir=Path(sys.argv[1]), elasticsearch_url=sys.argv[2])
with open_workspace(settings) as workspace:
    index.rebuild(workspace, lambda hits: hits >= 20 and os.kill(os.getpid(), 9))
"""
"""A rebuild that is killed after its second batch."""


def settings_at(folder: Path, url: str) -> Settings:
    # Hits of half a year: what is past its time would be erased by the runner.
    return load_settings(data_dir=folder, elasticsearch_url=url, tick_s=0.05, keep_hit_days=36_500)


def test_an_index_that_all_hits_wait_for_needs_no_rebuild(workspace: Workspace) -> None:
    """A first start: several processes at once make it, and the outbox fills it."""
    assert workspace.index.needs_rebuild
    start = threading.Barrier(4)

    def work() -> None:
        with open_workspace(workspace.settings, clock=ManualClock(LATER)) as another:
            start.wait()
            index_due(another, limit=8)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while index_due(workspace):
        pass
    assert not workspace.index.needs_rebuild
    assert indexed(workspace) == ALL


def test_an_empty_store_needs_no_rebuild(
    elasticsearch_server: ElasticsearchServer, tmp_path: Path
) -> None:
    """Whoever searches first makes the index."""
    with open_workspace(settings_at(tmp_path, elasticsearch_server.url)) as workspace:
        assert workspace.index.find(HitQuery()).total == 0
        assert not workspace.index.needs_rebuild


def test_an_index_that_lacks_what_was_done_before_needs_a_rebuild(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer
) -> None:
    """Somebody removed it, or named another one."""
    index_due(workspace)
    elasticsearch_server.wipe()
    assert indexed(workspace) == []
    assert workspace.index.needs_rebuild
    rebuild(workspace)
    assert not workspace.index.needs_rebuild
    assert indexed(workspace) == ALL


def test_the_monitor_starts_while_elasticsearch_is_away(
    elasticsearch_server: ElasticsearchServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It says so in one line, and indexes when Elasticsearch is there."""
    monkeypatch.setattr("monitor.runner.INDEX_RETRY_S", 0.1)
    with Proxy(elasticsearch_server.port) as proxy:
        settings = settings_at(tmp_path, proxy.through(elasticsearch_server.url))
        with open_workspace(settings) as workspace:
            fill(workspace.database, HITS)
            proxy.refuse()
            with Runner(workspace):
                wait_until(lambda: "all else goes on" in caplog.text, "a word about it")
                assert "MONITOR_ELASTICSEARCH_URL" in caplog.text
                assert "Traceback" not in caplog.text
                proxy.heal()
                wait_until(lambda: indexed(workspace) == ALL, "all hits in the index")
            assert not workspace.index.needs_rebuild


def test_a_rebuild_that_was_killed_goes_on_in_another_process(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer
) -> None:
    """Kill -9 after two of three batches; nothing is walked twice."""
    index_due(workspace)
    folder, url = workspace.settings.data_dir, elasticsearch_server.url
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), url], check=False)
    assert killed.returncode == -9
    assert indexed(workspace) == ALL
    done = rebuild(workspace)
    assert (done.hits, done.resumed) == (HITS, 20)
    assert indexed(workspace) == ALL
    assert find_drift(workspace).to_repair == []


def test_of_two_rebuilds_one_is_told_and_stops(workspace: Workspace) -> None:
    """The other brings everything."""
    with open_workspace(workspace.settings, clock=ManualClock(LATER)) as another:
        first, second = workspace.index.rebuilding(), another.index.rebuilding()
        with first as filling:
            late = second.__enter__()
            filling.put([made_up(1)])
            with pytest.raises(SearchError, match="another process fills the index"):
                late.put([made_up(1)])
    assert indexed(workspace) == [1]


@pytest.mark.parametrize("is_full", [True, False])
def test_what_an_overloaded_elasticsearch_rejects_comes_later(
    elasticsearch_server: ElasticsearchServer, tmp_path: Path, is_full: bool
) -> None:
    """429 for a whole request, or for some of its documents: only these wait."""
    clock = ManualClock(LATER)
    with BusyElasticsearch(elasticsearch_server.port) as between:
        settings = settings_at(tmp_path, between.url)
        with open_workspace(settings, clock=clock) as workspace:
            fill(workspace.database, HITS)
            between.is_full, between.rejects = is_full, {"3", "4"}
            assert index_due(workspace) == (0 if is_full else HITS - 2)
            assert waiting(workspace) == (HITS if is_full else 2)
            between.is_full, between.rejects = False, set()
            clock.advance(400)
            assert index_due(workspace) == (HITS if is_full else 2)
            assert waiting(workspace) == 0
            assert indexed(workspace) == ALL


def test_a_red_cluster_postpones_all_and_takes_it_later(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No node holds the shard: searches fail plainly, changes wait in the outbox."""
    monkeypatch.setattr("monitor.search.elastic_writing.WAIT", "1s")
    nobody: dict[str, str | None] = {"index.routing.allocation.require._name": "nobody"}
    with elasticsearch_server.client() as client:
        # Taken from a shard that has data, the node would be given back by force.
        client.indices.create(
            index=FIRST,
            aliases={"monitor-hits-read": {"filter": LIVE}, "monitor-hits-write": {}},
            mappings=MAPPING,
            settings=nobody,
            wait_for_active_shards=0,
        )
        assert client.cluster.health()["status"] == "red"
        with pytest.raises(SearchError):
            workspace.index.find(HitQuery())
        assert index_due(workspace) == 0
        assert waiting(workspace) == HITS
        anybody = dict.fromkeys(nobody)
        client.indices.put_settings(index=FIRST, settings=anybody)
        client.cluster.health(wait_for_status="yellow", timeout="60s")
    workspace.clock.advance(400)  # type: ignore[attr-defined]
    assert index_due(workspace) == HITS
    assert indexed(workspace) == ALL


def test_searches_while_the_index_is_made_find_nothing_and_do_not_fail(
    elasticsearch_server: ElasticsearchServer, tmp_path: Path
) -> None:
    """Several consoles on the first day; a shard takes a moment to start."""
    start, totals = threading.Barrier(6), list[int]()
    with open_workspace(settings_at(tmp_path, elasticsearch_server.url)) as workspace:

        def search() -> None:
            start.wait()
            totals.extend(workspace.index.find(HitQuery()).total for _ in range(5))

        threads = [threading.Thread(target=search) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert totals == [0] * 30


def test_more_hours_than_elasticsearch_counts_are_refused(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer
) -> None:
    """Said as a mistake of whoever asks; its limit of 65,536 is lowered here."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    workspace.index.put(made_up(n, found_at=at + timedelta(hours=n)) for n in range(30))
    indexed(workspace)
    with elasticsearch_server.client() as client:
        client.cluster.put_settings(persistent={"search.max_buckets": 20})
        try:
            with pytest.raises(InputError, match="interval"):
                workspace.index.histogram(HitQuery(), interval="hour", zone="UTC")
        finally:
            client.cluster.put_settings(persistent={"search.max_buckets": None})
    assert len(workspace.index.histogram(HitQuery(), interval="hour", zone="UTC")) == 30
