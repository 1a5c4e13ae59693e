"""The power goes while the monitor works; the disk keeps what was synced, and little else.

What somebody was told is looked for on the disk at random moments of each run: an alert that
the receiver has acknowledged, a note and a capture that the API has answered, a capture that
was dropped into the folder. Then the monitor goes on from the disk as it was when its run
ended, and at last everything is counted. ``MONITOR_TEST_POWER_CUTS=20`` cuts more often than
CI does.
"""

from __future__ import annotations

import itertools
import os
import random
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from monitor.config import load_settings
from monitor.domain.hit import HitFilter
from monitor.pipeline.drift import Drift, find_drift
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import setup, sources, triage, watches
from monitor.sources.definition import SourceDefinition
from monitor.store import tables as t
from tests.answers.goofish import envelope, row, search
from tests.faults.disk import Disk
from tests.faults.recording import Recording
from tests.faults.world import (
    TERMS,
    World,
    counted,
    expected,
    is_settled,
    kill,
    open_world,
    stop,
    wait_until,
)
from tests.servers.scripted import Reply, Seen

CUTS = int(os.environ.get("MONITOR_TEST_POWER_CUTS", "2"))
MOMENTS = 6
"""Of each run that are looked at, its end included."""
OFFERS = min(8, 140 // CUTS)
"""New in the shop during each run; a look reads the first 50 of each word's."""
LONGEST_S = 3.0
"""How long a run goes on after its last offer, and after the API has answered."""
SURVIVALS = (0.0, 0.5, 0.9)
DROPPED, SENT = 1_000, 500_000
"""Numbers of the first listing in a dropped capture and in one that is sent to the API."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 40 * CUTS)]

Promise = tuple[str, str]
"""A kind of thing and what identifies it."""


@dataclass(slots=True)
class Witness:
    """What people and servers outside were told, and how far the recording was by then."""

    told: list[tuple[int, Promise]] = field(default_factory=list)
    recording: Recording | None = None

    def note(self, kind: str, what: str) -> None:
        position = self.recording.position if self.recording else 0
        self.told.append((position, (kind, what)))

    def start(self, recording: Recording) -> None:
        """What was told before stays true from the start of this one on."""
        self.told = [(0, promise) for _, promise in self.told]
        self.recording = recording

    def has_heard_of_a_capture(self) -> bool:
        """Since the start: notes come before captures."""
        return any(at and kind == "listing" for at, (kind, _) in self.told)

    def until(self, position: int) -> set[Promise]:
        return {promise for at, promise in self.told if at <= position}


@dataclass(frozen=True, slots=True)
class Analyst:
    """Writes notes and hands in captures for as long as the monitor answers."""

    witness: Witness
    url: str
    token: str
    hit_id: int
    numbers: Iterator[int]

    @contextmanager
    def working(self) -> Iterator[None]:
        stopping = threading.Event()
        thread = threading.Thread(target=self._work, args=(stopping,))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def is_answered(self) -> bool:
        try:
            return httpx.get(self.url, trust_env=False).status_code < 500
        except httpx.TransportError:
            return False

    def _work(self, stopping: threading.Event) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60) as http:
            while not stopping.is_set():
                number = next(self.numbers)
                try:
                    note = http.post(f"hits/{self.hit_id}/notes", json={"text": f"no. {number}"})
                    note.raise_for_status()
                    self.witness.note("note", f"no. {number}")
                    capture = envelope(search([row(number)]))
                    http.post("captures", content=capture.encode()).raise_for_status()
                    self.witness.note("listing", native_id(number))
                except httpx.TransportError:
                    time.sleep(0.05)  # Not up yet, or no more.


@dataclass(slots=True)
class Powered:
    """A world with a power switch.

    Attributes:
        root: the disk: the data folder, and the one that captures are dropped into.
    """

    world: World
    root: Path
    recorder: Path
    analyst: Analyst
    witness: Witness
    rng: random.Random
    runs: int = 0
    offers: int = 0
    keys: bytes = b""
    looked_at: int = 0

    def run(self) -> None:
        """Work for a while, cut the power, look at the disk, and go on with it."""
        self.runs += 1
        number = DROPPED + self.runs
        (self.root / "in" / f"{number}.json").write_text(envelope(search([row(number)])))
        (self.root / "in" / f"{number}.bad").write_text("{")
        disk = Disk(self.root)
        recording = Recording(self.root, self.root.with_name(f"trace{self.runs}"), self.recorder)
        self.witness.start(recording)
        world = replace(self.world, extra={**self.world.extra, **recording.environment})
        process = world.start()
        try:
            with self.analyst.working():
                wait_until(self.analyst.is_answered)
                for _ in range(OFFERS):
                    self.world.put(self.offers)
                    self.offers += 1
                    time.sleep(self.rng.uniform(0.0, 0.3))
                wait_until(self.witness.has_heard_of_a_capture)
                time.sleep(self.rng.uniform(0.0, LONGEST_S))
                kill(process)
        finally:
            kill(process)
        self.look(disk, recording)

    def look(self, disk: Disk, recording: Recording) -> None:
        """At some moments of the run; the disk at its end is the one to go on with."""
        steps = recording.steps()
        last = len(steps) - 1
        moments = {*self.rng.sample(range(last), MOMENTS - 1), last}
        for moment, step in enumerate(steps):
            disk.take(step)
            if moment in moments:
                after = disk.after_power_cut(self.rng, survival=self.rng.choice(SURVIVALS))
                copy = self.root.with_name("copy")
                after.lay_out(copy)
                promised = self.witness.until(steps[moment].end)
                self.check(copy, promised)
                self.looked_at += 1
        after.lay_out(self.root)

    def check(self, root: Path, promised: set[Promise]) -> None:
        """Everything that was promised is on this disk, and all of it can be read."""
        data = root / "data"
        assert (data / "keys" / "keys.json").read_bytes() == self.keys
        for name in ("monitor.db", "index.db"):
            if (data / name).exists():
                with closing(sqlite3.connect(data / name)) as file:
                    assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with opened(data) as workspace:
            assert promised <= kept(workspace)
            assert dropped(root, self.runs) <= kept(workspace) | lying(root)
            assert refused(root) == self.runs
            if not workspace.index.needs_rebuild:
                assert find_drift(workspace) == Drift()


def native_id(number: int) -> str:
    return str(row(number)["data"]["item"]["main"]["exContent"]["itemId"])


@contextmanager
def opened(data: Path) -> Iterator[Workspace]:
    settings = load_settings(data_dir=data, allow_networks=("127.0.0.0/8",))
    with open_workspace(settings) as workspace:
        yield workspace


def kept(workspace: Workspace) -> set[Promise]:
    """What the store holds of the kinds of things that are promised."""
    columns = {
        "alert": t.alert.c.webhook_id,
        "note": t.hit_note.c.text,
        "listing": t.listing.c.native_id,
    }
    with workspace.database.read() as tx:
        return {
            (kind, found)
            for kind, column in columns.items()
            for found in tx.execute(select(column)).scalars()
        }


def dropped(root: Path, runs: int) -> set[Promise]:
    return {("listing", native_id(DROPPED + number)) for number in range(1, runs + 1)}


def lying(root: Path) -> set[Promise]:
    """What captures in the folder hold."""
    return {("listing", native_id(int(path.stem))) for path in (root / "in").glob("*.json")}


def refused(root: Path) -> int:
    """Captures that cannot be read and are still there: with their reason once set aside."""
    aside = list((root / "in" / "refused").glob("*.bad"))
    for path in aside:
        reason = path.with_name(f"{path.name}.reason.txt").read_text(encoding="utf-8")
        assert "no answer in it is one of a source" in reason
    return len(aside) + len(list((root / "in").glob("*.bad")))


@pytest.fixture
def powered(tmp_path: Path, recorder: Path) -> Iterator[Powered]:
    """All at rest, with a baseline."""
    root = tmp_path.resolve() / "disk"
    (root / "in" / "refused").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    witness = Witness()

    def receive(seen: Seen) -> Reply:
        if len(seen.body) == int(seen.headers["content-length"]):
            witness.note("alert", seen.headers["webhook-id"])
        return Reply(204)

    with open_world(root / "data") as made:
        extra = {"MONITOR_CAPTURES_DIR": str(root / "in"), "MONITOR_CONSOLE_PORT": str(port)}
        world = replace(made, extra=extra)
        world.receiver.route("/hook", receive)
        with world.workspace() as workspace:
            definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
            sources.put(workspace, definition, actor="test")
            token = setup.new_token(workspace, user="li", role="analyst", name="api")
            with world.running(tmp_path / "log") as process:
                wait_until(lambda: all(w.baseline_at for w in watches.list_watches(workspace)))
                wait_until(lambda: is_settled(workspace))
                stop(process)
            hit_id = triage.queue(workspace, HitFilter())[0].id
        url = f"http://127.0.0.1:{port}/api/v1/"
        analyst = Analyst(witness, url, token, hit_id, itertools.count(SENT))
        keys = (root / "data" / "keys" / "keys.json").read_bytes()
        yield Powered(world, root, recorder, analyst, witness, random.Random(CUTS), keys=keys)


def test_nothing_that_was_promised_is_lost_when_the_power_goes(powered: Powered) -> None:
    """On the disk at any moment; and in the end all is there once, as in an undisturbed run."""
    for _ in range(CUTS):
        powered.run()
    world = powered.world
    with world.workspace() as workspace, world.running(powered.root.with_name("log")) as process:
        everything = powered.offers + len(TERMS)
        wait_until(lambda: triage.count(workspace, HitFilter()) >= everything)
        wait_until(lambda: not lying(powered.root) and is_settled(workspace))
        wait_until(powered.analyst.is_answered)
        stop(process)
        assert counted(world, workspace) == expected(powered.offers)
        assert powered.witness.until(0) <= kept(workspace)
        assert {times for _, times in captured(workspace)} == {1}
    kinds = Counter(kind for _, (kind, _) in powered.witness.told)
    assert min(kinds[kind] for kind in ("alert", "note", "listing")) > 0
    assert powered.looked_at == CUTS * MOMENTS


def captured(workspace: Workspace) -> list[tuple[str, int]]:
    """How often each listing of a capture was seen."""
    query = (
        select(t.listing.c.native_id, func.count())
        .select_from(t.sighting)
        .join(t.listing_version, t.listing_version.c.id == t.sighting.c.version_id)
        .join(t.listing, t.listing.c.id == t.listing_version.c.listing_id)
        .where(t.listing.c.native_id.like("8800%"))
        .group_by(t.listing.c.native_id)
    )
    with workspace.database.read() as tx:
        return [(row[0], row[1]) for row in tx.execute(query)]
