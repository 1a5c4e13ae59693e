"""How Celery is set up: from the monitor's own settings and nothing else."""

from __future__ import annotations

from typing import Any, Final

from kombu.entity import Exchange, Queue

from monitor.config import Settings
from monitor.errors import ConfigError

__all__ = ["QUEUES", "celery_configuration", "threads_of"]

QUEUES: Final = ("poll", "look", "pictures", "outbox", "housekeeping")
"""One for each kind of work, so that slow kinds do not hold up quick ones."""

LINK_TIMEOUT_S: Final = 15.0
"""Longer than any blocking read of the broker's client; a silent link is given up after it."""


def threads_of(settings: Settings, queue: str) -> int:
    """How many tasks of a queue one worker does at once."""
    threads = {
        "poll": settings.poll_threads,
        "look": settings.look_threads,
        "pictures": settings.picture_threads,
        "outbox": settings.send_threads + 1,  # sending, and indexing beside it
    }
    return threads.get(queue, 1)


def _queue(name: str) -> Queue:
    exchange = Exchange(name)  # type: ignore[no-untyped-call]
    return Queue(name, exchange, routing_key=name)  # type: ignore[no-untyped-call]


def celery_configuration(settings: Settings) -> dict[str, Any]:
    """Celery's own settings.

    Raises:
        ConfigError: there is no Redis to talk through.
    """
    if not settings.redis_url:
        raise ConfigError("MONITOR_REDIS_URL: not set; workers and beat talk through a Redis")
    return {
        "broker_url": settings.redis_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            # Work of a dead worker comes back at the latest when its lease ends.
            "visibility_timeout": settings.lease_s,
            # kombu's defaults would look for such work only every few minutes.
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "socket_timeout": LINK_TIMEOUT_S,
            "socket_connect_timeout": LINK_TIMEOUT_S,
            "socket_keepalive": True,
            "retry_on_timeout": True,
        },
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_backend": None,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_queues": [_queue(name) for name in QUEUES],
        "task_default_queue": "housekeeping",
        "task_create_missing_queues": False,
        "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0.2},
        # Pools of processes obey these; for threads a lease and /livez stand in.
        "task_soft_time_limit": settings.lease_s * 0.9,
        "task_time_limit": settings.lease_s * 1.5,
        "worker_pool": settings.worker_pool,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": settings.worker_max_tasks,
        "worker_max_memory_per_child": settings.worker_max_memory_mb * 1024,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # After SIGQUIT: so long for the work in hand; what is not done by then goes back.
        "worker_soft_shutdown_timeout": 10.0,
        "worker_redirect_stdouts": False,
        "beat_scheduler": "workers.beat:TickScheduler",
        "timezone": "UTC",
        "enable_utc": True,
    }
