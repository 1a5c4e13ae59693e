"""Hits by source, category, keyword, region, seller and time: from the index, whichever it is."""

from __future__ import annotations

from typing import cast, get_args

from monitor.domain.scope import Scope
from monitor.errors import InputError
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitQuery, Interval
from monitor.services.statistics.answers import Answer, HitCount
from monitor.services.statistics.asking import Asked, buckets, check_limit, scope_of

__all__ = ["HITS_BY", "hits"]

FACETS = ("source", "category", "keyword", "region", "seller", "decision", "verdict")
HITS_BY = (*FACETS, *get_args(Interval))
"""What hits can be counted by: a property, or the time at which they were found."""

FLAGGED = ("hit", "review")
"""Decisions that count; hits that an item page took back do not."""


def hits(workspace: Workspace, asked: Asked, *, by: str, limit: int = 50) -> Answer[HitCount]:
    """Hits found in the scope's time.

    Args:
        workspace: what is open.
        asked: which hits; a category is any whose probability is at least one half.
        by: one of `HITS_BY`.
        limit: most rows, the most frequent first; times are all shown, in order.

    Raises:
        InputError: the question cannot be read.
        SearchError: the index cannot answer.
    """
    if by not in HITS_BY:
        raise InputError(f"by: {by[:64]!r} is none of {', '.join(HITS_BY)}")
    check_limit(limit)
    interval = None if by in FACETS else cast("Interval", by)
    scope = scope_of(workspace, asked, interval=interval or "day")
    query = _query(scope)
    if interval:
        rows = _over_time(workspace, scope, query, interval)
    else:
        counted = workspace.index.count_by(query, by)
        rows = [HitCount(value=value, hits=count) for value, count in counted]
    shown = rows if interval else rows[:limit]
    return Answer[HitCount].over(
        scope,
        "hits",
        shown,
        total=workspace.index.find(query).total,
        left_out=len(rows) - len(shown),
    )


def _query(scope: Scope) -> HitQuery:
    filters = {"decision": FLAGGED, "source": scope.sources, "category": scope.categories}
    return HitQuery(filters=filters, since=scope.since, until=scope.until, limit=1)


def _over_time(
    workspace: Workspace, scope: Scope, query: HitQuery, interval: Interval
) -> list[HitCount]:
    buckets(scope, interval)  # refuses too many
    counted = workspace.index.histogram(query, interval=interval, zone=scope.zone.key)
    return [HitCount(value=start.isoformat(), hits=count) for start, count in counted]
