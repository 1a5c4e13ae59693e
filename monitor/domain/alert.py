"""Endpoints that asked for alerts, alerts, and the attempts to deliver them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Alert", "AlertDraft", "AlertState", "Attempt", "Endpoint", "EndpointMode", "Sending"]


class EndpointMode(StrEnum):
    """When an endpoint is told of a listing."""

    ON_VERDICT = "on_verdict"
    """After a person confirmed it (the default)."""
    ON_HIT = "on_hit"
    """As soon as the monitor suspects it."""


class AlertState(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """All tries failed, or the receiver refused it; it can be replayed."""
    CANCELLED = "cancelled"
    """Overtaken by a benign verdict before anything was sent."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver of alerts. `secrets` stay sealed except while signing.

    Attributes:
        key: random public id that webhook ids derive from.
        channel: how it is spoken to, e.g. ``"webhook"``.
        categories: what it wants to hear of; empty: every alerting category.
    """

    id: int
    key: str
    name: str
    channel: str
    url: str
    mode: EndpointMode
    categories: tuple[str, ...]
    sealed_secrets: bytes
    is_disabled: bool
    disabled_reason: str
    owner: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert to be written in the transaction of its cause. `body` is sent as it is."""

    endpoint_id: int
    hit_id: int | None
    version_id: int | None
    policy_id: int | None
    kind: str
    webhook_id: str
    body: bytes
    score: float


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as stored."""

    id: int
    endpoint_id: int
    endpoint: str
    hit_id: int | None
    kind: str
    webhook_id: str
    body: bytes
    state: AlertState
    score: float
    attempts: int
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sending:
    """One alert and where it goes."""

    alert: Alert
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `detail` is capped and holds no secret."""

    number: int
    started_at: datetime
    duration_s: float
    result: str
    http_status: int | None
    detail: str
