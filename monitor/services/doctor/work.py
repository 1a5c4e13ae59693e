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

__all__ = ["check_cluster", "check_index", "check_work", "is_ready"]

LATE_S = 600.0
TRIED = ("8.", "9.")


def is_ready(settings: Settings) -> bool:
    """Whether a workspace would open without making or upgrading anything."""
    try:
        facts = look_at_store(settings.store_url)
        Keyring.open(settings.keys_path, may_create=False)
    except MonitorError:
        return False
    return facts.schema == facts.head


def check_cluster(settings: Settings) -> Finding:
    """Whether Elasticsearch lets us in and is well."""
    if not settings.elasticsearch_url:
        return Finding("elasticsearch", State.OFF, "the index is a file in the data folder")
    try:
        from monitor.search.elastic_health import look_at_cluster
    except ImportError:
        advice = "install the extra: pip install 'face-trade-monitor[distributed]'"
        return Finding("elasticsearch", State.BAD, "its client is not installed", advice)
    facts = look_at_cluster(settings)
    said = f"Elasticsearch {', '.join(facts.versions)}, {facts.health}"
    if any(not version.startswith(TRIED) for version in facts.versions):
        advice = "use a server 8.19 or 9: others were not tried"
        return Finding("elasticsearch", State.WARN, said, advice)
    if facts.health == "red":
        advice = "some of its data is missing: see its logs; hits wait in the outbox meanwhile"
        return Finding("elasticsearch", State.BAD, said, advice)
    return Finding("elasticsearch", State.GOOD, said)


def check_index(settings: Settings) -> Finding:
    """Whether the index answers and holds what the store holds."""
    if not is_ready(settings):
        return Finding("index", State.OFF, "not looked at before store and keys are ready")
    kind = "Elasticsearch" if settings.elasticsearch_url else "SQLite"
    with open_workspace(settings) as workspace:
        status = index_status(workspace)
        if status.needs_rebuild and status.hits:
            advice = "run: monitor index rebuild"
            return Finding("index", State.BAD, f"{kind}: it is missing or of another shape", advice)
        late_s = _age_s(status.oldest_at, workspace.database.now())
    said = f"{kind}: {status.documents} of {status.hits} hits, {status.waiting} waiting"
    if status.refused:
        advice = "see the outbox workers' logs: each says which hit was refused, and why"
        return Finding("index", State.WARN, f"{said}, {status.refused} refused before", advice)
    if late_s > LATE_S:
        advice = "is anybody indexing? See `monitor index status`, and the outbox workers' logs"
        return Finding("index", State.WARN, f"{said}, the oldest for {late_s:.0f} s", advice)
    if status.documents != status.hits and not status.waiting:
        return Finding("index", State.WARN, said, "run: monitor index status --repair")
    return Finding("index", State.GOOD, said)


def check_work(settings: Settings) -> Finding:
    """Whether anybody does the work that is due."""
    if not is_ready(settings):
        return Finding("work", State.OFF, "not looked at before store and keys are ready")
    with open_workspace(settings) as workspace:
        due = waiting(workspace)
    said = (
        f"due: {due.polls} polls, {due.looks} looks, {due.pictures} pictures, "
        f"{due.to_index} to index, {due.to_send} to send"
    )
    return Finding("work", State.GOOD, said)


def _age_s(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
