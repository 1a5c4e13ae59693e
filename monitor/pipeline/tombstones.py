"""Tombstones: what was erased stays erased, also in a store that was restored from before."""

from __future__ import annotations

from monitor.media.keys import EvidenceKeys
from monitor.store import evidence
from monitor.store.database import Database

__all__ = ["replay"]


def replay(database: Database, keys: EvidenceKeys, *, waiting_only: bool) -> int:
    """Erase again whatever has a tombstone; how many pictures and sealed blobs were there.

    Args:
        database: the store.
        keys: the file with the tombstones.
        waiting_only: only those that this store was not told of yet.
    """
    buried = keys.tombstones(waiting_only=waiting_only)
    if not buried:
        return 0
    with database.write() as tx:
        keys.destroy(evidence.uids_of(tx, buried))
        erased = evidence.erase_contents(tx, buried, now=database.now())
    keys.mark_replayed(buried)
    if erased:
        database.empty_log()
    return erased
