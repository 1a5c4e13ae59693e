"""What waits and for how long, and how alerts arrive."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from monitor.alerts.channels.protocol import ReceiptStatus
from monitor.domain.alert import AlertState
from monitor.errors import InputError
from monitor.pipeline.workspace import Workspace
from monitor.services.statistics.answers import Answer, Delivery, Failure, Load
from monitor.services.statistics.asking import Asked, scope_of
from monitor.store import work_counts

__all__ = ["deliveries", "failures", "queue"]


def queue(workspace: Workspace, asked: Asked) -> Answer[Load]:
    """Work that is due at this moment, by kind and source.

    Raises:
        InputError: the question cannot be read, or names a time: this is about now.
    """
    if asked.since or asked.until:
        raise InputError("since, until: the queue is the state of now; ask without")
    scope = scope_of(workspace, asked)
    now = workspace.database.now()
    with workspace.database.read() as tx:
        found = work_counts.waiting(tx, scope.sources, scope.categories, now)
    rows = [
        Load(
            kind=row.kind,
            source=row.source,
            due=row.due,
            held=row.held,
            failing=row.failing,
            oldest_s=round(max(0.0, (now - row.oldest_due_at).total_seconds()), 1),
        )
        for row in found
    ]
    return Answer[Load](
        question="queue",
        since=None,
        until=now.astimezone(scope.zone),
        zone=scope.zone.key,
        rows=rows,
    )


def deliveries(workspace: Workspace, asked: Asked) -> Answer[Delivery]:
    """Alerts written in the scope's time and how long they took, by endpoint.

    Raises:
        InputError: the question cannot be read.
    """
    scope = scope_of(workspace, asked)
    states: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    attempts: dict[str, int] = defaultdict(int)
    waits: dict[str, list[float]] = defaultdict(list)
    with workspace.database.read() as tx:
        for alert in work_counts.alert_times(tx, scope):
            states[alert.endpoint][alert.state] += 1
            attempts[alert.endpoint] += alert.attempts
            if alert.delivered_at is not None:
                wait = alert.delivered_at - alert.created_at
                waits[alert.endpoint].append(wait / timedelta(seconds=1))
    rows = []
    for endpoint in sorted(states):
        of_state, times = states[endpoint], sorted(waits[endpoint])
        rows.append(
            Delivery(
                endpoint=endpoint,
                alerts=sum(of_state.values()),
                delivered=of_state[AlertState.DELIVERED],
                pending=of_state[AlertState.PENDING],
                dead=of_state[AlertState.DEAD],
                cancelled=of_state[AlertState.CANCELLED],
                attempts=attempts[endpoint],
                p50_s=percentile(times, 0.5),
                p95_s=percentile(times, 0.95),
            )
        )
    return Answer[Delivery].over(scope, "deliveries", rows)


def failures(workspace: Workspace, asked: Asked) -> Answer[Failure]:
    """Tries that did not deliver, for alerts written in the scope's time, the most first.

    Raises:
        InputError: the question cannot be read.
    """
    scope = scope_of(workspace, asked)
    with workspace.database.read() as tx:
        found = work_counts.attempt_counts(tx, scope)
    rows = [
        Failure(
            endpoint=row.endpoint,
            result=row.result,
            http_status=row.http_status,
            attempts=row.attempts,
            last_at=row.last_at.astimezone(scope.zone),
        )
        for row in found
        if row.result != ReceiptStatus.DELIVERED
    ]
    rows.sort(key=lambda row: (row.endpoint, -row.attempts, row.result, row.http_status or 0))
    return Answer[Failure].over(scope, "failures", rows)


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of all do not exceed; None of nothing.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.0
    """
    if not ordered:
        return None
    return round(ordered[math.ceil(share * len(ordered)) - 1], 3)
