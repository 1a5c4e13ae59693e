"""One order of texts on both databases, whatever collation a PostgreSQL was set up with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["by_text"]


def by_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Sort by Unicode code points, as SQLite does: ``order_by(by_text(table.c.name))``."""
    return _CodePoints(column)


class _CodePoints(FunctionElement[str]):
    type = String()
    inherit_cache = True


@compiles(_CodePoints)
def _as_it_is(element: _CodePoints, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_CodePoints, "postgresql")
def _in_byte_order(element: _CodePoints, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'
