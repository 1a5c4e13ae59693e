"""What a query means to the embedded index: FTS5 words, conditions, order and counts.

The tables it asks are made in `monitor.search.sqlite`, whose head says why they are so.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.search.protocol import HitQuery
from monitor.search.stored import EPOCH, Place, microseconds, to_bytes
from monitor.search.terms import Phrase

__all__ = ["MAX_ID", "Matches", "slot_of"]

ID_BITS = 33
MAX_ID = 2**ID_BITS - 1
STEP_BITS = 23
"""A step is 2**23 microseconds, about eight seconds."""
QUARTER_US = 900_000_000
MAX_STEP = 2**30 - 2
"""Steps fit into a rowid until the year 2255; later times share the last one."""


def slot_of(found_us: int, hit_id: int) -> int:
    """The rowid of a hit: ordered by time to within a step, then by id."""
    return step_of(found_us) << ID_BITS | hit_id


def step_of(found_us: int) -> int:
    """The step that a time falls into; never smaller for a later time."""
    return min(max(found_us >> STEP_BITS, 0), MAX_STEP)


@dataclass(frozen=True, slots=True)
class Matches:
    """The rows that a query means, without paging.

    Attributes:
        match: FTS5 expression, "" for all rows.
        conditions: on `hit`, besides.
        values: of the expression, if any, and then of the conditions.
        counter: number of matches where a counter knows it, else None.
    """

    match: str
    conditions: tuple[str, ...]
    values: tuple[Any, ...]
    counter: int | None = None

    @classmethod
    def of(
        cls, connection: sqlite3.Connection, query: HitQuery, phrases: tuple[Phrase, ...]
    ) -> Matches | None:
        """None when a filter names only values that no document has."""
        parts = [_phrase(phrase) for phrase in phrases]
        counters: list[int] = []
        for field, wanted in query.filters.items():
            if not wanted:
                continue
            found = _known_values(connection, field, wanted)
            if not found:
                return None
            parts.append("(" + " OR ".join(f"f{id_}" for id_, _ in found) + ")")
            counters += [hits for _, hits in found]
        match = " AND ".join(parts)
        conditions, values = _bounds(query, "words.rowid" if match else "hit.slot")
        is_counted = not phrases and not conditions and len(counters) == 1
        return cls(
            match,
            (("words MATCH ?",) if match else ()) + conditions,
            ((match,) if match else ()) + values,
            counters[0] if is_counted else None,
        )

    @property
    def is_everything(self) -> bool:
        """Whether nothing was asked for."""
        return not self.conditions

    def newest(
        self, connection: sqlite3.Connection, limit: int, after: Place | None
    ) -> list[Place]:
        """The first `limit` places below `after`, largest first."""
        key = "words.rowid" if self.match else "hit.slot"
        conditions, values = list(self.conditions), list(self.values)
        if after is not None:
            conditions.append(f"{key} < ?")
            values.append((step_of(after[0]) + 1) << ID_BITS)
        rows = connection.execute(
            f"SELECT hit.found_us, hit.hit_id FROM {self._source} "  # noqa: S608
            f"WHERE {' AND '.join(conditions) or '1'} ORDER BY {key} DESC",
            values,
        )
        places: list[Place] = []
        for place in rows:
            if len(places) >= limit and step_of(place[0]) != step_of(places[-1][0]):
                break
            if after is None or place < after:
                places.append(place)
        rows.close()
        return sorted(places, reverse=True)[:limit]

    def count(self, connection: sqlite3.Connection) -> int:
        """Exact number of matches."""
        if self.counter is not None:
            return self.counter
        only_words = len(self.conditions) == 1 and bool(self.match)
        source = "words" if only_words else self._source
        row = connection.execute(
            f"SELECT count(*) FROM {source} WHERE {self._where}",  # noqa: S608
            self.values,
        ).fetchone()
        return int(row[0])

    def count_by(self, connection: sqlite3.Connection, facet: str) -> Counter[int]:
        """Matches by the id of their value, or values, in a facet."""
        rows = connection.execute(
            f"SELECT hit.{facet} FROM {self._source} WHERE {self._where}",  # noqa: S608
            self.values,
        )
        hits: Counter[int] = Counter()
        # Few different combinations of values are split, many rows are only counted.
        for (ids,), count in Counter(rows).items():
            for id_ in ids.split():
                hits[int(id_)] += count
        return hits

    def count_by_time(self, connection: sqlite3.Connection) -> list[tuple[datetime, int]]:
        """Matches by the quarter of an hour they were found in.

        Every zone's offset has been a multiple of that since 1972.
        """
        # Integer division rounds towards zero, also for times before 1970.
        quarter = f"hit.found_us / {QUARTER_US} - (hit.found_us % {QUARTER_US} < 0)"
        rows = connection.execute(
            f"SELECT {quarter} FROM {self._source} WHERE {self._where}",  # noqa: S608
            self.values,
        )
        return [
            (EPOCH + timedelta(microseconds=number * QUARTER_US), count)
            for (number,), count in Counter(rows).items()
        ]

    @property
    def _source(self) -> str:
        # CROSS JOIN keeps the order of tables: words lead, in the order of their rowid.
        return "words CROSS JOIN hit ON hit.slot = words.rowid" if self.match else "hit"

    @property
    def _where(self) -> str:
        return " AND ".join(self.conditions) or "1"


def _phrase(phrase: Phrase) -> str:
    # Terms hold letters and digits only: nothing in them can end the quotes.
    return f'"{" ".join(phrase.terms)}"' + (" *" if phrase.is_prefix else "")


def _bounds(query: HitQuery, key: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Conditions of time (coarse by slot, then exact) and score."""
    conditions: list[str] = []
    values: list[Any] = []
    if query.since is not None:
        found_us = microseconds(query.since)
        conditions += [f"{key} >= ?", "hit.found_us >= ?"]
        values += [step_of(found_us) << ID_BITS, found_us]
    if query.until is not None:
        found_us = microseconds(query.until)
        conditions += [f"{key} < ?", "hit.found_us < ?"]
        values += [(step_of(found_us) + 1) << ID_BITS, found_us]
    if query.min_score > 0:
        conditions.append("hit.score >= ?")
        values.append(query.min_score)
    return tuple(conditions), tuple(values)


def _known_values(
    connection: sqlite3.Connection, field: str, wanted: Iterable[str]
) -> list[tuple[int, int]]:
    """(id, hits) of the values that some document has."""
    values = [to_bytes(value) for value in dict.fromkeys(wanted)]
    marks = ",".join("?" * len(values))
    return connection.execute(
        f"SELECT id, hits FROM facet_value WHERE field = ? AND value IN ({marks})",  # noqa: S608
        (field, *values),
    ).fetchall()
