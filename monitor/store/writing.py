"""Writing in sets: insert what is missing, in the dialect's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store.database import Transaction

__all__ = ["insert_missing", "insert_or_change"]

ROWS_COUNTED = {"preserve_rowcount": True}
"""Without it the count of inserted rows is gone when the statement has run."""


def insert_missing(
    tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> int:
    """Insert rows whose `key` columns are not there yet; others stay as they are.

    Returns:
        The number of rows inserted.
    """
    if not rows:
        return 0
    statement = _insert(tx, table).on_conflict_do_nothing(index_elements=list(key))
    return tx.execute(statement, list(rows), execution_options=ROWS_COUNTED).rowcount


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


def _insert(tx: Transaction, table: Table) -> Any:
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
