"""From every schema there ever was, with a row in every table, to the newest one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.store import tables as t
from monitor.store.database import Database
from monitor.store.engines import open_engine, parse_url
from monitor.store.migrations import alembic_config

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
REVISIONS = [
    found.revision for found in ScriptDirectory.from_config(alembic_config()).walk_revisions()
]
VALUES: list[tuple[type[sa.types.TypeEngine[Any]], Any]] = [
    (sa.Boolean, True),
    (sa.Integer, 1),
    (sa.Float, 0.5),
    (sa.DateTime, AT),
    (sa.Date, AT.date()),
    (sa.JSON, {"a": [1, "一"]}),
    (sa.LargeBinary, b"\x00\xff"),
    (sa.String, "一"),
]


@contextmanager
def begun(url: str) -> Iterator[sa.Connection]:
    engine = open_engine(parse_url(url))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def value_of(column: sa.Column[Any]) -> Any:
    """Something that fits; ids and references are all 1."""
    return next(value for kind, value in VALUES if isinstance(column.type, kind))


def reflected(connection: sa.Connection) -> list[sa.Table]:
    """The tables as they are there, not as the program knows them."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def contents(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """The one row of each table."""
    tables = reflected(connection)
    return {
        table.name: dict(connection.execute(sa.select(table)).mappings().one()) for table in tables
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_is_lost_on_the_way_up(empty_url: str, revision: str) -> None:
    """Every column of before has the value of before; the tables are those of a fresh store."""
    with begun(empty_url) as connection:
        command.upgrade(alembic_config(connection), revision)
        for table in reflected(connection):
            row = {column.name: value_of(column) for column in table.columns}
            connection.execute(sa.insert(table).values(row))
        before = contents(connection)
    assert len(before) > 20
    database = Database(empty_url)
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []
    database.close()
    with begun(empty_url) as connection:
        kept = {name: dict.fromkeys(row) for name, row in before.items()}
        for table in reflected(connection):
            if table.name in before:
                row = dict(connection.execute(sa.select(table)).mappings().one())
                kept[table.name] = {name: row[name] for name in before[table.name]}
    assert kept == before
