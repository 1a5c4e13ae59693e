"""The keys of sealed pictures: one file outside store and backups, one key for each blob.

Whoever erases a picture destroys its keys here first, which makes every copy of the
sealed blob unreadable, in backups too. The file also holds the tombstones: the digests of
pictures that were erased, so that a backup from before brings none of them back.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.durable import make_folder
from monitor.errors import ConfigError, InputError

__all__ = ["EvidenceKeys", "SealedBlob"]

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 16
BUSY_TIMEOUT_S = 60.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS blob_key (
    id TEXT PRIMARY KEY, blob TEXT NOT NULL, value BLOB NOT NULL,
    made_at TEXT NOT NULL, retired_at TEXT);
CREATE INDEX IF NOT EXISTS blob_key_blob ON blob_key (blob);
CREATE TABLE IF NOT EXISTS tombstone (
    content_key TEXT PRIMARY KEY, at TEXT NOT NULL, is_replayed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS copy (made_at TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """Bytes that only the key named here opens, and only under the blob's own name."""

    uid: str
    key_id: str
    sealed: bytes


class EvidenceKeys:
    """The file of keys. Opened for each act, so that several processes may share it.

    Args:
        path: where it lies; made (mode 0600) by the first seal or tombstone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def exists(self) -> bool:
        """Whether anything was ever sealed or erased here."""
        return self._path.exists()

    def seal(self, content: bytes, *, now: datetime, uid: str = "") -> SealedBlob:
        """Encrypt with AES-256-GCM (NIST SP 800-38D) under a key of its own.

        Args:
            content: what nobody may see.
            now: when.
            uid: of a blob that is sealed anew; empty: a new blob.

        Raises:
            ConfigError: the file cannot be used.
        """
        key, key_id = secrets.token_bytes(KEY_BYTES), secrets.token_hex(ID_BYTES)
        uid = uid or secrets.token_hex(ID_BYTES)
        with self._write() as file:
            file.execute(
                "INSERT INTO blob_key (id, blob, value, made_at) VALUES (?, ?, ?, ?)",
                (key_id, uid, key, _text(now)),
            )
        nonce = secrets.token_bytes(NONCE_BYTES)
        return SealedBlob(uid, key_id, nonce + AESGCM(key).encrypt(nonce, content, uid.encode()))

    def unseal(self, blob: SealedBlob) -> bytes:
        """Decrypt.

        Raises:
            InputError: its key is destroyed or lies elsewhere, or the bytes were changed.
        """
        row = None
        if self.exists:
            with self._open() as file:
                query = "SELECT value FROM blob_key WHERE id = ?"
                row = file.execute(query, (blob.key_id,)).fetchone()
        if row is None:
            raise InputError("this picture can not be read: its key is not in the key file")
        nonce, body = blob.sealed[:NONCE_BYTES], blob.sealed[NONCE_BYTES:]
        try:
            return AESGCM(row[0]).decrypt(nonce, body, blob.uid.encode())
        except (InvalidTag, ValueError):
            raise InputError("this picture can not be read: its bytes were changed") from None

    def retire(self, key_id: str, *, now: datetime) -> None:
        """A blob has a newer key: this one only opens backups, until `forget_retired`."""
        with self._write() as file:
            file.execute("UPDATE blob_key SET retired_at = ? WHERE id = ?", (_text(now), key_id))

    def forget_retired(self, *, before: datetime) -> int:
        """Destroy keys that were retired before a time; how many."""
        if not self.exists:
            return 0
        with self._write() as file:
            query = "DELETE FROM blob_key WHERE retired_at < ?"
            return file.execute(query, (_text(before),)).rowcount

    def destroy(self, uids: Iterable[str]) -> None:
        """Destroy all keys that these blobs ever had."""
        rows = [(uid,) for uid in uids]
        if rows and self.exists:
            with self._write() as file:
                file.executemany("DELETE FROM blob_key WHERE blob = ?", rows)

    def blobs(self, *, made_before: datetime) -> set[str]:
        """Blobs that have a key made before a time."""
        if not self.exists:
            return set()
        with self._open() as file:
            query = "SELECT DISTINCT blob FROM blob_key WHERE made_at < ?"
            return {row[0] for row in file.execute(query, (_text(made_before),))}

    def bury(self, content_keys: Sequence[str], uids: Iterable[str], *, now: datetime) -> None:
        """Destroy the keys of blobs and leave tombstones of pictures, in one step."""
        with self._write() as file:
            file.executemany("DELETE FROM blob_key WHERE blob = ?", [(uid,) for uid in uids])
            file.executemany(
                "INSERT OR REPLACE INTO tombstone VALUES (?, ?, 0)",
                [(key, _text(now)) for key in content_keys],
            )

    def tombstones(self, *, waiting_only: bool = False) -> list[str]:
        """Digests of all erased pictures, or of those that the store may still hold."""
        if not self.exists:
            return []
        query = "SELECT content_key FROM tombstone"
        with self._open() as file:
            rows = file.execute(query + (" WHERE is_replayed = 0" if waiting_only else ""))
            return [row[0] for row in rows]

    def mark_replayed(self, content_keys: Iterable[str]) -> None:
        """The store has been rid of these."""
        with self._write() as file:
            query = "UPDATE tombstone SET is_replayed = 1 WHERE content_key = ?"
            file.executemany(query, [(key,) for key in content_keys])

    def replay_all(self) -> None:
        """Another store was put in place: none of the tombstones is known to it."""
        if self.exists:
            with self._write() as file:
                file.execute("UPDATE tombstone SET is_replayed = 0")

    def copy_to(self, target: Path, *, now: datetime) -> None:
        """Write a dated copy (mode 0600); raises `InputError` when it cannot be written."""
        try:
            _make_private(target)
            with self._open() as file, closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA synchronous=EXTRA")
                file.backup(copy)
                copy.execute("DELETE FROM copy")
                copy.execute("INSERT INTO copy VALUES (?)", (_text(now),))
                copy.commit()
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"{target}: {_reason(error)}") from None

    def check_age(self, *, now: datetime, most_days: int) -> None:
        """Refuse a copy that may open what was promised to be unreadable by now.

        Raises:
            InputError: it is no copy that `copy_to` wrote, or older than `most_days`.
        """
        try:
            with self._open() as file:
                row = file.execute("SELECT made_at FROM copy").fetchone()
        except ConfigError as error:
            raise InputError(str(error)) from None
        if row is None:
            raise InputError(f"{self._path} is no copy of evidence keys")
        if datetime.fromisoformat(row[0]) < now - timedelta(days=most_days):
            raise InputError(
                f"{self._path} is older than {most_days} days (MONITOR_EVIDENCE_COPY_DAYS) and "
                "may open pictures that were erased since: delete it, then run this again"
            )

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        try:
            _make_private(self._path)
        except FileExistsError:
            pass
        except OSError as error:
            raise ConfigError(f"{self._path}: {error.strerror}") from None
        with self._open("rw") as file:
            file.executescript(SCHEMA)
            file.execute("BEGIN IMMEDIATE")
            yield file
            file.execute("COMMIT")

    @contextmanager
    def _open(self, mode: str = "ro") -> Iterator[sqlite3.Connection]:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        try:
            if self._path.stat().st_mode & 0o077:
                raise ConfigError(f"{self._path}: readable by other users; run: chmod 600 on it")
            with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)) as file:
                file.isolation_level = None
                # A destroyed key must not stay on a free page.
                file.execute("PRAGMA secure_delete=ON")
                # FULL leaves the end of a transaction, its journal's removal, to chance.
                file.execute("PRAGMA synchronous=EXTRA")
                yield file
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"{self._path}: {_reason(error)}") from None


def _make_private(path: Path) -> None:
    make_folder(path.parent, 0o700)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _reason(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"not a file of evidence keys ({error})"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
