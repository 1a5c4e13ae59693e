"""A decoded picture, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

__all__ = ["Limits", "Picture", "Pixels", "Refusal", "Refused"]

Pixels = npt.NDArray[np.uint8]
"""Height x width x 3: red, green, blue in sRGB."""


class Refusal(StrEnum):
    """Why bytes did not become a picture."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    UNKNOWN_FORMAT = "unknown_format"
    VECTOR = "vector"
    TOO_SMALL = "too_small"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost.

    Attributes:
        max_bytes: of the file.
        max_pixels: width times height as the header tells, asked before anything is decoded.
        max_edge: of either edge as the header tells, in pixels.
        min_edge: smaller pictures show nothing.
        seconds: for decoding one picture, by the clock on the wall.
        memory_bytes: address space of the decoding process.
        working_edge: the longer edge of the pixels handed back; larger pictures are reduced.
    """

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_edge: int = 20_000
    min_edge: int = 16
    seconds: float = 10.0
    memory_bytes: int = 1024 * 1024 * 1024
    working_edge: int = 1280


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture upright, in sRGB, 8 bits a channel, without any metadata.

    Attributes:
        pixels: reduced to `Limits.working_edge`; transparent parts are white.
        width: of the original in pixels, upright.
        height: of the original in pixels, upright.
        kind: the format, as in `classifiers.images.formats.ALLOWED`.
        digest: SHA-256 of the file in hexadecimal: the key of a cache.
        notes: what was odd: ``"animated"`` (only the first frame was read),
            ``"archive_behind"`` (an archive hangs behind the picture and was dropped),
            ``"bad_profile"`` (a colour profile that could not be followed).
    """

    pixels: Pixels
    width: int
    height: int
    kind: str
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that did not become a picture.

    Attributes:
        reason: the named reason.
        detail: for people, free of the file's own text.
        digest: SHA-256 of the file in hexadecimal.
    """

    reason: Refusal
    detail: str
    digest: str
