"""A sudden zero: is the word hidden, or is there nothing? See docs/explanation/coverage.md."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from statistics import median_low

from monitor.domain.outcome import Outcome
from monitor.domain.page import FetchResult
from monitor.domain.watch import WatchPlan
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.witnesses import Testimony, testify
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import Source
from monitor.store import polls, watches

__all__ = ["Suppression", "expected_rows"]

LOOKS = 9
"""The baseline is made of at most this many looks that saw."""
RECENT_LOOKS = 3
CHANCE = 0.01
"""A zero that is likelier than this by chance is none to wonder about."""
OLDEST = timedelta(days=14)
"""Looks before this are no baseline: a word that stays silent ends as `empty`."""
CONTROLS = 20
"""Other watches of the source that are considered as control."""
MISSING_SHARE = 0.1
"""Of the rows of the look before: fewer are no reason to doubt the end of the pages."""


def expected_rows(newest_first: Sequence[int]) -> int:
    """How many rows the next look should about have; 0 when none may well come by chance.

    The lower of two medians: single odd looks do not move it, and a word that fades
    over several looks is not expected at its old height. If nothing has changed, each of the
    rows of k looks and the next one is in the next one with a chance of 1 in k + 1 (the exact
    comparison of two Poisson counts).

    >>> expected_rows([20, 0, 22, 19, 21, 20, 23])
    20
    >>> expected_rows([7]), expected_rows([6]), expected_rows([6, 6])
    (7, 0, 6)
    >>> expected_rows([1, 2, 4, 9, 15, 20, 20])
    0
    """
    looks = newest_first[:LOOKS]
    if not looks:
        return 0
    rows = min(median_low(looks), median_low(looks[:RECENT_LOOKS]))
    chance = (len(looks) / (len(looks) + 1)) ** (rows * len(looks))
    return rows if chance <= CHANCE else 0


class Suppression:
    """Judges one look that found nothing, or nothing more.

    Args:
        workspace: what is open.
        plan: the look's watch and source.
        source: the source's adapter.
        hold_on: extends the look's claim before each request; raises `LeaseLost`.
    """

    def __init__(
        self,
        workspace: Workspace,
        plan: WatchPlan,
        source: Source,
        hold_on: Callable[[], None],
    ) -> None:
        self._workspace = workspace
        self._plan = plan
        self._source = source
        self._hold_on = hold_on
        self._since = workspace.database.now() - OLDEST

    def judge(self) -> FetchResult | None:
        """Look into a search that shows nothing.

        Returns:
            None when the zero stands as it is. Otherwise `SUPPRESSED`, or the trouble
            that the control met: then the zero proves nothing either.
        """
        match self._testimony(shown=()):
            case Testimony.GONE:
                return None
            case Testimony.ON_SALE:
                detail = "nothing, while a listing that the look before had is still on sale"
                return FetchResult(Outcome.SUPPRESSED, detail=detail)
        return self._compare()

    def judge_end(self, shown: Collection[str]) -> FetchResult | None:
        """Look into a page without rows after pages with some.

        Args:
            shown: the market's ids of what this look has seen.

        Returns:
            None when that was all; else `PARTIAL`: a listing on sale is missing.
        """
        if self._testimony(shown) is not Testimony.ON_SALE:
            return None
        detail = (
            f"nothing after {len(shown)} rows, while a listing that the look before had "
            "is still on sale"
        )
        return FetchResult(Outcome.PARTIAL, detail=detail)

    def _testimony(self, shown: Collection[str]) -> Testimony:
        """Of listings that the look before had, if enough of them are missing."""
        with self._workspace.database.read() as tx:
            found = polls.found_last(tx, self._plan.watch.id, self._since)
        missing = [listing for listing in found if listing.native_id not in shown]
        if len(missing) < MISSING_SHARE * len(found):
            return Testimony.NONE
        return testify(self._workspace, self._plan, self._source, missing, self._hold_on)

    def _compare(self) -> FetchResult | None:
        """Ask the source for a control word when so sudden a zero is no chance."""
        chosen = self._control()
        if chosen is None:
            return None
        expected, control = chosen
        request = self._source.search_request(control)
        if request is None:
            return None
        self._hold_on()
        asked = ask(
            self._workspace, self._plan.source, Scope.SEARCH, request, self._source.parse_search
        )
        if asked.page is None:
            return asked.result
        if not asked.outcome.has_seen:
            return FetchResult(asked.outcome, detail=f"asked for the control word: {asked.detail}")
        if not asked.page.listings:
            return None
        detail = (
            f"nothing where about {expected} rows were expected, "
            f"while the control word has {len(asked.page.listings)}"
        )
        return FetchResult(Outcome.SUPPRESSED, detail=detail)

    def _control(self) -> tuple[int, str] | None:
        """(expected rows, a word of this source that has results); None without either.

        The source file's own word, or that of the watch with the most reliable results.
        """
        own = self._plan.watch
        named = self._source.definition.control_term
        with self._workspace.database.read() as tx:
            expected = self._expected(polls.seen_rows(tx, own.id, self._since, limit=LOOKS))
            if not expected:
                return None
            if named and named != own.term:
                return expected, named
            others = [
                watch
                for watch in watches.all_watches(tx)
                if watch.source_id == own.source_id and watch.id != own.id
            ]
            rows = {
                watch.id: polls.seen_rows(tx, watch.id, self._since, limit=LOOKS)
                for watch in others[:CONTROLS]
            }
        ranked = [
            (self._expected(rows[watch.id]), -watch.id, watch.term) for watch in others[:CONTROLS]
        ]
        best = max(ranked, default=None)
        return (expected, best[2]) if best and best[0] else None

    @staticmethod
    def _expected(rows: Sequence[int]) -> int:
        """As `expected_rows`; a word whose newest look that saw had none is expected no more."""
        return expected_rows(rows) if rows and rows[0] else 0
