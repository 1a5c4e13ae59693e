"""Who is signed in, and whether a form came from our own page.

A session is a signed cookie: user, role and end, sealed with the data folder's
session key. The CSRF token of a form is derived from the session, so nothing has
to be stored.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.errors import ConfigError
from monitor.keyring import Keyring

__all__ = ["COOKIE", "LIFETIME", "Session", "csrf_token", "open_session", "seal_session"]

COOKIE = "monitor_session"
LIFETIME = timedelta(hours=12)
CONTEXT = "console-session"


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person."""

    user: str
    role: str
    ends_at: datetime


def seal_session(keyring: Keyring, session: Session) -> str:
    """The cookie's value."""
    row = [session.user, session.role, session.ends_at.timestamp()]
    sealed = keyring.seal("session", json.dumps(row).encode(), CONTEXT)
    return urlsafe_b64encode(sealed).decode("ascii")


def open_session(keyring: Keyring, cookie: str, now: datetime) -> Session | None:
    """The session in a cookie, or None when it is forged, damaged or over."""
    try:
        opened = keyring.unseal("session", urlsafe_b64decode(cookie.encode()), CONTEXT)
        user, role, ends = json.loads(opened)
    except (ConfigError, ValueError, Base64Error):
        return None
    session = Session(user, role, datetime.fromtimestamp(ends, UTC))
    return session if session.ends_at > now else None


def csrf_token(keyring: Keyring, cookie: str) -> str:
    """The token that a form of this session must carry."""
    return keyring.digest("session", f"csrf:{cookie}")


def is_csrf(keyring: Keyring, cookie: str, given: str) -> bool:
    """Whether a form's token belongs to this session; takes the same time either way."""
    return hmac.compare_digest(csrf_token(keyring, cookie).encode(), given.encode())
