"""Index: hits from the outbox into the search index, in batches; rebuilt at any time."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.domain.hit import Hit
from monitor.domain.offer import offer_values
from monitor.errors import SearchError
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import Filling, HitDocument, Refused
from monitor.store import hits, outbox
from monitor.store.outbox import Entry

__all__ = ["Rebuilt", "document", "index_due", "rebuild"]

logger = logging.getLogger(__name__)

BATCH = 500
WAITS_S = (1.0, 2.0, 4.0, 8.0)
RETRY_S = 5.0
LONGEST_RETRY_S = 300.0


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        hits: in the new index.
        refused: hits that it did not take; they wait in the outbox.
        resumed: of `hits`, those that an earlier rebuild had brought before it broke off.
    """

    hits: int
    refused: int
    resumed: int


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
        seller_id="" if hit.seller_id is None else str(hit.seller_id),
        family="" if hit.family_id is None else str(hit.family_id),
    )


def _by_probability(item: tuple[str, float]) -> tuple[float, str]:
    return (-item[1], item[0])


def index_due(workspace: Workspace, *, limit: int = BATCH) -> int:
    """Index one batch of due entries; how many were done.

    What the index refuses is postponed and reported; the rest is done. An index that
    cannot be asked at all postpones everything; nothing is lost.
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
    gone = [entry.ref_id for entry in entries if entry.ref_id not in found]
    try:
        refused = {
            **workspace.index.put(document(hit) for hit in found.values()),
            **workspace.index.remove(gone),
        }
    except SearchError as error:
        logger.warning("%d hits wait to be indexed: %s", len(entries), error)
        _postpone(workspace, entries)
        return 0
    taken = [entry for entry in entries if entry.ref_id not in refused]
    with database.write(durable=False) as tx:
        outbox.done(tx, taken)
    if refused:
        _report(refused)
        _postpone(workspace, [entry for entry in entries if entry.ref_id in refused])
    return len(taken)


def _report(refused: Refused) -> None:
    for reason, count in Counter(refused.values()).items():
        first = next(hit_id for hit_id, why in refused.items() if why == reason)
        logger.warning("the index refused %d hits (hit %d first): %s", count, first, reason)


def _postpone(workspace: Workspace, entries: Sequence[Entry]) -> None:
    with workspace.database.write(durable=False) as tx:
        now = workspace.database.now()
        for entry in entries:
            wait_s = min(RETRY_S * 2.0 ** min(entry.failures, 10), LONGEST_RETRY_S)
            outbox.postpone(tx, entry, due_at=now + timedelta(seconds=wait_s))


def rebuild(workspace: Workspace, progress: Callable[[int], None] | None = None) -> Rebuilt:
    """Fill the index anew from the store, beside the one that is searched meanwhile.

    A rebuild that was broken off goes on where it was, if the index can. What the new
    index refuses stays in the outbox.

    Args:
        workspace: where both are.
        progress: told the number of hits after each batch.

    Raises:
        SearchError: the index cannot be filled now; the old one stays.
    """
    refused: dict[int, str] = {}
    with workspace.index.rebuilding() as filling:
        resumed = filling.done
        after = filling.walked_to
        while True:
            with workspace.database.read() as tx:
                ids = [hit_id for hit_id, _ in hits.ids_after(tx, after, BATCH)]
                batch = hits.load(tx, ids)
            if not ids:
                break
            refused |= _fill(filling, [document(hit) for hit in batch])
            after = ids[-1]
            if progress:
                progress(filling.done)
        done = filling.done
    if refused:
        _report(refused)
        with workspace.database.write(durable=False) as tx:
            for hit_id in refused:
                outbox.request(tx, "index", hit_id, now=workspace.database.now())
    return Rebuilt(hits=done - len(refused), refused=len(refused), resumed=resumed)


def _fill(filling: Filling, documents: Sequence[HitDocument]) -> Refused:
    """Put one batch; an index that takes none of it is given time, then it is an error."""
    for wait_s in (*WAITS_S, None):
        refused = filling.put(documents)
        if len(refused) < len(documents) or not documents:
            return refused
        if wait_s is not None:
            time.sleep(wait_s)
    reason = next(iter(refused.values()))
    raise SearchError(f"the new index takes no hits: {reason}; start the rebuild again later")
