"""The state of the whole at a glance, and the index that people search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.pipeline.index import rebuild
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitQuery
from monitor.store import looks, outbox, statistics, watches

__all__ = ["IndexStatus", "Waiting", "index_status", "overview", "rebuild_index", "waiting"]

Overview = statistics.Overview


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that is due."""

    polls: int
    looks: int
    to_index: int
    to_send: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far the index is behind the store.

    Attributes:
        documents: hits in the index.
        hits: hits in the store.
        waiting: outbox entries not indexed yet.
        oldest_at: since when the longest waiting entry has been due.
    """

    documents: int
    hits: int
    waiting: int
    oldest_at: datetime | None


def overview(workspace: Workspace) -> Overview:
    """Count everything once."""
    with workspace.database.read() as tx:
        return statistics.overview(tx)


def waiting(workspace: Workspace) -> Waiting:
    """What is due now, claimed work included."""
    with workspace.database.read() as tx:
        now = workspace.database.now()
        return Waiting(
            polls=watches.due_count(tx, now),
            looks=looks.due_count(tx, now),
            to_index=outbox.due_count(tx, "index", now),
            to_send=outbox.due_count(tx, "send", now),
        )


def index_status(workspace: Workspace) -> IndexStatus:
    """Compare the index with the store."""
    with workspace.database.read() as tx:
        counts = statistics.overview(tx)
        pending = outbox.due_count(tx, "index", workspace.database.now())
        oldest = outbox.oldest_due(tx, "index")
    documents = workspace.index.find(HitQuery(limit=1)).total
    return IndexStatus(documents, counts.all_hits, pending, oldest)


def rebuild_index(workspace: Workspace, progress: Callable[[int], None] | None = None) -> int:
    """Fill the index anew from the store; how many hits it holds."""
    return rebuild(workspace, progress)
