"""Keys in one file outside the database, and the two things done with them.

`seal` hides a value that must be read again (a contact, an endpoint's secret);
`digest` lets two values be compared without keeping either. Losing the file
makes sealed values unreadable for ever: `docs/how-to/back-up.md` says how to
keep it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.durable import fsync_folder, make_folder
from monitor.errors import ConfigError

__all__ = ["Keyring", "write_key_file"]

PURPOSES = ("contact", "content", "endpoint", "session")
KEY_BYTES = 32
NONCE_BYTES = 12


class Keyring:
    """One 256-bit key per purpose: ``contact``, ``content``, ``endpoint``, ``session``."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys

    @classmethod
    def generate(cls) -> Keyring:
        """Fresh keys that live in memory only."""
        return cls({purpose: secrets.token_bytes(KEY_BYTES) for purpose in PURPOSES})

    @classmethod
    def open(
        cls, path: Path, *, may_create: bool = True, expected_path: Path | None = None
    ) -> Keyring:
        """Read the file.

        Args:
            path: where it lies.
            may_create: whether to make it (mode 0600) when there is none.
            expected_path: a file with the fingerprint that the keys must have, left by a
                restore; where there is one, keys are never made.

        Raises:
            ConfigError: missing, unreadable, damaged, open to other users, or other keys.
        """
        expected = _expected(expected_path)
        if expected and not path.exists():
            raise ConfigError(
                f"there is no {path}: this store was restored from a backup, put the keys that "
                f"belong to it there; when they are lost, delete {expected_path} to go on with "
                "new ones (what is sealed can then not be read again)"
            )
        if not path.exists():
            if not may_create:
                raise ConfigError(
                    f"MONITOR_KEYS_FILE: there is no {path}; run `monitor init` on one machine, "
                    "then give every process that same file"
                )
            cls._create(path)
        try:
            if path.stat().st_mode & 0o077:
                raise ConfigError(f"{path}: readable by other users; run: chmod 600 {path}")
            data = json.loads(path.read_text(encoding="ascii"))
            keys = {purpose: base64.b64decode(data[purpose], validate=True) for purpose in PURPOSES}
        except (OSError, ValueError, KeyError, TypeError, binascii.Error) as error:
            raise ConfigError(f"{path}: not a key file ({type(error).__name__})") from None
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise ConfigError(f"{path}: a key has the wrong length")
        keyring = cls(keys)
        if expected and keyring.fingerprint != expected:
            raise ConfigError(
                f"{path}: not the keys of the backup that this store was restored from"
            )
        return keyring

    @staticmethod
    def _create(path: Path) -> None:
        fresh = {
            purpose: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
            for purpose in PURPOSES
        }
        # The first of two starting processes wins.
        with contextlib.suppress(FileExistsError):
            write_key_file(path, json.dumps(fresh).encode("ascii"))

    @property
    def fingerprint(self) -> str:
        """Which keys these are; nothing else can be learnt from it."""
        return self.digest("content", "which keys these are")

    def seal(self, purpose: str, value: bytes, context: str) -> bytes:
        """Encrypt with AES-256-GCM (NIST SP 800-38D); `context` must be given again to read."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._keys[purpose]).encrypt(nonce, value, context.encode())

    def unseal(self, purpose: str, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises `ConfigError` when key, context or bytes do not belong together."""
        try:
            return AESGCM(self._keys[purpose]).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()
            )
        except (InvalidTag, ValueError):
            raise ConfigError(
                "a sealed value cannot be read with this key file; was it replaced?"
            ) from None

    def subkey(self, purpose: str, use: str) -> bytes:
        """A key of 32 bytes for many digests, made by other means than `digest`, of one use."""
        return hmac.new(self._keys[purpose], f"subkey:{use}".encode(), hashlib.sha256).digest()

    def digest(self, purpose: str, value: str) -> str:
        """HMAC-SHA256 as hex: equal values compare equal, and nothing else can be learnt."""
        data = value.encode("utf-8", "surrogatepass")
        return hmac.new(self._keys[purpose], data, hashlib.sha256).hexdigest()


def write_key_file(path: Path, content: bytes) -> None:
    """Write a new file (mode 0600) that appears whole or not at all, and lasts; `OSError`."""
    make_folder(path.parent, 0o700)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    finally:
        temporary.unlink()
    # What is sealed with it may reach its disk at once.
    fsync_folder(path.parent)


def _expected(path: Path | None) -> str:
    if path is None or not path.exists():
        return ""
    return path.read_text(encoding="ascii").strip()
