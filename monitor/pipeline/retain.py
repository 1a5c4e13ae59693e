"""Retain: innocent data does not stay (design 3.9).

Clear listings lose their texts after their time; their keys and digests stay, so
that they are not new when they are seen again. A random sample is kept, for
measuring what the classifiers miss. Hits and captures follow with the retention
issue; captures are never kept at all.
"""

from __future__ import annotations

from datetime import timedelta

from monitor.pipeline.workspace import Workspace
from monitor.store.retention import (
    clear_listings_before,
    erase_listings,
    erase_orphan_contacts,
)

__all__ = ["is_sampled", "retain"]

BATCH = 500


def retain(workspace: Workspace) -> int:
    """Erase what is past its time, in small transactions; how many listings."""
    database = workspace.database
    before = database.now() - timedelta(days=workspace.settings.keep_clear_days)
    erased = after_id = 0
    while True:
        with database.write(durable=False) as tx:
            found = clear_listings_before(tx, before, after_id=after_id, limit=BATCH)
            past = [listing_id for listing_id in found if not is_sampled(workspace, listing_id)]
            if past:
                erase_listings(tx, past)
        erased += len(past)
        if len(found) < BATCH:
            break
        after_id = found[-1]
    if erased:
        with database.write(durable=False) as tx:
            erase_orphan_contacts(tx)
    return erased


def is_sampled(workspace: Workspace, listing_id: int) -> bool:
    """Whether a clear listing is kept for measuring what is missed.

    The same answer every time, unrelated to anything that a seller can choose.
    """
    digest = workspace.keyring.digest("content", f"sample:{listing_id}")
    return int(digest[:8], 16) % 100 < workspace.settings.keep_sample_percent
