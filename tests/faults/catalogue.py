"""The faults: what is done to a running monitor, moment by moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import select

from monitor.domain.outcome import Outcome
from monitor.services import sources, watches
from monitor.store import tables as t
from tests.faults.fault import Extent, Fault, Strike
from tests.faults.stage import Stage
from tests.servers import poison
from tests.servers.proxy import Proxy
from tests.servers.scene import OFFER, TERMS
from tests.servers.shop import Card, Shop
from tests.servers.workers import deliver, wait_until
from tools.services import find

__all__ = ["FAULTS"]

HITS = "monitor-hits-*"


def _kill(role: str, stage: Stage, extent: Extent) -> None:
    for _ in range(extent.moments):
        stage.scene.offer()
        extent.pause()
        stage.kill(role)


def _away(stop: Callable[[Stage], object], back: Callable[[Stage], object]) -> Strike:
    def strike(stage: Stage, extent: Extent) -> None:
        stage.scene.offer(2)
        extent.pause()
        stop(stage)
        stage.scene.offer(2)
        time.sleep(extent.outage_s)
        back(stage)

    return strike


def _index_away(stop: Callable[[Stage], object], back: Callable[[Stage], object]) -> Strike:
    """The same, and hits must have been waiting: a fault that hurts nobody proves nothing."""

    def hurt_and_back(stage: Stage) -> None:
        wait_until(lambda: _index_lags(stage), "a hit that waits")
        back(stage)

    return _away(stop, hurt_and_back)


def _index_lags(stage: Stage) -> bool:
    query = select(t.outbox.c.id).where(t.outbox.c.kind == "index").limit(1)
    with stage.scene.workspace.database.read() as tx:
        return tx.execute(query).first() is not None


def _cut(link: Callable[[Stage], Proxy]) -> Strike:
    """Half of the time nothing passes, half of the time nobody is there."""

    def strike(stage: Stage, extent: Extent) -> None:
        stage.scene.offer(2)
        extent.pause()
        link(stage).black_hole()
        stage.scene.offer(2)
        time.sleep(extent.outage_s / 2)
        link(stage).refuse()
        time.sleep(extent.outage_s / 2)
        link(stage).heal()

    return strike


def _wipe(stage: Stage, extent: Extent) -> None:
    for _ in range(extent.moments):
        stage.scene.offer(2)
        extent.pause()
        stage.redis.wipe()


def _restart_postgres(stage: Stage, extent: Extent) -> None:
    for _ in range(extent.moments):
        stage.scene.offer(2)
        extent.pause(1.5)
        stage.postgres.kill()
        stage.postgres.start()


def _read_only(stage: Stage, *, is_on: bool) -> None:
    """What Elasticsearch itself does when its disk is nearly full."""
    settings = {"index.blocks.read_only_allow_delete": is_on or None}
    with stage.elasticsearch.client() as client:
        client.indices.put_settings(index=HITS, settings=settings)


def _busy(stage: Stage, *, is_on: bool) -> None:
    """Elasticsearch answers 429 to all that is larger than a question for its health."""
    name = "network.breaker.inflight_requests.limit"
    with stage.elasticsearch.client() as client:
        client.cluster.put_settings(persistent={name: "200b" if is_on else None})


def _spoilt(request: bytes) -> bytes:
    """The first document of a request gets a field that the strict mapping refuses."""
    return request.replace(b'"title":', b'"titel":', 1)


def _red(stage: Stage, *, is_on: bool) -> None:
    """The index's shards are on no node: the cluster is red, and nothing can be written.

    A node that holds their data would be given them back against any rule but this one.
    """
    name = "cluster.routing.allocation.node_initial_primaries_recoveries"
    with stage.elasticsearch.client() as client:
        client.cluster.put_settings(persistent={name: 0 if is_on else None})
        if is_on:
            client.indices.close(index=HITS, wait_for_active_shards=0)
            client.indices.open(index=HITS, wait_for_active_shards=0)
            wait_until(lambda: client.cluster.health()["status"] == "red", "red")


def _two_beats(stage: Stage, extent: Extent) -> None:
    stage.start("beat-second")
    for _ in range(extent.moments):
        stage.scene.offer()
        extent.pause(2.0)
    stage.leave("beat-second")


def _twice(stage: Stage, extent: Extent) -> None:
    """Everything there is, sent twice over, due or not."""
    scene = stage.scene
    for _ in range(extent.moments):
        scene.offer()
        extent.pause(2.0)
        with scene.workspace.database.read() as tx:
            rows = {
                ("poll", "poll"): tx.execute(select(t.watch.c.id)).scalars().all(),
                ("look", "look"): tx.execute(select(t.listing.c.id)).scalars().all(),
                ("send", "outbox"): tx.execute(select(t.alert.c.id)).scalars().all(),
                ("index", "outbox"): [0, 1],
            }
        for (task, queue), ids in rows.items():
            messages = [(f"monitor.{task}", [row_id]) for row_id in (*ids, *ids)]
            deliver(stage.redis.url, queue, messages)


def _clock(stage: Stage, extent: Extent) -> None:
    """Two more workers, one ten minutes ahead and one behind, do their share."""
    lie = {"LD_PRELOAD": str(find.faketime_library()), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    roles = ("poll", "look", "outbox")
    for role in roles:
        stage.start(f"{role}-ahead", FAKETIME="+600s", **lie)
        stage.start(f"{role}-behind", FAKETIME="-600s", **lie)
    for _ in range(extent.moments):
        stage.scene.offer(2)
        extent.pause(8.0)
    stage.scene.await_all()
    for role in roles:
        stage.leave(f"{role}-ahead")
        stage.leave(f"{role}-behind")


def _poison(stage: Stage, _extent: Extent) -> None:
    """In a shop of its own: pages of the other one before the deadly one would be recorded."""
    scene, workspace = stage.scene, stage.scene.workspace

    def is_quarantined() -> bool:
        (watch,) = watches.list_watches(workspace, source="deadly")
        return watch.is_paused and watch.last_outcome is Outcome.QUARANTINED

    with Shop() as deadly:
        sources.put(workspace, deadly.definition("deadly", kind="poison"), actor="test")
        title = OFFER.format(term=TERMS[0], n=0) + poison.PAGE_POISON
        deadly.put(Card("deadly", title))
        watches.add(workspace, "deadly", TERMS[:1], interval_s=1, actor="test")
        scene.offer(3)
        wait_until(is_quarantined, "the quarantine", limit_s=200)


def _kills() -> Iterable[Fault]:
    roles = {
        "poll": "a worker that polls",
        "look": "a worker that reads item pages",
        "outbox": "a worker that indexes and sends",
        "beat": "beat",
    }
    for role, who in roles.items():
        what = f"kill -9 of {who}, at {{moments}} random moments"
        yield Fault(f"kill-{role}", what, partial(_kill, role))


FAULTS = (
    *_kills(),
    Fault(
        "redis-away",
        "Redis away for {outage} s",
        _away(lambda stage: stage.redis.stop(), lambda stage: stage.redis.start()),
    ),
    Fault("redis-wiped", "Redis wiped, {moments} times", _wipe),
    Fault(
        "redis-link",
        "the links to Redis cut for {outage} s",
        _cut(lambda stage: stage.redis_link),
        is_daily=False,
    ),
    Fault(
        "postgres-restart",
        "PostgreSQL killed in mid-transaction and started again, {moments} times",
        _restart_postgres,
    ),
    Fault(
        "postgres-link",
        "the links to PostgreSQL cut for {outage} s",
        _cut(lambda stage: stage.postgres_link),
    ),
    Fault(
        "elasticsearch-away",
        "Elasticsearch away for {outage} s",
        _index_away(
            lambda stage: stage.elasticsearch.kill(), lambda stage: stage.elasticsearch.start()
        ),
    ),
    Fault(
        "elasticsearch-red",
        "Elasticsearch red for {outage} s",
        _index_away(partial(_red, is_on=True), partial(_red, is_on=False)),
        is_daily=False,
    ),
    Fault(
        "elasticsearch-busy",
        "Elasticsearch answering 429 for {outage} s",
        _index_away(partial(_busy, is_on=True), partial(_busy, is_on=False)),
    ),
    Fault(
        "elasticsearch-rejecting",
        "Elasticsearch rejecting single documents for {outage} s",
        _index_away(
            lambda stage: stage.elasticsearch_link.alter(_spoilt),
            lambda stage: stage.elasticsearch_link.heal(),
        ),
    ),
    Fault(
        "elasticsearch-full",
        "Elasticsearch read-only for lack of disk, for {outage} s",
        _index_away(partial(_read_only, is_on=True), partial(_read_only, is_on=False)),
        is_daily=False,
    ),
    Fault(
        "elasticsearch-link",
        "the links to Elasticsearch cut for {outage} s",
        _cut(lambda stage: stage.elasticsearch_link),
        is_daily=False,
    ),
    Fault("two-beats", "two beats", _two_beats, is_daily=False),
    Fault("twice", "every task delivered twice on purpose, {moments} times", _twice),
    Fault(
        "clock",
        "workers whose clocks are 10 minutes ahead and behind",
        _clock,
    ),
    Fault("poison", "a page that kills the process that parses it", _poison),
)
