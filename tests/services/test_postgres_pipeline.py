"""Several machines on one PostgreSQL: their verbs at once, interrupted, in each other's way."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from monitor.config import Settings, load_settings
from monitor.domain.alert import EndpointMode
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitStatus
from monitor.domain.keyword import KeywordDraft
from monitor.domain.page import ParsedListing
from monitor.errors import MonitorError, StoreInterrupted
from monitor.pipeline import record
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.index import index_due
from monitor.pipeline.look import look_at
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.record import record_page
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import endpoints, keywords, sources, triage, watches
from monitor.store import hits, looks, polls
from monitor.store import tables as t
from monitor.store.claims import Claim, hold
from monitor.store.database import Transaction
from monitor.store.locks import lock_source
from monitor.store.record import record_listings
from monitor.store.retention import clear_listings_before, erase_listings, erase_orphan_contacts
from monitor.store.watches import claim_due
from tests.servers.looker import RED, Looker, picture
from tests.servers.scripted import Reply
from tests.servers.shop import Card, Shop
from tools.services.postgres_server import PostgresServer

MACHINES = 3
THREADS = 2
ROUNDS = 4
CARDS = 8
TERMS = ("人脸四件套", "过人脸", "照片活化")
OFFER = "出人脸四件套 过人脸 照片活化 一手 懂的来 现货 加微信 abc{n}xyz"
PATIENCE_S = 60.0


@pytest.fixture
def shop() -> Iterator[Shop]:
    """An empty shop."""
    with Shop() as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path, postgres_store: str) -> Settings:
    """One machine's; the rules alone judge, since every machine loads its own models."""
    return load_settings(
        data_dir=tmp_path / "data",
        database_url=postgres_store,
        allow_networks=("127.0.0.0/8",),
        text_stages="rules",
        looks_per_hour=100_000,
    )


def prepare(workspace: Workspace, shop: Shop) -> None:
    """Watches of several keywords that find the same listings in one shop."""
    sources.put(workspace, shop.definition(), actor="test")
    for term in TERMS:
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle", weight=2.0), actor="test")
    watches.add(workspace, "shop", TERMS, interval_s=60, actor="test")


def claim_watch(workspace: Workspace, watch_id: int) -> list[Claim]:
    with workspace.database.write(durable=False) as tx:
        now = workspace.database.now()
        return claim_due(tx, now=now, lease_s=60, limit=1, watch_ids=[watch_id])


def claim_looks(workspace: Workspace) -> list[Claim]:
    with workspace.database.write(durable=False) as tx:
        return looks.claim_due(tx, now=workspace.database.now(), lease_s=60, limit=3)


def count(workspace: Workspace, table: str) -> int:
    with workspace.database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(getattr(t, table))).scalar_one())


def work(workspace: Workspace, seed: int) -> None:
    """What a machine's thread does in a round: every watch, and some of all that waits."""
    ids = [watch.id for watch in watches.list_watches(workspace)]
    random.Random(seed).shuffle(ids)
    for watch_id in ids:
        for claim in claim_watch(workspace, watch_id):
            poll_watch(workspace, claim)
        for claim in claim_looks(workspace):
            look_at(workspace, claim)
        open_some_pictures(workspace)
        index_due(workspace, limit=5)


def open_some_pictures(workspace: Workspace) -> int:
    entries = claim_openings(workspace, limit=3)
    for entry in entries:
        open_pictures(workspace, entry)
    return len(entries)


def run_together(works: list[Callable[[], None]]) -> list[str]:
    """Do all at the same moment; what went wrong."""
    troubles: list[str] = []

    def guarded(each: Callable[[], None]) -> None:
        try:
            each()
        except MonitorError as error:
            troubles.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=guarded, args=(each,)) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return troubles


def test_machines_that_record_the_same_listings_at_once_keep_each_once(
    settings: Settings, shop: Shop
) -> None:
    """Polls, looks and indexing of one source by six threads: no error, nothing twice."""
    with ExitStack() as stack:
        machines = [stack.enter_context(open_workspace(settings)) for _ in range(MACHINES)]
        first = machines[0]
        for machine in machines:
            machine.picture_reader = Looker()
        shop.server.route("/p.jpg", Reply(body=picture(RED)))
        prepare(first, shop)
        work(first, 0)
        endpoints.add(
            first, "hook", "http://127.0.0.1:8080/", mode=EndpointMode.ON_HIT, actor="test"
        )
        for number in range(ROUNDS):
            fresh = range(number * CARDS, (number + 1) * CARDS)
            shop.put(*(Card(f"o{n}", OFFER.format(n=n)) for n in fresh))
            if number:
                shop.edit(f"o{fresh[0] - 1}", title=OFFER.format(n="new"), price="¥9")
            jobs = [
                lambda machine=machine, seed=number * 100 + place: work(machine, seed)
                for place, machine in enumerate(machines * THREADS)
            ]
            assert run_together(jobs) == []
        while open_some_pictures(first) or index_due(first):
            pass
        assert count(first, "listing") == count(first, "hit") == CARDS * ROUNDS
        assert count(first, "picture_content") == 1
        assert count(first, "outbox") == count(first, "alert") == CARDS * ROUNDS
        assert versions_are_whole(first)


def test_pages_and_looks_recorded_at_the_same_moment_keep_each_listing_once(
    settings: Settings, shop: Shop
) -> None:
    """The same rows in other orders, each time some new and some known, beside closer looks.

    Recorders that took rows as they come would wait for each other in circles.
    """
    meeting = threading.Barrier(MACHINES * THREADS)
    with open_workspace(settings) as workspace:
        prepare(workspace, shop)
        database, source_id = workspace.database, 1

        def page(seed: int) -> None:
            for number in range(ROUNDS):
                rows = [parsed(n, number) for n in range((number + 1) * CARDS)]
                random.Random(seed + number).shuffle(rows)
                drafts = draft_listings(workspace, source_id, rows, "search")
                meeting.wait(PATIENCE_S)
                with database.write() as tx:
                    now = database.now()
                    record_page(
                        workspace,
                        tx,
                        drafts,
                        source_id=source_id,
                        poll_id=start_poll(tx, source_id, now),
                        watch_id=None,
                        keyword_id=None,
                        first_rank=0,
                        is_baseline=False,
                        can_look=True,
                        now=now,
                    )

        def looks_at(_: int) -> None:
            for number in range(ROUNDS):
                claims = claim_looks(workspace)
                row = parsed(0, number, description=f"{number}")
                drafts = draft_listings(workspace, source_id, [row], "item")
                meeting.wait(PATIENCE_S)
                for claim in claims:
                    with database.write() as tx:
                        until = database.now() + timedelta(seconds=60)
                        hold(tx, t.listing, claim, until=until)
                        record_listings(tx, source_id, drafts, now=database.now())
                        looks.finish(tx, claim, now=database.now())

        jobs = [partial(page, seed) for seed in range(MACHINES * THREADS - 2)]
        assert run_together([*jobs, partial(looks_at, 0), partial(looks_at, 1)]) == []
        assert count(workspace, "listing") == count(workspace, "hit") == CARDS * ROUNDS
        assert versions_are_whole(workspace)


def parsed(n: int, number: int, description: str = "") -> ParsedListing:
    """A market's row; its text changes with every round for one of three listings."""
    state = number if n % 3 == 0 else 0
    return ParsedListing(
        native_id=f"o{n}",
        url=f"http://127.0.0.1/{n}",
        title=OFFER.format(n=n) + f" 第{state}批",
        description=description,
        seller_id=f"s{n % 5}",
        seller_name=f"卖家{n % 5}",
    )


def start_poll(tx: Transaction, source_id: int, now: datetime) -> int:
    return polls.start(
        tx,
        source_id=source_id,
        watch_id=None,
        keyword_version_id=None,
        origin="capture",
        is_baseline=False,
        now=now,
    )


def versions_are_whole(workspace: Workspace) -> bool:
    """Every listing's versions are numbered from one, and it knows how many there are."""
    numbers: dict[tuple[int, int], list[int]] = {}
    query = select(t.listing.c.id, t.listing.c.versions, t.listing_version.c.number).join(
        t.listing_version, t.listing_version.c.listing_id == t.listing.c.id
    )
    with workspace.database.read() as tx:
        for listing_id, total, number in tx.execute(query):
            numbers.setdefault((listing_id, total), []).append(number)
    return all(sorted(found) == list(range(1, total + 1)) for (_, total), found in numbers.items())


def test_a_restart_while_a_page_is_recorded_leaves_the_page_for_the_next_worker(
    settings: Settings,
    shop: Shop,
    postgres_server: PostgresServer,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of it is written; when the lease is over the watch is due again, once."""
    shop.put(*(Card(f"o{n}", OFFER.format(n=n)) for n in range(3)))
    see, restarts = record.see, []

    def see_during_restart(*args: Any, **kwargs: Any) -> None:
        if not restarts:
            restarts.append(1)
            postgres_server.restart()
        see(*args, **kwargs)

    monkeypatch.setattr(record, "see", see_during_restart)
    with open_workspace(settings, clock=clock) as workspace:
        prepare(workspace, shop)
        watch_id = watches.list_watches(workspace)[0].id
        (claim,) = claim_watch(workspace, watch_id)
        with pytest.raises(StoreInterrupted):
            poll_watch(workspace, claim)
        tables = ("poll", "listing", "listing_version", "hit", "outbox", "sighting")
        assert [count(workspace, table) for table in tables] == [0] * len(tables)
        assert claim_watch(workspace, watch_id) == []
        clock.advance(61)
        (again,) = claim_watch(workspace, watch_id)
        summary = poll_watch(workspace, again)
        assert summary is not None
        assert summary.new_listings == 3
        # Of each hit: to be indexed, and its pictures to be opened.
        assert [count(workspace, table) for table in tables] == [1, 3, 3, 3, 6, 3]


def test_a_verdict_that_is_being_written_is_seen_by_a_page_that_makes_the_hit_worse(
    settings: Settings, shop: Shop, clock: ManualClock
) -> None:
    """A benign hit that became worse is open again, in whichever order both arrive."""
    shop.put(Card("o1", "过人脸 教程"))
    with open_workspace(settings, clock=clock) as workspace:
        prepare(workspace, shop)
        watch_id = next(w.id for w in watches.list_watches(workspace) if w.term == "过人脸")
        watches.poll_now(workspace, watch_id)
        (hit,) = triage.queue(workspace, triage.HitFilter())
        shop.edit("o1", title=OFFER.format(n=1))
        poll = threading.Thread(target=watches.poll_now, args=(workspace, watch_id))
        with workspace.database.write() as tx:
            status = HitStatus.CLOSED
            hits.set_verdict(tx, hit.id, verdict="benign", status=status, now=clock.now())
            poll.start()
            poll.join(1.0)
        poll.join(PATIENCE_S)
        (worse,) = triage.queue(workspace, triage.HitFilter())
        assert worse.score > hit.score
        assert (worse.status, worse.verdict) == (HitStatus.OPEN, "")


def test_a_listing_that_became_a_hit_meanwhile_is_not_erased(
    settings: Settings, shop: Shop, clock: ManualClock
) -> None:
    """Retention chose it while it was clear."""
    shop.put(Card("b1", "过人脸 纯棉床品"))
    with open_workspace(settings, clock=clock) as workspace:
        prepare(workspace, shop)
        work(workspace, 0)
        clock.advance(100)
        with workspace.database.read() as tx:
            version = tx.execute(select(t.listing_version)).one()
            assessment = tx.execute(select(t.assessment)).first()
        assert assessment is not None
        now = workspace.database.now()
        hit = {
            "listing_id": version.listing_id,
            "version_id": version.id,
            "assessment_id": assessment.id,
            "decision": "hit",
            "score": 0.9,
            "category": "face_id_bundle",
            "status": "open",
            "verdict": "",
            "is_baseline": False,
            "revision": 1,
            "found_at": now,
            "updated_at": now,
        }
        with workspace.database.write() as tx:
            chosen = clear_listings_before(tx, now, now=now, after_id=0, limit=9)
            assert chosen == [version.listing_id]
            with workspace.database.write() as other:
                other.execute(insert(t.hit).values(hit))
            erase_listings(tx, chosen)
        with workspace.database.read() as tx:
            assert tx.execute(select(t.listing_version.c.title)).scalar_one() == version.title


def test_a_contact_that_is_named_again_meanwhile_is_not_erased(
    settings: Settings, shop: Shop
) -> None:
    """Retention waits for the page that names it, and then sees that it is in use."""
    shop.put(Card("o1", OFFER.format(n=1)))
    erased: list[int] = []
    with open_workspace(settings) as workspace:
        prepare(workspace, shop)
        work(workspace, 0)
        database, link = workspace.database, t.version_contact

        def erase() -> None:
            with database.write() as tx:
                erased.append(erase_orphan_contacts(tx))

        with database.write() as tx:
            row = tx.execute(select(link)).mappings().first()
            assert row is not None
            tx.execute(delete(link))
        retention = threading.Thread(target=erase)
        with database.write() as tx:
            lock_source(tx, 1)
            retention.start()
            retention.join(0.5)
            assert retention.is_alive()
            tx.execute(insert(link).values(dict(row)))
        retention.join(PATIENCE_S)
        assert erased == [0]
        assert count(workspace, "contact") == 1
