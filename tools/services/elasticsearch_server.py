"""Elasticsearch, the real server of Elastic's own integration tests, of either major version."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import ClassVar

from elasticsearch import Elasticsearch

from tools.services import find
from tools.services.certificates import write_authority
from tools.services.launch import Image
from tools.services.server import HOST, Server

__all__ = ["ElasticsearchServer"]

USER = "elastic"
# Compiling less nearly halves the work of a start; it makes a longer run slower.
QUICK_START = "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1"
INSIDE = "/usr/share/elasticsearch/config"
DEFAULTS = {
    "discovery.type": "single-node",
    # A developer's full disk must not turn indexes read-only.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    # `wipe` removes everything at once.
    "action.destructive_requires_name": "false",
}


class ElasticsearchServer(Server):
    """An Elasticsearch of its own.

    Args:
        version: `find.ELASTICSEARCH_8` or `find.ELASTICSEARCH_9`.
        is_secure: speaks TLS under a made-up authority (`ca_file`) and asks for `user` and
            `password`.
        password: empty makes one up.
        settings: of elasticsearch.yml, over the defaults; an unknown one stops the start.
        files: further ones in its configuration folder; with ``ca.pem`` among them no
            authority is made up, and `settings` name certificate and key.
        java_options: for measuring, give it more memory and its full compiler.
    """

    name: ClassVar[str] = "elasticsearch"
    start_limit_s: ClassVar[float] = 300.0

    def __init__(
        self,
        version: str = find.ELASTICSEARCH_8,
        *,
        is_secure: bool = False,
        password: str = "",
        settings: dict[str, str] | None = None,
        files: dict[str, bytes] | None = None,
        java_options: str = QUICK_START,
    ) -> None:
        super().__init__()
        self.version = version
        self.user = USER if is_secure else ""
        self.password = (password or secrets.token_urlsafe(12)) if is_secure else ""
        self._is_secure = is_secure
        self._settings = settings or {}
        self._files = files or {}
        self._java_options = java_options

    @property
    def url(self) -> str:
        """For ``MONITOR_ELASTICSEARCH_URL``."""
        return f"{'https' if self._is_secure else 'http'}://{HOST}:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The authority's certificate, for ``MONITOR_ELASTICSEARCH_CA_FILE``."""
        return self.config / "ca.pem"

    @property
    def config(self) -> Path:
        """The server's own configuration folder."""
        return self.folder / "config"

    def client(self) -> Elasticsearch:
        """A client that may do everything, for tests to look behind the product's back."""
        if not self._is_secure:
            return Elasticsearch(self.url, request_timeout=60)
        signing_in = (self.user, self.password)
        return Elasticsearch(
            self.url, basic_auth=signing_in, ca_certs=str(self.ca_file), request_timeout=60
        )

    def wipe(self) -> None:
        """Remove all indexes and index templates."""
        with self.client() as client:
            client.indices.delete(index="*", expand_wildcards="all")
            client.indices.delete_index_template(name="*")

    def _prepare(self) -> None:
        home = find.elasticsearch_home(self.version)
        find.java_home(find.OLDEST_JAVA[self.version])
        own = {
            "network.host": HOST,
            "http.port": str(self.port),
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
        }
        self._write_files()
        for name in ("jvm.options", "log4j2.properties"):
            (self.config / name).write_bytes((home / "config" / name).read_bytes())
        lines = [f"{name}: {value}\n" for name, value in (self._all_settings() | own).items()]
        (self.config / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
        (self.folder / "tmp").mkdir()
        if self._is_secure:
            self._give_away()
            keystore = home / "bin" / "elasticsearch-keystore"
            self._run(keystore, "create")
            self._run(keystore, "add", "--stdin", "bootstrap.password", said=self.password)

    def _image(self) -> Image:
        self._write_files()
        files = [path for path in self.config.rglob("*") if path.is_file()]
        for path in files:
            # The image's own user reads them; our folder is closed to others.
            path.chmod(0o644)
        environment = {"ES_JAVA_OPTS": self._java_options, **self._all_settings()}
        if self._is_secure:
            environment["ELASTIC_PASSWORD"] = self.password
        inside = {path: f"{INSIDE}/{path.relative_to(self.config)}" for path in files}
        name = f"{find.IMAGES['elasticsearch']}:{self.version}"
        return Image(name, 9200, (), environment, inside)

    def _write_files(self) -> None:
        self.config.mkdir(exist_ok=True)
        for name, content in self._files.items():
            path = self.config / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        if self._is_secure and not self.ca_file.exists():
            write_authority(self.config, HOST)

    def _all_settings(self) -> dict[str, str]:
        security = {"xpack.security.enabled": str(self._is_secure).lower()}
        if self._is_secure:
            security |= {
                "xpack.security.http.ssl.enabled": "true",
                "xpack.security.http.ssl.certificate": "server.pem",
                "xpack.security.http.ssl.key": "server.key",
            }
        return {**DEFAULTS, "cluster.name": self.folder.name, **security, **self._settings}

    def _command(self) -> list[str]:
        return [str(find.elasticsearch_home(self.version) / "bin" / "elasticsearch")]

    def _environment(self) -> dict[str, str]:
        return {
            **super()._environment(),
            "ES_JAVA_HOME": str(find.java_home(find.OLDEST_JAVA[self.version])),
            "ES_JAVA_OPTS": self._java_options,
            "ES_PATH_CONF": str(self.config),
            "ES_TMPDIR": str(self.folder / "tmp"),
        }

    def _probe(self) -> None:
        with self.client() as client:
            client.options(request_timeout=5, max_retries=0).cluster.health(
                wait_for_status="yellow", timeout="2s"
            )
