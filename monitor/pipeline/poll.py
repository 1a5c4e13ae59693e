"""Poll: one look at a watch, page by page, each page one transaction, an outcome at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from monitor.domain.gap import Reach
from monitor.domain.listing import ListingDraft
from monitor.domain.outcome import Outcome
from monitor.domain.page import SearchPage
from monitor.domain.watch import Changes, PollSummary, WatchPlan
from monitor.errors import LeaseLost
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.depth import REACHES, Depth, Unseen
from monitor.pipeline.masking import masked, masked_value
from monitor.pipeline.record import PageCounts, record_page
from monitor.pipeline.schedule import next_look, quiet_until
from monitor.pipeline.suppression import Suppression
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import ItemSource, Source
from monitor.store import gaps, polls, watches
from monitor.store import tables as t
from monitor.store.claims import Claim, abandon, hold, release
from monitor.store.database import Transaction
from monitor.store.locks import lock_source

__all__ = ["poll_watch"]


def poll_watch(
    workspace: Workspace, claim: Claim, *, at_any_hour: bool = False
) -> PollSummary | None:
    """Look at one claimed watch.

    Args:
        workspace: what is open.
        claim: of the watch.
        at_any_hour: also in its source's quiet hours, because a person asks.

    Returns:
        The look as recorded, or None when there was none: the claim was lost to another
        worker (which then does the work), the source rests since it was made, or these
        are its quiet hours.
    """
    with workspace.database.read() as tx:
        plan = watches.plan(tx, claim.id)
        unseen = Unseen.read(tx, plan.watch, now=workspace.database.now())
    source = workspace.source(plan.source)
    ends_at = quiet_until(source.definition, workspace.database.now())
    if ends_at is not None and not at_any_hour:
        with workspace.database.write(durable=False) as tx:
            abandon(tx, t.watch, claim, until=ends_at)
        return None
    look = _Look(workspace, claim, plan, source, Depth(workspace, plan, source, unseen))
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
        depth: Depth,
    ) -> None:
        self._workspace = workspace
        self._claim = claim
        self._plan = plan
        self._source = source
        self._depth = depth
        self._poll_id: int | None = None
        self._began_at = workspace.database.now()
        self._started_at: datetime | None = None
        self._new = self._hits = 0
        self._rank = 0
        self._seen: set[str] = set()
        self._is_cut = False
        self._not_before: datetime | None = None
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
        is_first = True
        while True:
            asked = ask(
                self._workspace,
                self._plan.source,
                Scope.SEARCH,
                request,
                self._source.parse_search,
            )
            if asked.is_resting and is_first:
                self._release()
                return None
            if asked.page is None:
                if asked.outcome is Outcome.BUDGET_SPENT:
                    left_s = asked.result.retry_after_s or 0.0
                    self._not_before = self._workspace.database.now() + timedelta(seconds=left_s)
                return self._end(asked.outcome, asked.detail)
            page = asked.page
            self._is_cut = self._is_cut or asked.is_truncated
            if page.outcome is not Outcome.OK:
                return self._stop(page, has_pages=not is_first)
            step = self._depth.after(page)
            if step.request is None:
                return self._record_last(page, stopped_by=step.stopped_by)
            self._record(page)
            request, is_first = step.request, False

    def _release(self) -> None:
        with self._workspace.database.write(durable=False) as tx:
            release(tx, t.watch, self._claim)

    def _record(self, page: SearchPage) -> None:
        fresh = self._drafts(page)
        with self._workspace.database.write() as tx:
            self._record_rows(tx, fresh, page)

    def _record_last(self, page: SearchPage, *, stopped_by: str) -> PollSummary:
        fresh = self._drafts(page)
        with self._workspace.database.write() as tx:
            now, poll_id = self._record_rows(tx, fresh, page, stopped_by=stopped_by)
            reach = REACHES.get(stopped_by, Reach.END)
            return self._finish(tx, poll_id, Outcome.OK, page.detail, now, reach=reach)

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
        self._new += counts.new_listings
        self._hits += counts.hits
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
        is_end = page.outcome is Outcome.EMPTY or (
            self._depth.is_in_window and page.outcome.has_seen
        )
        if has_pages and is_end:
            # A market that pages one too far: what came before was all, or it hides the rest.
            if not self._depth.is_in_window:
                doubt = self._suppression().judge_end(self._seen)
                if doubt is not None:
                    return self._end(doubt.outcome, doubt.detail, page=page)
            return self._end(Outcome.OK, "", page=page, reach=self._depth.reach_of_the_end)
        if not has_pages and page.outcome.has_seen:
            doubt = self._suppression().judge()
            if doubt is not None:
                return self._end(doubt.outcome, doubt.detail, page=page)
        reach = Reach.END if page.outcome is Outcome.EMPTY else Reach.LIMIT
        return self._end(page.outcome, page.detail, page=page, reach=reach)

    def _suppression(self) -> Suppression:
        return Suppression(self._workspace, self._plan, self._source, self._hold_on)

    def _hold_on(self) -> None:
        """Between requests that record nothing: they may take longer than the lease."""
        until = self._workspace.database.now() + timedelta(seconds=self._workspace.settings.lease_s)
        with self._workspace.database.write(durable=False) as tx:
            hold(tx, t.watch, self._claim, until=until)

    def _end(
        self,
        outcome: Outcome,
        detail: str,
        *,
        page: SearchPage | None = None,
        reach: Reach = Reach.LIMIT,
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
            if reach is Reach.END:
                lock_source(tx, self._plan.source.id)
            return self._finish(tx, poll_id, outcome, detail, now, reach=reach)

    def _finish(
        self,
        tx: Transaction,
        poll_id: int,
        outcome: Outcome,
        detail: str,
        now: datetime,
        *,
        reach: Reach,
    ) -> PollSummary:
        watch = self._plan.watch
        if self._is_cut and outcome is Outcome.OK:
            outcome, detail = Outcome.PARTIAL, "a page was cut by the byte cap"
        # A row that could not be read is no listing that has left the search.
        is_complete = reach is Reach.END and outcome.has_seen
        if is_complete and not (self._is_cut or self._problems):
            polls.not_seen_any_more(
                tx, poll_id, watch.id, started_at=self._started_at or now, now=now
            )
        if outcome.has_seen:
            is_all = outcome is Outcome.RELATED_ONLY
            gaps.close(tx, watch, Reach.END if is_all else reach, now=now)
        else:
            gaps.widen(tx, watch.id, outcome.value)
        polls.finish(tx, poll_id, outcome, masked(detail), now=now)
        changes = Changes(
            outcome=outcome,
            failures=0 if outcome.has_seen else watch.failures + 1,
            silent_looks=self._silent_looks(outcome),
            baseline_at=now if self._plan.is_baseline and outcome.has_seen else watch.baseline_at,
            whole_at=now if outcome.has_seen and reach is not Reach.KNOWN else watch.whole_at,
            hit_at=now if self._hits else watch.hit_at,
        )
        plan = next_look(
            watch.interval_s,
            changes,
            self._source.definition,
            began_at=self._began_at,
            now=now,
            slows_silent=self._workspace.settings.slow_silent,
            not_before=self._not_before,
        )
        watches.finish(tx, self._claim, changes, plan, now=now)
        return polls.get(tx, poll_id)

    def _silent_looks(self, outcome: Outcome) -> int:
        if self._new:
            return 0
        return self._plan.watch.silent_looks + outcome.has_seen
