"""Reading and writing in sets, in the dialect's own words.

A set goes to PostgreSQL as one array, or one array for each column. With a parameter
for each value every number of rows would be a statement of its own, for us and for the
driver and for the server.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from monitor.store.database import Transaction

__all__ = ["insert_missing", "insert_or_change", "one_of"]

ROWS_COUNTED = {"preserve_rowcount": True}
"""Without it the count of inserted rows is gone when the statement has run."""


def one_of(tx: Transaction, of: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of these values."""
    if tx.dialect.name == "sqlite":
        return of.in_(list(values))
    return of == any_(_array(values, of.type))


def insert_missing(
    tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> int:
    """Insert rows whose `key` columns are not there yet; others stay as they are.

    Args:
        tx: a transaction.
        table: where.
        rows: all with the same columns.
        key: columns of one of the table's unique keys.

    Returns:
        The number of rows inserted.
    """
    if not rows:
        return 0
    insert = _insert(tx, table)
    if tx.dialect.name == "sqlite":
        missing = insert.on_conflict_do_nothing(index_elements=list(key))
        return tx.execute(missing, list(rows), execution_options=ROWS_COUNTED).rowcount
    names = list(rows[0])
    arrays = [_array((row[name] for row in rows), table.c[name].type) for name in names]
    given = func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    every = select(*(given.c[name] for name in names))
    missing = insert.from_select(names, every).on_conflict_do_nothing(index_elements=list(key))
    return tx.execute(missing, execution_options=ROWS_COUNTED).rowcount


def insert_or_change(
    tx: Transaction,
    table: Table,
    row: Mapping[str, Any],
    key: Sequence[str],
    changes: Mapping[str, Any],
) -> None:
    """Insert a row, or change the one with its `key`, with nothing in between.

    In two statements the row could be deleted by another worker after the first.
    """
    statement = _insert(tx, table).on_conflict_do_update(
        index_elements=list(key), set_=dict(changes)
    )
    tx.execute(statement, [dict(row)])


def _array(values: Iterable[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    # One dimension, said so: a JSON value may be a list itself.
    return literal(list(values), ARRAY(kind, dimensions=1))


def _insert(tx: Transaction, table: Table) -> Any:
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
