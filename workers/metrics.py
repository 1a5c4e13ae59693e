"""What Prometheus is told. Labels are kinds and outcomes, never anything of a listing.

Each process serves its own (see `workers.health`). In a pool of processes, set
``PROMETHEUS_MULTIPROC_DIR`` to an empty folder, and the parent adds up its children.
"""

from __future__ import annotations

import os
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = [
    "CLASSIFY_SECONDS",
    "CRASHES",
    "DELIVERIES",
    "DUE_ROWS",
    "FAILURES",
    "INDEXED",
    "INDEX_LAG_SECONDS",
    "LOOKS",
    "PICTURES",
    "POLLS",
    "QUARANTINED",
    "TASK_SECONDS",
    "exposition",
]

DUE_ROWS: Final = Gauge(
    "monitor_due_rows",
    "Rows that wait and that nobody holds, up to the most that one tick looks for.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
INDEX_LAG_SECONDS: Final = Gauge(
    "monitor_index_lag_seconds",
    "How long the longest waiting hit has been waiting for the index.",
    multiprocess_mode="mostrecent",
)
POLLS: Final = Counter("monitor_polls", "Looks at a watch.", ["outcome"])
LOOKS: Final = Counter("monitor_looks", "Looks at an item page.", ["outcome"])
PICTURES: Final = Counter("monitor_pictures", "Pictures asked for.", ["outcome"])
DELIVERIES: Final = Counter("monitor_deliveries", "Tries to send an alert.", ["result"])
INDEXED: Final = Counter("monitor_indexed", "Outbox entries brought into the index.")
FAILURES: Final = Counter("monitor_task_failures", "Tasks that ended in an error.", ["task"])
CRASHES: Final = Counter("monitor_crashes", "Pages that killed the process reading them.", ["kind"])
QUARANTINED: Final = Counter("monitor_quarantined", "Pages that are no more tried.", ["kind"])
CLASSIFY_SECONDS: Final = Histogram(
    "monitor_classify_seconds",
    "Time to judge one listing.",
    buckets=(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5),
)
TASK_SECONDS: Final = Histogram(
    "monitor_task_seconds",
    "Time of one task.",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)


def exposition() -> bytes:
    """All of them, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
