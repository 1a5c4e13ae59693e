"""An operator's own access to a source, from a file of his.

One login a source, never another one in its place, and never a page without it where it was
refused: see docs/decisions/0014-one-login-a-source.md.
"""

from __future__ import annotations

from pathlib import Path

from monitor.config import Settings
from monitor.errors import ConfigError
from monitor.fetching.rules import Credential
from monitor.sources.login import Login

__all__ = ["MAX_VALUE_CHARS", "read_credential"]

MAX_VALUE_CHARS = 8_192


def read_credential(settings: Settings, login: Login) -> Credential:
    """The header that a login's file holds; read anew each time, so that a new value counts.

    Raises:
        ConfigError: there is none, or it cannot be a header; its content is never repeated.
    """
    if not settings.logins_dir:
        raise ConfigError(f"login {login.name}: MONITOR_LOGINS_DIR is not set")
    try:
        with (Path(settings.logins_dir) / login.name).open(encoding="ascii") as file:
            value = file.read(MAX_VALUE_CHARS + 1).strip()
    except FileNotFoundError:
        raise ConfigError(f"login {login.name}: MONITOR_LOGINS_DIR has no such file") from None
    except (OSError, ValueError):
        raise ConfigError(f"login {login.name}: its file cannot be read as a header") from None
    if not value or len(value) >= MAX_VALUE_CHARS or not value.isprintable():
        raise ConfigError(f"login {login.name}: its file must hold one line, a header's value")
    return Credential(login.host, login.header, value)
