"""Recording a page: ONE transaction with its sightings, versions, assessments, hits and outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.listing import ListingDraft, RecordedListing
from monitor.pipeline.notify import tell_of_hit
from monitor.pipeline.workspace import Workspace
from monitor.store import hits, looks
from monitor.store.database import Transaction
from monitor.store.record import record_listings, see

__all__ = ["PageCounts", "record_page"]


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What one page brought."""

    rows: int = 0
    new_listings: int = 0
    changed_listings: int = 0
    hits: int = 0


def record_page(
    workspace: Workspace,
    tx: Transaction,
    drafts: Sequence[ListingDraft],
    *,
    source_id: int,
    poll_id: int,
    watch_id: int | None,
    keyword_id: int | None,
    first_rank: int,
    is_baseline: bool,
    can_look: bool,
    now: datetime,
) -> PageCounts:
    """Write one page of search results inside the caller's transaction.

    Args:
        workspace: what is open.
        tx: the page's one transaction; the caller has proved its claim in it.
        drafts: the page's rows in page order.
        source_id: where they come from.
        poll_id: the look that saw them.
        watch_id: whose look it was; None for captures.
        keyword_id: what was searched for; None for captures without a keyword.
        first_rank: place of the first row among all results of the look.
        is_baseline: whether hits of this look alert nobody.
        can_look: whether the source has item pages.
        now: the time of the look.
    """
    recorded = record_listings(tx, source_id, drafts, now=now)
    see(
        tx,
        recorded,
        poll_id=poll_id,
        watch_id=watch_id,
        keyword_id=keyword_id,
        first_rank=first_rank,
        now=now,
    )
    undecided = [row for row in recorded if row.needs_decision]
    wanted = hits.attention_needed(tx, undecided)
    found = 0
    for row in undecided:
        if row.listing_id in wanted and decide(
            workspace, tx, row, is_baseline=is_baseline, now=now
        ):
            found += 1
            if can_look and row.is_changed:
                looks.ask(tx, row.listing_id, "likely_hit", due_at=now)
    return PageCounts(
        rows=len(drafts),
        new_listings=sum(row.is_new for row in recorded),
        changed_listings=sum(row.is_changed and not row.is_new for row in recorded),
        hits=found,
    )


def decide(
    workspace: Workspace,
    tx: Transaction,
    row: RecordedListing,
    *,
    is_baseline: bool,
    now: datetime,
) -> bool:
    """Make or change the listing's hit and write the alerts it causes; True when it did."""
    applied = hits.apply_assessment(
        tx, row.listing_id, row.version_id, is_baseline=is_baseline, now=now
    )
    if applied is None:
        return False
    hit_id, score_before = applied
    if not is_baseline:
        tell_of_hit(workspace, tx, hit_id, score_before=score_before, now=now)
    return True
