"""A watched shop and a receiver outside, the monitor's store and crew inside; and the count.

What the workers must bring about is known beforehand: each card is one listing and one
hit, indexed once, and each card that came after the baseline is one alert under one id.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from monitor.config import Settings, load_settings
from monitor.domain.alert import EndpointMode
from monitor.domain.hit import HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.errors import SearchError
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import endpoints, keywords, overview, sources, triage, watches
from monitor.store import tables as t
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import Card, Shop
from tests.servers.workers import Crew, wait_until

__all__ = ["OFFER", "TERMS", "Counted", "Scene", "open_scene"]

TERMS = ("人脸四件套", "过人脸", "照片活化")
OFFER = "出{term} 一手 懂的来 现货 包过 第{n}批"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run left behind, by the market's ids."""

    listings: Counter[str]
    hits: Counter[str]
    indexed: Counter[str]
    alerts: Counter[str]


@dataclass(slots=True)
class Scene:
    """Use `open_scene`."""

    shop: Shop
    receiver: ScriptedServer
    crew: Crew
    workspace: Workspace
    old: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)

    def offer(self, count: int = 1) -> None:
        """Put new offers into the shop."""
        for _ in range(count):
            n = len(self.new)
            name, term = f"new{n}", TERMS[n % len(TERMS)]
            self.shop.put(Card(name, OFFER.format(term=term, n=n), description=f"第{n}批"))
            self.new.add(name)

    def await_baseline(self, source: str = "") -> None:
        """Until each watch (of a source) has had its first look."""

        def is_done() -> bool:
            found = watches.list_watches(self.workspace, source=source)
            return all(watch.baseline_at for watch in found)

        wait_until(is_done, "the first looks")

    def await_all(self, limit_s: float = 120.0) -> None:
        """Until every offer is a hit and nothing waits for the index or to be sent."""
        wanted = len(self.old | self.new)

        def is_there() -> bool:
            return (
                triage.count(self.workspace, HitFilter()) >= wanted
                and self.is_settled()
                and self._found() >= wanted
            )

        wait_until(is_there, "all hits, indexed and sent,", limit_s)

    def _found(self) -> int:
        """Hits that a search finds; Elasticsearch shows what it was given a second later."""
        try:
            return triage.search(self.workspace, triage.HitQuery(limit=1)).total
        except SearchError:
            return 0

    def is_settled(self) -> bool:
        """Whether no outbox entry and no look waits."""
        waiting = overview.waiting(self.workspace)
        with self.workspace.database.read() as tx:
            entries = tx.execute(select(t.outbox.c.id)).all()
        return waiting.looks == 0 and not entries

    def counted(self) -> Counted:
        """Count everything, at the far ends as well."""
        with self.workspace.database.read() as tx:
            listings = Counter(tx.execute(select(t.listing.c.native_id)).scalars())
        hits = triage.queue(self.workspace, HitFilter(), limit=10_000)
        found = triage.search(self.workspace, triage.HitQuery(limit=1000))
        alerts: dict[str, str] = {}
        for request in self.receiver.seen("/hook"):
            if len(request.body) < int(request.headers["content-length"]):
                continue  # The worker died while it spoke: nobody acknowledges half a request.
            body = json.loads(request.body)
            alerts[request.headers["webhook-id"]] = body["data"]["hit"]["listing"]["native_id"]
        return Counted(
            listings=listings,
            hits=Counter(hit.native_id for hit in hits),
            indexed=Counter(document.native_id for document in found.documents),
            alerts=Counter(alerts.values()),
        )

    def expected(self) -> Counted:
        """The count when nothing is lost and nothing is there twice."""
        everything = Counter(self.old | self.new)
        return Counted(everything, everything, everything, Counter(self.new))


@contextmanager
def open_scene(
    folder: Path,
    *,
    redis_url: str,
    settings: dict[str, str] | None = None,
    own_settings: dict[str, str] | None = None,
    interval_s: float = 1.0,
) -> Iterator[Scene]:
    """A shop with an offer for each term, all watched; an endpoint that wants every hit.

    Args:
        folder: for the data folder and logs.
        redis_url: what the crew talks through.
        settings: more of the crew's settings (``MONITOR_...``).
        own_settings: the same for the test's own view, where they differ (a proxy).
        interval_s: of the watches.
    """
    environment = {
        "MONITOR_DATA_DIR": str(folder / "data"),
        "MONITOR_REDIS_URL": redis_url,
        "MONITOR_ALLOW_NETWORKS": "127.0.0.0/8",
        "MONITOR_TICK_S": "0.2",
        "MONITOR_LEASE_S": "5",
        "MONITOR_LOOKS_PER_HOUR": "100000",
        "MONITOR_PICTURES": "off",
        **(settings or {}),
    }
    mine = _settings({**environment, **(own_settings or {})})
    with ExitStack() as stack:
        shop = stack.enter_context(Shop())
        receiver = stack.enter_context(ScriptedServer())
        receiver.route("/hook", Reply(204))
        workspace = stack.enter_context(open_workspace(mine, may_create_keys=True))
        crew = stack.enter_context(Crew(folder, environment))
        scene = Scene(shop, receiver, crew, workspace)
        for n, term in enumerate(TERMS):
            scene.shop.put(Card(f"old{n}", OFFER.format(term=term, n=n)))
            scene.old.add(f"old{n}")
        _prepare(scene, interval_s)
        yield scene


def _settings(environment: dict[str, str]) -> Settings:
    fields = {name.removeprefix("MONITOR_").lower(): value for name, value in environment.items()}
    return load_settings(**fields)


def _prepare(scene: Scene, interval_s: float) -> None:
    workspace = scene.workspace
    sources.put(workspace, scene.shop.definition(max_pages=50), actor="test")
    for term in TERMS:
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle", weight=2.0), actor="test")
    watches.add(workspace, "shop", TERMS, interval_s=interval_s, actor="test")
    url = scene.receiver.url("/hook")
    endpoints.add(workspace, "hook", url, mode=EndpointMode.ON_HIT, actor="test")
