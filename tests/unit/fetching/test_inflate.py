"""Unpacking in pieces: every form, never more than asked for."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.fetching.inflate import PIECE_BYTES, PackingError, open_inflater


def bare_deflate(data: bytes) -> bytes:
    """Deflate without the zlib header, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def unpack(encoding: str, data: bytes, step: int = 1000) -> tuple[bytes, bool]:
    """All of it, fed in pieces, and whether the end was reached."""
    inflater = open_inflater(encoding)
    body = b"".join(
        piece
        for start in range(0, len(data), step)
        for piece in inflater.feed(data[start : start + step])
    )
    return body, inflater.is_complete


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        (" X-GZip ", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("gzip", lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0" * 50),
    ],
)
@pytest.mark.parametrize("size", [0, 1, 5000, 300_000])
def test_every_form_comes_out_whole(encoding: str, pack: object, size: int) -> None:
    """Members in a row, padding, zlib, bare deflate, or nothing at all."""
    data = random.Random(size).randbytes(size // 2) + b"a" * (size - size // 2)
    assert unpack(encoding, pack(data)) == (data, True)  # type: ignore[operator]


@given(st.binary(max_size=3000), st.integers(2, 500), st.integers(1, 200))
@settings(max_examples=100, deadline=None)
def test_it_does_not_matter_how_the_wire_cuts(data: bytes, step: int, times: int) -> None:
    """Chunks of the network have no meaning."""
    assert unpack("gzip", gzip.compress(data * times), step) == (data * times, True)


def test_output_that_is_held_back_is_not_lost() -> None:
    """The last byte of input may be eaten while output still waits behind a full piece."""
    for size in range(PIECE_BYTES, PIECE_BYTES + 40):
        data = b"a" * size
        assert unpack("deflate", bare_deflate(data), step=10_000) == (data, True)


def test_an_end_that_is_missing_is_noticed() -> None:
    """A connection that closed early must not look like a whole page."""
    body, is_complete = unpack("gzip", gzip.compress(b"page" * 1000)[:-12])
    assert not is_complete
    assert b"page".startswith(body[:4])


def test_a_bomb_stays_packed() -> None:
    """Only what is asked for is unpacked: a gigabyte costs what its first piece costs."""
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    piece = next(iter(open_inflater("gzip").feed(bomb)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(piece) == PIECE_BYTES
    assert peak < 2_000_000


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "gzip\x00", "x" * 5000])
def test_what_was_not_offered_is_refused(encoding: str) -> None:
    """Layers multiply, so more than one is refused too."""
    with pytest.raises(PackingError):
        open_inflater(encoding)


def test_damage_is_an_error() -> None:
    """And no text that nobody sent."""
    packed = bytearray(gzip.compress(random.Random(1).randbytes(5000)))
    packed[2000:2010] = b"\0" * 10
    with pytest.raises(PackingError):
        unpack("gzip", bytes(packed))
    with pytest.raises(PackingError):
        unpack("gzip", b"this is plain text")
