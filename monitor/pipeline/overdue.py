"""Sealed evidence whose time is over: its keys first, then the bytes."""

from __future__ import annotations

from datetime import timedelta

from monitor.pipeline.tombstones import replay
from monitor.pipeline.workspace import Workspace
from monitor.store import evidence

__all__ = ["erase_overdue"]

LOST_KEY_AGE = timedelta(days=1)
"""A key this old without a blob belongs to a seal that was never written."""


def erase_overdue(workspace: Workspace) -> int:
    """Erase what no hold keeps any more; how many sealed blobs that were.

    Besides, erase again whatever has a tombstone, and destroy keys that open nothing:
    retired ones when the last backup from before must be gone, and those of seals that
    were never written.
    """
    database, keys = workspace.database, workspace.evidence_keys
    now = database.now()
    with database.write() as tx:
        overdue = evidence.overdue_uids(tx, now=now)
        keys.destroy(overdue)
        erased = evidence.erase_blobs(tx, overdue)
        written = evidence.all_uids(tx)
    keys.destroy(keys.blobs(made_before=now - LOST_KEY_AGE) - written)
    copies_until = now - timedelta(days=workspace.settings.evidence_copy_days)
    keys.forget_retired(before=copies_until)
    replay(database, keys, waiting_only=False)
    return erased
