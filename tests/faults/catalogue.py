"""The faults: what is done to a running monitor, moment by moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select

from monitor.domain.outcome import Outcome
from monitor.services import sources, watches
from monitor.store import tables as t
from tests.faults.stage import Stage
from tests.servers import poison
from tests.servers.proxy import Proxy
from tests.servers.scene import OFFER, TERMS
from tests.servers.shop import Card
from tests.servers.workers import deliver, wait_until

__all__ = ["FAULTS", "Extent", "Fault", "clock_library"]

HITS = "monitor-hits-*"
FAKETIME = ("x86_64-linux-gnu", "aarch64-linux-gnu")


@dataclass(frozen=True, slots=True)
class Extent:
    """How hard.

    Attributes:
        moments: random moments at which a fault strikes.
        outage_s: how long a server or link is away.
        random: where the moments come from.
    """

    moments: int
    outage_s: float
    random: random.Random

    def pause(self, longest_s: float = 4.0) -> None:
        """Let a random time pass."""
        time.sleep(self.random.uniform(0.0, longest_s))


Strike = Callable[[Stage, Extent], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table.

    Attributes:
        what: as the table says it; ``{moments}`` and ``{outage}`` are filled in.
        strike: does it, and puts offers into the shop meanwhile.
        needs: what is not everywhere: ``clock`` (see `clock_library`).
    """

    name: str
    what: str
    strike: Strike
    needs: frozenset[str] = frozenset()


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


def _index_settings(stage: Stage, settings: dict[str, object]) -> None:
    with stage.elasticsearch.client() as client:
        client.indices.put_settings(index=HITS, settings=settings)


def _read_only(stage: Stage, *, is_on: bool) -> None:
    """What Elasticsearch itself does when its disk is nearly full."""
    _index_settings(stage, {"index.blocks.read_only_allow_delete": is_on or None})


def _red(stage: Stage, *, is_on: bool) -> None:
    """No node may hold the index's shards: the cluster is red, and nothing can be written."""
    name = "index.routing.allocation.require._name"
    _index_settings(stage, {name: "nowhere" if is_on else None})
    with stage.elasticsearch.client() as client:
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


def clock_library() -> Path | None:
    """What lies about the time to a process; Debian's package libfaketime."""
    found = (Path("/usr/lib") / name / "faketime/libfaketimeMT.so.1" for name in FAKETIME)
    return next((path for path in found if path.exists()), None)


def _clock(stage: Stage, extent: Extent) -> None:
    """Two more workers, one ten minutes ahead and one behind, do their share."""
    lie = {"LD_PRELOAD": str(clock_library()), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
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
    scene, workspace = stage.scene, stage.scene.workspace
    sources.put(workspace, scene.shop.definition("deadly", kind="poison"), actor="test")
    scene.shop.put(Card("deadly", OFFER.format(term=TERMS[0], n=0) + poison.PAGE_POISON))
    scene.new.add("deadly")
    watches.add(workspace, "deadly", TERMS[:1], interval_s=1, actor="test")
    scene.offer(3)

    def is_quarantined() -> bool:
        (watch,) = watches.list_watches(workspace, source="deadly")
        return watch.is_paused and watch.last_outcome is Outcome.QUARANTINED

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
        _away(lambda stage: stage.elasticsearch.kill(), lambda stage: stage.elasticsearch.start()),
    ),
    Fault(
        "elasticsearch-red",
        "Elasticsearch red for {outage} s",
        _away(partial(_red, is_on=True), partial(_red, is_on=False)),
    ),
    Fault(
        "elasticsearch-full",
        "Elasticsearch read-only for lack of disk, for {outage} s",
        _away(partial(_read_only, is_on=True), partial(_read_only, is_on=False)),
    ),
    Fault(
        "elasticsearch-link",
        "the links to Elasticsearch cut for {outage} s",
        _cut(lambda stage: stage.elasticsearch_link),
    ),
    Fault("two-beats", "two beats", _two_beats),
    Fault("twice", "every task delivered twice on purpose, {moments} times", _twice),
    Fault(
        "clock",
        "workers whose clocks are 10 minutes ahead and behind",
        _clock,
        frozenset({"clock"}),
    ),
    Fault("poison", "a page that kills the process that parses it", _poison),
)
