"""A whole distributed monitor under fault: real servers behind proxies, a supervised crew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import poison
from tests.servers.proxy import Proxy
from tests.servers.scene import Scene, open_scene
from tests.servers.workers import CeleryProcess
from tools.services.elasticsearch_server import ElasticsearchServer
from tools.services.postgres_server import PostgresServer
from tools.services.redis_server import RedisServer
from tools.services.stack import Stack

__all__ = ["ROLES", "Stage", "open_stage"]

ROLES = ("poll", "look", "outbox", "housekeeping", "beat")
LOOK_AFTER_S = 0.2


@dataclass(slots=True)
class Stage:
    """Use `open_stage`. Its crew is started anew whenever one of it dies."""

    scene: Scene
    redis: RedisServer
    postgres: PostgresServer
    elasticsearch: ElasticsearchServer
    redis_link: Proxy
    postgres_link: Proxy
    elasticsearch_link: Proxy
    deaths: int = 0
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    _crew: dict[str, CeleryProcess] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, role: str, **settings: str) -> CeleryProcess:
        """Start who is to play this role, and see to it that there is always one."""
        self.settings[role] = settings
        crew = self.scene.crew
        queue = role.partition("-")[0]
        member = crew.beat(**settings) if queue == "beat" else crew.worker(queue, **settings)
        self._crew[role] = member
        return member

    def kill(self, role: str) -> None:
        """End the role's process as kill -9 does; another one takes its place."""
        with self._lock:
            self._crew[role].kill()
            self.start(role, **self.settings[role])

    def leave(self, role: str) -> None:
        """End it for good."""
        with self._lock:
            self._crew.pop(role).kill()

    def supervise(self, done: threading.Event) -> None:
        """Replace who has died, until done."""
        while not done.wait(LOOK_AFTER_S):
            with self._lock:
                for role, member in list(self._crew.items()):
                    if not member.is_running:
                        self.deaths += 1
                        self.start(role, **self.settings[role])


@contextmanager
def open_stage(folder: Path, stack: Stack) -> Iterator[Stage]:
    """Servers, proxies, a watched shop, and one process for each of `ROLES`.

    Raises:
        ServiceMissing: a server is not installed.
    """
    redis, postgres, elasticsearch = stack.redis(), stack.postgres(), stack.elasticsearch()
    redis.wipe()
    elasticsearch.wipe()
    database_url = postgres.create_database()
    with ExitStack() as opened:
        path = opened.enter_context(poison.installed(folder / "installed"))
        redis_link = opened.enter_context(Proxy(redis.port))
        postgres_link = opened.enter_context(Proxy(postgres.port))
        elasticsearch_link = opened.enter_context(Proxy(elasticsearch.port))
        settings = {
            "MONITOR_DATABASE_URL": postgres_link.through(database_url),
            "MONITOR_ELASTICSEARCH_URL": elasticsearch_link.through(elasticsearch.url),
            "PYTHONPATH": path,
        }
        own = {
            "MONITOR_DATABASE_URL": database_url,
            "MONITOR_ELASTICSEARCH_URL": elasticsearch.url,
        }
        scene = opened.enter_context(
            open_scene(
                folder,
                redis_url=redis_link.through(redis.url),
                settings=settings,
                own_settings=own,
            )
        )
        stage = Stage(
            scene, redis, postgres, elasticsearch, redis_link, postgres_link, elasticsearch_link
        )
        for role in ROLES:
            stage.start(role)
        done = threading.Event()
        supervisor = threading.Thread(target=stage.supervise, args=[done], name="supervisor")
        supervisor.start()
        try:
            scene.await_baseline("shop")
            # A fault strikes a monitor that works, index included.
            scene.await_all()
            yield stage
        finally:
            done.set()
            supervisor.join()
    postgres.heal()
    postgres.drop_database(database_url)
