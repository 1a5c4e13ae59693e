"""A sudden zero: is the word hidden, or is there nothing? See docs/explanation/coverage.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median_low

from monitor.domain.outcome import Outcome
from monitor.domain.page import FetchResult
from monitor.domain.watch import Watch, WatchPlan
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import Source
from monitor.store import polls, watches

__all__ = ["Suppression", "expected_rows"]

LOOKS = 9
"""The baseline is made of this many looks that saw."""
FEWEST_LOOKS = 5
"""With fewer, nothing is expected yet."""
RECENT_LOOKS = 3
FEWEST_ROWS = 5
"""A word that has 5 results on average has none in 1 look of 150 by chance (Poisson)."""
OLDEST = timedelta(days=14)
"""Looks before this are no baseline: a word that stays silent ends as `empty`."""
CONTROLS = 20
"""Other watches of the source that are considered as control."""


def expected_rows(newest_first: Sequence[int]) -> int:
    """How many rows the next look should about have; 0 when nothing can be said.

    The lower of two medians: single odd looks do not move it, and a word that fades
    over several looks is not expected at its old height.

    >>> expected_rows([20, 0, 22, 19, 21, 20, 23])
    20
    >>> expected_rows([1, 2, 4, 9, 15, 20, 20])
    2
    """
    if len(newest_first) < FEWEST_LOOKS:
        return 0
    return min(median_low(newest_first[:LOOKS]), median_low(newest_first[:RECENT_LOOKS]))


class Suppression:
    """Judges one look that found nothing.

    Args:
        workspace: what is open.
        plan: the look's watch and source.
        source: the source's adapter.
    """

    def __init__(self, workspace: Workspace, plan: WatchPlan, source: Source) -> None:
        self._workspace = workspace
        self._plan = plan
        self._source = source

    def judge(self) -> FetchResult | None:
        """Ask the source for a control word when the zero is a sudden one.

        Returns:
            None when the zero stands as it is. Otherwise `SUPPRESSED`, or the trouble
            that the control met: then the zero proves nothing either.
        """
        chosen = self._control()
        if chosen is None:
            return None
        expected, control = chosen
        request = self._source.search_request(control.term)
        if request is None:
            return None
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
            f"while the control (watch {control.id}) has {len(asked.page.listings)}"
        )
        return FetchResult(Outcome.SUPPRESSED, detail=detail)

    def _control(self) -> tuple[int, Watch] | None:
        """(expected rows, the watch of this source with the most reliable results)."""
        own = self._plan.watch
        with self._workspace.database.read() as tx:
            since = self._workspace.database.now() - OLDEST
            expected = expected_rows(polls.seen_rows(tx, own.id, since, limit=LOOKS))
            if expected < FEWEST_ROWS:
                return None
            others = [
                watch
                for watch in watches.all_watches(tx)
                if watch.source_id == own.source_id
                and watch.id != own.id
                and watch.last_outcome is Outcome.OK
            ]
            ranked = [
                (expected_rows(polls.seen_rows(tx, watch.id, since, limit=LOOKS)), -watch.id, watch)
                for watch in others[:CONTROLS]
            ]
        best = max(ranked, key=lambda row: row[:2], default=None)
        return (expected, best[2]) if best and best[0] >= FEWEST_ROWS else None
