"""Retain: innocent data does not stay (design 3.9).

Clear listings lose their texts after their time; their keys and digests stay, so
that they are not new when they are seen again. A random sample is kept, for
measuring what the classifiers miss. Hits go after a longer time, counted from when
they were last seen or changed. What is under evidence hold stays until the hold ends.
Captures are kept where they could not be taken in, for a week, so that somebody can
look; what they were known by goes with the hits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor.pipeline.captures_folder import erase_refused, refused_captures
from monitor.pipeline.overdue import erase_overdue
from monitor.pipeline.workspace import Workspace
from monitor.store import captures, evidence, kept, pictures, retention
from monitor.store.locks import lock_all_sources

__all__ = ["Erased", "erase", "foresee", "is_sampled", "retain"]

BATCH = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What a run erased, or would.

    Attributes:
        listings: clear ones that lost their texts, those of erased hits not counted.
        hits: with their verdicts; their listings lost their texts too.
        alerts: sent ones that lost their words.
        contacts: that stood in no other text.
        sellers: of whom no listing is left.
        captures: files that could not be taken in, and were set aside.
        pictures: findings that no listing shows any more.
        evidence: sealed parts of pictures whose hold is over.
    """

    listings: int = 0
    hits: int = 0
    alerts: int = 0
    contacts: int = 0
    sellers: int = 0
    captures: int = 0
    pictures: int = 0
    evidence: int = 0


def retain(workspace: Workspace) -> int:
    """Erase what is past its time; how many hits and listings that were."""
    done = erase(workspace)
    return done.listings + done.hits + done.evidence


def erase(workspace: Workspace) -> Erased:
    """Erase what is past its time, in small transactions. Killed, the next run goes on."""
    database = workspace.database
    clear_before, hits_before = _limits(workspace)
    hits = alerts = listings = after_id = 0
    while True:
        with database.write() as tx:
            # Nothing that is chosen can be seen again before it is erased.
            lock_all_sources(tx)
            found = retention.hits_before(tx, hits_before, now=database.now(), limit=BATCH)
            if not found:
                break
            alerts += retention.erase_hits(tx, [hit for hit, _ in found], now=database.now())
            retention.erase_listings(tx, [listing for _, listing in found])
        hits += len(found)
    while True:
        with database.write(durable=False) as tx:
            batch = retention.clear_listings_before(
                tx, clear_before, now=database.now(), after_id=after_id, limit=BATCH
            )
            past = [listing_id for listing_id in batch if not is_sampled(workspace, listing_id)]
            if past:
                retention.erase_listings(tx, past)
        listings += len(past)
        if len(batch) < BATCH:
            break
        after_id = batch[-1]
    with database.write(durable=False) as tx:
        contacts = retention.erase_orphan_contacts(tx)
        sellers = retention.erase_orphan_sellers(tx, now=database.now())
        retention.erase_orphan_families(tx)
        captures.erase_before(tx, hits_before)
        learnt = pictures.erase_orphan_contents(tx)
    sealed = erase_overdue(workspace)
    refused = _old_refused(workspace)
    for reason in refused:
        erase_refused(reason)
    done = Erased(
        listings=listings,
        hits=hits,
        alerts=alerts,
        contacts=contacts,
        sellers=sellers,
        captures=len(refused),
        pictures=learnt,
        evidence=sealed,
    )
    if done != Erased():
        database.empty_log()
    return done


def foresee(workspace: Workspace) -> Erased:
    """What `erase` would erase now. Changes nothing and blocks nobody."""
    clear_before, hits_before = _limits(workspace)
    with workspace.database.read() as tx:
        now = workspace.database.now()
        hits = retention.hits_before(tx, hits_before, now=now)
        clear = [
            listing_id
            for listing_id in retention.clear_listings_before(tx, clear_before, now=now)
            if not is_sampled(workspace, listing_id)
        ]
        gone = clear + [listing_id for _, listing_id in hits]
        return Erased(
            listings=len(clear),
            hits=len(hits),
            alerts=kept.alerts_of(tx, [hit_id for hit_id, _ in hits]),
            contacts=kept.orphaned_contacts(tx, gone),
            sellers=kept.orphaned_sellers(tx, gone, now=now),
            captures=len(_old_refused(workspace)),
            pictures=kept.orphaned_pictures(tx, gone),
            evidence=len(evidence.overdue_uids(tx, now=now)),
        )


def _limits(workspace: Workspace) -> tuple[datetime, datetime]:
    """Before when clear listings and hits are past their time."""
    now, settings = workspace.database.now(), workspace.settings
    return (
        now - timedelta(days=settings.keep_clear_days),
        now - timedelta(days=settings.keep_hit_days),
    )


def _old_refused(workspace: Workspace) -> list[Path]:
    settings = workspace.settings
    before = workspace.database.now() - timedelta(days=settings.keep_capture_days)
    return [reason for reason, at in refused_captures(settings).items() if at < before]


def is_sampled(workspace: Workspace, listing_id: int) -> bool:
    """Whether a clear listing is kept for measuring what is missed.

    The same answer every time, unrelated to anything that a seller can choose.
    """
    digest = workspace.keyring.digest("content", f"sample:{listing_id}")
    return int(digest[:8], 16) % 100 < workspace.settings.keep_sample_percent
