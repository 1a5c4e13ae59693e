"""The verbs as tasks. Each takes ids only and claims what it does: twice is once.

An error in a task is logged and the row rests until its lease ends, as with
`monitor.runner`; Celery itself never retries anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from monitor.pipeline.alert import claim_sends, send_alert
from monitor.pipeline.captures_folder import take_dropped
from monitor.pipeline.index import index_due
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.retain import retain as retain_due
from monitor.store.claims import abandon
from workers import metrics
from workers.app import app
from workers.process import Process, current
from workers.suspects import try_apart
from workers.verbs import VERBS

__all__ = ["captures", "index", "look", "pictures", "poll", "retain", "send", "suspects"]

log = logging.getLogger(__name__)


def _run(name: str, work: Callable[[Process], object]) -> None:
    """Do it, time it, and let nothing out but the kind of an error."""
    process = current()
    try:
        with process.task(name):
            work(process)
    except Exception:
        metrics.FAILURES.labels(name).inc()
        log.exception("task failed", extra={"task": name})


def _read(name: str, row_id: int) -> None:
    _run(name, lambda process: _read_page(process, name, row_id))


def _read_page(process: Process, name: str, row_id: int) -> None:
    verb, workspace = VERBS[name], process.workspace
    claim = verb.claim(workspace, row_id)
    process.markers.drop(name, [row_id])
    if claim is None:
        return
    try:
        outcome = verb.do(workspace, claim)
    except Exception:
        with workspace.database.write(durable=False) as tx:
            abandon(tx, verb.table, claim)
        raise
    verb.counter.labels(outcome or "none").inc()
    log.info("page read", extra={"verb": name, "row": row_id, "outcome": outcome or "none"})


@app.task(name="monitor.poll")  # type: ignore[untyped-decorator]
def poll(watch_id: int) -> None:
    """One look at a watch."""
    _read("poll", watch_id)


@app.task(name="monitor.look")  # type: ignore[untyped-decorator]
def look(listing_id: int) -> None:
    """One look at a listing's item page."""
    _read("look", listing_id)


@app.task(name="monitor.suspects")  # type: ignore[untyped-decorator]
def suspects(verb: str, ids: list[int]) -> None:
    """Rows over which a process died, each apart from all others."""

    def work(process: Process) -> None:
        try:
            try_apart(process, VERBS[verb], ids)
        finally:
            process.markers.drop(f"{verb}-suspects", [0])

    _run("suspects", work)


@app.task(name="monitor.index")  # type: ignore[untyped-decorator]
def index(batch: int) -> None:
    """One batch of hits into the index; of several at once each claims another."""

    def work(process: Process) -> None:
        try:
            done = index_due(process.workspace)
        finally:
            process.markers.drop("index", [batch])
        metrics.INDEXED.inc(done)
        log.info("indexed", extra={"n": done})

    _run("index", work)


@app.task(name="monitor.pictures")  # type: ignore[untyped-decorator]
def pictures(listing_id: int) -> None:
    """Open the pictures of a listing."""

    def work(process: Process) -> None:
        entries = claim_openings(process.workspace, limit=1, listing_id=listing_id)
        process.markers.drop("pictures", [listing_id])
        for entry in entries:
            done = open_pictures(process.workspace, entry)
            opened, lost = (done.opened, done.lost) if done else (0, 0)
            metrics.PICTURES.labels("opened").inc(opened)
            metrics.PICTURES.labels("lost").inc(lost)
            log.info("pictures opened", extra={"row": listing_id, "n": opened})

    _run("pictures", work)


@app.task(name="monitor.send")  # type: ignore[untyped-decorator]
def send(alert_id: int) -> None:
    """One try to deliver an alert."""

    def work(process: Process) -> None:
        entries = claim_sends(process.workspace, limit=1, alert_id=alert_id)
        process.markers.drop("send", [alert_id])
        for entry in entries:
            alert = send_alert(process.workspace, entry)
            result = alert.state.value if alert else "nothing"
            metrics.DELIVERIES.labels(result).inc()
            log.info("sent", extra={"alert": alert_id, "outcome": result})

    _run("send", work)


@app.task(name="monitor.captures")  # type: ignore[untyped-decorator]
def captures(_round: int = 0) -> None:
    """One batch of the files that lie in the folder of captures."""
    _run(
        "captures", lambda process: log.info("taken", extra={"n": take_dropped(process.workspace)})
    )


@app.task(name="monitor.retain")  # type: ignore[untyped-decorator]
def retain(_round: int = 0) -> None:
    """Erase what is past its time."""
    _run("retain", lambda process: log.info("erased", extra={"n": retain_due(process.workspace)}))
