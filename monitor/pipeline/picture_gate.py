"""Whose pictures are opened: opening costs time and shows strangers, so there must be a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.domain.listing import ListingDraft, RecordedListing
from monitor.pipeline.workspace import Workspace
from monitor.store import keywords, outbox, pictures
from monitor.store.database import Transaction
from monitor.store.outbox import Entry
from monitor.store.watches import source_by_id

__all__ = ["PICTURES", "ask_for_pictures", "claim_openings"]

PICTURES = "pictures"
"""The kind of outbox entry that asks for a listing's pictures to be opened."""


def ask_for_pictures(
    workspace: Workspace,
    tx: Transaction,
    recorded: Sequence[RecordedListing],
    drafts: Sequence[ListingDraft],
    *,
    source_id: int,
    keyword_id: int | None,
    now: datetime,
) -> int:
    """Ask for the pictures of likely listings, at once: their addresses expire.

    Reasons are a text's score, a seller of whom a listing was confirmed, a source of which
    all is opened, and a keyword chosen in the settings. Pictures that could not be had are
    tried again when the page shows a fresh address.

    Returns:
        How many listings it asked for.
    """
    if workspace.settings.pictures == "off":
        return 0
    by_id = {draft.native_id: draft for draft in drafts if draft.pictures}
    shown = {
        row.listing_id: dict(by_id[row.native_id].pictures)
        for row in recorded
        if row.native_id in by_id
    }
    if not shown:
        return 0
    mode = source_by_id(tx, source_id).definition.get("pictures", "likely")
    if mode == "never":
        return 0
    wanted = pictures.renew_addresses(tx, shown)
    fresh = {
        row.listing_id: version.assessment.score
        for row in recorded
        if row.listing_id in shown and (version := by_id[row.native_id].version) is not None
    }
    if mode == "all" or _is_chosen(workspace, tx, keyword_id):
        wanted |= fresh.keys()
    else:
        least = workspace.settings.picture_score
        wanted |= {listing_id for listing_id, score in fresh.items() if score >= least}
        wanted |= pictures.of_proven_sellers(tx, sorted(fresh.keys() - wanted))
    for listing_id in sorted(wanted):
        outbox.request(tx, PICTURES, listing_id, now=now)
    return len(wanted)


def claim_openings(
    workspace: Workspace, *, limit: int, listing_id: int | None = None
) -> list[Entry]:
    """Claim listings whose pictures are to be opened, or the one that is named."""
    database = workspace.database
    with database.write(durable=False) as tx:
        return outbox.claim(
            tx,
            PICTURES,
            now=database.now(),
            lease_s=workspace.settings.lease_s,
            limit=limit,
            ref_id=listing_id,
        )


def _is_chosen(workspace: Workspace, tx: Transaction, keyword_id: int | None) -> bool:
    chosen = {keywords.term_key(term) for term in workspace.settings.picture_keywords}
    if not chosen or keyword_id is None:
        return False
    return keywords.term_key(keywords.get(tx, keyword_id).term) in chosen
