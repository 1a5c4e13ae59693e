"""The commands of docker-compose.yml, as processes against servers of this machine.

Everything but the images: each service gets its command, its environment and only the
secrets that the file names for it; the passwords and certificates are those that
`deploy/make-secrets.sh` makes.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import redis

from tests.servers.compose import ROOT, ComposeFile, LocalService
from tests.servers.fixtures import ask_for
from tools.services import find
from tools.services.elasticsearch_server import ElasticsearchServer
from tools.services.launch import Image
from tools.services.postgres_server import PostgresServer
from tools.services.redis_server import RedisServer
from tools.services.server import HOST, free_port

PATIENCE_S = 120.0
QUEUES = ("poll", "look", "pictures", "outbox", "housekeeping")
ENOUGH_HITS = 10
MOUNTED = "/usr/share/elasticsearch/config/"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def wait_until(is_so: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.2)


class ComposedRedis(RedisServer):
    """Redis, started by the file's own command."""

    def __init__(self, file: ComposeFile, secrets: Path) -> None:
        super().__init__()
        self._script = file.services["redis"]["command"]
        self._password = (secrets / "redis_password").read_text(encoding="ascii")

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{HOST}:{self.port}/0"

    def _prepare(self) -> None:
        find.redis_program()
        (self.folder / "redis_password").write_text(self._password, encoding="ascii")

    def _command(self) -> list[str]:
        *shell, script = self._script
        script = script.replace("/run/secrets", str(self.folder))
        return [*shell, script.replace("--dir /data", f"--dir {self.folder} --port {self.port}")]

    def _image(self) -> Image:
        raise find.ServiceMissing("the file's own command needs redis-server on this machine")


def composed_postgres(file: ComposeFile, secrets: Path) -> PostgresServer:
    """PostgreSQL with the file's settings and password, and its database."""
    command = file.services["postgres"]["command"]
    settings = dict(part.split("=", 1) for part in command if "=" in part)
    password = (secrets / "postgres_password").read_text(encoding="ascii")
    return PostgresServer(settings, password=password)


def composed_elasticsearch(file: ComposeFile, secrets: Path) -> ElasticsearchServer:
    """Elasticsearch with the file's settings and the script's certificates."""
    settings = dict(file.services["elasticsearch"]["environment"])
    del settings["ES_JAVA_OPTS"]
    mounted = file.secrets_of("elasticsearch")
    files = {
        path.removeprefix(MOUNTED): (secrets / name).read_bytes()
        for name, path in mounted.items()
        if path.startswith(MOUNTED)
    }
    files["ca.pem"] = (secrets / "elasticsearch_ca").read_bytes()
    try:
        find.java_home(find.OLDEST_JAVA[find.ELASTICSEARCH_9])
        version = find.ELASTICSEARCH_9
    except find.ServiceMissing:
        version = find.ELASTICSEARCH_8
    password = (secrets / "monitor_elasticsearch_password").read_text(encoding="ascii")
    return ElasticsearchServer(
        version, is_secure=True, password=password, settings=settings, files=files
    )


class Composed:
    """The servers of the file, and its other services when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets = folder / "secrets"
        self.file = ComposeFile({"MONITOR_ALLOW_NETWORKS": f"{HOST}/32"})
        self._stack = ExitStack()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        # Here all share one address, in containers each has its own.
        self._worker_ports = {name: free_port() for name in self.file.services}

    def start_servers(self) -> None:
        script = str(ROOT / "deploy" / "make-secrets.sh")
        subprocess.run(["sh", script, str(self.secrets)], check=True, capture_output=True)
        enter = self._stack.enter_context
        self.redis = enter(ComposedRedis(self.file, self.secrets))
        postgres = enter(composed_postgres(self.file, self.secrets))
        postgres.create_database("monitor")
        self.elasticsearch = enter(composed_elasticsearch(self.file, self.secrets))
        (self.folder / "metrics").mkdir()
        self.console_port = free_port()
        self.market_port = free_port()
        self.translation = {
            "redis:6379": f"{HOST}:{self.redis.port}",
            "postgres:5432": f"{HOST}:{postgres.port}",
            "elasticsearch:9200": f"{HOST}:{self.elasticsearch.port}",
            "localhost:9200": f"localhost:{self.elasticsearch.port}",
            "redis-cli ": f"redis-cli -p {self.redis.port} ",
            "config/monitor/ca": str(self.elasticsearch.config / "monitor" / "ca"),
            "market:8700": f"{HOST}:{self.market_port}",
            "8700": str(self.market_port),
            "8600": str(self.console_port),
            "0.0.0.0": HOST,
            "/var/lib/monitor": str(self.folder / "var"),
            "/run/metrics": str(self.folder / "metrics"),
        }

    def service(self, name: str) -> LocalService:
        own = {"9700": str(self._worker_ports[name])}
        return LocalService(self.file, name, self.folder, self.secrets, self.translation | own)

    def run(self, name: str) -> str:
        """A service that runs once and ends well; what it printed."""
        service = self.service(name)
        assert service.start().wait(PATIENCE_S) == 0, service.log.read_text()
        return service.log.read_text(encoding="utf-8")

    def start(self, *names: str) -> None:
        for name in names:
            self._processes[name] = self.service(name).start()

    def check(self, name: str) -> None:
        """Wait until its health check is content."""
        wait_until(lambda: self.service(name).check() == 0, self.service(name).log.read_text)

    def stop(self, name: str) -> None:
        """As compose does: SIGTERM, and it ends well."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, self.service(name).log.read_text()

    def logs(self) -> str:
        """The ends of all of them."""
        texts = {
            path.name: path.read_text("utf-8", "replace") for path in self.folder.glob("*.log")
        }
        return "\n".join(f"{name}: {text[-1500:]}" for name, text in texts.items())

    def close(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._stack.close()


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The servers, started once for this module."""
    made = Composed(tmp_path_factory.mktemp("compose"))
    try:
        ask_for(made.start_servers)
        yield made
    finally:
        made.close()


def test_redis_wants_its_password_and_keeps_what_it_is_given(composed: Composed) -> None:
    stranger = redis.Redis(port=composed.redis.port)
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with redis.Redis.from_url(composed.redis.url) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.mark.parametrize(("name", "tool"), [("redis", "redis-cli"), ("elasticsearch", "curl")])
def test_a_servers_health_check_is_content(composed: Composed, name: str, tool: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"the image has {tool}, this machine has not")
    composed.check(name)


def test_the_whole_runs_from_nothing_to_hits(composed: Composed) -> None:
    """Schema, keys, console, workers, market, watches: in the order that compose starts them."""
    assert "schema" in composed.run("migrate")
    assert re.search(r"mon_\S+", composed.run("init"))
    composed.start("market", "api", "beat", *QUEUES)
    for name in ("market", "api", "beat", *QUEUES):
        composed.check(name)
    assert "watches added" in composed.run("demo")
    wait_until(lambda: indexed_hits(composed) >= ENOUGH_HITS, composed.logs)
    with composed.elasticsearch.client() as client:
        assert client.count(index="monitor-hits*")["count"] >= ENOUGH_HITS
    with httpx.Client(base_url=f"http://{HOST}:{composed.console_port}") as client:
        assert client.get("/login").status_code == 200
    for name in ("beat", *QUEUES, "api", "market"):
        composed.stop(name)


def indexed_hits(composed: Composed) -> int:
    """As ``docker compose exec api monitor index status --json``."""
    told = composed.service("api").execute("monitor", "index", "status", "--json")
    return int(json.loads(told)["documents"])
