"""The coverage ledger: what was looked at, how deep, what was not seen, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.domain.gap import Gap
from monitor.domain.outcome import Outcome
from monitor.domain.watch import Watch
from monitor.pipeline.workspace import Workspace
from monitor.store import gaps as gap_store
from monitor.store import polls, watches
from monitor.store.database import Transaction

__all__ = ["STATES", "Ledger", "gaps", "ledger"]

STATES = ("suppressed", "gap", "unlooked", "paused", "seen")
"""Hidden by the market now; not seen now; without a look in this time; paused; seen."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was looked at since a time, for one source and keyword.

    Attributes:
        state: one of `STATES`.
        looks: looks begun.
        seen: looks that saw the whole answer.
        blind: looks that did not: nothing may be concluded from them.
        pages: pages read in all these looks.
        outcomes: looks by outcome; "" for a look that is still running.
        last_seen_at: newest look of this time that saw.
        gap_since: since when the watch has not been seen; None when it is.
    """

    source: str
    term: str
    state: str
    looks: int
    seen: int
    blind: int
    pages: int
    outcomes: dict[str, int]
    last_seen_at: datetime | None
    gap_since: datetime | None


def ledger(workspace: Workspace, since: datetime) -> list[Ledger]:
    """One row for each source and keyword, also for watches that nobody looked at."""
    with workspace.database.read() as tx:
        rows = polls.outcomes_by_source(tx, since)
        planned = {(w.source, w.term): w for w in watches.all_watches(tx)}
        open_gaps = {
            (gap.source, gap.term): gap for gap in _gaps(workspace, tx, since) if not gap.ended_at
        }
    found: dict[tuple[str, str], list[polls.OutcomeCount]] = {key: [] for key in planned}
    for row in rows:
        found.setdefault((row.source, row.term), []).append(row)
    done = []
    for key, counts in sorted(found.items()):
        seeing = [row for row in counts if row.outcome and row.outcome.has_seen]
        gap = open_gaps.get(key)
        done.append(
            Ledger(
                source=key[0],
                term=key[1],
                state=_state(planned.get(key), gap, has_seen=bool(seeing)),
                looks=sum(row.looks for row in counts),
                seen=sum(row.looks for row in seeing),
                blind=sum(row.looks for row in counts if row.outcome and not row.outcome.has_seen),
                pages=sum(row.pages for row in counts),
                outcomes={row.outcome.value if row.outcome else "": row.looks for row in counts},
                last_seen_at=max((row.newest_at for row in seeing), default=None),
                gap_since=gap.began_at if gap else None,
            )
        )
    return done


def _state(watch: Watch | None, gap: Gap | None, *, has_seen: bool) -> str:
    if watch and watch.is_paused:
        return "paused"
    if gap:
        return "suppressed" if gap.cause == Outcome.SUPPRESSED else "gap"
    return "seen" if has_seen else "unlooked"


def gaps(workspace: Workspace, since: datetime) -> list[Gap]:
    """Gaps that are open or ended since a time, those in which nobody looks included."""
    with workspace.database.read() as tx:
        return _gaps(workspace, tx, since)


def _gaps(workspace: Workspace, tx: Transaction, since: datetime) -> list[Gap]:
    now = workspace.database.now()
    return [*gap_store.unlooked(tx, now), *gap_store.listed(tx, since, now=now)]
