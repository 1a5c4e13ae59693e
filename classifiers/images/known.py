"""Known pictures: the fingerprint PDQ, its eight turns, and banks of known good and bad.

The fingerprint is Facebook's PDQ (256 bits, as published in 2019), so that fingerprints
that teams share can be put into a bank as they are. It is written out here because the
one wheel that carries it has to be compiled on the spot.

A trap: identity cards of one layout lie as close together as two copies of one photo. So
a match of a picture that shows a card says "a card of this layout", never "the same card".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from classifiers.images.picture import Pixels
from classifiers.images.scale import reduced

__all__ = [
    "MATCH",
    "Bank",
    "BankError",
    "Entry",
    "Fingerprint",
    "Match",
    "fingerprint",
    "read_entries",
    "turns",
]

MATCH: Final = 31
"""Bits of 256 in which two copies of one picture differ at most."""
MIN_QUALITY: Final = 50
"""Of 100; under it a picture is too plain for its fingerprint to mean anything."""
GRID: Final = 64
BITS_EDGE: Final = 16
EDGE: Final = 512
"""Longer edge at which brightness is averaged, in pixels."""
LABELS: Final = frozenset({"bad", "good"})
Entry = tuple[str, str, str]
"""Fingerprint, label and name of a picture that somebody judged."""
Bits = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


class BankError(ValueError):
    """A line of a bank that cannot be used; says which."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """PDQ of one picture.

    Attributes:
        value: 64 hexadecimal digits.
        quality: 0 to 100: how much detail there was.
    """

    value: str
    quality: int

    @property
    def is_good(self) -> bool:
        """Whether it may be compared at all."""
        return self.quality >= MIN_QUALITY


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest picture of a bank.

    Attributes:
        label: ``"bad"`` or ``"good"``.
        name: what the bank calls it.
        distance: bits that differ, 0 to `MATCH`.
    """

    label: str
    name: str
    distance: int


def read_entries(lines: Iterable[str]) -> list[Entry]:
    """Entries of lines ``fingerprint label name``; blank ones and what follows # are skipped.

    Raises:
        BankError: a line has not three parts.
    """
    entries = []
    for number, line in enumerate(lines, start=1):
        parts = line.split("#", 1)[0].split(maxsplit=2)
        if not parts:
            continue
        if len(parts) != 3:
            raise BankError(f"line {number}: needs fingerprint, label and name")
        entries.append((parts[0], parts[1], parts[2].strip()))
    return entries


def fingerprint(pixels: Pixels) -> Fingerprint:
    """PDQ of a picture as it stands."""
    return _of(_brightness(pixels))


def turns(pixels: Pixels) -> list[Fingerprint]:
    """PDQ of a picture turned and mirrored in all eight ways, as it stands first."""
    luma = _brightness(pixels)
    sides = (luma, luma[:, ::-1])
    return [_of(np.rot90(side, quarter)) for side in sides for quarter in range(4)]


class Bank:
    """Fingerprints that somebody judged, with the nearest found by brute force.

    Args:
        entries: a million of them take 32 MB and about 40 ms.

    Raises:
        BankError: an entry is no fingerprint or its label neither bad nor good.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        rows = list(entries)
        for value, label, name in rows:
            if label not in LABELS:
                raise BankError(f"{name}: the label is {label!r}, neither bad nor good")
            if len(value) != 64 or set(value.lower()) - set("0123456789abcdef"):
                raise BankError(f"{name}: a fingerprint has 64 hexadecimal digits")
        self._names = [(label, name) for _, label, name in rows]
        packed = b"".join(bytes.fromhex(value) for value, _, _ in rows)
        self._bits: Bits = np.frombuffer(packed, np.uint8).reshape(len(rows), 32)

    def __len__(self) -> int:
        return len(self._names)

    def nearest(self, asked: Sequence[Fingerprint]) -> Match | None:
        """The nearest within `MATCH` bits, or None; bad wins a tie.

        Args:
            asked: one picture's fingerprint, or all its `turns`.
        """
        usable = [each for each in asked if each.is_good]
        if not len(self) or not usable:
            return None
        wanted = [np.frombuffer(bytes.fromhex(each.value), np.uint8) for each in usable]
        least = np.min([_distances(self._bits, each) for each in wanted], axis=0)
        best = int(least.min())
        if best > MATCH:
            return None
        ties = sorted(self._names[at] for at in np.flatnonzero(least == best))
        return Match(*ties[0], best)


def _distances(bank: Bits, wanted: Bits) -> npt.NDArray[np.int64]:
    return np.asarray(np.bitwise_count(bank ^ wanted).sum(axis=1), np.int64)


def _brightness(pixels: Pixels) -> Floats:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(reduced(pixels, EDGE) @ weights, np.float32)


def _of(luma: Floats) -> Fingerprint:
    height, width = luma.shape
    window = [(size + 2 * GRID - 1) // (2 * GRID) for size in (width, height)]
    for _ in range(2):
        luma = _box_filtered(np.ascontiguousarray(luma), window)
    down = ((np.arange(GRID) + 0.5) * height / GRID).astype(int)
    across = ((np.arange(GRID) + 0.5) * width / GRID).astype(int)
    grid = luma[np.ix_(down, across)]
    waves = _cosines() @ grid @ _cosines().T
    return Fingerprint(_hex(waves > np.median(waves)), _quality(grid))


def _box_filtered(luma: Floats, window: Sequence[int]) -> Floats:
    """Means over a window that looks forward when it is even and shrinks at the edges."""
    anchor = [(size - 1) // 2 for size in window]
    sums, counts = (
        cv2.boxFilter(
            plane, -1, window, anchor=anchor, normalize=False, borderType=cv2.BORDER_CONSTANT
        )
        for plane in (luma, np.ones_like(luma))
    )
    return np.asarray(sums / counts, np.float32)


@cache
def _cosines() -> Floats:
    waves = np.arange(1, BITS_EDGE + 1)[:, None]
    places = np.arange(GRID)[None, :]
    table = np.sqrt(2 / GRID) * np.cos(np.pi / (2 * GRID) * waves * (2 * places + 1))
    return np.asarray(table, np.float32)


def _quality(grid: Floats) -> int:
    """Sum of steps between neighbours, scaled and capped as PDQ does."""
    steps = sum(
        int(np.abs((np.diff(grid, axis=axis) * 100 / 255).astype(int)).sum()) for axis in (0, 1)
    )
    return min(100, steps // 90)


def _hex(bits: npt.NDArray[np.bool_]) -> str:
    # PDQ writes the last bit first.
    return np.packbits(bits.ravel()[::-1]).tobytes().hex()
