"""How far one look reads: the usual pages, deeper after a gap, less where all is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from monitor.domain.gap import Reach, Window
from monitor.domain.page import PageRequest, Precision, SearchPage
from monitor.domain.watch import Watch, WatchPlan
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import Source, WindowSource
from monitor.store import gaps, polls
from monitor.store.database import Transaction

__all__ = ["REACHES", "Depth", "Step", "Unseen"]

DEEPER = 4
"""How many times the usual pages the first look after a gap may read, to catch up."""
MOST_PAGES = 200
REACHES = {"max_pages": Reach.LIMIT, "known": Reach.KNOWN, "window": Reach.WINDOW}
"""How far a look went, by what stopped it; else to the end."""
WHOLE_EVERY = timedelta(days=1)
"""In sources that show the newest first, at least one look in this time stops at nothing known."""
LATE = timedelta(hours=1)
"""Markets check what is new before they show it: so much older it may be than the gap."""
CLEAR_TIMES = (Precision.EXACT, Precision.MINUTE)


@dataclass(frozen=True, slots=True)
class Unseen:
    """What of a watch was not seen before this look.

    Attributes:
        window: from the last look that saw until now; None without a gap.
        is_blind: whether looks failed in it; otherwise nobody looked.
    """

    window: Window | None
    is_blind: bool

    @classmethod
    def read(cls, tx: Transaction, watch: Watch, *, now: datetime) -> Self:
        """As the ledger has it at the beginning of a look."""
        since = gaps.unseen_since(tx, watch, now=now)
        window = Window(since - LATE, now) if since else None
        return cls(window, gaps.has_open(tx, watch.id))


@dataclass(frozen=True, slots=True)
class Step:
    """What follows a page: another request, or the end of the look and its reason."""

    request: PageRequest | None
    stopped_by: str = ""


class Depth:
    """Decides after each page of one look whether and where it goes on.

    After a gap, it reads on to four times the usual pages. Where the source has an age
    filter, what is left after the usual ones goes to what was published in the gap.

    Args:
        workspace: what is open.
        plan: the look's watch.
        source: the source's adapter.
        unseen: the gap before this look.
    """

    def __init__(
        self, workspace: Workspace, plan: WatchPlan, source: Source, unseen: Unseen
    ) -> None:
        self._workspace, self._plan = workspace, plan
        self._definition = source.definition
        self._unseen = unseen
        self._in_gap: PageRequest | None = None
        if unseen.window is not None and isinstance(source, WindowSource):
            self._in_gap = source.window_request(plan.watch.term, unseen.window)
        usual = self._definition.max_pages
        is_deeper = unseen.is_blind or self._in_gap is not None
        self._most = max(usual, min(usual * DEEPER, MOST_PAGES)) if is_deeper else usual
        self._usual = usual if self._in_gap is not None else self._most
        self._began_at = workspace.database.now()
        self._pages = 0
        self._read: set[str] = set()
        self._newest: datetime | None = None
        self.is_in_window = False
        """Whether the pages by now are those of the age filter."""

    def after(self, page: SearchPage) -> Step:
        """Count a page of results, and say what follows it."""
        self._pages += 1
        native_ids = {row.native_id for row in page.listings}
        is_repeat = native_ids <= self._read
        self._read |= native_ids
        if page.next_request is None or is_repeat:
            if self.is_in_window:
                return Step(None, "window")
            return Step(None, "" if page.next_request is None else "repeated_page")
        if self._pages == self._most:
            return Step(None, "max_pages")
        if self.is_in_window:
            return Step(page.next_request)
        self._note_newest(page)
        if self._is_known(page):
            return Step(None, "known")
        if self._pages == self._usual:
            self.is_in_window = True
            self._read.clear()
            return Step(self._in_gap)
        return Step(page.next_request)

    @property
    def reach_of_the_end(self) -> Reach:
        """How far a look went whose newest page holds nothing any more.

        An age filter that finds nothing, not even what was published in the gap and is on
        the usual pages, does not work: then nothing is filled.
        """
        if not self.is_in_window:
            return Reach.END
        window = self._unseen.window
        is_broken = not self._read and window and self._newest and self._newest >= window.since
        return Reach.LIMIT if is_broken else Reach.WINDOW

    def _note_newest(self, page: SearchPage) -> None:
        times = [
            row.published_at
            for row in page.listings
            if row.published_at is not None and row.published_precision in CLEAR_TIMES
        ]
        self._newest = max([*times, *([self._newest] if self._newest else [])], default=None)

    def _is_known(self, page: SearchPage) -> bool:
        """Whether all that follows a page is known, too; from time to time, that is not asked.

        Only a look to the end tells which listings are not on offer any more.
        """
        whole_at = self._plan.watch.whole_at
        if self._unseen.is_blind or not self._definition.newest_first:
            return False
        if whole_at is None or self._began_at - whole_at >= WHOLE_EVERY:
            return False
        native_ids = [row.native_id for row in page.listings]
        with self._workspace.database.read() as tx:
            return polls.are_known(tx, self._plan.watch.id, native_ids)
