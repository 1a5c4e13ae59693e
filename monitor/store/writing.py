"""Writing in sets: insert what is missing, in the dialect's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store.database import Transaction

__all__ = ["insert_missing"]


def insert_missing(
    tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> int:
    """Insert rows whose `key` columns are not there yet; others stay as they are.

    Returns:
        The number of rows inserted.
    """
    if not rows:
        return 0
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(key))
    return tx.execute(statement, list(rows)).rowcount
