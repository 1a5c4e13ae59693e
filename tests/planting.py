"""Listings, looks, verdicts and deliveries put into a store one by one, so that all are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monitor.alerts.channels.protocol import ReceiptStatus
from monitor.domain.alert import AlertDraft, AlertState, Attempt, EndpointMode
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter, Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.page import ParsedListing
from monitor.domain.watch import Watch
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.index import index_due
from monitor.pipeline.record import record_page
from monitor.pipeline.workspace import Workspace
from monitor.services import endpoints, keywords, sources, triage, watches
from monitor.store import alerts, polls
from monitor.store.database import Transaction
from monitor.store.watches import plan
from tests.servers.shop import Shop

BUNDLE, TOOL = "人脸四件套", "照片活化教程"
OFFER = "出人脸四件套 一手料 懂的来 现货"
TOOL_OFFER = "照片活化教程 过人脸识别 软件 包教会"
BED = "纯棉床品四件套 {} 号花色"
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
"""Weeks begin on it, here and in Shanghai (eight hours earlier)."""


class Plant:
    """Puts listings, looks, verdicts and deliveries into a store at chosen times."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._alerts = 0

    def source(self, name: str, *terms: str) -> None:
        """A source with a watch for each term."""
        with Shop() as shop:
            sources.put(self.workspace, shop.definition(name), actor="test")
        watches.add(self.workspace, name, terms, interval_s=3600, actor="test")

    def begin_look(self, source: str, term: str, at: datetime) -> None:
        """A look that has not ended."""
        watch = self._watch(source, term)
        with self.workspace.database.write() as tx:
            self._start(tx, watch, at)

    def look(
        self,
        source: str,
        term: str,
        at: datetime,
        *rows: ParsedListing,
        outcome: Outcome = Outcome.OK,
    ) -> None:
        """A finished look, recorded as the pipeline does it."""
        watch = self._watch(source, term)
        drafts = draft_listings(self.workspace, watch.source_id, rows, "search")
        with self.workspace.database.write() as tx:
            poll_id = self._start(tx, watch, at)
            record_page(
                self.workspace,
                tx,
                drafts,
                source_id=watch.source_id,
                poll_id=poll_id,
                watch_id=watch.id,
                keyword_id=watch.keyword_id,
                first_rank=1,
                is_baseline=True,
                can_look=False,
                now=at,
            )
            polls.finish(tx, poll_id, outcome, "", now=at + timedelta(seconds=2))

    def _watch(self, source: str, term: str) -> Watch:
        of_source = watches.list_watches(self.workspace, source=source)
        return next(watch for watch in of_source if watch.term == term)

    def _start(self, tx: Transaction, watch: Watch, at: datetime) -> int:
        return polls.start(
            tx,
            source_id=watch.source_id,
            watch_id=watch.id,
            keyword_version_id=plan(tx, watch.id).keyword_version_id,
            origin="poll",
            is_baseline=True,
            now=at,
        )

    def judge(self, **verdicts: str) -> None:
        """A verdict for each native id."""
        ids = self.hit_ids()
        for native_id, verdict in verdicts.items():
            triage.triage(
                self.workspace, ids[native_id], Verdict(verdict), reason="seen", actor="li"
            )

    def hit_ids(self) -> dict[str, int]:
        """Hits by native id."""
        found = triage.queue(self.workspace, HitFilter(), limit=999)
        return {hit.native_id: hit.id for hit in found}

    def endpoint(self, name: str) -> int:
        """A receiver that is never spoken to."""
        url = "http://127.0.0.1:59999/hook"
        endpoints.add(self.workspace, name, url, mode=EndpointMode.ON_HIT, actor="test")
        with self.workspace.database.read() as tx:
            return alerts.endpoint_by_name(tx, name).id

    def alert(
        self,
        endpoint_id: int,
        at: datetime,
        *,
        arrived_after_s: float | None = None,
        failures: Sequence[int | None] = (),
        is_dead: bool = False,
        native_id: str = "",
    ) -> None:
        """An alert and its attempts; a failure is the HTTP status, or None for no answer."""
        self._alerts += 1
        hit_id = self.hit_ids().get(native_id)
        draft = AlertDraft(
            endpoint_id, hit_id, None, None, "hit.suspected", f"msg_{self._alerts}", b"{}", 0.9
        )
        with self.workspace.database.write() as tx:
            alert_id = alerts.create(tx, draft, now=at)
            assert alert_id is not None
            for status in failures:
                number = alerts.begin_attempt(tx, alert_id)
                assert number is not None
                result = ReceiptStatus.RETRY.value
                alerts.add_attempt(tx, alert_id, Attempt(number, at, 0.1, result, status, ""))
            if arrived_after_s is not None:
                number = alerts.begin_attempt(tx, alert_id)
                assert number is not None
                result = ReceiptStatus.DELIVERED.value
                alerts.add_attempt(tx, alert_id, Attempt(number, at, 0.1, result, 204, ""))
                arrived = at + timedelta(seconds=arrived_after_s)
                alerts.set_state(tx, alert_id, AlertState.DELIVERED, now=arrived)
            elif is_dead:
                alerts.set_state(tx, alert_id, AlertState.DEAD, now=at)

    def index(self) -> None:
        """Whatever waits is indexed."""
        while index_due(self.workspace):
            pass


def row(native_id: str, title: str, *, seller: str = "", region: str = "") -> ParsedListing:
    """A listing as a page shows it."""
    return ParsedListing(
        native_id=native_id,
        url=f"https://market.example/{native_id}",
        title=title,
        seller_id=seller or None,
        seller_name=seller or None,
        region=region or None,
    )


def plant_two_weeks(workspace: Workspace, clock: ManualClock) -> Plant:
    """Two sources, two keywords; the clock ends on the Monday two weeks later."""
    for term, category in ((BUNDLE, "face_id_bundle"), (TOOL, "photo_animation_tool")):
        keywords.add(workspace, KeywordDraft(term, category), actor="test")
    plant = Plant(workspace)
    plant.source("north", BUNDLE, TOOL)
    plant.source("south", BUNDLE)
    north = [row(f"n{i}", f"{OFFER} {i}号", seller=f"甲{i % 2}", region="广东") for i in range(3)]
    beds = [row(f"b{i}", BED.format(i), seller="丙") for i in range(5)]
    plant.look("north", BUNDLE, MONDAY, *north, *beds)
    plant.look("north", BUNDLE, MONDAY + timedelta(hours=20), outcome=Outcome.CHALLENGED)
    plant.look("north", TOOL, MONDAY, row("t1", TOOL_OFFER, seller="乙", region="浙江"))
    plant.look("south", BUNDLE, MONDAY, outcome=Outcome.EMPTY)
    next_week = MONDAY + timedelta(days=7)
    plant.look("south", BUNDLE, next_week, row("s1", f"{OFFER} 南", seller="丁", region="广东"))
    clock.advance((MONDAY + timedelta(days=14) - clock.now()).total_seconds())
    plant.judge(n0="confirmed", n1="confirmed", n2="benign", t1="unsure")
    plant.index()
    return plant
