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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from monitor.errors import InputError
from monitor.search.periods import Periods
from monitor.search.protocol import FACETS, HitDocument, HitPage, HitQuery, Interval, Refused
from monitor.search.query import check_facet, check_limit, check_query
from monitor.search.sqlite_file import IndexFile
from monitor.search.sqlite_query import MAX_ID, Matches, slot_of
from monitor.search.stored import (
    dump,
    facet_values,
    from_bytes,
    load,
    microseconds,
    read_cursor,
    to_bytes,
    write_cursor,
)
from monitor.search.terms import CUT_VERSION, cut

__all__ = ["SqliteHitIndex"]

SHAPE = 400 + CUT_VERSION
BATCH = 1000
SCHEMA = {
    "hit": "CREATE TABLE hit (slot INTEGER PRIMARY KEY, hit_id INTEGER NOT NULL UNIQUE, "
    "revision INTEGER NOT NULL, found_us INTEGER NOT NULL, score REAL NOT NULL, "
    + ", ".join(f"{field} TEXT NOT NULL" for field in FACETS)
    + ")",
    "document": "CREATE TABLE document (hit_id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "facet_value": "CREATE TABLE facet_value (id INTEGER PRIMARY KEY, field TEXT NOT NULL, "
    "value BLOB NOT NULL, hits INTEGER NOT NULL, UNIQUE (field, value))",
    "words": "CREATE VIRTUAL TABLE words USING "
    "fts5(terms, content='', columnsize=0, tokenize='ascii')",
}
"""In `hit` a facet's column holds the ids of its values, with blanks between them."""
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

    def put(self, documents: Iterable[HitDocument]) -> Refused:
        """Add or replace by `hit_id`; a lower `revision` than the stored one is ignored.

        Raises:
            InputError: an id that is not in 0..2**33-1; nothing of `documents` is kept.
        """
        with self._file.writing() as connection:
            waiting = iter(documents)
            while batch := list(islice(waiting, BATCH)):
                _put(connection, batch)
        return {}

    def remove(self, hit_ids: Iterable[int]) -> Refused:
        """Forget documents; unknown ids are fine."""
        with self._file.writing() as connection:
            for hit_id in sorted(hit_ids):
                if 0 <= hit_id <= MAX_ID:
                    _take_out(connection, hit_id)
        return {}

    def find(self, query: HitQuery) -> HitPage:
        """One page of matches. Raises `InputError` for a query that cannot be read."""
        check_limit(query)
        after = None if query.cursor is None else read_cursor(query.cursor)
        phrases = check_query(query)
        with self._file.reading() as connection:
            matches = Matches.of(connection, query, phrases)
            if matches is None:
                return HitPage((), 0, None)
            places = matches.newest(connection, query.limit + 1, after)
            shown = places[: query.limit]
            documents = tuple(_read(connection, hit_id) for _, hit_id in shown)
            has_more = len(places) > query.limit
            # A first page that holds all of them has counted them.
            is_all = after is None and not has_more
            total = len(places) if is_all else matches.count(connection)
        return HitPage(documents, total, write_cursor(shown[-1]) if has_more else None)

    def count_by(self, query: HitQuery, facet: str) -> list[tuple[str, int]]:
        """Values of a `FACETS` field among all matches with their counts."""
        check_facet(facet)
        phrases = check_query(query)
        with self._file.reading() as connection:
            matches = Matches.of(connection, query, phrases)
            if matches is None:
                return []
            if matches.is_everything:
                counted = connection.execute(
                    "SELECT value, hits FROM facet_value WHERE field = ? ORDER BY hits DESC, value",
                    (facet,),
                ).fetchall()
            else:
                hits = matches.count_by(connection, facet)
                counted = [(_value(connection, id_), count) for id_, count in hits.items()]
                counted.sort(key=lambda pair: (-pair[1], pair[0]))
        return [(from_bytes(value), count) for value, count in counted]

    def histogram(
        self, query: HitQuery, *, interval: Interval, zone: str
    ) -> list[tuple[datetime, int]]:
        """Matches by the time they were found, as the protocol says."""
        periods = Periods(interval, zone)
        phrases = check_query(query)
        with self._file.reading() as connection:
            matches = Matches.of(connection, query, phrases)
            counts = [] if matches is None else matches.count_by_time(connection)
        return periods.filled(counts, query)

    def revisions(self, after: int, limit: int) -> list[tuple[int, int]]:
        """(hit_id, revision) pairs with ``hit_id > after`` in order, for the drift check."""
        with self._file.reading() as connection:
            return connection.execute(
                "SELECT hit_id, revision FROM hit WHERE hit_id > ? ORDER BY hit_id LIMIT ?",
                (after, limit),
            ).fetchall()

    def walk(self, query: HitQuery) -> Iterator[HitDocument]:
        """All matches in the order of `find`, of one moment."""
        check_limit(query)
        phrases = check_query(query)
        with self._file.reading() as connection:
            matches = Matches.of(connection, query, phrases)
            after = None
            while matches is not None:
                places = matches.newest(connection, query.limit, after)
                for _, hit_id in places:
                    yield _read(connection, hit_id)
                if len(places) < query.limit:
                    return
                after = places[-1]

    @contextmanager
    def rebuilding(self) -> Iterator[_Filling]:
        """Fill the file anew in one transaction: readers see the old hits until its end.

        Other processes that want to write wait or try again later. A crash undoes all of it.
        """
        with self._file.refilling() as connection:
            yield _Filling(connection)

    def clear(self) -> None:
        """Forget everything; a damaged file is replaced."""
        self._file.empty()

    def close(self) -> None:
        """Release all connections; every later call raises `SearchError`."""
        self._file.close()


class _Filling:
    """See `monitor.search.protocol.Filling`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.walked_to = self.done = 0

    def put(self, documents: Sequence[HitDocument]) -> Refused:
        """Add the next documents."""
        _put(self._connection, list(documents))
        self.walked_to = max([self.walked_to, *(one.hit_id for one in documents)])
        self.done += len(documents)
        return {}


def _read(connection: sqlite3.Connection, hit_id: int) -> HitDocument:
    row = connection.execute("SELECT body FROM document WHERE hit_id = ?", (hit_id,)).fetchone()
    return load(row[0])


def _value(connection: sqlite3.Connection, id_: int) -> bytes:
    row = connection.execute("SELECT value FROM facet_value WHERE id = ?", (id_,)).fetchone()
    return bytes(row[0])


def _put(connection: sqlite3.Connection, batch: list[HitDocument]) -> None:
    latest: dict[int, HitDocument] = {}
    for document in batch:
        if not 0 <= document.hit_id <= MAX_ID:
            raise InputError(f"hit_id: not between 0 and {MAX_ID}")
        known = latest.get(document.hit_id)
        if known is None or known.revision <= document.revision:
            latest[document.hit_id] = document
    rows = []
    for document in latest.values():
        stored = connection.execute(
            "SELECT revision FROM hit WHERE hit_id = ?", (document.hit_id,)
        ).fetchone()
        if stored is not None:
            if stored[0] > document.revision:
                continue
            _take_out(connection, document.hit_id)
        found_us = microseconds(document.found_at)
        rows.append((slot_of(found_us, document.hit_id), found_us, document))
    # FTS5 writes out what it gathered whenever a rowid is below the one before.
    for slot, found_us, document in sorted(rows, key=lambda row: row[0]):
        _add(connection, document, slot, found_us)


def _add(connection: sqlite3.Connection, document: HitDocument, slot: int, found_us: int) -> None:
    ids = [
        " ".join(str(_count_up(connection, field, value)) for value in values)
        for field, values in facet_values(document).items()
    ]
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
    return int(connection.execute(COUNT_UP, (field, to_bytes(value))).fetchall()[0][0])


def _words(document: HitDocument, ids: Iterable[str]) -> str:
    # No term of a text holds letters and digits both, so none looks like f12.
    return " ".join([*cut(document.text), *(f"f{id_}" for joined in ids for id_ in joined.split())])
