"""Copies of a PostgreSQL store, by the programs that come with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

from monitor.errors import StoreError
from monitor.store.engines import open_engine, parse_url
from monitor.store.faults import StoreFault, reason_of

__all__ = ["dump", "load", "refuse_if_busy", "schema_of"]

OTHER_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
MAX_COMPLAINT_CHARS = 300


def schema_of(url: str) -> str | None:
    """The version of the schema; None for a database without a store. Raises `StoreError`."""
    engine = open_engine(parse_url(url))
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except StoreFault as error:
        raise StoreError(f"cannot open the store: {reason_of(error)}") from None
    finally:
        engine.dispose()


def refuse_if_busy(url: str) -> None:
    """Raises `StoreError` while anybody else is connected to the database."""
    engine = open_engine(parse_url(url))
    try:
        with engine.connect() as connection:
            others = connection.execute(text(OTHER_SESSIONS)).scalar_one()
    except StoreFault as error:
        raise StoreError(f"cannot open the store: {reason_of(error)}") from None
    finally:
        engine.dispose()
    if others:
        raise StoreError(f"the database is in use ({others} connections); stop the monitor first")


def dump(url: str, target: Path) -> None:
    """Write all of the database, as it is at one moment, to a new file.

    Raises:
        StoreError: `pg_dump` is missing or fails.
    """
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: str, source: Path, *, may_replace: bool) -> None:
    """Fill the database in one transaction: all of the dump, or no change.

    Args:
        url: the database.
        source: what `dump` wrote.
        may_replace: whether tables that are there already are dropped first.

    Raises:
        StoreError: `pg_restore` is missing or fails.
    """
    options = ["--clean", "--if-exists"] if may_replace else []
    options += ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run("pg_restore", url, *options, str(source))


def _run(name: str, url: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise StoreError(
            f"{name} is not installed; on Debian: apt-get install postgresql-client, "
            "of the server's version or newer"
        )
    parsed = parse_url(url)
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and every argument is ours
            [program, f"--dbname={_without_password(parsed)}", *arguments],
            # The command line can be read by every user of this machine.
            env={**os.environ, **({"PGPASSWORD": parsed.password} if parsed.password else {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except OSError as error:
        raise StoreError(f"{name} cannot be started: {error.strerror}") from None
    if done.returncode:
        # Only the first line: the following ones may quote rows.
        complaint = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise StoreError(f"{complaint[:MAX_COMPLAINT_CHARS] or name + ' failed'}")


def _without_password(url: URL) -> str:
    # URL.set cannot take a password away.
    parts = url.set(drivername="postgresql")._replace(password=None)
    return parts.render_as_string(hide_password=False)
