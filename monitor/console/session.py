"""Who is signed in, and whether a form came from our own page.

A session is a cookie sealed with the data folder's session key: forged, damaged
or over, it opens to nothing. It holds the token that opened it, so that revoking
the token ends the session. The CSRF token of a form is derived from the cookie
that the browser sends beside it; nothing has to be stored.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.errors import ConfigError
from monitor.keyring import Keyring

__all__ = [
    "LIFETIME",
    "Session",
    "cookie_name",
    "csrf_token",
    "is_csrf",
    "new_session",
    "open_session",
    "seal_session",
]

LIFETIME = timedelta(hours=12)
CONTEXT = "console-session"
MAX_COOKIE_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person.

    Attributes:
        user: their name.
        role: what they may do.
        token: what they signed in with; sensitive.
        nonce: makes each session's cookie another one.
        ends_at: aware UTC.
    """

    user: str
    role: str
    token: str = field(repr=False)
    nonce: str
    ends_at: datetime


def cookie_name(keyring: Keyring, purpose: str) -> str:
    """A name of this data folder's own: browsers do not tell two ports of one host apart."""
    return f"monitor_{purpose}_{keyring.digest('session', 'cookie')[:8]}"


def new_session(user: str, role: str, token: str, now: datetime) -> Session:
    """A session that begins now."""
    return Session(user, role, token, secrets.token_urlsafe(12), now + LIFETIME)


def seal_session(keyring: Keyring, session: Session) -> str:
    """The cookie's value."""
    row = [session.user, session.role, session.token, session.nonce, session.ends_at.timestamp()]
    sealed = keyring.seal("session", json.dumps(row).encode(), CONTEXT)
    return urlsafe_b64encode(sealed).decode("ascii")


def open_session(keyring: Keyring, cookie: str, now: datetime) -> Session | None:
    """The session in a cookie, or None when it is forged, damaged or over."""
    if not cookie or len(cookie) > MAX_COOKIE_CHARS:
        return None
    try:
        opened = keyring.unseal("session", urlsafe_b64decode(cookie.encode()), CONTEXT)
        user, role, token, nonce, ends = json.loads(opened)
    except (ConfigError, ValueError):
        return None
    session = Session(user, role, token, nonce, datetime.fromtimestamp(ends, UTC))
    return session if session.ends_at > now else None


def csrf_token(keyring: Keyring, cookie: str) -> str:
    """The token that a form of this session must carry."""
    return keyring.digest("session", f"csrf:{cookie}")


def is_csrf(keyring: Keyring, cookie: str, given: str) -> bool:
    """Whether a form's token belongs to this cookie; takes the same time either way."""
    expected = csrf_token(keyring, cookie).encode()
    return bool(cookie) and hmac.compare_digest(expected, given.encode("utf-8", "replace"))
