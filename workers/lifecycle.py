"""What happens when a worker or beat starts and ends: logs, threads, health, closing."""

from __future__ import annotations

import logging
import signal
from typing import Any

from celery import signals

from workers.configuration import QUEUES, threads_of
from workers.health import HealthServer
from workers.logs import set_up_logging
from workers.process import current

__all__: list[str] = []

log = logging.getLogger(__name__)


@signals.setup_logging.connect(weak=False)  # type: ignore[untyped-decorator]
def _log_as_json(loglevel: int | None = None, **_: Any) -> None:
    # Celery's own default, warnings only, would hide every outcome.
    is_quiet = loglevel is not None and loglevel > logging.WARNING
    set_up_logging(loglevel if is_quiet and loglevel else logging.INFO)


@signals.celeryd_init.connect(weak=False)  # type: ignore[untyped-decorator]
def _choose_threads(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """As many as the settings say for the worker's queues, unless -c was given."""
    chosen = options.get("queues") or QUEUES
    queues = chosen.split(",") if isinstance(chosen, str) else chosen
    settings = current().settings
    conf.worker_concurrency = sum(threads_of(settings, queue) for queue in queues)


@signals.worker_ready.connect(weak=False)  # type: ignore[untyped-decorator]
@signals.beat_init.connect(weak=False)  # type: ignore[untyped-decorator]
def _serve_health(**_: Any) -> None:
    settings = current().settings
    if settings.worker_port:
        HealthServer(settings.worker_host, settings.worker_port, current)
    log.info("ready")


@signals.beat_init.connect(weak=False)  # type: ignore[untyped-decorator]
def _stop_between_ticks(sender: Any, **_: Any) -> None:
    # Celery's own handler closes the scheduler and raises wherever a tick is; what is
    # raised in the midst of a driver's callback is lost, and beat would run on.
    signal.signal(signal.SIGTERM, lambda *_: sender.stop())


@signals.worker_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
@signals.worker_process_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
def _close(**_: Any) -> None:
    current().close()
