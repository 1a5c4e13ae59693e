"""Signed messages as the public reference library makes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

__all__ = ["SECRET", "headers_of", "post"]

SECRET = "whsec_c2FtcGxlLXNlY3JldC1vZi10aGUtZGVtby0zMi1ieXRlcw=="


def headers_of(
    body: bytes, message_id: str = "msg_1", at: datetime | None = None, secret: str = SECRET
) -> dict[str, str]:
    """The three headers for a body."""
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }


def post(
    client: httpx.Client, url: str, message_id: str = "msg_1", at: datetime | None = None
) -> httpx.Response:
    """Send one message."""
    event = {"type": "hit.suspected", "data": {"hit": {"listing": {"title": "四件套"}}}}
    body = json.dumps(event).encode()
    return client.post(url, content=body, headers=headers_of(body, message_id, at))
