"""PostgreSQL with password sign-in, quick at the price of its safety against power cuts."""

from __future__ import annotations

import itertools
import secrets
import signal
from typing import ClassVar

import psycopg
from psycopg import sql

from tools.services import find
from tools.services.launch import Image
from tools.services.server import HOST, Server

__all__ = ["PostgresServer"]

USER = "monitor"
TEXT = ("--encoding=UTF8", "--locale=C.UTF-8")
# Nobody pulls the plug on a test's machine: what was committed survives kill -9 without these.
QUICK = {"fsync": "off", "full_page_writes": "off"}


class PostgresServer(Server):
    """A PostgreSQL of its own.

    Args:
        settings: of postgresql.conf, over the defaults.
        password: empty makes one up.
    """

    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # does not wait for clients to leave

    def __init__(self, settings: dict[str, str] | None = None, *, password: str = "") -> None:
        super().__init__()
        self.password = password or secrets.token_urlsafe(12)
        self._settings = {**QUICK, "max_connections": "200", **(settings or {})}
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """Of the database that is there from the start."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """For ``MONITOR_DATABASE_URL``."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str = "", *, template: str = "template0") -> str:
        """Make a database and return its address.

        Args:
            name: empty takes a new one.
            template: the database to copy; nobody may be connected to it.
        """
        name = name or f"test_{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Remove a database by its address, whoever is still connected to it."""
        name = url.rsplit("/", 1)[-1]
        with psycopg.connect(self.url, autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(name)))

    def _prepare(self) -> None:
        initdb = find.postgres_bin() / "initdb"
        said = self.folder / "password"
        said.write_text(self.password, encoding="ascii")
        said.chmod(0o600)
        self._give_away()
        self._run(
            initdb,
            f"--pgdata={self.folder / 'data'}",
            f"--username={USER}",
            "--auth=scram-sha-256",
            f"--pwfile={said}",
            *TEXT,
            "--no-sync",
        )

    def _command(self) -> list[str]:
        own = {"listen_addresses": HOST, "port": str(self.port), "unix_socket_directories": ""}
        program = find.postgres_bin() / "postgres"
        return [str(program), "-D", str(self.folder / "data"), *self._options(own)]

    def _image(self) -> Image:
        environment = {
            "POSTGRES_USER": USER,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DB": "postgres",
            "POSTGRES_INITDB_ARGS": " ".join(TEXT),
        }
        return Image(find.IMAGES["postgres"], 5432, ["postgres", *self._options({})], environment)

    def _options(self, own: dict[str, str]) -> list[str]:
        settings = {**own, **self._settings}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _probe(self) -> None:
        psycopg.connect(self.url, connect_timeout=2).close()
