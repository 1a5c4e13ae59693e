"""Beat: ticks in its own process. Several at once do no harm, and none keeps a file.

Celery's beat would put a message for each tick into a queue, where they pile up while
nobody works. Here beat looks for due rows itself and sends messages about rows only.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import Scheduler

from workers import ticks
from workers.process import current

__all__ = ["TickScheduler"]

log = logging.getLogger(__name__)

REST_AFTER_ERROR_S = 1.0


class TickScheduler(Scheduler):  # type: ignore[misc]
    """Given to ``celery beat`` by ``beat_scheduler``."""

    def setup_schedule(self) -> None:
        """Nothing is scheduled: the database says what is due."""

    def tick(self, *_args: Any, **_options: Any) -> float:
        """One round; seconds until the next."""
        process = current()
        try:
            ticks.tick(self.app, process)
        except Exception:
            # Redis or the database is away: the next round finds the same rows.
            log.exception("tick failed")
            return REST_AFTER_ERROR_S
        process.beaten()
        return process.settings.tick_s

    def close(self) -> None:
        """Beat ends."""
        current().close()
