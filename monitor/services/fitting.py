"""Whether all looks that are planned fit into the pauses and the day's budget of their host."""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitor.domain.watch import SourceRecord, Watch
from monitor.errors import InputError
from monitor.fetching.slots import DAY, host_key
from monitor.pipeline.workspace import Workspace, requests_per_day
from monitor.sources.definition import SourceDefinition
from monitor.store import watches
from monitor.store.database import Transaction

__all__ = ["Fit", "fit"]

DAY_S = DAY.total_seconds()


@dataclass(frozen=True, slots=True)
class Fit:
    """How the looks of a source fit.

    Attributes:
        watches: of the source, all that are not paused.
        cycle_s: the shortest time in which one look at each of them fits.
    """

    watches: int
    cycle_s: float


def fit(workspace: Workspace, tx: Transaction, source: SourceRecord) -> Fit:
    """Count one request for each look; further pages and item pages come on top.

    The day's budget is the host's: watches of other sources on it count as well.

    Raises:
        InputError: the looks do not fit; says what would.
    """
    running = [watch for watch in watches.all_watches(tx) if not watch.is_paused]
    mine = [watch for watch in running if watch.source_id == source.id]
    definition = SourceDefinition.model_validate(source.definition)
    pause_s = definition.min_interval_s * (1 + definition.jitter / 2)
    cycle_s = len(mine) * pause_s
    shortest = min((watch.interval_s for watch in mine), default=math.inf)
    if cycle_s > shortest:
        raise InputError(
            f"{len(mine)} watches of {source.name} need {cycle_s:.0f} s for one look each, "
            f"at {pause_s:g} s between two requests; an interval of {shortest:g} s "
            f"is too short (use --every {math.ceil(cycle_s)}s or more, or fewer keywords)"
        )
    per_day = requests_per_day(workspace.settings, definition)
    host = _host(workspace, source)
    if not per_day or not host:
        return Fit(len(mine), cycle_s)
    there = _on_host(workspace, tx, host, running)
    wanted = sum(DAY_S / watch.interval_s for watch in there)
    spread_s = len(there) * DAY_S / per_day
    if wanted > per_day:
        raise InputError(
            f"{len(there)} watches on {host} want {math.ceil(wanted)} requests a day, "
            f"{per_day} are allowed (max_requests_per_day, MONITOR_HOST_REQUESTS_PER_DAY); "
            f"use --every {math.ceil(spread_s)}s or more for all, or fewer keywords"
        )
    return Fit(len(mine), max(cycle_s, spread_s))


def _on_host(workspace: Workspace, tx: Transaction, host: str, running: list[Watch]) -> list[Watch]:
    there = {each.id for each in watches.all_sources(tx) if _host(workspace, each) == host}
    return [watch for watch in running if watch.source_id in there]


def _host(workspace: Workspace, source: SourceRecord) -> str:
    """The host that is searched; "" for a source that is read from captures only."""
    request = workspace.source(source).search_request("")
    return host_key(request.url) if request else ""
