"""The receiver's side of Standard Webhooks 1.0, written from the specification.

It shares no line with the sender (`monitor.alerts.signing`), so that an error in one
of them shows; and it is short enough to be copied into a receiver of one's own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

__all__ = ["TOLERANCE_S", "BadSignature", "secret_key", "verify"]

TOLERANCE_S = 300.0
"""How far the sender's clock may be away: older messages could be replayed ones."""


class BadSignature(Exception):
    """The message is not from the holder of the secret, or not from this time."""


def secret_key(secret: str) -> bytes:
    """The key inside ``whsec_<base64>``; raises `ValueError` for anything else."""
    prefix, _, encoded = secret.strip().partition("_")
    if prefix != "whsec" or not encoded:
        raise ValueError("a signing secret is written whsec_<base64>")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ValueError("the signing secret is not base64") from None


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], now_s: float) -> str:
    """Check the three headers against the exact bytes that arrived.

    Args:
        headers: lower-case names.
        body: as it arrived, before any decoding.
        keys: those that are valid at present: several during a rotation.
        now_s: Unix time.

    Returns:
        The message's id: a receiver drops those that it has seen.

    Raises:
        BadSignature: says which check failed.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not message_id or not timestamp.isdecimal() or len(timestamp) > 12:
        raise BadSignature("webhook-id or webhook-timestamp is missing or unreadable")
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        raise BadSignature("webhook-timestamp is more than five minutes away")
    signed = f"{message_id}.{timestamp}.".encode() + body
    for part in headers.get("webhook-signature", "").split():
        version, _, signature = part.partition(",")
        for key in keys if version == "v1" else ():
            expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
            if hmac.compare_digest(expected, signature.encode()):
                return message_id
    raise BadSignature("no signature fits")
