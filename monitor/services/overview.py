"""The state of the whole at a glance, and the index that people search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.pipeline.drift import Drift, find_drift, repair
from monitor.pipeline.index import Rebuilt, index_due, rebuild
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitQuery
from monitor.store import looks, outbox, pictures, statistics, watches

__all__ = [
    "Drift",
    "IndexStatus",
    "Rebuilt",
    "Waiting",
    "index_drift",
    "index_status",
    "overview",
    "rebuild_index",
    "repair_index",
    "waiting",
]

Overview = statistics.Overview


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that is due."""

    polls: int
    looks: int
    pictures: int
    to_index: int
    to_send: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far the index is behind the store.

    Attributes:
        documents: hits in the index.
        hits: hits in the store.
        waiting: outbox entries not indexed yet.
        refused: entries that failed before and are tried again.
        oldest_at: since when the longest waiting entry has been due.
        needs_rebuild: whether the index was found missing, of an older shape, or never filled.
    """

    documents: int
    hits: int
    waiting: int
    refused: int
    oldest_at: datetime | None
    needs_rebuild: bool


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
            pictures=pictures.waiting_count(tx, now),
            to_index=outbox.due_count(tx, "index", now),
            to_send=outbox.due_count(tx, "send", now),
        )


def index_status(workspace: Workspace) -> IndexStatus:
    """Compare the index with the store."""
    with workspace.database.read() as tx:
        counts = statistics.overview(tx)
        pending = outbox.due_count(tx, "index", workspace.database.now())
        refused = outbox.failing_count(tx, "index", 1)
        oldest = outbox.oldest_due(tx, "index")
    return IndexStatus(
        documents=workspace.index.find(HitQuery(limit=1)).total,
        hits=counts.all_hits,
        waiting=pending,
        refused=refused,
        oldest_at=oldest,
        needs_rebuild=workspace.index.needs_rebuild,
    )


def index_drift(workspace: Workspace) -> Drift:
    """Where index and store differ though nothing waits; reads every hit's id."""
    return find_drift(workspace)


def repair_index(workspace: Workspace, drift: Drift) -> int:
    """Add what the index lacks, remove what the store lacks; how many hits were asked for."""
    asked = repair(workspace, drift)
    while index_due(workspace):
        pass
    return asked


def rebuild_index(workspace: Workspace, progress: Callable[[int], None] | None = None) -> Rebuilt:
    """Fill the index anew from the store, without a gap in what is found."""
    return rebuild(workspace, progress)
