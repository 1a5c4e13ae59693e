"""Blocks of bytes over a pipe: a length, then so many bytes."""

from __future__ import annotations

import struct
from typing import IO, Final

__all__ = ["read_block", "write_block"]

HEAD: Final = struct.Struct(">I")


def write_block(sink: IO[bytes], block: bytes) -> None:
    """Write one block; it may wait in a buffer until `sink` is flushed."""
    sink.write(HEAD.pack(len(block)))
    sink.write(block)


def read_block(source: IO[bytes], at_most: int) -> bytes:
    """Read one block.

    Args:
        source: the pipe.
        at_most: bytes that the other side may announce.

    Raises:
        EOFError: the other side closed before or within the block.
        ValueError: it announces more than agreed.
    """
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (length,) = HEAD.unpack(head)
    if length > at_most:
        raise ValueError("more bytes announced than agreed")
    block = source.read(length)
    if len(block) < length:
        raise EOFError
    return block
