"""Standard Webhooks 1.0: secrets, signatures, and ids that never change.

The signature covers ``id.timestamp.body`` with the body's exact bytes, so the
bytes are rendered once, stored, and sent as they are at every attempt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random_bytes
from collections.abc import Sequence
from datetime import datetime

from monitor.errors import InputError

__all__ = ["generate_secret", "parse_secret", "sign", "webhook_id"]

PREFIX = "whsec_"
MIN_SECRET_BYTES = 24
MAX_SECRET_BYTES = 64
FRESH_SECRET_BYTES = 32
MAX_SECRETS = 10
"""Signatures side by side during a rotation; more would not fit receivers' headers."""
ID_BYTES = 20
"""160 bits: ids of different causes do not meet."""
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def generate_secret() -> str:
    """A fresh secret of 256 bits, as it is shown to the receiver."""
    return PREFIX + base64.b64encode(random_bytes.token_bytes(FRESH_SECRET_BYTES)).decode("ascii")


def parse_secret(text: str) -> bytes:
    """The key inside ``whsec_...``; padding may be missing.

    Raises:
        InputError: not such a secret, or not 24 to 64 bytes. The text never
            repeats it.
    """
    encoded = text.strip().removeprefix(PREFIX)
    if not text.strip().startswith(PREFIX):
        raise InputError(f"a signing secret starts with {PREFIX}")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InputError("the signing secret is not base64") from None
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise InputError(
            f"a signing secret has {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes, not {len(key)}"
        )
    return key


def sign(
    webhook_id: str, timestamp: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of one attempt.

    Args:
        webhook_id: the alert's id, the same at every attempt.
        timestamp: when this attempt is made; aware.
        body: the exact bytes that are sent.
        secrets: one, or several during a rotation; one signature each, in order.

    Raises:
        InputError: no secret, too many, one that cannot be read, or an unfit id.
    """
    if not 1 <= len(secrets) <= MAX_SECRETS:
        raise InputError(f"1 to {MAX_SECRETS} signing secrets are needed, not {len(secrets)}")
    if not ID_PATTERN.fullmatch(webhook_id):
        raise InputError("a webhook id has letters, digits, _ and - only")
    if timestamp.tzinfo is None:
        raise ValueError("the time of an attempt has no zone")
    seconds = str(int(timestamp.timestamp()))
    signed = b".".join((webhook_id.encode("ascii"), seconds.encode("ascii"), body))
    signatures = (
        hmac.new(parse_secret(secret), signed, hashlib.sha256).digest() for secret in secrets
    )
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode('ascii')}" for signature in signatures
        ),
    }


def webhook_id(endpoint_key: str, cause: str, version: str | int) -> str:
    """The id of the alert that `cause` sends to an endpoint: the same for ever.

    A receiver that drops repeated ids sees each alert once, whatever is repeated
    here. So this function must never change.

    Args:
        endpoint_key: the endpoint's random public id.
        cause: what happened, e.g. ``"hit.confirmed:42"``.
        version: of the cause: the same cause in the same version is one alert.
    """
    parts = [part.encode("utf-8", "surrogatepass") for part in (endpoint_key, cause, str(version))]
    # The lengths keep ("ab", "c") and ("a", "bc") apart.
    joined = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return "msg_" + hashlib.sha256(joined).digest()[:ID_BYTES].hex()
