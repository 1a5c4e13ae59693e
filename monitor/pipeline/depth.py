"""How far one look reads: the usual pages, deeper after a gap, less where all is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.domain.gap import Reach
from monitor.domain.page import SearchPage
from monitor.domain.watch import WatchPlan
from monitor.pipeline.workspace import Workspace
from monitor.sources.definition import SourceDefinition
from monitor.store import polls

__all__ = ["REACHES", "is_known", "most_pages"]

DEEPER = 4
"""How many times the usual pages the first look after a gap may read, to catch up."""
MOST_PAGES = 200
REACHES = {"max_pages": Reach.LIMIT, "known": Reach.KNOWN}
"""How far a look went, by what stopped it; else to the end."""
WHOLE_EVERY = timedelta(days=1)
"""In sources that show the newest first, at least one look in this time stops at nothing known."""


def most_pages(definition: SourceDefinition, *, is_after_gap: bool) -> int:
    """Deeper after a gap: what appeared in it may have slipped to later pages."""
    usual = definition.max_pages
    return max(usual, min(usual * DEEPER, MOST_PAGES)) if is_after_gap else usual


def is_known(
    workspace: Workspace,
    plan: WatchPlan,
    definition: SourceDefinition,
    page: SearchPage,
    *,
    began_at: datetime,
) -> bool:
    """Whether all that follows a page is known, too; from time to time, that is not asked.

    Only a look to the end tells which listings are not on offer any more.
    """
    whole_at = plan.watch.whole_at
    if not definition.newest_first or whole_at is None or began_at - whole_at >= WHOLE_EVERY:
        return False
    native_ids = [row.native_id for row in page.listings]
    with workspace.database.read() as tx:
        return polls.are_known(tx, plan.watch.id, native_ids)
