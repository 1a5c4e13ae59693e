"""The runner: lanes that outlive their work's failures, and an end that loses nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.alerts.signing import generate_secret
from monitor.config import load_settings
from monitor.demo.receiver import Receiver
from monitor.domain.alert import EndpointMode
from monitor.domain.clock import ManualClock
from monitor.domain.hit import Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.domain.watch import PollSummary
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.runner import Runner
from monitor.services import endpoints, keywords, sources, triage, watches
from monitor.sources.definition import SourceDefinition
from monitor.store import polls
from monitor.store import tables as t
from monitor.store.claims import Claim
from monitor.store.watches import claim_due
from tests.servers.looker import RED, Looker, picture
from tests.servers.scripted import Reply
from tests.servers.shop import Card, Shop

OFFER = Card("o1", "出人脸四件套 正反手持加眨眼视频 20一套 现货 懂的来")
PATIENCE_S = 20.0


def eventually(is_true: Callable[[], bool]) -> None:
    """Fail when it does not become true."""
    end = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the data go."""
    return tmp_path / "data"


def test_a_clock_behind_the_store_is_told_at_the_start(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a monitor that waits for an hour to come again looks like one that is broken."""
    clock = ManualClock()
    with open_workspace(load_settings(data_dir=folder), clock=clock) as workspace:
        definition = SourceDefinition.model_validate({"name": "goofish", "kind": "goofish"})
        record = sources.put(workspace, definition, actor="test")
        with workspace.database.write() as tx:
            polls.start(
                tx,
                source_id=record.id,
                watch_id=None,
                keyword_version_id=None,
                origin="capture",
                is_baseline=True,
                now=clock.now(),
            )
        with Runner(workspace):
            pass
        assert not caplog.records
        clock.advance(-3600)
        with Runner(workspace):
            pass
    assert "clock is 3600 s behind the last look" in caplog.text


@contextmanager
def open_ready(folder: Path, shop: Shop, database_url: str = "") -> Iterator[Workspace]:
    """A workspace with one watch over the shop, due at once."""
    settings = load_settings(
        data_dir=folder,
        database_url=database_url,
        allow_networks=("127.0.0.0/8",),
        tick_s=0.05,
    )
    with open_workspace(settings) as workspace:
        prepare(workspace, shop)
        yield workspace


def prepare(workspace: Workspace, shop: Shop) -> None:
    """One watch over the shop, due at once."""
    shop.put(OFFER)
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=60, actor="test")


def test_from_a_watch_to_a_receiver_without_a_hand(
    folder: Path, shop: Shop, database_url: str
) -> None:
    """Poll, item page, index and alert happen, and each is told of."""
    told: list[str] = []
    secret = generate_secret()
    with Receiver(secret) as receiver, open_ready(folder, shop, database_url) as workspace:
        endpoints.add(
            workspace,
            "hook",
            receiver.url,
            mode=EndpointMode.ON_VERDICT,
            secret=secret,
            actor="test",
        )
        with Runner(workspace, on_done=lambda verb, _: told.append(verb)):
            eventually(lambda: len(triage.queue(workspace, triage.HitFilter())) == 1)
            hit = triage.queue(workspace, triage.HitFilter())[0]
            triage.triage(workspace, hit.id, Verdict.CONFIRMED, reason="test", actor="test")
            eventually(lambda: len(receiver.alerts) == 1)
            eventually(lambda: {"poll", "index", "send"} <= set(told))


def test_pictures_of_a_likely_listing_are_opened_beside_the_rest(
    folder: Path, shop: Shop, database_url: str
) -> None:
    """In a lane of their own; a slow picture holds up nobody."""
    shop.server.route("/p.jpg", Reply(body=picture(RED)))
    with open_ready(folder, shop, database_url) as workspace:
        workspace.picture_reader = Looker()
        with Runner(workspace):
            eventually(
                lambda: any(
                    item["signal"] == "picture"
                    for hit in triage.queue(workspace, triage.HitFilter())
                    for item in hit.evidence
                )
            )


def test_a_failing_piece_of_work_does_not_end_its_lane(
    folder: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next watch is polled by the same threads."""
    calls: list[int] = []

    def broken_once(workspace: Workspace, claim: object) -> PollSummary | None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("a defect")
        return None

    monkeypatch.setattr("monitor.runner.poll_watch", broken_once)
    with open_ready(folder, shop) as workspace:
        keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
        watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
        with Runner(workspace):
            eventually(lambda: len(calls) >= 2)


def test_leaving_waits_for_the_work_in_hand(
    folder: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun is finished before the data directory is let go."""
    begun, finished = threading.Event(), threading.Event()

    def slow(workspace: Workspace, claim: object) -> None:
        begun.set()
        time.sleep(0.5)
        finished.set()

    monkeypatch.setattr("monitor.runner.poll_watch", slow)
    with open_ready(folder, shop) as workspace:
        with Runner(workspace):
            assert begun.wait(PATIENCE_S)
        assert finished.is_set()


def test_stop_ends_the_wait(folder: Path, shop: Shop) -> None:
    """As a signal does."""
    with open_ready(folder, shop) as workspace, Runner(workspace) as runner:
        threading.Timer(0.1, runner.stop).start()
        assert runner.wait(PATIENCE_S)


def test_a_start_frees_claims_of_a_dead_process_but_none_of_another_machine(
    folder: Path, shop: Shop, database_url: str
) -> None:
    """On a shared database nobody can tell one from the other: there, leases end by themselves."""
    with open_ready(folder, shop, database_url) as workspace:
        database = workspace.database
        with database.write() as tx:
            (claim,) = claim_due(tx, now=database.now(), lease_s=600, limit=1)
        with Runner(workspace):
            eventually(lambda: not is_held(workspace, claim) or not database.is_sqlite)
        assert is_held(workspace, claim) is not database.is_sqlite


def is_held(workspace: Workspace, claim: Claim) -> bool:
    """Whether the watch is still this claim's."""
    query = select(t.watch.c.lease_token).where(t.watch.c.id == claim.id)
    with workspace.database.read() as tx:
        return bool(tx.execute(query).scalar() == claim.token)
