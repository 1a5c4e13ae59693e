"""What a channel is: it makes one attempt and says what came of it.

A new channel is one new module in this package that sets ``CHANNEL`` to a class
with this shape. It knows no store and keeps no schedule: retries, dead letters
and disabled endpoints are the business of its caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, Self

from monitor.egress import Gate

__all__ = ["Channel", "Receipt", "ReceiptStatus"]


class ReceiptStatus(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    """The receiver took it."""
    RETRY = "retry"
    """Trouble that passes: no connection, no answer in time, 408, 425, 429, 5xx."""
    REJECTED = "rejected"
    """A refusal that somebody has to mend (another status, the gate, the request itself).
    It is tried again on the same schedule: things get mended."""
    GONE = "gone"
    """The receiver wants nothing more (410): its endpoint is to be disabled."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one attempt.

    Attributes:
        status: how it ended.
        http_status: None when no answer arrived.
        duration_s: from the first packet to the verdict.
        detail: one line for people, at most 300 characters, secrets masked.
        retry_after_s: what the receiver asked for, or None.
    """

    status: ReceiptStatus
    http_status: int | None
    duration_s: float
    detail: str
    retry_after_s: float | None = None


class Channel(Protocol):
    """A way to tell a platform. Thread-safe; close it after use."""

    name: ClassVar[str]
    """Registered name, the same as the module's, e.g. ``"webhook"``."""

    @classmethod
    def open(cls, gate: Gate) -> Self:
        """A channel that sends through `gate`."""
        ...

    def deliver(
        self, url: str, webhook_id: str, body: bytes, secrets: Sequence[str], now: datetime
    ) -> Receipt:
        """Make one attempt. Never raises for anything that a receiver or an endpoint does.

        Args:
            url: the endpoint's address; may hold a token, so it is never repeated.
            webhook_id: the alert's id.
            body: the exact bytes to send.
            secrets: signing secrets, several during a rotation.
            now: aware UTC; the time that is signed.
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...
