"""Watches: which keyword is searched where and how often; looks on demand; circuits."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.watch import PollSummary, Watch
from monitor.errors import ConflictError, InputError
from monitor.pipeline.asking import Scope
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.schedule import quiet_until
from monitor.pipeline.workspace import Workspace
from monitor.services.fitting import fit
from monitor.services.keywords import find
from monitor.store import keywords as keyword_store
from monitor.store import people, politeness, polls, watches
from monitor.store.database import Transaction

__all__ = [
    "Added",
    "add",
    "circuits",
    "close_circuit",
    "close_circuits",
    "list_watches",
    "poll_now",
    "recent_polls",
    "refuse_resting",
    "set_paused",
]

MIN_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class Added:
    """What adding watches did.

    Attributes:
        source: where.
        interval_s: as asked for.
        added: terms with a new watch.
        kept: terms that had one (its interval is the one asked for, and it runs).
        watches: all watches of the source.
        cycle_s: the shortest time in which one look at each of them fits.
    """

    source: str
    interval_s: float
    added: tuple[str, ...]
    kept: tuple[str, ...]
    watches: int
    cycle_s: float


def add(
    workspace: Workspace,
    source_name: str,
    references: Sequence[str],
    *,
    interval_s: float,
    category: str = "",
    actor: str,
) -> Added:
    """Search keywords in a source at an interval.

    Args:
        workspace: what is open.
        source_name: the source.
        references: keywords by id or term; empty: every active keyword marked for search.
        interval_s: seconds between two looks of one watch.
        category: with no references: only keywords of this category.
        actor: who asks.

    Raises:
        InputError: nothing to add, or the looks cannot fit into the interval.
    """
    if not math.isfinite(interval_s) or interval_s < MIN_INTERVAL_S:
        raise InputError(f"the interval must be at least {MIN_INTERVAL_S:g} s")
    with workspace.database.write() as tx:
        now = workspace.database.now()
        source = watches.source_by_name(tx, source_name)
        chosen = _keywords(tx, references, category, now)
        if not chosen:
            raise InputError("no active keyword to watch; see: monitor keywords list")
        added: list[str] = []
        kept: list[str] = []
        for keyword_id, term in chosen:
            # Spread over the interval, so that a hundred new watches do not start at once.
            first = now + timedelta(seconds=_spread(len(chosen), interval_s))
            is_new = watches.add_watch(
                tx, keyword_id, source.id, interval_s, first_poll_at=first, now=now
            )
            (added if is_new else kept).append(term)
        fitting = fit(workspace, tx, source)
        people.audit(
            tx,
            actor=actor,
            action="watch.add",
            target=f"source:{source.name}",
            detail={"added": len(added), "interval_s": interval_s},
            now=now,
        )
    return Added(
        source.name, interval_s, tuple(added), tuple(kept), fitting.watches, fitting.cycle_s
    )


def _spread(count: int, interval_s: float) -> float:
    return 0.0 if count == 1 else random.uniform(0, min(interval_s, 60.0))


def _keywords(
    tx: Transaction, references: Sequence[str], category: str, now: datetime
) -> list[tuple[int, str]]:
    if references:
        chosen = [find(tx, reference) for reference in references]
        for keyword in chosen:
            if not keyword.is_active(now):
                raise ConflictError(f"keyword {keyword.id} ({keyword.term}) is not active")
    else:
        chosen = [
            keyword
            for keyword in keyword_store.all_keywords(tx)
            if keyword.is_active(now)
            and keyword.draft.search
            and (not category or keyword.draft.category == category)
        ]
    return [(keyword.id, keyword.term) for keyword in chosen]


def list_watches(workspace: Workspace, *, source: str = "") -> list[Watch]:
    """By source and term."""
    with workspace.database.read() as tx:
        return [w for w in watches.all_watches(tx) if not source or w.source == source]


def set_paused(workspace: Workspace, watch_ids: Sequence[int], *, paused: bool, actor: str) -> None:
    """Pause or resume watches; all or none. Raises `NotFoundError`."""
    with workspace.database.write() as tx:
        now = workspace.database.now()
        for watch_id in watch_ids:
            watches.set_paused(tx, watch_id, paused=paused, now=now)
            action = "watch.pause" if paused else "watch.resume"
            people.audit(tx, actor=actor, action=action, target=f"watch:{watch_id}", now=now)


def poll_now(workspace: Workspace, watch_id: int, *, at_any_hour: bool = True) -> PollSummary:
    """One look now, due or not.

    Args:
        workspace: what is open.
        watch_id: the watch.
        at_any_hour: also in its source's quiet hours.

    Raises:
        NotFoundError: no such watch.
        ConflictError: another worker is looking at this very watch, or its source rests
            after a block or has quiet hours.
    """
    with workspace.database.read() as tx:
        watch = watches.get_watch(tx, watch_id)
        record = watches.source_by_id(tx, watch.source_id)
    definition = workspace.source(record).definition
    ends_at = quiet_until(definition, workspace.database.now())
    if ends_at is not None and not at_any_hour:
        raise ConflictError(
            f"{watch.source} has quiet hours until {ends_at:%Y-%m-%d %H:%M} UTC; "
            f"to look before that: monitor poll --watch {watch_id}"
        )
    refuse_resting(workspace, watch.source_id, watch.source)
    with workspace.database.write(durable=False) as tx:
        watches.wake(tx, watch_id)
        claims = watches.claim_due(
            tx,
            now=workspace.database.now(),
            lease_s=workspace.settings.lease_s,
            limit=1,
            watch_ids=[watch_id],
        )
    summary = poll_watch(workspace, claims[0], at_any_hour=True) if claims else None
    if summary is None:
        refuse_resting(workspace, watch.source_id, watch.source)
        raise ConflictError(f"watch {watch_id} is being polled by another process")
    return summary


def refuse_resting(workspace: Workspace, source_id: int, name: str) -> None:
    """Raises `ConflictError` while a source's search rests after a block."""
    with workspace.database.read() as tx:
        rest = politeness.resting(tx, source_id, Scope.SEARCH, workspace.database.now())
    if rest is not None:
        raise ConflictError(
            f"{name} rests until {rest.until:%Y-%m-%d %H:%M:%S} UTC: {rest.outcome}; "
            f"to look before that: monitor sources resume {name}"
        )


def recent_polls(
    workspace: Workspace, *, limit: int = 50, watch_id: int | None = None
) -> list[PollSummary]:
    """The newest looks first."""
    with workspace.database.read() as tx:
        return polls.recent(tx, limit=limit, watch_id=watch_id)


def circuits(workspace: Workspace) -> list[politeness.Circuit]:
    """Sources that refused us and rest."""
    with workspace.database.read() as tx:
        return politeness.circuits(tx, workspace.database.now())


def close_circuits(workspace: Workspace, source_name: str, *, actor: str) -> int:
    """Let a source be asked again before its pauses are over; how many circuits were open."""
    with workspace.database.write() as tx:
        source = watches.source_by_name(tx, source_name)
        return _close(workspace, tx, source.id, source.name, only=None, actor=actor)


def close_circuit(workspace: Workspace, circuit_id: int, *, actor: str) -> bool:
    """Close one circuit by hand; False when it was not open any more. Raises `NotFoundError`.

    Of a login that was refused, all endpoints that are asked with it are open again.
    """
    with workspace.database.write() as tx:
        circuit = politeness.circuit(tx, circuit_id)
        closed = _close(workspace, tx, circuit.source_id, circuit.source, only=circuit, actor=actor)
    return closed > 0


def _close(
    workspace: Workspace,
    tx: Transaction,
    source_id: int,
    name: str,
    *,
    only: politeness.Circuit | None,
    actor: str,
) -> int:
    now = workspace.database.now()
    closed = politeness.close_circuits(tx, source_id, only=only, actor=actor, now=now)
    if closed:
        detail = {"closed": closed}
        people.audit(
            tx, actor=actor, action="circuit.close", target=f"source:{name}", detail=detail, now=now
        )
    return closed
