"""What one worker process (or beat) holds open while it lives."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import redis

from classifiers.assess import Assessor
from classifiers.contract import Assessment, Listing
from monitor.config import Settings, load_settings
from monitor.pipeline.workspace import Workspace
from monitor.store.database import Transaction
from workers.configuration import LINK_TIMEOUT_S
from workers.markers import Markers
from workers.metrics import CLASSIFY_SECONDS, TASK_SECONDS

__all__ = ["Process", "current"]


class Process:
    """Settings, store, index and Redis of this process. Thread-safe; opens things when used.

    Attributes:
        alone: held while this process has a suspect tried, so that it has one helper at most.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.alone = threading.Lock()
        self._lock = threading.Lock()
        self._workspace: Workspace | None = None
        self._redis: redis.Redis | None = None
        self._begun: dict[int, float] = {}
        self._beaten_at: float | None = None

    @property
    def workspace(self) -> Workspace:
        """The monitor's store, index and ways out."""
        with self._lock:
            if self._workspace is None:
                self._workspace = _TimedWorkspace(self.settings)
            return self._workspace

    @property
    def redis(self) -> redis.Redis:
        """For what is beside the tasks: markers, lengths of queues, health."""
        with self._lock:
            if self._redis is None:
                self._redis = redis.Redis.from_url(
                    self.settings.redis_url,
                    socket_timeout=LINK_TIMEOUT_S,
                    socket_connect_timeout=LINK_TIMEOUT_S,
                )
            return self._redis

    @property
    def markers(self) -> Markers:
        """Which work lies in a queue already."""
        return Markers(self.redis)

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        """Time a task, and know of it while it runs."""
        thread, begun = threading.get_ident(), time.monotonic()
        self._begun[thread] = begun
        try:
            yield
        finally:
            self._begun.pop(thread, None)
            TASK_SECONDS.labels(name).observe(time.monotonic() - begun)

    def longest_task_s(self) -> float:
        """Since when the oldest task in hand has been running."""
        return max((time.monotonic() - begun for begun in list(self._begun.values())), default=0.0)

    def beaten(self) -> None:
        """Beat has come round once more."""
        self._beaten_at = time.monotonic()

    def since_beat_s(self) -> float:
        """Seconds since beat came round last; 0 where no beat runs."""
        return 0.0 if self._beaten_at is None else time.monotonic() - self._beaten_at

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            if self._workspace is not None:
                self._workspace.close()
            if self._redis is not None:
                self._redis.close()
            self._workspace = self._redis = None


class _TimedWorkspace(Workspace):
    """Measures how long it takes to judge a listing."""

    def assessor(self, tx: Transaction) -> tuple[Assessor, str]:
        assessor, key = super().assessor(tx)
        return cast("Assessor", _TimedAssessor(assessor)), key


class _TimedAssessor:
    def __init__(self, assessor: Assessor) -> None:
        self._assessor = assessor

    def assess(self, listing: Listing) -> Assessment:
        with CLASSIFY_SECONDS.time():
            return self._assessor.assess(listing)


_held: dict[int, Process] = {}
_held_lock = threading.Lock()


def current() -> Process:
    """This process's own; a forked child does not share its parent's connections."""
    with _held_lock:
        pid = os.getpid()
        if pid not in _held:
            _held[pid] = Process(load_settings())
        return _held[pid]
