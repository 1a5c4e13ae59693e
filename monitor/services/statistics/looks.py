"""What was looked at and what was seen, by source and time. A block is never "no hits"."""

from __future__ import annotations

from monitor.domain.outcome import Outcome
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import Interval
from monitor.services.statistics.answers import Answer, Coverage, OutcomeCount
from monitor.services.statistics.asking import Asked, buckets, scope_of
from monitor.store import work_counts
from monitor.store.watches import all_sources

__all__ = ["coverage", "outcomes"]

MAX_PARTS = 200
"""Each part of the time is one question to the store."""


def outcomes(
    workspace: Workspace, asked: Asked, *, interval: Interval = "week"
) -> Answer[OutcomeCount]:
    """Finished looks by source, start of the bucket and outcome; rows without a look are left out.

    Raises:
        InputError: the question cannot be read, or the time has too many parts.
    """
    scope = scope_of(workspace, asked, interval=interval)
    cut = buckets(scope, interval, most=MAX_PARTS)
    with workspace.database.read() as tx:
        rows = [
            OutcomeCount(source=row.source, start=start, outcome=row.outcome, looks=row.looks)
            for start, end in cut
            for row in work_counts.looks(tx, scope, max(start, scope.since), end)
        ]
    rows.sort(key=lambda row: (row.source, row.start, -row.looks, row.outcome))
    return Answer[OutcomeCount].over(scope, "outcomes", rows)


def coverage(
    workspace: Workspace, asked: Asked, *, interval: Interval = "week"
) -> Answer[Coverage]:
    """The share of looks that saw the whole answer; a bucket without a look is a row too.

    Raises:
        InputError: the question cannot be read, or the time has too many parts.
    """
    scope = scope_of(workspace, asked, interval=interval)
    cut = buckets(scope, interval, most=MAX_PARTS)
    rows = []
    with workspace.database.read() as tx:
        names = scope.sources or tuple(source.name for source in all_sources(tx))
        for start, end in cut:
            since = max(start, scope.since)
            counts = work_counts.looks(tx, scope, since, end)
            watches = work_counts.watches_looked_at(tx, scope, since, end)
            for name in names:
                mine = [row for row in counts if row.source == name]
                looked = sum(row.looks for row in mine)
                seen = sum(row.looks for row in mine if Outcome(row.outcome).has_seen)
                watched, watched_seen = watches.get(name, (0, 0))
                rows.append(
                    Coverage(
                        source=name,
                        start=start,
                        looks=looked,
                        seen=seen,
                        coverage=round(seen / looked, 4) if looked else None,
                        watches=watched,
                        watches_seen=watched_seen,
                    )
                )
    rows.sort(key=lambda row: (row.source, row.start))
    return Answer[Coverage].over(scope, "coverage", rows)
