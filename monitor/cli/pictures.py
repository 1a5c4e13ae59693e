"""Files that commands read: pictures of rows, in one folder and nowhere else, and banks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from classifiers.contract import Assessment, Listing, PictureReading
from classifiers.images.carried import NetworkMissing, require_networks
from classifiers.images.known import Bank, BankError, Entry, read_entries
from classifiers.images.picture import Limits, Refusal
from classifiers.images.reading import PictureReader
from monitor.errors import ConfigError, InputError

__all__ = ["PictureFolder", "read_bank", "read_bank_file"]

MOST: Final = 24
"""Pictures read of one listing; what comes after them says no more."""
SUSPECTED: Final = 0.2
"""Score of a text from which every signal looks at its pictures."""
MAX_BANK_BYTES: Final = 200 * 1024 * 1024


class PictureFolder:
    """Reads pictures by the names that rows give.

    Args:
        folder: names are relative to it; what lies elsewhere is refused.
        assess: the text cascade, for text in pictures.
        bank: known pictures, or None.

    Raises:
        InputError: there is no such folder.
        ConfigError: a network that the signals need is not installed.
    """

    def __init__(
        self,
        folder: Path,
        assess: Callable[[Listing], Assessment],
        bank: Bank | None = None,
    ) -> None:
        if not folder.is_dir():
            raise InputError(f"--images: {folder} is no folder")
        try:
            require_networks()
        except NetworkMissing as missing:
            raise ConfigError(f"--images: {missing}") from None
        self._root = folder.resolve()
        self._limits = Limits()
        known = (lambda: bank) if bank is not None else None
        self._reader = PictureReader(assess, limits=self._limits, bank=known)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.close()

    def look(self, listing: Listing, assessment: Assessment) -> list[PictureReading]:
        """Readings of a listing's pictures in its order; only the first 24 are opened."""
        is_suspected = assessment.score >= SUSPECTED
        return [
            self._read(name, is_suspected)
            if place < MOST
            else PictureReading(name, refused="too_many_pictures")
            for place, name in enumerate(listing.images)
        ]

    def _read(self, name: str, is_suspected: bool) -> PictureReading:
        try:
            path = (self._root / name).resolve()
            if not path.is_relative_to(self._root):
                return PictureReading(name, refused="outside_the_folder")
            if not path.is_file():
                return PictureReading(name, refused="not_found")
            if path.stat().st_size > self._limits.max_bytes:
                return PictureReading(name, refused=Refusal.TOO_MANY_BYTES)
            content = path.read_bytes()
        except (OSError, ValueError):
            # A name with a zero byte, one too long, a file that may not be read.
            return PictureReading(name, refused="unreadable")
        return self._reader.read(name, content, is_suspected=is_suspected)


def read_bank_file(path: Path) -> list[Entry]:
    """Entries of a file with ``fingerprint label name`` a line; # begins a comment.

    Raises:
        InputError: it cannot be read, or a line of it cannot be used.
    """
    try:
        if path.stat().st_size > MAX_BANK_BYTES:
            raise InputError(f"{path}: too large for a bank")
        with path.open(encoding="utf-8") as lines:
            return read_entries(lines)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InputError(f"{path}: is no text") from None
    except BankError as error:
        raise InputError(f"{path}: {error}") from None


def read_bank(path: Path) -> Bank:
    """The bank of such a file; raises `InputError` likewise."""
    entries = read_bank_file(path)
    try:
        return Bank(entries)
    except BankError as error:
        raise InputError(f"{path}: {error}") from None
