"""The entries of a HAR file one by one, in memory bounded by one entry, however large the file.

A JSON parser that reads a file as a whole needs several times its size. Here the file is
only cut at the brackets and commas that stand outside strings; what an entry holds is
parsed by whoever takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from monitor.errors import InputError

__all__ = ["Flaw", "har_entries"]

CHUNK_BYTES = 1024 * 1024
LIST_DEPTH: Final = 3
"""Inside ``{"log": {"entries": [``."""
PATH: Final = [b"log", b"entries"]
LONGEST_NAME = 16
IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
MARK = re.compile(rb'["{}\[\]]')
MARK_OR_COMMA = re.compile(rb'["{}\[\],]')


@dataclass(frozen=True, slots=True)
class Flaw:
    """An entry that cannot be had, and why."""

    reason: str


def har_entries(file: BinaryIO, *, max_bytes: int) -> Iterator[bytes | Flaw]:
    """The raw JSON of each entry in order.

    Args:
        file: read from where it stands, in pieces.
        max_bytes: longer entries are passed over, as a `Flaw`.

    Raises:
        InputError: at once, when no list ``log.entries`` is found; later, when the disk
            fails. A file that ends within that list gives what is whole, and a `Flaw`.
    """
    cutter = _Cutter(file, max_bytes)
    if not cutter.find_list():
        raise InputError("not a HAR file that can be read: it has no list log.entries")
    return cutter.entries()


class _Cutter:
    """Where in the file, how deep in its brackets, and what was kept of it."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._chunk = b""
        self._at = 0
        self._depth = 0
        self._kept: list[bytes] | None = None
        """Of the entry under way; None outside the list, and for one that is too long."""
        self._size = 0
        self._kept_to = 0

    def find_list(self) -> bool:
        """Go to the first entry."""
        names: dict[int, bytes] = {}
        while mark := self._next(MARK):
            if mark == b'"':
                names[self._depth] = self._string()
            elif mark in b"{[":
                self._depth += 1
                is_there = [names.get(1), names.get(2)] == PATH
                if mark == b"[" and self._depth == LIST_DEPTH and is_there:
                    return True
            else:
                self._depth -= 1
                if self._depth <= 0:
                    return False
        return False

    def entries(self) -> Iterator[bytes | Flaw]:
        """From the first entry to the end of the list, or of the file."""
        self._begin()
        while mark := self._next(MARK_OR_COMMA if self._depth == LIST_DEPTH else MARK):
            if mark == b'"':
                self._string()
            elif mark in b"{[":
                self._depth += 1
            elif mark != b",":
                self._depth -= 1
            is_end = self._depth < LIST_DEPTH
            if is_end or mark == b",":
                entry = self._end()
                if entry:
                    yield entry
                if is_end:
                    return
                self._begin()
        yield Flaw("the file ends within its list of entries: was it cut off?")

    def _begin(self) -> None:
        self._kept, self._size, self._kept_to = [], 0, self._at

    def _end(self) -> bytes | Flaw:
        # The mark that ended the entry is no part of it.
        self._keep(self._at - 1)
        if self._kept is None:
            return Flaw(f"larger than {self._max_bytes // (1024 * 1024)} MiB")
        return b"".join(self._kept).strip()

    def _keep(self, end: int) -> None:
        if self._kept is None:
            return
        self._size += end - self._kept_to
        if self._size > self._max_bytes:
            self._kept = None
        else:
            self._kept.append(self._chunk[self._kept_to : end])

    def _next(self, marks: re.Pattern[bytes]) -> bytes:
        """Go behind the next mark and return it; b"" at the end of the file."""
        while not (found := marks.search(self._chunk, self._at)):
            if not self._read():
                return b""
        self._at = found.end()
        return found[0]

    def _string(self) -> bytes:
        """Go behind the string that begins here; its text where it is short, else b""."""
        text, is_escaped = b"", False
        while True:
            start = self._at + is_escaped
            found = IN_STRING.match(self._chunk, start)
            end = found.end() if found else start
            if len(text) <= LONGEST_NAME:
                text += self._chunk[start : min(end, start + LONGEST_NAME + 1)]
            if self._chunk[end : end + 1] == b'"':
                self._at = end + 1
                return text if len(text) <= LONGEST_NAME else b""
            # What is left is at most a backslash whose character comes with the next piece.
            is_escaped = end < len(self._chunk)
            if not self._read():
                return b""

    def _read(self) -> bool:
        self._keep(len(self._chunk))
        try:
            self._chunk = self._file.read(CHUNK_BYTES)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}") from error
        self._at = self._kept_to = 0
        return bool(self._chunk)
