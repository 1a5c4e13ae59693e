"""Backup and restore: the store in a folder of its own, the keys somewhere else.

The index is not in a backup; it is filled from the store. Whoever steals a backup
without the keys learns no contact and no secret of an endpoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from monitor import __version__
from monitor.config import Settings
from monitor.durable import fsync_folder, make_folder, write_through
from monitor.errors import InputError, StoreBusy, StoreError
from monitor.keyring import Keyring, write_key_file
from monitor.media.keys import EvidenceKeys
from monitor.services.manifest import FILE_NAMES, Manifest, copied_file
from monitor.store import postgres_copies
from monitor.store.copies import (
    copy_sqlite,
    put_in_place,
    refuse_half_restored,
    sqlite_file,
)
from monitor.store.database import SCHEMA_HEAD

__all__ = ["Restored", "backup", "evidence_copy", "restore"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        manifest: of the backup.
        has_keys: whether the keys that belong to it are in place.
        keys_path: where they belong.
    """

    manifest: Manifest
    has_keys: bool
    keys_path: Path


def backup(settings: Settings, folder: Path, *, keys_to: Path | None = None) -> Manifest:
    """Copy the store as it is now; the monitor may run.

    Args:
        settings: which store.
        folder: missing or empty.
        keys_to: a file outside `folder` that the keys are copied to; those of sealed
            pictures go to a file beside it, ``<keys_to>.evidence``.

    Raises:
        InputError: a place that cannot be used.
        StoreError: there is no store, or it cannot be copied.
    """
    refuse_half_restored(settings.restoring_path)
    keys = _keys_bytes(settings.keys_path)
    if keys_to is not None:
        _check_keys_place(keys_to, folder, has_keys=keys is not None)
    _make_empty(folder)
    fingerprint = Keyring.open(settings.keys_path).fingerprint if keys is not None else ""
    file = sqlite_file(settings.store_url)
    database: Literal["sqlite", "postgresql"] = "postgresql" if file is None else "sqlite"
    target = folder / FILE_NAMES[database]
    made_at = datetime.now(UTC)
    # Its owner's only, from the first byte on.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        schema = _copy(settings.store_url, file, target)
        if keys_to is not None and keys is not None:
            _write_keys(keys_to, keys)
            evidence = EvidenceKeys(settings.evidence_keys_path)
            if evidence.exists:
                evidence.copy_to(evidence_copy(keys_to), now=made_at)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    manifest = Manifest(
        program=__version__,
        made_at=made_at,
        database=database,
        schema_version=schema,
        keys=fingerprint,
        files=(copied_file(target),),
    )
    manifest.write(folder)
    return manifest


def evidence_copy(keys: Path) -> Path:
    """Where the keys of sealed pictures are, beside a copy of the other keys."""
    return keys.with_name(keys.name + ".evidence")


def _copy(url: str, file: Path | None, target: Path) -> str:
    if file is not None:
        return copy_sqlite(file, target)
    schema = postgres_copies.schema_of(url)
    if schema is None:
        raise StoreError("there is no store to copy: the database is empty")
    postgres_copies.dump(url, target)
    write_through(target)
    return schema


def restore(
    settings: Settings,
    folder: Path,
    *,
    is_forced: bool = False,
    keys_from: Path | None = None,
    is_without_keys: bool = False,
) -> Restored:
    """Put a backup in the place of the store.

    Args:
        settings: which store, and where keys belong.
        folder: what `backup` filled.
        is_forced: whether a store that is there is replaced.
        keys_from: a file of keys to put in place, when there are none yet; those of sealed
            pictures are taken from the file beside it.
        is_without_keys: go on with other or new keys, for when the right ones are lost:
            what is sealed can then never be read again.

    Raises:
        InputError: no whole backup, one of another kind of store, other keys, or a copy of
            the keys of sealed pictures that should no longer exist.
        StoreError: the store is in use, or not empty and `is_forced` is not given.
    """
    manifest = Manifest.read(folder)
    if manifest.schema_version > SCHEMA_HEAD:
        raise StoreError(
            f"the backup is at schema {manifest.schema_version}, "
            f"newer than this program ({SCHEMA_HEAD})"
        )
    file = sqlite_file(settings.store_url)
    wanted = "postgresql" if file is None else "sqlite"
    if manifest.database != wanted:
        raise InputError(
            f"the backup is of a {manifest.database} store, MONITOR_DATABASE_URL names {wanted}"
        )
    if keys_from is not None and evidence_copy(keys_from).exists():
        EvidenceKeys(evidence_copy(keys_from)).check_age(
            now=datetime.now(UTC), most_days=settings.evidence_copy_days
        )
    expected = "" if is_without_keys else manifest.keys
    keys = _chosen_keys(settings.keys_path, keys_from, expected)
    make_folder(settings.data_dir, 0o700)
    with _held(settings):
        source = folder / FILE_NAMES[wanted]
        if file is None:
            _load_postgres(settings, source, is_forced=is_forced)
        else:
            _load_sqlite(settings, file, source, is_forced=is_forced)
        if keys is not None and not settings.keys_path.exists():
            _write_keys(settings.keys_path, keys)
        evidence = EvidenceKeys(settings.evidence_keys_path)
        if keys_from is not None and evidence_copy(keys_from).exists() and not evidence.exists:
            copy = EvidenceKeys(evidence_copy(keys_from))
            copy.copy_to(settings.evidence_keys_path, now=datetime.now(UTC))
        evidence.replay_all()
        _expect_keys(settings.expected_keys_path, expected)
        settings.restoring_path.unlink(missing_ok=True)
        fsync_folder(settings.data_dir)
    return Restored(manifest, keys is not None or not manifest.keys, settings.keys_path)


def _load_sqlite(settings: Settings, file: Path, source: Path, *, is_forced: bool) -> None:
    # Of a restore that was cut off there is nothing to protect.
    if not is_forced and not settings.restoring_path.exists():
        _refuse_contents(settings, file)
    make_folder(file.parent)
    put_in_place(source, file, settings.restoring_path, _index_files(settings))


def _load_postgres(settings: Settings, source: Path, *, is_forced: bool) -> None:
    postgres_copies.refuse_if_busy(settings.store_url)
    if not is_forced and postgres_copies.schema_of(settings.store_url) is not None:
        raise StoreError("the database is not empty; --force replaces what is in it")
    postgres_copies.load(settings.store_url, source, may_replace=is_forced)
    for path in _index_files(settings):
        path.unlink(missing_ok=True)


def _index_files(settings: Settings) -> list[Path]:
    index = settings.index_path
    return [index.with_name(index.name + suffix) for suffix in ("", "-wal", "-shm")]


def _refuse_contents(settings: Settings, file: Path) -> None:
    folder = settings.data_dir
    # What may lie there before: keys that were put in place by hand, and our own traces.
    harmless = {settings.lock_path.name, settings.expected_keys_path.name, f"{file.name}.restoring"}
    if settings.keys_path.is_relative_to(folder):
        harmless.add(settings.keys_path.relative_to(folder).parts[0])
    others = sorted(path.name for path in folder.iterdir() if path.name not in harmless)
    if others or file.exists():
        found = others[0] if others else file.name
        raise StoreError(
            f"{folder} is not empty (it holds {found}); --force replaces the store in it"
        )


@contextmanager
def _held(settings: Settings) -> Iterator[None]:
    lock = FileLock(settings.lock_path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreBusy(
            f"another process runs the monitor on {settings.data_dir}; stop it first"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _make_empty(folder: Path) -> None:
    try:
        make_folder(folder, 0o700)
        is_used = any(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from None
    if is_used:
        raise InputError(f"{folder} is not empty; each backup has a folder of its own")


def _check_keys_place(place: Path, folder: Path, *, has_keys: bool) -> None:
    if not has_keys:
        raise InputError("there are no keys to copy yet; they are made by: monitor init")
    if place.exists():
        raise InputError(f"{place} exists already; keys are never written over")
    if place.resolve().is_relative_to(folder.resolve()):
        raise InputError("keys do not belong into the backup: whoever has both can read all")


def _keys_bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _chosen_keys(path: Path, keys_from: Path | None, expected: str) -> bytes | None:
    """The keys to go on with: those in place, else those given; None when there are none."""
    if keys_from is not None and not keys_from.exists():
        raise InputError(f"{keys_from}: no such file")
    chosen = path if path.exists() or keys_from is None else keys_from
    keys = _keys_bytes(chosen)
    if keys is not None and expected and Keyring.open(chosen).fingerprint != expected:
        raise InputError(
            f"{chosen} does not belong to this backup: put the right keys there, or, when they "
            "are lost, use --without-keys (what is sealed can then not be read again)"
        )
    return keys


def _write_keys(path: Path, keys: bytes) -> None:
    try:
        write_key_file(path, keys)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _expect_keys(path: Path, fingerprint: str) -> None:
    """Leave word which keys belong here, so that no start makes others in silence."""
    if fingerprint:
        path.write_text(fingerprint + "\n", encoding="ascii")
        write_through(path)
        # Before the mark goes, which alone would stop a start until then.
        fsync_folder(path.parent)
    else:
        path.unlink(missing_ok=True)
