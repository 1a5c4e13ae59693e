"""Celery workers over a real Redis: the verbs end to end, and what must not go wrong."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.demo.pictures import draw
from monitor.domain.outcome import Outcome
from monitor.services import sources, watches
from monitor.store import tables as t
from tests.functional.pipeline.test_pictures import serve
from tests.servers import poison
from tests.servers.scene import OFFER, TERMS, Scene, open_scene
from tests.servers.scripted import Reply
from tests.servers.shop import Card
from tests.servers.workers import deliver, wait_until
from tools.services.redis_server import RedisServer
from tools.services.server import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def scene(tmp_path: Path, redis_server: RedisServer) -> Iterator[Scene]:
    with open_scene(tmp_path, redis_url=redis_server.url) as opened:
        yield opened


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_from_watches_to_receivers_everything_arrives_once(scene: Scene) -> None:
    """Hits, index and alerts as one process brings them about; beats may be two."""
    port = free_port()
    scene.crew.worker(MONITOR_WORKER_PORT=str(port)).await_ready()
    scene.crew.beat()
    scene.crew.beat()
    scene.await_baseline()
    personal = "身份证110101199003078435 电话13812345678"
    scene.shop.put(Card("person", f"{OFFER.format(term=TERMS[0], n=77)} {personal}"))
    scene.new.add("person")
    scene.offer(8)
    scene.await_all()
    assert scene.counted() == scene.expected()

    assert get(port, "/livez")[0] == get(port, "/readyz")[0] == 200
    metrics = get(port, "/metrics")[1]
    assert re.search(r'monitor_polls_total\{outcome="ok"\} [1-9]', metrics)
    assert 'monitor_deliveries_total{result="delivered"} 9.0' in metrics
    assert re.search(r"monitor_classify_seconds_count [1-9]", metrics)

    for member in scene.crew.members:
        assert "110101199003078435" not in member.said()
        assert "13812345678" not in member.said()
        assert "四件套" not in member.said()
    worker = scene.crew.members[0]
    assert worker.stop() == 0
    lines = [json.loads(line) for line in worker.said().splitlines() if line.startswith("{")]
    assert {"page read", "indexed", "sent"} <= {line["message"] for line in lines}


def test_pictures_are_opened_by_the_worker_of_their_queue(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    """In processes that are replaced when they have grown; a thumbnail is what stays."""
    settings = {"MONITOR_PICTURES": "on"}
    with open_scene(tmp_path, redis_url=redis_server.url, settings=settings) as scene:
        serve(scene.shop, "/p.jpg", draw("held_card", "x"))
        scene.crew.worker("poll,look,outbox,housekeeping")
        pictures = scene.crew.worker("pictures", MONITOR_WORKER_POOL="prefork")
        pictures.await_ready()
        scene.crew.beat()
        scene.await_all()
        assert pictures.stop() == 0
        with scene.workspace.database.read() as tx:
            outcomes = set(tx.execute(select(t.picture.c.outcome)).scalars())
            (kept,) = tx.execute(select(t.picture_content)).all()
        assert outcomes == {"opened"}
        assert kept.thumbnail.startswith(b"\xff\xd8")
        assert "pictures opened" in pictures.said()


def test_a_task_delivered_twice_does_nothing_twice(scene: Scene, redis_server: RedisServer) -> None:
    """Each row is claimed by the first that comes; the second finds nothing to do."""
    ids = [watch.id for watch in watches.list_watches(scene.workspace)]
    deliver(redis_server.url, "poll", [("monitor.poll", [n]) for n in (*ids, *ids)])
    worker = scene.crew.worker("poll")
    worker.await_ready()
    scene.await_baseline()
    assert worker.stop() == 0
    with scene.workspace.database.read() as tx:
        polls = tx.execute(select(func.count()).select_from(t.poll)).scalar_one()
    # A watch is due again after a second; a message that came later may have found it so.
    assert len(TERMS) <= polls <= 2 * len(TERMS)
    assert scene.counted().hits == scene.expected().hits


def test_sigterm_finishes_the_work_in_hand(scene: Scene) -> None:
    """The page that is being read is recorded, and no lease is left behind."""
    scene.shop.server.route("/robots.txt", Reply(404, delay_s=2.0))
    worker = scene.crew.worker("poll")
    worker.await_ready()
    scene.crew.beat()
    wait_until(lambda: scene.shop.server.seen("/robots.txt"))
    assert worker.stop() == 0
    with scene.workspace.database.read() as tx:
        held = tx.execute(select(t.watch.c.id).where(t.watch.c.lease_token.is_not(None))).all()
        polls = tx.execute(select(t.poll.c.outcome)).scalars().all()
    assert not held
    assert "ok" in polls


def test_ticks_do_not_pile_up_while_nobody_works(scene: Scene, redis_server: RedisServer) -> None:
    """One message for each row that waits, however often beat comes round."""
    import redis

    scene.crew.beat(MONITOR_TICK_S="0.05").await_ready()
    scene.crew.beat(MONITOR_TICK_S="0.05").await_ready()
    with redis.Redis.from_url(redis_server.url) as client:
        wait_until(lambda: client.llen("poll"))
        time.sleep(5)
        assert client.llen("poll") == len(TERMS)
        assert client.llen("housekeeping") == 1


def test_without_redis_a_worker_is_alive_but_not_ready(
    scene: Scene, redis_server: RedisServer
) -> None:
    """It needs no restart: it goes on when Redis is back."""
    port = free_port()
    scene.crew.worker(MONITOR_WORKER_PORT=str(port)).await_ready()
    scene.crew.beat()
    scene.await_baseline()
    redis_server.stop()
    wait_until(lambda: get(port, "/readyz")[0] == 503)
    assert get(port, "/livez")[0] == 200
    scene.offer(3)
    redis_server.start()
    redis_server.wipe()
    scene.await_all()
    assert scene.counted() == scene.expected()
    assert get(port, "/readyz")[0] == 200


def test_without_an_address_of_redis_the_error_names_the_setting(tmp_path: Path) -> None:
    """And shows nobody the inside of Celery."""
    from tests.servers.workers import Crew

    with Crew(tmp_path, {"MONITOR_REDIS_URL": "", "MONITOR_DATA_DIR": str(tmp_path)}) as crew:
        worker = crew.worker()
        assert worker.wait() != 0
        assert "MONITOR_REDIS_URL" in worker.said()
        assert "Traceback" not in worker.said()


@pytest.fixture
def poisonable(tmp_path: Path, redis_server: RedisServer) -> Iterator[Scene]:
    """A scene where a second source reads the same shop with a deadly parser."""
    with (
        poison.installed(tmp_path / "installed") as path,
        open_scene(tmp_path, redis_url=redis_server.url, settings={"PYTHONPATH": path}) as scene,
    ):
        definition = scene.shop.definition("deadly", kind="poison")
        sources.put(scene.workspace, definition, actor="test")
        yield scene


def keep_alive(scene: Scene) -> None:
    """Start a worker whenever there is none, as an operator's supervisor does."""
    if not any(member.is_running for member in scene.crew.members[1:]):
        scene.crew.worker()


def test_a_page_that_kills_its_reader_is_quarantined_and_the_rest_goes_on(
    poisonable: Scene,
) -> None:
    """After three deaths, one of them of a worker: paused, with the reason in the ledger."""
    scene = poisonable
    scene.shop.put(Card("deadly", f"出{TERMS[0]} {poison.PAGE_POISON}"))
    scene.old.add("deadly")
    watches.add(scene.workspace, "deadly", TERMS[:2], interval_s=1, actor="test")
    scene.crew.beat()

    def is_quarantined() -> bool:
        keep_alive(scene)
        return any(w.last_outcome is Outcome.QUARANTINED for w in deadly_watches(scene))

    wait_until(is_quarantined, "the quarantine", limit_s=200)
    guilty, innocent = deadly_watches(scene)
    if guilty.last_outcome is not Outcome.QUARANTINED:
        guilty, innocent = innocent, guilty
    assert guilty.term == TERMS[0]
    assert guilty.is_paused
    assert not innocent.is_paused
    (ledger,) = [
        poll
        for poll in watches.recent_polls(scene.workspace, limit=100)
        if poll.outcome is Outcome.QUARANTINED
    ]
    assert ledger.watch_id == guilty.id
    assert "three times" in ledger.detail
    # One worker died of it; the helpers that died for the rest are no workers.
    deaths = [member for member in scene.crew.members if not member.is_running]
    assert len(deaths) == 1
    wait_until(lambda: all(w.baseline_at for w in deadly_watches(scene) if not w.is_paused))
    scene.await_baseline("shop")


def deadly_watches(scene: Scene) -> list[watches.Watch]:
    return watches.list_watches(scene.workspace, source="deadly")


def test_an_item_page_that_kills_is_not_looked_at_again(poisonable: Scene) -> None:
    """Its listing and its hit stay: they were known from the search page."""
    scene = poisonable
    watches.set_paused(
        scene.workspace,
        [watch.id for watch in watches.list_watches(scene.workspace)],
        paused=True,
        actor="test",
    )
    card = Card("deadly", OFFER.format(term=TERMS[0], n=99), description=poison.ITEM_POISON)
    scene.shop.put(card)
    watches.add(scene.workspace, "deadly", TERMS[:1], interval_s=1, actor="test")
    scene.crew.beat()

    def is_quarantined() -> bool:
        keep_alive(scene)
        with scene.workspace.database.read() as tx:
            query = select(t.listing.c.native_id).where(t.listing.c.look_reason == "quarantined")
            return tx.execute(query).scalars().all() == ["deadly"]

    wait_until(is_quarantined, "the quarantine", limit_s=200)


def children(pid: int) -> set[str]:
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())


def test_a_pool_of_processes_replaces_those_that_have_grown(scene: Scene) -> None:
    """And nothing is lost on the way: what leaks memory can be run in such a pool."""
    settings = {"MONITOR_WORKER_POOL": "prefork", "MONITOR_WORKER_MAX_MEMORY_MB": "50"}
    pool = scene.crew.worker("poll", "-c", "2", **settings)
    scene.crew.worker("look,outbox,housekeeping")
    pool.await_ready()
    first = children(pool.pid)
    assert len(first) == 2
    scene.crew.beat()
    scene.await_baseline()
    scene.offer(3)
    scene.await_all()
    wait_until(lambda: not first & children(pool.pid), "the end of both processes")
    assert scene.counted() == scene.expected()
    assert pool.stop() == 0


def test_sigquit_gives_back_what_is_not_done_in_time(scene: Scene) -> None:
    """Soft shutdown: what hangs longer than ten seconds is somebody else's work."""
    scene.shop.server.route("/robots.txt", Reply(404, delay_s=1.0))
    worker = scene.crew.worker("poll")
    worker.await_ready()
    scene.crew.beat()
    wait_until(lambda: scene.shop.server.seen("/robots.txt"))
    worker.send(signal.SIGQUIT)
    worker.wait()
    scene.crew.worker().await_ready()
    scene.await_all()
    assert scene.counted() == scene.expected()
