"""kill -9 of `monitor up` at random moments against a moving market; then everything is counted.

The market and the receiver live in this process and outlast every kill. An
undisturbed run over the same moves says what must have arrived.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.domain.alert import EndpointMode
from monitor.domain.hit import HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import endpoints, keywords, overview, sources, triage, watches
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import Card, Shop

KILLS = 10
OFFERS = 40
TERMS = ("人脸四件套", "过人脸", "照片活化")
OFFER = "出{term} 一手 懂的来 现货 包过 第{n}批"
INTERVAL_S = 1.0
PATIENCE_S = 90.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run left behind, by the market's ids."""

    hits: Counter[str]
    indexed: set[str]
    alerts: Counter[str]
    alert_ids: int


@dataclass(frozen=True, slots=True)
class World:
    """The outside: a shop, a receiver, and the environment of the monitor's process."""

    shop: Shop
    receiver: ScriptedServer
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MONITOR_DATA_DIR": str(self.folder),
            "MONITOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "MONITOR_TICK_S": "0.05",
            "MONITOR_CONSOLE_PORT": "0",
            "MONITOR_LOOKS_PER_HOUR": "100000",
        }

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        settings = load_settings(data_dir=self.folder, allow_networks=("127.0.0.0/8",))
        with open_workspace(settings) as opened:
            yield opened

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "monitor.cli.main", "up"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A shop with a few offers, watched; an endpoint that wants hits; a baseline to come."""
    with Shop() as shop, ScriptedServer() as receiver:
        receiver.route("/hook", Reply(204))
        made = World(shop, receiver, tmp_path / "data")
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


def run(world: World, *, kills: int, seed: int) -> Counted:
    """Let the market move while the monitor runs, and die `kills` times."""
    rng = random.Random(seed)
    with world.workspace() as workspace:
        process = world.start()
        wait_until(lambda: all(watch.baseline_at for watch in watches.list_watches(workspace)))
        moves = list(range(OFFERS))
        deaths = sorted(rng.sample(range(1, OFFERS), kills))
        for n in moves:
            term = TERMS[n % len(TERMS)]
            world.shop.put(Card(f"new{n}", OFFER.format(term=term, n=n)))
            time.sleep(rng.uniform(0.0, 0.3))
            if n in deaths:
                # Also in the middle of starting up.
                time.sleep(rng.choice([0.0, 0.4, 1.5]))
                kill(process)
                process = world.start()
        wait_until(lambda: triage.count(workspace, HitFilter()) >= OFFERS + len(TERMS))
        wait_until(lambda: is_settled(workspace))
        stop(process)
        return counted(world, workspace)


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


@pytest.mark.parametrize("kills", [0, KILLS])
def test_after_any_number_of_kills_everything_is_there_once(world: World, kills: int) -> None:
    """Hits once, indexed, and each new one alerted under one id: as in an undisturbed run."""
    result = run(world, kills=kills, seed=kills)
    old = {f"old{n}" for n in range(len(TERMS))}
    new = {f"new{n}" for n in range(OFFERS)}
    assert result.hits == Counter(old | new)
    assert result.indexed == old | new
    assert result.alerts == Counter(new)
    assert result.alert_ids == OFFERS


def test_a_second_monitor_on_the_same_folder_is_refused(world: World) -> None:
    """Two embedded processes would free each other's claims."""
    process = world.start()
    try:
        wait_until((world.folder / "monitor.lock").exists)
        with world.workspace() as workspace:
            wait_until(lambda: len(watches.recent_polls(workspace, limit=1)) > 0)
        second = subprocess.run(
            [sys.executable, "-m", "monitor.cli.main", "up"],
            env=world.environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 2
        assert b"another process" in second.stderr
    finally:
        stop(process)
