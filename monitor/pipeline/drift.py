"""Drift: where the index and the store differ though nothing is waiting to be indexed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from monitor.pipeline.workspace import Workspace
from monitor.store import hits, outbox

__all__ = ["Drift", "find_drift", "repair"]

PIECE = 5000

Pairs = Iterator[tuple[int, int]]


@dataclass(slots=True)
class Drift:
    """Ids of hits, each in one list only.

    Attributes:
        missing: in the store, not in the index.
        stale: in the index with an older revision than the store's.
        extra: in the index, not in the store.
        ahead: in the index with a newer revision than the store's, as after a backup of
            the store was brought back. Only a rebuild helps.
    """

    missing: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    ahead: list[int] = field(default_factory=list)

    @property
    def to_repair(self) -> list[int]:
        """What `repair` asks for."""
        return [*self.missing, *self.stale, *self.extra]


def find_drift(workspace: Workspace) -> Drift:
    """Walk over both by id; what waits in the outbox is lag, not drift."""
    drift = Drift()
    index, store = _indexed(workspace), _stored(workspace)
    indexed, stored = next(index, None), next(store, None)
    while indexed or stored:
        if stored is None or (indexed is not None and indexed[0] < stored[0]):
            drift.extra.append(indexed[0])  # type: ignore[index]
            indexed = next(index, None)
        elif indexed is None or stored[0] < indexed[0]:
            drift.missing.append(stored[0])
            stored = next(store, None)
        else:
            if indexed[1] != stored[1]:
                (drift.stale if indexed[1] < stored[1] else drift.ahead).append(stored[0])
            indexed, stored = next(index, None), next(store, None)
    return _without_lag(workspace, drift)


def repair(workspace: Workspace, drift: Drift) -> int:
    """Ask for what differs to be indexed or removed again; how many hits.

    The outbox does it, in its order and with its patience.
    """
    found = drift.to_repair
    for start in range(0, len(found), PIECE):
        with workspace.database.write() as tx:
            for hit_id in found[start : start + PIECE]:
                outbox.request(tx, "index", hit_id, now=workspace.database.now())
    return len(found)


def _indexed(workspace: Workspace) -> Pairs:
    return _walked(workspace.index.revisions)


def _stored(workspace: Workspace) -> Pairs:
    def piece(after: int, limit: int) -> list[tuple[int, int]]:
        with workspace.database.read() as tx:
            return hits.ids_after(tx, after, limit)

    return _walked(piece)


def _walked(piece_after: Callable[[int, int], list[tuple[int, int]]]) -> Pairs:
    after = 0
    while piece := piece_after(after, PIECE):
        yield from piece
        after = piece[-1][0]


def _without_lag(workspace: Workspace, drift: Drift) -> Drift:
    """What was asked for while we walked is in the outbox as well."""
    found = [*drift.to_repair, *drift.ahead]
    waiting: set[int] = set()
    for start in range(0, len(found), PIECE):
        with workspace.database.read() as tx:
            waiting |= outbox.waiting_for(tx, "index", found[start : start + PIECE])
    lists = (drift.missing, drift.stale, drift.extra, drift.ahead)
    return Drift(*([hit_id for hit_id in ids if hit_id not in waiting] for ids in lists))
