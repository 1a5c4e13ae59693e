"""The embedded index: SQLite FTS5 in a file of its own.

How it answers fast over a million hits:

- FTS5 stores only our own terms (`terms.cut`) and, as further words such as
  ``f12``, the ids of the document's facet values. A text with filters is then one
  intersection of word lists, counted without reading a document.
- Its rowid is a *slot*: the time of the hit in steps of about eight seconds, then
  the hit's id. Walking the words backwards meets hits newest first, so a page ends
  after its last row; only rows of one step are sorted.
- What is compared or counted lies in narrow rows, the documents lie apart.

FTS5 keeps no copy of the text: taking a document out again needs its old words,
which are cut from the stored document. Change `SHAPE` with anything stored here.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import InputError
from monitor.search.protocol import FACETS, HitDocument, HitPage, HitQuery
from monitor.search.sqlite_file import IndexFile
from monitor.search.stored import (
    Place,
    dump,
    facet_values,
    load,
    microseconds,
    read_cursor,
    write_cursor,
)
from monitor.search.terms import CUT_VERSION, Phrase, cut, parse_query

__all__ = ["SqliteHitIndex"]

SHAPE = 200 + CUT_VERSION
MAX_LIMIT = 1000
MAX_FILTER_VALUES = 500
"""In one field; more would make FTS5's own query parser give up."""

ID_BITS = 33
STEP_BITS = 23
"""A step is 2**23 microseconds, about eight seconds."""
MAX_ID = 2**ID_BITS - 1
MAX_STEP = 2**30 - 1
"""Steps fit into a rowid until the year 2255; later times share the last one."""

SCHEMA = (
    "CREATE TABLE hit (slot INTEGER PRIMARY KEY, hit_id INTEGER NOT NULL UNIQUE, "
    "revision INTEGER NOT NULL, found_us INTEGER NOT NULL, score REAL NOT NULL, "
    + ", ".join(f"{field} TEXT NOT NULL" for field in FACETS)
    + ")",
    "CREATE TABLE document (hit_id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE facet_value (id INTEGER PRIMARY KEY, field TEXT NOT NULL, "
    "value BLOB NOT NULL, hits INTEGER NOT NULL, UNIQUE (field, value))",
    "CREATE VIRTUAL TABLE words USING fts5(terms, content='', columnsize=0, tokenize='ascii')",
)
INSERT_HIT = f"INSERT INTO hit VALUES ({','.join('?' * (5 + len(FACETS)))})"  # noqa: S608
COUNT_UP = (
    "INSERT INTO facet_value (field, value, hits) VALUES (?, ?, 1) "
    "ON CONFLICT (field, value) DO UPDATE SET hits = hits + 1 RETURNING id"
)


class SqliteHitIndex:
    """See `monitor.search.protocol.HitIndex`. One writer at a time, any number of readers.

    Raises:
        SearchError: by every method, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._file = IndexFile(path, SCHEMA, SHAPE)

    @property
    def needs_rebuild(self) -> bool:
        """Whether it was found missing, damaged or of an older shape; `clear` ends that."""
        return not self._file.is_filled

    def put(self, documents: Iterable[HitDocument]) -> None:
        """Add or replace by `hit_id`; a lower `revision` than the stored one is ignored.

        Raises:
            InputError: an id that is not in 0..2**33-1; nothing of `documents` is kept.
        """
        with self._file.writing() as connection:
            for document in documents:
                _put(connection, document)

    def remove(self, hit_ids: Iterable[int]) -> None:
        """Forget documents; unknown ids are fine."""
        with self._file.writing() as connection:
            for hit_id in hit_ids:
                if 0 <= hit_id <= MAX_ID:
                    _take_out(connection, hit_id)

    def find(self, query: HitQuery) -> HitPage:
        """One page of matches. Raises `InputError` for a query that cannot be read."""
        if not 1 <= query.limit <= MAX_LIMIT:
            raise InputError(f"limit: not between 1 and {MAX_LIMIT}")
        after = None if query.cursor is None else read_cursor(query.cursor)
        phrases = _check(query)
        with self._file.reading() as connection:
            matches = _Matches.of(connection, query, phrases)
            if matches is None:
                return HitPage((), 0, None)
            places = matches.newest(connection, query.limit + 1, after)
            shown = places[: query.limit]
            documents = tuple(_read(connection, hit_id) for _, hit_id in shown)
            has_more = len(places) > query.limit
            total = matches.count(connection)
        return HitPage(documents, total, write_cursor(shown[-1]) if has_more else None)

    def count_by(self, query: HitQuery, facet: str) -> list[tuple[str, int]]:
        """Values of a `FACETS` field among all matches with their counts."""
        if facet not in FACETS:
            raise InputError(f"facet: {facet!r} is none of {', '.join(FACETS)}")
        phrases = _check(query)
        with self._file.reading() as connection:
            matches = _Matches.of(connection, query, phrases)
            if matches is None:
                return []
            counted = _all_counts(connection, facet)
            if not matches.is_everything:
                hits = matches.count_by(connection, facet)
                counted = [(id_, value, hits[id_]) for id_, value, _ in counted if id_ in hits]
        values = [(_text(value), hits) for _, value, hits in counted]
        return sorted(values, key=lambda pair: (-pair[1], pair[0]))

    def revisions(self, after: int, limit: int) -> list[tuple[int, int]]:
        """(hit_id, revision) pairs with ``hit_id > after`` in order, for the drift check."""
        with self._file.reading() as connection:
            return connection.execute(
                "SELECT hit_id, revision FROM hit WHERE hit_id > ? ORDER BY hit_id LIMIT ?",
                (after, limit),
            ).fetchall()

    def clear(self) -> None:
        """Forget everything; a damaged file is replaced."""
        self._file.empty()

    def close(self) -> None:
        """Release all connections; every later call raises `SearchError`."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class _Matches:
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
    ) -> _Matches | None:
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
            values.append((_step(after[0]) + 1) << ID_BITS)
        rows = connection.execute(
            f"SELECT hit.found_us, hit.hit_id FROM {self._source} "  # noqa: S608
            f"WHERE {' AND '.join(conditions) or '1'} ORDER BY {key} DESC",
            values,
        )
        places: list[Place] = []
        for place in rows:
            if len(places) >= limit and _step(place[0]) != _step(places[-1][0]):
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

    @property
    def _source(self) -> str:
        # CROSS JOIN keeps the order of tables: words lead, in the order of their rowid.
        return "words CROSS JOIN hit ON hit.slot = words.rowid" if self.match else "hit"

    @property
    def _where(self) -> str:
        return " AND ".join(self.conditions) or "1"


def _check(query: HitQuery) -> tuple[Phrase, ...]:
    """The phrases of a query whose filters are sound."""
    for field, wanted in query.filters.items():
        if field not in FACETS:
            raise InputError(f"filter: {field!r} is none of {', '.join(FACETS)}")
        if len(wanted) > MAX_FILTER_VALUES:
            raise InputError(f"filter: more than {MAX_FILTER_VALUES} values of {field}")
    return parse_query(query.text)


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
        values += [_step(found_us) << ID_BITS, found_us]
    if query.until is not None:
        found_us = microseconds(query.until)
        conditions += [f"{key} < ?", "hit.found_us < ?"]
        values += [(_step(found_us) + 1) << ID_BITS, found_us]
    if query.min_score > 0:
        conditions.append("hit.score >= ?")
        values.append(query.min_score)
    return tuple(conditions), tuple(values)


def _step(found_us: int) -> int:
    return min(max(found_us >> STEP_BITS, 0), MAX_STEP)


def _known_values(
    connection: sqlite3.Connection, field: str, wanted: Iterable[str]
) -> list[tuple[int, int]]:
    """(id, hits) of the values that some document has."""
    values = [_bytes(value) for value in dict.fromkeys(wanted)]
    marks = ",".join("?" * len(values))
    return connection.execute(
        f"SELECT id, hits FROM facet_value WHERE field = ? AND value IN ({marks})",  # noqa: S608
        (field, *values),
    ).fetchall()


def _all_counts(connection: sqlite3.Connection, facet: str) -> list[tuple[int, bytes, int]]:
    return connection.execute(
        "SELECT id, value, hits FROM facet_value WHERE field = ?", (facet,)
    ).fetchall()


def _read(connection: sqlite3.Connection, hit_id: int) -> HitDocument:
    row = connection.execute("SELECT body FROM document WHERE hit_id = ?", (hit_id,)).fetchone()
    return load(row[0])


def _put(connection: sqlite3.Connection, document: HitDocument) -> None:
    if not 0 <= document.hit_id <= MAX_ID:
        raise InputError(f"hit_id: not between 0 and {MAX_ID}")
    stored = connection.execute(
        "SELECT revision FROM hit WHERE hit_id = ?", (document.hit_id,)
    ).fetchone()
    if stored is not None:
        if stored[0] > document.revision:
            return
        _take_out(connection, document.hit_id)
    ids = [
        " ".join(str(_count_up(connection, field, value)) for value in values)
        for field, values in facet_values(document).items()
    ]
    found_us = microseconds(document.found_at)
    slot = _step(found_us) << ID_BITS | document.hit_id
    connection.execute(
        INSERT_HIT,
        (slot, document.hit_id, document.revision, found_us, document.score, *ids),
    )
    connection.execute("INSERT INTO document VALUES (?, ?)", (document.hit_id, dump(document)))
    connection.execute(
        "INSERT INTO words (rowid, terms) VALUES (?, ?)", (slot, _words(document, ids))
    )


def _take_out(connection: sqlite3.Connection, hit_id: int) -> None:
    row = connection.execute(
        f"SELECT slot, {', '.join(FACETS)} FROM hit WHERE hit_id = ?",  # noqa: S608
        (hit_id,),
    ).fetchone()
    if row is None:
        return
    slot, *ids = row
    connection.execute(
        "INSERT INTO words (words, rowid, terms) VALUES ('delete', ?, ?)",
        (slot, _words(_read(connection, hit_id), ids)),
    )
    gone = [(id_,) for joined in ids for id_ in joined.split()]
    connection.executemany("UPDATE facet_value SET hits = hits - 1 WHERE id = ?", gone)
    connection.executemany("DELETE FROM facet_value WHERE id = ? AND hits = 0", gone)
    connection.execute("DELETE FROM hit WHERE slot = ?", (slot,))
    connection.execute("DELETE FROM document WHERE hit_id = ?", (hit_id,))


def _count_up(connection: sqlite3.Connection, field: str, value: str) -> int:
    """Count one more hit of a value; its id."""
    return int(connection.execute(COUNT_UP, (field, _bytes(value))).fetchall()[0][0])


def _words(document: HitDocument, ids: Iterable[str]) -> str:
    # No term of a text holds letters and digits both, so none looks like f12.
    return " ".join([*cut(document.text), *(f"f{id_}" for joined in ids for id_ in joined.split())])


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")
