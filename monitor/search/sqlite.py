"""The embedded index: SQLite FTS5 in a file of its own.

The file is a view: when it is missing, damaged or of another shape it is made
anew, empty, and `needs_rebuild` says so. FTS5 only stores our own terms
(`terms.cut`), separated by blanks, without a copy of the text; taking a document
out again needs its old terms, which are cut from the stored document.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.errors import InputError, SearchError
from monitor.search.protocol import FACETS, HitDocument, HitPage, HitQuery
from monitor.search.terms import CUT_VERSION, Phrase, cut, parse_query

__all__ = ["SqliteHitIndex"]

SHAPE = 100 + CUT_VERSION
"""Stored as ``user_version``; another number there means: fill anew."""

MAX_LIMIT = 1000
SCHEMA = """
CREATE TABLE hit (
  hit_id INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  found_us INTEGER NOT NULL,
  score REAL NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX hit_found ON hit (found_us DESC, hit_id DESC);
CREATE TABLE facet (
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  hit_id INTEGER NOT NULL,
  PRIMARY KEY (field, value, hit_id)
) WITHOUT ROWID;
CREATE TABLE facet_count (
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  hits INTEGER NOT NULL,
  PRIMARY KEY (field, value)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(terms, content='', tokenize='ascii');
"""


FACET_CONDITION = (
    "EXISTS (SELECT 1 FROM facet AS f WHERE f.field = ? AND f.hit_id = hit.hit_id "
    "AND f.value IN ({marks}))"
)


class SqliteHitIndex:
    """See `monitor.search.protocol.HitIndex`. One writer at a time, any number of readers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._pool_lock = threading.Lock()
        self._needs_rebuild = False
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.DatabaseError:
            self._discard()
            self._open()

    @property
    def needs_rebuild(self) -> bool:
        """Whether the file was found missing, damaged or of an older shape, and is empty."""
        return self._needs_rebuild

    def _open(self) -> None:
        self._writer = self._connect()
        try:
            found = self._writer.execute("PRAGMA user_version").fetchone()[0]
            if found != SHAPE:
                if found or self._writer.execute("SELECT 1 FROM sqlite_master").fetchone():
                    raise sqlite3.DatabaseError("another shape")
                self._needs_rebuild = True
                self._writer.executescript(SCHEMA + f"PRAGMA user_version={SHAPE};")
            self._writer.execute("SELECT count(*) FROM facet_count").fetchone()
        except sqlite3.Error:
            self._writer.close()
            raise

    def _discard(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=60, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._pool_lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect()
        try:
            # One view for the page and its total.
            connection.execute("BEGIN")
            yield connection
        except sqlite3.Error as error:
            raise SearchError(f"the index cannot be read: {error}") from error
        finally:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            with self._pool_lock:
                self._idle.append(connection)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._write_lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                except BaseException:
                    self._writer.execute("ROLLBACK")
                    raise
                self._writer.execute("COMMIT")
            except sqlite3.Error as error:
                raise SearchError(f"the index cannot be written: {error}") from error

    def put(self, documents: Iterable[HitDocument]) -> None:
        """Add or replace by `hit_id`; a lower `revision` than the stored one is ignored."""
        with self._writing() as connection:
            for document in documents:
                self._put(connection, document)

    def _put(self, connection: sqlite3.Connection, document: HitDocument) -> None:
        stored = connection.execute(
            "SELECT revision FROM hit WHERE hit_id=?", (document.hit_id,)
        ).fetchone()
        if stored is not None and stored[0] > document.revision:
            return
        if stored is not None:
            self._take_out(connection, document.hit_id)
        connection.execute(
            "INSERT INTO hit VALUES (?,?,?,?,?)",
            (
                document.hit_id,
                document.revision,
                _microseconds(document.found_at),
                document.score,
                _dump(document),
            ),
        )
        connection.execute(
            "INSERT INTO words (rowid, terms) VALUES (?,?)", (document.hit_id, _terms(document))
        )
        values = [(field, value) for field, value in _facet_values(document)]
        connection.executemany(
            "INSERT INTO facet VALUES (?,?,?)",
            [(field, value, document.hit_id) for field, value in values],
        )
        connection.executemany(
            "INSERT INTO facet_count VALUES (?,?,1) "
            "ON CONFLICT (field, value) DO UPDATE SET hits = hits + 1",
            values,
        )

    def _take_out(self, connection: sqlite3.Connection, hit_id: int) -> None:
        row = connection.execute("SELECT document FROM hit WHERE hit_id=?", (hit_id,)).fetchone()
        if row is None:
            return
        old = _load(row[0])
        connection.execute(
            "INSERT INTO words (words, rowid, terms) VALUES ('delete',?,?)", (hit_id, _terms(old))
        )
        values = _facet_values(old)
        connection.executemany(
            "DELETE FROM facet WHERE field=? AND value=? AND hit_id=?",
            [(field, value, hit_id) for field, value in values],
        )
        connection.executemany(
            "UPDATE facet_count SET hits = hits - 1 WHERE field=? AND value=?", values
        )
        connection.execute("DELETE FROM facet_count WHERE hits <= 0")
        connection.execute("DELETE FROM hit WHERE hit_id=?", (hit_id,))

    def remove(self, hit_ids: Iterable[int]) -> None:
        """Forget documents; unknown ids are fine."""
        with self._writing() as connection:
            for hit_id in hit_ids:
                self._take_out(connection, hit_id)

    def find(self, query: HitQuery) -> HitPage:
        """One page of matches. Raises `InputError` for a query that cannot be read."""
        if not 1 <= query.limit <= MAX_LIMIT:
            raise InputError(f"limit: not between 1 and {MAX_LIMIT}")
        source, conditions, values = _matching(query)
        where = " AND ".join(conditions) or "1"
        page_where, page_values = where, list(values)
        if query.cursor is not None:
            page_where += " AND (hit.found_us, hit.hit_id) < (?, ?)"
            page_values += _read_cursor(query.cursor)
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT hit.document FROM {source} WHERE {page_where} "  # noqa: S608
                "ORDER BY hit.found_us DESC, hit.hit_id DESC LIMIT ?",
                [*page_values, query.limit + 1],
            ).fetchall()
            total = connection.execute(
                f"SELECT count(*) FROM {source} WHERE {where}",  # noqa: S608
                values,
            ).fetchone()[0]
        documents = tuple(_load(row[0]) for row in rows[: query.limit])
        has_more = len(rows) > query.limit
        return HitPage(documents, total, _cursor(documents[-1]) if has_more else None)

    def count_by(self, query: HitQuery, facet: str) -> list[tuple[str, int]]:
        """Values of a `FACETS` field among all matches with their counts."""
        if facet not in FACETS:
            raise InputError(f"facet: {facet!r} is none of {', '.join(FACETS)}")
        source, conditions, values = _matching(query)
        order = "ORDER BY hits DESC, value"
        with self._reading() as connection:
            if not conditions:
                rows = connection.execute(
                    f"SELECT value, hits FROM facet_count WHERE field=? {order}",  # noqa: S608
                    (facet,),
                )
            else:
                rows = connection.execute(
                    f"SELECT facet.value AS value, count(*) AS hits FROM {source} "  # noqa: S608
                    "JOIN facet ON facet.hit_id = hit.hit_id AND facet.field = ? "
                    f"WHERE {' AND '.join(conditions)} GROUP BY facet.value {order}",
                    [facet, *values],
                )
            return [(value, hits) for value, hits in rows.fetchall()]

    def revisions(self, after: int, limit: int) -> list[tuple[int, int]]:
        """(hit_id, revision) pairs with ``hit_id > after`` in order, for the drift check."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT hit_id, revision FROM hit WHERE hit_id > ? ORDER BY hit_id LIMIT ?",
                (after, limit),
            ).fetchall()
        return [(hit_id, revision) for hit_id, revision in rows]

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as connection:
            for table in ("hit", "facet", "facet_count"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        self._needs_rebuild = False

    def close(self) -> None:
        """Release all connections."""
        with self._write_lock, self._pool_lock:
            self._writer.close()
            for connection in self._idle:
                connection.close()
            self._idle.clear()


def _matching(query: HitQuery) -> tuple[str, list[str], list[Any]]:
    """The tables, conditions and values of a query, paging left out."""
    source = "hit"
    conditions: list[str] = []
    values: list[Any] = []
    phrases = parse_query(query.text)
    if phrases:
        source = "words JOIN hit ON hit.hit_id = words.rowid"
        conditions.append("words MATCH ?")
        values.append(" AND ".join(_match(phrase) for phrase in phrases))
    for field, wanted in query.filters.items():
        if field not in FACETS:
            raise InputError(f"filter: {field!r} is none of {', '.join(FACETS)}")
        chosen = list(wanted)
        if chosen:
            marks = ",".join("?" * len(chosen))
            conditions.append(FACET_CONDITION.format(marks=marks))
            values += [field, *chosen]
    if query.since is not None:
        conditions.append("hit.found_us >= ?")
        values.append(_microseconds(query.since))
    if query.until is not None:
        conditions.append("hit.found_us < ?")
        values.append(_microseconds(query.until))
    if query.min_score > 0:
        conditions.append("hit.score >= ?")
        values.append(query.min_score)
    return source, conditions, values


def _match(phrase: Phrase) -> str:
    # Terms hold letters and digits only: nothing in them can end the quotes.
    return f'"{" ".join(phrase.terms)}"' + (" *" if phrase.is_prefix else "")


def _terms(document: HitDocument) -> str:
    return " ".join(cut(document.text))


def _facet_values(document: HitDocument) -> list[tuple[str, str]]:
    fields: dict[str, Sequence[str]] = {
        "source": (document.source,),
        "category": document.categories,
        "decision": (document.decision,),
        "status": (document.status,),
        "verdict": (document.verdict,),
        "keyword": document.keywords,
        "seller": (document.seller,),
        "region": (document.region,),
    }
    return [(field, value) for field in FACETS for value in dict.fromkeys(fields[field]) if value]


def _microseconds(at: datetime) -> int:
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


def _dump(document: HitDocument) -> str:
    row = asdict(document)
    row["first_seen_at"] = document.first_seen_at.isoformat()
    row["found_at"] = document.found_at.isoformat()
    return json.dumps(row, ensure_ascii=False)


def _load(text: str) -> HitDocument:
    row = json.loads(text)
    for name in ("categories", "keywords"):
        row[name] = tuple(row[name])
    for name in ("first_seen_at", "found_at"):
        row[name] = datetime.fromisoformat(row[name])
    return HitDocument(**row)


def _cursor(document: HitDocument) -> str:
    text = f"{_microseconds(document.found_at)}:{document.hit_id}"
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def _read_cursor(cursor: str) -> list[int]:
    try:
        found, _, hit_id = base64.urlsafe_b64decode(cursor.encode()).decode("ascii").partition(":")
        return [int(found), int(hit_id)]
    except (ValueError, binascii.Error):
        raise InputError("cursor: not one that a page gave") from None
