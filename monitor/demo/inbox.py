"""What a receiver keeps: each message once, in memory and, if wanted, on disk.

The file is JSON Lines: ``id``, ``arrived_at`` (ISO 8601, UTC) and ``body``. A line is
on the disk before the message counts as received, so a receiver that is killed
and started again drops the same repeats.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

__all__ = ["Inbox", "ReceivedAlert"]


@dataclass(frozen=True, slots=True)
class ReceivedAlert:
    """One message, at its first arrival.

    Attributes:
        id: its ``webhook-id``.
        arrived_at: when its first byte was read; aware UTC.
        body: the JSON object that it holds.
    """

    id: str
    arrived_at: datetime
    body: dict[str, Any]

    @property
    def type(self) -> str:
        """Why it was sent, e.g. ``"hit.suspected"``."""
        return str(self.body.get("type", ""))


class Inbox:
    """Thread-safe.

    Args:
        path: file to append to, and to remember earlier messages from; None keeps
            them in memory only.

    Raises:
        OSError: the file can not be opened.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._changed = threading.Condition()
        self._alerts: dict[str, ReceivedAlert] = {}
        self._repeats = 0
        self._file: int | None = None
        if path is not None:
            self._remember(path)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def close(self) -> None:
        """Close the file; what arrives later is kept in memory only."""
        with self._changed:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def put(self, alert: ReceivedAlert) -> bool:
        """Keep it; False when its id was there already."""
        with self._changed:
            if alert.id in self._alerts:
                self._repeats += 1
                return False
            if self._file is not None:
                _append(self._file, _line(alert))
            self._alerts[alert.id] = alert
            self._changed.notify_all()
            return True

    def alerts(self) -> list[ReceivedAlert]:
        """All of them, in order of arrival."""
        with self._changed:
            return list(self._alerts.values())

    @property
    def repeats(self) -> int:
        """How many messages were dropped because their id was there."""
        with self._changed:
            return self._repeats

    def wait_for(
        self, is_enough: Callable[[Sequence[ReceivedAlert]], bool], timeout_s: float
    ) -> bool:
        """Wait until what has arrived is enough; False when the time is up."""
        with self._changed:
            return self._changed.wait_for(lambda: is_enough(list(self._alerts.values())), timeout_s)

    def _remember(self, path: Path) -> None:
        if not path.exists():
            return
        content = path.read_bytes()
        whole, _, torn = content.rpartition(b"\n")
        for line in whole.splitlines():
            row = orjson.loads(line)
            arrived_at = datetime.fromisoformat(row["arrived_at"])
            self._alerts[row["id"]] = ReceivedAlert(row["id"], arrived_at, row["body"])
        if torn:
            # Killed in the middle of a line: that message was never acknowledged.
            os.truncate(path, len(content) - len(torn))


def _line(alert: ReceivedAlert) -> bytes:
    row = {"id": alert.id, "arrived_at": alert.arrived_at.isoformat(), "body": alert.body}
    return orjson.dumps(row) + b"\n"


def _append(file: int, line: bytes) -> None:
    os.write(file, line)
    os.fsync(file)
