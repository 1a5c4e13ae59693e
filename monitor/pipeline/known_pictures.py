"""The bank of known pictures as the store has it, held in memory until it changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from monitor.store import known_pictures
from monitor.store.database import Database

if TYPE_CHECKING:
    from classifiers.images.known import Bank

__all__ = ["HeldBank"]


class HeldBank:
    """Gives the bank to whoever reads pictures. Thread-safe; reads nothing before it is asked.

    Args:
        database: whose entries.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._stamp: tuple[Any, ...] | None = None
        self._bank: Bank | None = None

    def current(self) -> Bank:
        """The bank with all that was added, and without all that was removed, until now."""
        from classifiers.images.known import Bank

        with self._lock, self._database.read() as tx:
            stamp = known_pictures.stamp(tx)
            if self._bank is None or stamp != self._stamp:
                self._bank = Bank(known_pictures.entries(tx))
                self._stamp = stamp
            return self._bank
