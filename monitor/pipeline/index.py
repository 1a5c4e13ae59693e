"""Index: hits from the outbox into the search index, in batches; rebuilt at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from monitor.domain.hit import Hit
from monitor.domain.offer import offer_values
from monitor.errors import SearchError
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitDocument
from monitor.store import hits, outbox
from monitor.store.outbox import Entry

__all__ = ["document", "index_due", "rebuild"]

BATCH = 500
RETRY_S = 5.0
LONGEST_RETRY_S = 300.0


def document(hit: Hit) -> HitDocument:
    """A hit as people search it."""
    likely = [name for name, p in sorted(hit.categories.items(), key=_by_probability) if p >= 0.5]
    return HitDocument(
        hit_id=hit.id,
        revision=hit.revision,
        source=hit.source,
        native_id=hit.native_id,
        url=hit.url,
        title=hit.title,
        text=hit.text,
        decision=hit.decision,
        score=hit.score,
        categories=tuple(likely) or (hit.category,),
        intent=hit.intent,
        keywords=hit.keywords,
        status=hit.status.value,
        verdict=hit.verdict,
        seller=hit.seller,
        region=hit.region,
        price_minor=hit.price_minor,
        currency=hit.currency,
        first_seen_at=hit.first_seen_at,
        found_at=hit.found_at,
        offer=offer_values(hit.offer),
    )


def _by_probability(item: tuple[str, float]) -> tuple[float, str]:
    return (-item[1], item[0])


def index_due(workspace: Workspace, *, limit: int = BATCH) -> int:
    """Index one batch of due entries; how many were done.

    An index that cannot take them postpones all; nothing is lost.
    """
    database = workspace.database
    with database.write(durable=False) as tx:
        entries = outbox.claim(
            tx, "index", now=database.now(), lease_s=workspace.settings.lease_s, limit=limit
        )
    if not entries:
        return 0
    with database.read() as tx:
        found = {hit.id: hit for hit in hits.load(tx, [entry.ref_id for entry in entries])}
    try:
        workspace.index.put(document(hit) for hit in found.values())
        workspace.index.remove(entry.ref_id for entry in entries if entry.ref_id not in found)
    except SearchError:
        _postpone(workspace, entries)
        return 0
    with database.write(durable=False) as tx:
        outbox.done(tx, entries)
    return len(entries)


def _postpone(workspace: Workspace, entries: Sequence[Entry]) -> None:
    with workspace.database.write(durable=False) as tx:
        now = workspace.database.now()
        for entry in entries:
            wait_s = min(RETRY_S * 2.0 ** min(entry.failures, 10), LONGEST_RETRY_S)
            outbox.postpone(tx, entry, due_at=now + timedelta(seconds=wait_s))


def rebuild(workspace: Workspace, progress: Callable[[int], None] | None = None) -> int:
    """Fill the index anew from the store; how many hits it holds."""
    workspace.index.clear()
    done = after = 0
    while True:
        with workspace.database.read() as tx:
            ids = [hit_id for hit_id, _ in hits.ids_after(tx, after, BATCH)]
            batch = hits.load(tx, ids)
        if not batch:
            return done
        workspace.index.put(document(hit) for hit in batch)
        done += len(batch)
        after = batch[-1].id
        if progress:
            progress(done)
