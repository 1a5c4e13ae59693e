"""The index and the work that waits: only a workspace that opens can tell."""

from __future__ import annotations

from datetime import datetime

from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.keyring import Keyring
from monitor.pipeline.workspace import open_workspace
from monitor.services.doctor.finding import Finding, State
from monitor.services.overview import index_status, waiting
from monitor.store.inspection import look_at_store

__all__ = ["check_index", "check_work"]

LATE_S = 600.0


def _is_ready(settings: Settings) -> bool:
    """Whether a workspace would open without making or upgrading anything."""
    try:
        facts = look_at_store(settings.store_url)
        Keyring.open(settings.keys_path, may_create=False)
    except MonitorError:
        return False
    return facts.schema == facts.head


def check_index(settings: Settings) -> Finding:
    """Whether the index answers and holds what the store holds."""
    if not _is_ready(settings):
        return Finding("index", State.OFF, "not looked at before store and keys are ready")
    kind = "Elasticsearch" if settings.elasticsearch_url else "SQLite"
    with open_workspace(settings) as workspace:
        status = index_status(workspace)
        if workspace.index.needs_rebuild and status.hits:
            advice = "run: monitor index rebuild"
            return Finding("index", State.BAD, f"{kind}: it is missing or of another shape", advice)
        late_s = _age_s(status.oldest_at, workspace.database.now())
    said = f"{kind}: {status.documents} of {status.hits} hits, {status.waiting} waiting"
    if late_s > LATE_S:
        advice = "is anybody indexing? See `monitor index status`, and the outbox workers' logs"
        return Finding("index", State.WARN, f"{said}, the oldest for {late_s:.0f} s", advice)
    if status.documents != status.hits and not status.waiting:
        return Finding("index", State.WARN, said, "run: monitor index status --repair")
    return Finding("index", State.GOOD, said)


def check_work(settings: Settings) -> Finding:
    """Whether anybody does the work that is due."""
    if not _is_ready(settings):
        return Finding("work", State.OFF, "not looked at before store and keys are ready")
    with open_workspace(settings) as workspace:
        due = waiting(workspace)
    said = (
        f"due: {due.polls} polls, {due.looks} looks, {due.to_index} to index, {due.to_send} to send"
    )
    return Finding("work", State.GOOD, said)


def _age_s(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
