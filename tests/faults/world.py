"""A monitor in one process, with a moving market and a receiver outside that outlast its faults."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config import load_settings
from monitor.domain.alert import EndpointMode
from monitor.domain.hit import HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import endpoints, keywords, overview, sources, triage, watches
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import Card, Shop

__all__ = [
    "OFFER",
    "TERMS",
    "Counted",
    "World",
    "counted",
    "expected",
    "is_settled",
    "kill",
    "open_world",
    "stop",
    "wait_until",
]

TERMS = ("人脸四件套", "过人脸", "照片活化")
OFFER = "出{term} 一手 懂的来 现货 包过 第{n}批"
INTERVAL_S = 1.0
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run left behind, by the market's ids."""

    hits: Counter[str]
    indexed: set[str]
    alerts: Counter[str]
    alert_ids: int


@dataclass(frozen=True, slots=True)
class World:
    """The outside: a shop, a receiver, and the environment of the monitor's process.

    Attributes:
        extra: variables that this environment has besides.
    """

    shop: Shop
    receiver: ScriptedServer
    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MONITOR_DATA_DIR": str(self.folder),
            "MONITOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "MONITOR_TICK_S": "0.05",
            "MONITOR_LEASE_S": "30",
            "MONITOR_CONSOLE_PORT": "0",
            "MONITOR_LOOKS_PER_HOUR": "100000",
            **self.extra,
        }

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        settings = load_settings(data_dir=self.folder, allow_networks=("127.0.0.0/8",))
        with open_workspace(settings) as opened:
            yield opened

    def start(self, log: Path | None = None) -> subprocess.Popen[bytes]:
        with (log or Path(os.devnull)).open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "monitor.cli.main", "up"],
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )

    @contextmanager
    def running(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """The same, ended with the block however that ends."""
        process = self.start(log)
        try:
            yield process
        finally:
            kill(process)

    def put(self, n: int) -> None:
        """A new offer in the shop."""
        self.shop.put(Card(f"new{n}", OFFER.format(term=TERMS[n % len(TERMS)], n=n)))


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """A shop with a few offers, watched; an endpoint that wants hits; a baseline to come."""
    with Shop() as shop, ScriptedServer() as receiver:
        receiver.route("/hook", Reply(204))
        made = World(shop, receiver, folder)
        with made.workspace() as workspace:
            sources.put(workspace, shop.definition(), actor="test")
            for term in TERMS:
                draft = KeywordDraft(term, "face_id_bundle", weight=2.0)
                keywords.add(workspace, draft, actor="test")
            watches.add(workspace, "shop", TERMS, interval_s=INTERVAL_S, actor="test")
            url = receiver.url("/hook")
            endpoints.add(workspace, "hook", url, mode=EndpointMode.ON_HIT, actor="test")
        shop.put(*(Card(f"old{n}", OFFER.format(term=term, n=n)) for n, term in enumerate(TERMS)))
        yield made


def wait_until(ready: Callable[[], bool]) -> None:
    """Look again until it is so, with a limit."""
    end = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < end, "the monitor did not get there in time"
        time.sleep(0.1)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def is_settled(workspace: Workspace) -> bool:
    waiting = overview.waiting(workspace)
    return waiting.to_index == waiting.to_send == waiting.looks == 0


def counted(world: World, workspace: Workspace) -> Counted:
    hits = triage.queue(workspace, HitFilter(), limit=10_000)
    found = triage.search(workspace, triage.HitQuery(limit=1000))
    alerts: dict[str, str] = {}
    for request in world.receiver.seen("/hook"):
        if len(request.body) < int(request.headers["content-length"]):
            continue  # The monitor died while it spoke; a receiver acknowledges no half request.
        body = json.loads(request.body)
        alerts[request.headers["webhook-id"]] = body["data"]["hit"]["listing"]["native_id"]
    return Counted(
        hits=Counter(hit.native_id for hit in hits),
        indexed={document.native_id for document in found.documents},
        alerts=Counter(alerts.values()),
        alert_ids=len(alerts),
    )


def expected(offers: int) -> Counted:
    """What an undisturbed run over so many new offers leaves behind."""
    old = {f"old{n}" for n in range(len(TERMS))}
    new = {f"new{n}" for n in range(offers)}
    return Counted(Counter(old | new), old | new, Counter(new), offers)
