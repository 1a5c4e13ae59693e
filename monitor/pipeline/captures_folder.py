"""Captures that people drop into a folder: taken in oldest first, then erased or refused.

A file is copied while nobody changes it, and the copy is read. It is erased when the store
has recorded all of it; the store knows it again should the process die in between.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from monitor.config import Settings
from monitor.domain.outcome import Outcome
from monitor.durable import fsync_folder, write_through
from monitor.errors import ConfigError, InputError, LeaseLost, StoreError
from monitor.pipeline.captures import Spool, Taken, take_capture
from monitor.pipeline.workspace import Workspace
from monitor.store import watches

__all__ = [
    "REFUSED",
    "erase_refused",
    "prepare_captures_folder",
    "refused_captures",
    "take_dropped",
]

log = logging.getLogger(__name__)

REFUSED = "refused"
REASON = ".reason.txt"
ACTOR = "captures folder"
BATCH = 100
SETTLE_S = 2.0
"""A file that changed in this time is still being written."""
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart")
"""What browsers and copying programs call a file until it is whole."""
PIECE_BYTES = 1024 * 1024
MAX_FILE_BYTES = 4 * 1024**3

Look = tuple[int, int, int, int]
"""Device, inode, size and time of change: another look at the same content is equal."""


@dataclass(frozen=True, slots=True)
class _Dropped:
    """A file in the folder, as it was when it was listed."""

    path: Path
    source: str
    look: Look


def prepare_captures_folder(settings: Settings) -> Path | None:
    """Make the folder if it is missing; None when the settings name none.

    Raises:
        ConfigError: it cannot be made, or not be written to.
    """
    if not settings.captures_dir:
        return None
    folder = Path(settings.captures_dir)
    try:
        (folder / REFUSED).mkdir(parents=True, exist_ok=True, mode=0o700)
        Spool(folder).file.close()
    except OSError as error:
        raise ConfigError(f"MONITOR_CAPTURES_DIR: {folder}: {error.strerror}") from None
    return folder


def take_dropped(workspace: Workspace) -> int:
    """Deal with the oldest files; how many were taken in or refused.

    Files under way stay for the next call. So do all when the store or the disk is in
    trouble, which is logged.
    """
    folder = prepare_captures_folder(workspace.settings)
    if folder is None:
        return 0
    listed = heapq.nsmallest(BATCH, _listed(workspace, folder), key=lambda one: one.look[3])
    if not listed:
        return 0
    workspace.clock.sleep(SETTLE_S)
    return sum(_take(workspace, folder, dropped) for dropped in listed)


def _listed(workspace: Workspace, folder: Path) -> Iterator[_Dropped]:
    """Files in the folder, and in those of its folders that are called like a source."""
    with workspace.database.read() as tx:
        sources = {record.name for record in watches.all_sources(tx)}
    yield from _files(folder, "")
    for source in sorted(sources - {REFUSED}):
        if (folder / source).is_dir():
            yield from _files(folder / source, source)


def _files(folder: Path, source: str) -> Iterator[_Dropped]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(found.st_mode):
                yield _Dropped(Path(entry.path), source, _look(found))


def _look(found: os.stat_result) -> Look:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _take(workspace: Workspace, folder: Path, dropped: _Dropped) -> bool:
    """Whether the file was dealt with."""
    try:
        handle = os.open(dropped.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    except OSError as error:
        return _refuse(folder, dropped, f"cannot be opened: {error.strerror}")
    with os.fdopen(handle, "rb") as file:
        try:
            # Of several processes one takes it; a kill lets go of it.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            with Spool(folder) as spool:
                return _read(workspace, folder, dropped, file, spool)
        except LeaseLost:
            return False
        except (OSError, StoreError) as error:
            log.warning("captures wait: %s", error)
            return False


def _read(
    workspace: Workspace, folder: Path, dropped: _Dropped, file: BinaryIO, spool: Spool
) -> bool:
    size = dropped.look[2]
    if size > MAX_FILE_BYTES:
        return _refuse(folder, dropped, f"larger than {MAX_FILE_BYTES // 1024**3} GiB")
    # No more than was there: a file that grows must not be read for ever.
    while piece := file.read(min(PIECE_BYTES, size - spool.size)):
        spool.write(piece)
    if _look(os.fstat(file.fileno())) != dropped.look or not _is_still_there(dropped):
        return False
    try:
        taken = _take_copy(workspace, dropped, spool)
    except InputError as error:
        return _refuse(folder, dropped, str(error), spool.digest)
    except (LeaseLost, StoreError):
        raise
    except Exception as error:
        # Of a stranger's page: without a place of its own it would come again for ever.
        log.exception("a capture could not be read")
        return _refuse(folder, dropped, f"a fault of the monitor ({type(error).__name__})")
    reason = _reason_to_keep(taken)
    if reason:
        return _refuse(folder, dropped, reason, spool.digest, taken)
    if _is_still_there(dropped):
        dropped.path.unlink()
    log.info("capture %s taken in: %s answers", taken.id, taken.answers)
    return True


def _take_copy(workspace: Workspace, dropped: _Dropped, spool: Spool) -> Taken:
    saved_at = datetime.fromtimestamp(max(0, dropped.look[3]) / 1e9, UTC)
    return take_capture(
        workspace,
        spool,
        dropped.path.name,
        min(saved_at, workspace.database.now()),
        source=dropped.source,
        actor=ACTOR,
    )


def _is_still_there(dropped: _Dropped) -> bool:
    """Whether the name still stands for what was read."""
    try:
        return _look(os.lstat(dropped.path)) == dropped.look
    except FileNotFoundError:
        return False


def _reason_to_keep(taken: Taken) -> str:
    """Why somebody has to look at the file; "" when it has done its service."""
    if all(not result.source for result in taken.results):
        return "no answer in it is one of a source that is known here"
    changed = [r for r in taken.results if r.outcome == Outcome.SCHEMA_CHANGED and r.source]
    if changed:
        return f"{len(changed)} answers have a shape that {changed[0].source} does not know"
    return ""


def _refuse(
    folder: Path, dropped: _Dropped, reason: str, digest: str = "", taken: Taken | None = None
) -> bool:
    """Set the file aside with the reason beside it; doing so twice is doing it once."""
    # Names may be as long as the file system allows, with no room for an ending.
    prefix = digest[:12] or f"inode{dropped.look[1]}"
    target = folder / REFUSED / f"{prefix}-{dropped.path.name[-50:]}"
    lines = [f"{dropped.path.name}: {reason}"]
    for result in taken.results if taken else ():
        whose = result.source or "nobody's"
        lines.append(
            f"answer {result.answer}: {whose}, {result.outcome}, {result.rows} rows, "
            f"{result.problems} unusable. {result.detail}"
        )
    text = "\n".join(lines) + "\n"
    if not _is_still_there(dropped):
        return False
    explained = target.with_name(target.name + REASON)
    explained.write_bytes(text.encode("utf-8", "backslashreplace"))
    # Without its reason a capture that was set aside would never be erased.
    write_through(explained)
    fsync_folder(explained.parent)
    dropped.path.rename(target)
    log.warning("a capture was refused, see %s: %s", target.parent, reason)
    return True


def refused_captures(settings: Settings) -> dict[Path, datetime]:
    """The reasons why captures were set aside, and when; each lies beside its capture."""
    if not settings.captures_dir:
        return {}
    found = {}
    for reason in (Path(settings.captures_dir) / REFUSED).glob(f"*{REASON}"):
        with contextlib.suppress(FileNotFoundError):
            found[reason] = datetime.fromtimestamp(reason.stat().st_mtime, UTC)
    return found


def erase_refused(reason: Path) -> None:
    """Erase a capture that was set aside, then the reason."""
    reason.with_name(reason.name.removesuffix(REASON)).unlink(missing_ok=True)
    reason.unlink(missing_ok=True)
