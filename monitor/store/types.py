"""Column types that mean the same on both databases, whatever a page held.

PostgreSQL refuses NUL in text and NaN in JSON, and no driver writes a lone
surrogate. Sources clean what they read; here is the last line, so that one
hostile character can never make a whole page unwritable.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect

__all__ = ["BigId", "Json", "LongText", "ShortText", "UtcDateTime", "to_json"]

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
ESCAPED_NUL = "\\u0000"


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD."""
    return UNSTORABLE.sub(REPLACEMENT, text)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; ``timestamptz`` in PostgreSQL, sortable text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, drop the zone where the database has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to the store")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ShortText(TypeDecorator[str]):
    """``varchar(n)``: PostgreSQL refuses what is longer, SQLite does not look."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Replace what no database stores."""
        return value if value is None else storable(value)


class LongText(TypeDecorator[str]):
    """``text``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Replace what no database stores."""
        return value if value is None else storable(value)


Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite counts up only a column that is exactly INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")


def to_json(value: Any) -> str:
    """JSON that both databases take: strings storable, numbers finite (else null)."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = ESCAPED_NUL
    if ESCAPED_NUL in text or UNSTORABLE.search(text):
        text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
