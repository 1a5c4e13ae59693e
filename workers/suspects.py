"""Suspects: rows over which a process died.

A page that kills its reader takes along whatever else that process had in hand, so
nobody can tell at first which one it was. All of them are tried again, one by one, in
a helper process: the innocent pass, and the guilty one kills only the helper. After
`TRIES` deaths in all it is quarantined and reported.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from monitor.store.claims import Claim, count_crash
from workers import metrics
from workers.alone import Helper, HelperDied
from workers.process import Process
from workers.verbs import Verb

__all__ = ["TRIES", "try_apart"]

log = logging.getLogger(__name__)

TRIES = 3
"""Deaths, the first of them in a worker, after which a page is quarantined."""
LEASES = 5
"""So many leases may one suspect take; a page that hangs for ever is as bad as one that kills."""


def try_apart(process: Process, verb: Verb, ids: Sequence[int]) -> int:
    """Try these rows; how many were claimed."""
    tried = 0
    with process.alone, Helper(LEASES * process.settings.lease_s) as helper:
        for row_id in ids:
            helper.start()
            claim = verb.claim(process.workspace, row_id, suspects=True)
            if claim is None:
                continue
            tried += 1
            try:
                outcome = helper.do(verb, claim)
            except HelperDied:
                _died(process, verb, claim)
            else:
                verb.counter.labels(outcome or "none").inc()
    return tried


def _died(process: Process, verb: Verb, claim: Claim) -> None:
    metrics.CRASHES.labels(verb.name).inc()
    database = process.workspace.database
    with database.write() as tx:
        crashes = count_crash(tx, verb.table, claim)
        if crashes >= TRIES:
            verb.quarantine(tx, claim.id, now=database.now())
    log.error("page killed its reader", extra={"verb": verb.name, "row": claim.id, "n": crashes})
    if crashes >= TRIES:
        metrics.QUARANTINED.labels(verb.name).inc()
        log.error("page quarantined", extra={"verb": verb.name, "row": claim.id})
