"""Poll: one look at a watch, page by page, each page one transaction, an outcome at the end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from monitor.domain.gap import Reach
from monitor.domain.listing import ListingDraft
from monitor.domain.outcome import Outcome
from monitor.domain.page import SearchPage
from monitor.domain.watch import PollSummary, WatchPlan
from monitor.errors import LeaseLost
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.masking import masked, masked_value
from monitor.pipeline.record import PageCounts, record_page
from monitor.pipeline.suppression import Suppression
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import ItemSource, Source
from monitor.store import gaps, polls, watches
from monitor.store import tables as t
from monitor.store.claims import Claim, hold, release
from monitor.store.database import Transaction
from monitor.store.locks import lock_source

__all__ = ["poll_watch"]

MAX_BACKOFF_S = 6 * 3600.0
"""Longest pause of one watch after repeated trouble."""
DEEPER = 4
"""How many times the usual pages the first look after a gap may read, to catch up."""
MOST_PAGES = 200
JITTER = 0.1
"""Random share of the interval, so that watches do not march in step."""


def poll_watch(workspace: Workspace, claim: Claim) -> PollSummary | None:
    """Look at one claimed watch.

    Returns:
        The look as recorded, or None when there was none: the claim was lost to another
        worker (which then does the work), or the source rests since it was made.
    """
    with workspace.database.read() as tx:
        plan = watches.plan(tx, claim.id)
        is_after_gap = gaps.has_open(tx, claim.id)
    source = workspace.source(plan.source)
    look = _Look(workspace, claim, plan, source, is_after_gap=is_after_gap)
    try:
        return look.run()
    except LeaseLost:
        return None


class _Look:
    """The state of one look between its pages."""

    def __init__(
        self,
        workspace: Workspace,
        claim: Claim,
        plan: WatchPlan,
        source: Source,
        *,
        is_after_gap: bool,
    ) -> None:
        self._workspace = workspace
        self._claim = claim
        self._plan = plan
        self._source = source
        self._is_after_gap = is_after_gap
        self._poll_id: int | None = None
        self._started_at: datetime | None = None
        self._rank = 0
        self._seen: set[str] = set()
        self._is_cut = False
        self._problems: list[dict[str, object]] = []
        self._notes: dict[str, object] = {}

    def run(self) -> PollSummary | None:
        """Read pages until the end, a limit or trouble.

        Returns:
            None when the source rests since the watch was claimed, so that
            nobody was asked: the watch is then due after the rest.
        """
        request = self._source.search_request(self._plan.watch.term)
        if request is None:
            return self._end(Outcome.DISALLOWED, "this source is read from captures only")
        most_pages = self._most_pages()
        for number in range(1, most_pages + 1):
            asked = ask(
                self._workspace,
                self._plan.source,
                Scope.SEARCH,
                request,
                self._source.parse_search,
            )
            if asked.is_resting and number == 1:
                self._release()
                return None
            if asked.page is None:
                return self._end(asked.outcome, asked.detail)
            page = asked.page
            self._is_cut = self._is_cut or asked.is_truncated
            if page.outcome is not Outcome.OK:
                return self._stop(page, has_pages=number > 1)
            is_repeat = all(row.native_id in self._seen for row in page.listings)
            is_last = page.next_request is None or is_repeat
            at_limit = number == most_pages
            if is_last or at_limit:
                note = "" if page.next_request is None else "max_pages"
                if is_repeat and page.next_request is not None:
                    note = "repeated_page"
                return self._record_last(page, stopped_by=note)
            self._record(page)
            request = page.next_request or request
        raise AssertionError("the last page of a look returns")

    def _release(self) -> None:
        with self._workspace.database.write(durable=False) as tx:
            release(tx, t.watch, self._claim)

    def _most_pages(self) -> int:
        """Deeper after a gap: what appeared in it may have slipped to later pages."""
        usual = self._source.definition.max_pages
        return max(usual, min(usual * DEEPER, MOST_PAGES)) if self._is_after_gap else usual

    def _record(self, page: SearchPage) -> None:
        fresh = self._drafts(page)
        with self._workspace.database.write() as tx:
            self._record_rows(tx, fresh, page)

    def _record_last(self, page: SearchPage, *, stopped_by: str) -> PollSummary:
        fresh = self._drafts(page)
        with self._workspace.database.write() as tx:
            now, poll_id = self._record_rows(tx, fresh, page, stopped_by=stopped_by)
            is_complete = stopped_by != "max_pages"
            return self._finish(tx, poll_id, Outcome.OK, page.detail, now, is_complete=is_complete)

    def _drafts(self, page: SearchPage) -> list[ListingDraft]:
        """The page's rows, but for those that an earlier page of this look had."""
        drafts = draft_listings(self._workspace, self._plan.source.id, page.listings, "search")
        fresh = [draft for draft in drafts if draft.native_id not in self._seen]
        self._seen.update(draft.native_id for draft in fresh)
        return fresh

    def _record_rows(
        self,
        tx: Transaction,
        fresh: Sequence[ListingDraft],
        page: SearchPage,
        *,
        stopped_by: str = "",
    ) -> tuple[datetime, int]:
        now, poll_id = self._begin(tx)
        counts = record_page(
            self._workspace,
            tx,
            fresh,
            source_id=self._plan.source.id,
            poll_id=poll_id,
            watch_id=self._plan.watch.id,
            keyword_id=self._plan.watch.keyword_id,
            first_rank=self._rank,
            is_baseline=self._plan.is_baseline,
            can_look=isinstance(self._source, ItemSource),
            now=now,
        )
        self._count(tx, poll_id, page, counts, stopped_by=stopped_by)
        self._rank += len(fresh)
        return now, poll_id

    def _begin(self, tx: Transaction) -> tuple[datetime, int]:
        """Prove the claim, extend it, and start the poll's row with the first page."""
        now = self._workspace.database.now()
        self._started_at = self._started_at or now
        lease = timedelta(seconds=self._workspace.settings.lease_s)
        hold(tx, t.watch, self._claim, until=now + lease)
        if self._poll_id is None:
            polls.interrupt_unfinished(tx, self._plan.watch.id, now=now)
            self._poll_id = polls.start(
                tx,
                source_id=self._plan.source.id,
                watch_id=self._plan.watch.id,
                keyword_version_id=self._plan.keyword_version_id,
                origin="live",
                is_baseline=self._plan.is_baseline,
                now=now,
            )
        return now, self._poll_id

    def _count(
        self,
        tx: Transaction,
        poll_id: int,
        page: SearchPage,
        counts: PageCounts,
        *,
        stopped_by: str = "",
    ) -> None:
        self._problems += (asdict(problem) for problem in page.problems)
        self._notes |= page.notes
        if stopped_by:
            self._notes["stopped_by"] = stopped_by
        polls.add_page(
            tx,
            poll_id,
            rows=counts.rows,
            new_listings=counts.new_listings,
            changed_listings=counts.changed_listings,
            hits=counts.hits,
            total_claimed=page.total,
            problems=self._problems,
            notes=masked_value(self._notes),
        )

    def _stop(self, page: SearchPage, *, has_pages: bool) -> PollSummary:
        """A page that is not a list of results ends the look."""
        if has_pages and page.outcome is Outcome.EMPTY:
            # A market that pages one too far: what came before was all.
            return self._end(Outcome.OK, "", page=page, is_complete=True)
        if not has_pages and page.outcome.has_seen:
            doubt = Suppression(self._workspace, self._plan, self._source).judge()
            if doubt is not None:
                return self._end(doubt.outcome, doubt.detail, page=page)
        is_complete = page.outcome is Outcome.EMPTY
        return self._end(page.outcome, page.detail, page=page, is_complete=is_complete)

    def _end(
        self,
        outcome: Outcome,
        detail: str,
        *,
        page: SearchPage | None = None,
        is_complete: bool = False,
    ) -> PollSummary:
        """Close the look without rows to record; keeps a block visible after good pages."""
        has_rows = self._poll_id is not None
        with self._workspace.database.write() as tx:
            now, poll_id = self._begin(tx)
            if page is not None:
                self._count(tx, poll_id, page, PageCounts())
            is_trouble = not (outcome.has_seen or outcome.is_block or outcome is Outcome.PARTIAL)
            if has_rows and is_trouble:
                detail = f"{outcome.value}: {detail}"
                outcome = Outcome.PARTIAL
            if is_complete:
                lock_source(tx, self._plan.source.id)
            return self._finish(tx, poll_id, outcome, detail, now, is_complete=is_complete)

    def _finish(
        self,
        tx: Transaction,
        poll_id: int,
        outcome: Outcome,
        detail: str,
        now: datetime,
        *,
        is_complete: bool,
    ) -> PollSummary:
        watch = self._plan.watch
        if self._is_cut and outcome is Outcome.OK:
            outcome, detail = Outcome.PARTIAL, "a page was cut by the byte cap"
        # A row that could not be read is no listing that has left the search.
        if is_complete and outcome.has_seen and not (self._is_cut or self._problems):
            polls.not_seen_any_more(
                tx, poll_id, watch.id, started_at=self._started_at or now, now=now
            )
        if outcome.has_seen:
            is_whole = is_complete or outcome is Outcome.RELATED_ONLY
            gaps.close(tx, watch, Reach.END if is_whole else Reach.LIMIT, now=now)
        else:
            gaps.widen(tx, watch.id, outcome.value)
        failures = 0 if outcome.has_seen else watch.failures + 1
        polls.finish(tx, poll_id, outcome, masked(detail), now=now)
        watches.finish(
            tx,
            self._claim,
            outcome=outcome,
            next_poll_at=now + timedelta(seconds=_pause_s(watch.interval_s, failures)),
            failures=failures,
            is_baseline_done=self._plan.is_baseline and outcome.has_seen,
            now=now,
        )
        return polls.get(tx, poll_id)


def _pause_s(interval_s: float, failures: int) -> float:
    """The interval with jitter; doubled with every look that saw nothing, up to a limit."""
    backed_off = min(interval_s * 2.0 ** min(failures, 20), max(interval_s, MAX_BACKOFF_S))
    return backed_off * random.uniform(1 - JITTER, 1 + JITTER)
