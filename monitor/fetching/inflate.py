"""Undoing Content-Encoding in bounded memory.

A kilobyte can hold a megabyte, and layers multiply. So output is asked for in
limited pieces, and only one layer is undone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

__all__ = ["ACCEPTED_ENCODINGS", "Inflater", "PackingError", "open_inflater"]

ACCEPTED_ENCODINGS = "gzip, deflate"
PIECE_BYTES = 65_536
GZIP_MAGIC = b"\x1f\x8b"
EITHER_HEADER = zlib.MAX_WBITS | 32
"""zlib finds out by itself whether a gzip or a zlib header comes."""


class PackingError(Exception):
    """The body is packed in a way that was not offered, or is damaged."""


class Inflater(Protocol):
    """Turns the bytes of the wire into those of the body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most 64 kB; stop iterating to stop working."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether the body may end here."""
        ...


def open_inflater(content_encoding: str) -> Inflater:
    """The way to undo a ``Content-Encoding``.

    Raises:
        PackingError: not ``gzip``, ``deflate`` or none, or more than one.
    """
    name = content_encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip", "deflate"):
        return _Zlib()
    raise PackingError("the answer is packed in a way that was not offered")


class _Plain:
    is_complete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zlib:
    """gzip (members in a row too), zlib, and the bare deflate that some servers send."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(EITHER_HEADER)
        self._is_first = True
        self._has_started = False
        self._is_full = False

    @property
    def is_complete(self) -> bool:
        return self._stream.eof or not self._has_started

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._has_started = self._has_started or bool(data)
        # All input may be eaten while output is still held back.
        while data or self._is_full:
            if self._stream.eof:
                # Anything but another member is padding, which browsers skip too.
                if not data.startswith(GZIP_MAGIC):
                    return
                self._stream = zlib.decompressobj(EITHER_HEADER)
            piece = self._inflate(data)
            data = self._stream.unused_data or self._stream.unconsumed_tail
            if piece:
                yield piece

    def _inflate(self, data: bytes) -> bytes:
        try:
            piece = self._stream.decompress(data, PIECE_BYTES)
        except zlib.error:
            if not self._is_first:
                raise PackingError("the answer's compression is damaged") from None
            self._is_first = False
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inflate(data)
        self._is_first = False
        self._is_full = len(piece) == PIECE_BYTES and not self._stream.eof
        return piece
