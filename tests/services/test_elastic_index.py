"""Elasticsearch for real: late arrivals, single refusals, rebuilds, drift, sign-in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from benchmarks.stack_hits import fill
from monitor.config import Settings, load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitStatus
from monitor.errors import ConfigError, SearchError
from monitor.pipeline.drift import find_drift, repair
from monitor.pipeline.index import document, index_due, rebuild
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.search import elastic
from monitor.search.elastic import ElasticHitIndex
from monitor.search.elastic_connection import connect
from monitor.search.elastic_versions import Versions
from monitor.search.protocol import HitQuery
from monitor.store import hits, outbox
from monitor.store import tables as t
from tests.contract.test_search_index import document as made_up
from tools.services.elasticsearch_server import ElasticsearchServer

pytestmark = pytest.mark.timeout(400)

TOO_LONG = "x" * 40_000
"""No keyword field takes it: Lucene's longest term has 32,766 bytes."""
HITS = 30
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def workspace(elasticsearch_server: ElasticsearchServer, tmp_path: Path) -> Iterator[Workspace]:
    """A store with 30 hits that wait to be indexed in Elasticsearch."""
    settings = load_settings(data_dir=tmp_path, elasticsearch_url=elasticsearch_server.url)
    with open_workspace(settings, clock=ManualClock(LATER)) as opened:
        fill(opened.database, HITS)
        yield opened


@pytest.fixture
def index(elasticsearch_server: ElasticsearchServer) -> Iterator[ElasticHitIndex]:
    """An empty index whose changes show at once."""
    with closing(opened(elasticsearch_server.url)) as made:
        yield made


def opened(url: str) -> ElasticHitIndex:
    settings = Settings(elasticsearch_url=url)
    return ElasticHitIndex(connect(settings), "tried-hits", shows_at_once=True)


def shown(index: ElasticHitIndex) -> list[int]:
    return [found.hit_id for found in index.find(HitQuery(limit=1000)).documents]


def indexed(workspace: Workspace) -> list[int]:
    """Ids in the index, what was put a moment ago included."""
    return [hit_id for hit_id, _ in workspace.index.revisions(0, 1000)]


def waiting(workspace: Workspace) -> int:
    with workspace.database.read() as tx:
        return outbox.due_count(tx, "index", LATER + timedelta(days=365))


def test_a_put_that_comes_late_does_not_bring_back_what_was_removed(
    index: ElasticHitIndex,
) -> None:
    """A worker that stood still for an hour holds an old copy."""
    index.put([made_up(1, revision=3), made_up(2)])
    assert index.remove([1, 77]) == {}
    assert index.put([made_up(1, revision=4), made_up(77)]) == {}
    assert shown(index) == [2]
    assert index.count_by(HitQuery(), "source") == [("market", 1)]
    assert index.revisions(0, 10) == [(2, 1)]


def test_one_refused_document_stops_no_other(index: ElasticHitIndex) -> None:
    """And the reason quotes nothing of it."""
    refused = index.put([made_up(1), made_up(2, seller=TOO_LONG), made_up(3)])
    assert list(refused) == [2]
    assert "(400)" in refused[2]
    assert "xxx" not in refused[2]
    assert shown(index) == [3, 1]


def test_more_values_than_one_answer_holds_are_all_counted(
    index: ElasticHitIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sellers, by the thousand."""
    monkeypatch.setattr(elastic, "MOST_VALUES", 2)
    index.put(made_up(n, seller=f"s{n % 5}") for n in range(1, 12))
    assert index.count_by(HitQuery(), "seller") == [
        ("s1", 3), ("s0", 2), ("s2", 2), ("s3", 2), ("s4", 2)
    ]  # fmt: skip


def test_a_write_to_a_version_that_is_gone_goes_to_the_one_that_took_its_place(
    index: ElasticHitIndex, elasticsearch_server: ElasticsearchServer
) -> None:
    """And never makes an index without our mapping."""
    index.put([made_up(1)])
    with elasticsearch_server.client() as client:
        client.indices.delete(index="tried-hits-000001")
        index.put([made_up(2)])
        assert shown(index) == [2]
        assert list(client.indices.get(index="*")) == ["tried-hits-000001"]
        assert client.indices.get_mapping()["tried-hits-000001"]["mappings"]["dynamic"] == "strict"
    assert index.needs_rebuild


def test_hits_go_from_the_outbox_into_elasticsearch(workspace: Workspace) -> None:
    """Nothing is left waiting."""
    assert workspace.index.needs_rebuild
    assert index_due(workspace) == HITS
    assert waiting(workspace) == 0
    assert indexed(workspace) == list(range(1, HITS + 1))


def test_only_what_was_refused_waits_in_the_outbox(workspace: Workspace) -> None:
    """A hit that no mapping takes, and a cluster that takes nothing for a while."""
    with workspace.database.write() as tx:
        tx.execute(update(t.seller).where(t.seller.c.id > 0).values(name="x"))
        tx.execute(update(t.listing).where(t.listing.c.id == 7).values(region=TOO_LONG))
    assert index_due(workspace) == HITS - 1
    assert waiting(workspace) == 1
    assert 7 not in indexed(workspace)
    with workspace.database.write() as tx:
        tx.execute(update(t.listing).where(t.listing.c.id == 7).values(region="广东"))
    workspace.clock.advance(400)  # type: ignore[attr-defined]
    assert index_due(workspace) == 1
    assert indexed(workspace) == list(range(1, HITS + 1))


def test_a_read_only_index_postpones_and_takes_all_later(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer
) -> None:
    """As Elasticsearch makes it when its disk is full."""
    assert index_due(workspace, limit=10) == 10
    with elasticsearch_server.client() as client:
        block = {"index.blocks.read_only_allow_delete": True}
        client.indices.put_settings(index="monitor-hits-*", settings=block)
        assert index_due(workspace) == 0
        assert waiting(workspace) == HITS - 10
        assert len(indexed(workspace)) == 10
        client.indices.put_settings(
            index="monitor-hits-*", settings={"index.blocks.read_only_allow_delete": None}
        )
    workspace.clock.advance(400)  # type: ignore[attr-defined]
    assert index_due(workspace) == HITS - 10
    assert len(indexed(workspace)) == HITS


def test_searches_answer_and_writes_arrive_all_through_a_rebuild(workspace: Workspace) -> None:
    """The old index is searched until the new one is full, and nothing is missed."""
    index_due(workspace)
    indexed(workspace)
    stop, totals, errors = threading.Event(), set[int](), list[BaseException]()

    def search() -> None:
        try:
            while not stop.is_set():
                totals.add(workspace.index.find(HitQuery(limit=1)).total)
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            errors.append(error)

    def write(_: int) -> None:
        """After the walk has read all hits: one changes and one is erased."""
        with workspace.database.write() as tx:
            hits.set_verdict(tx, 5, verdict="benign", status=HitStatus.CLOSED, now=LATER)
            tx.execute(delete(t.hit).where(t.hit.c.id == 6))
            outbox.request(tx, "index", 6, now=LATER)
        index_due(workspace)

    searching = threading.Thread(target=search)
    searching.start()
    try:
        done = rebuild(workspace, progress=write)
    finally:
        stop.set()
        searching.join()
    assert not errors
    assert totals <= {HITS, HITS - 1}
    assert (done.hits, done.refused, done.resumed) == (HITS, 0, 0)
    assert indexed(workspace) == [n for n in range(1, HITS + 1) if n != 6]
    (benign,) = workspace.index.find(HitQuery(filters={"verdict": ["benign"]})).documents
    assert benign.hit_id == 5
    assert not workspace.index.needs_rebuild
    assert find_drift(workspace).to_repair == []


def test_a_rebuild_goes_on_where_it_broke_off(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer
) -> None:
    """Another process finds how far it came in the new index itself."""
    index_due(workspace)
    with workspace.database.read() as tx:
        first = [document(hit) for hit in hits.load(tx, range(1, 11))]

    def break_off() -> None:
        with workspace.index.rebuilding() as filling:
            filling.put(first)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert len(indexed(workspace)) == HITS
    with open_workspace(workspace.settings, clock=ManualClock(LATER)) as another:
        done = rebuild(another)
        assert (done.hits, done.resumed) == (HITS, 10)
        assert indexed(another) == list(range(1, HITS + 1))
    with elasticsearch_server.client() as client:
        assert list(client.indices.get(index="*")) == ["monitor-hits-000002"]


def test_drift_is_found_and_repaired_both_ways(
    workspace: Workspace, elasticsearch_server: ElasticsearchServer
) -> None:
    """Behind the outbox's back: lost, old, and left over."""
    index_due(workspace)
    with elasticsearch_server.client() as client:
        client.delete(index="monitor-hits-write", id="3", version=1, version_type="external_gte")
    stranger = replace(made_up(500), revision=2)
    workspace.index.put([stranger])
    with workspace.database.write() as tx:
        tx.execute(update(t.hit).where(t.hit.c.id == 4).values(revision=9))
        tx.execute(update(t.hit).where(t.hit.c.id == 8).values(revision=0))
        hits.touch(tx, 9, now=LATER)
    drift = find_drift(workspace)
    assert (drift.missing, drift.stale, drift.extra, drift.ahead) == ([3], [4], [500], [8])
    assert repair(workspace, drift) == 3
    index_due(workspace)
    left = find_drift(workspace)
    assert (left.to_repair, left.ahead) == ([], [8])
    rebuild(workspace)
    assert find_drift(workspace).ahead == []


def secure(server: ElasticsearchServer, **changes: str) -> ElasticHitIndex:
    given = {
        "elasticsearch_url": server.url,
        "elasticsearch_user": server.user,
        "elasticsearch_password": server.password,
        "elasticsearch_ca_file": str(server.ca_file),
    }
    return ElasticHitIndex.of(load_settings(**(given | changes)))


def test_a_password_and_an_authority_of_ones_own_let_us_in(
    elasticsearch_secure_server: ElasticsearchServer,
) -> None:
    """TLS, certificate checked, signed in."""
    with closing(secure(elasticsearch_secure_server)) as index:
        index.put([made_up(1)])
        assert index.revisions(0, 10) == [(1, 1)]


def test_what_keeps_us_out_is_named_and_no_secret_is(
    elasticsearch_secure_server: ElasticsearchServer,
) -> None:
    """A wrong password, and a certificate that nobody vouches for."""
    server = elasticsearch_secure_server
    with closing(secure(server, elasticsearch_password="guessed-wrong")) as index:
        with pytest.raises(SearchError, match="MONITOR_ELASTICSEARCH_PASSWORD") as refused:
            index.find(HitQuery())
        assert "guessed-wrong" not in str(refused.value)
    with (
        closing(secure(server, elasticsearch_ca_file="")) as index,
        pytest.raises(SearchError, match="MONITOR_ELASTICSEARCH_CA_FILE"),
    ):
        index.find(HitQuery())


def test_nobody_there_is_an_error_that_names_the_address() -> None:
    """Port 9 of this machine is closed."""
    with (
        closing(ElasticHitIndex.of(load_settings(elasticsearch_url="http://127.0.0.1:9"))) as index,
        pytest.raises(SearchError, match="MONITOR_ELASTICSEARCH_URL"),
    ):
        index.find(HitQuery())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"elasticsearch_url": "ftp://host"}, "MONITOR_ELASTICSEARCH_URL"),
        ({"elasticsearch_url": "http://me:hidden@host:9200"}, "MONITOR_ELASTICSEARCH_USER"),
        ({"elasticsearch_user": "me"}, "MONITOR_ELASTICSEARCH_PASSWORD"),
        ({"elasticsearch_api_key": "hidden", "elasticsearch_user": "me"}, "API_KEY"),
        ({"elasticsearch_ca_file": "/nowhere/ca.pem"}, "MONITOR_ELASTICSEARCH_CA_FILE"),
    ],
)
def test_settings_that_cannot_work_are_named(changes: dict[str, str], named: str) -> None:
    """Before anything is sent."""
    settings = load_settings(**({"elasticsearch_url": "https://host:9200"} | changes))
    with pytest.raises(ConfigError, match=named) as refused:
        ElasticHitIndex.of(settings)
    assert "hidden" not in str(refused.value)


def test_an_api_key_is_sent_with_each_request() -> None:
    """Against a stub that checks the header: the test server has no API keys."""
    seen: list[str] = []

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            body = json.dumps({"a-000001": {"aliases": {}}}).encode()
            self.send_response(200)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = load_settings(
            elasticsearch_url=f"http://127.0.0.1:{server.server_port}",
            elasticsearch_api_key="a2V5OnNlY3JldA==",
        )
        with connect(settings) as client:
            assert Versions(client, "a").live() == "a-000001"
        server.shutdown()
    assert seen == ["ApiKey a2V5OnNlY3JldA=="]
