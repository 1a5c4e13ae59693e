"""Redis, which carries the workers' tasks: reachable, and set so that it forgets none."""

from __future__ import annotations

from typing import Any

from monitor.config import Settings
from monitor.services.doctor.finding import Finding, State

__all__ = ["check_redis"]

PATIENCE_S = 5.0
OLDEST = 6


def check_redis(settings: Settings) -> Finding:
    """Whether it answers, and neither evicts nor forgets what it holds."""
    if not settings.redis_url:
        return Finding("redis", State.OFF, "one machine: no tasks are handed around")
    try:
        import redis
    except ImportError:
        advice = "install the extra: pip install 'face-trade-monitor[distributed]'"
        return Finding("redis", State.BAD, "its client is not installed", advice)
    try:
        client = redis.Redis.from_url(
            settings.redis_url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
        )
    except ValueError:
        advice = "write it as redis://:password@host:6379/0"
        return Finding("redis", State.BAD, "MONITOR_REDIS_URL is no address of Redis", advice)
    with client:
        try:
            return _judge(client.info(), _policy(client))
        except redis.AuthenticationError:
            advice = "put the password into MONITOR_REDIS_URL: redis://:password@host:6379/0"
            return Finding("redis", State.BAD, "it refuses the sign-in", advice)
        except redis.RedisError as error:
            advice = "is Redis up, and does MONITOR_REDIS_URL name it?"
            return Finding("redis", State.BAD, f"no answer ({type(error).__name__})", advice)


def _policy(client: Any) -> str:
    """What it does when memory is full; "" where it does not say (managed servers)."""
    import redis

    try:
        return str(client.config_get("maxmemory-policy").get("maxmemory-policy", ""))
    except redis.ResponseError:
        return ""


def _judge(info: dict[str, Any], policy: str) -> Finding:
    version = str(info.get("redis_version", "?"))
    said = f"Redis {version}"
    major = version.split(".")[0]
    if major.isdecimal() and int(major) < OLDEST:
        return Finding("redis", State.WARN, said, f"use Redis {OLDEST} or newer")
    if policy not in ("", "noeviction"):
        advice = "set maxmemory-policy noeviction: tasks that are evicted start a tick later"
        return Finding("redis", State.WARN, f"{said}, {policy}", advice)
    if not info.get("aof_enabled"):
        advice = "set appendonly yes: after a restart, work starts where it was"
        return Finding("redis", State.WARN, f"{said}, no append-only file", advice)
    return Finding("redis", State.GOOD, f"{said}, append-only file, nothing is evicted")
