"""A small transformer for the texts that rules and n-grams are not sure of.

Grown from multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672): six of its
twelve layers, the part of its vocabulary that Chinese and English need, fine-tuned by
`classifiers.training.encoder`, weights in eight bits. See the model card beside it.
"""

from __future__ import annotations

import atexit
import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from classifiers.contract import Category, Intent
from classifiers.text.onnx import open_net

__all__ = ["COLUMNS", "MAX_TOKENS", "Encoder", "EncoderReading", "shipped_encoder"]

COLUMNS: Final = ("offer", *Category, *Intent)
"""What the outputs are, in order."""

MAX_CHARS: Final = 300
"""What is read of a text; of a longer one the part that the n-grams point to."""

MAX_TOKENS: Final = 192
STRONGEST: Final = 3


@dataclass(frozen=True, slots=True)
class EncoderReading:
    """What the encoder makes of a text.

    Attributes:
        offer: log-odds that it offers something of the trade; uncalibrated.
        categories: log-probability of each category, were it an offer.
        intents: log-probability of each intent.
        strongest: (start and end in the view, log-odds added) of the pieces of text that
            speak most for an offer, at most `STRONGEST`; their sum with those of all other
            pieces is `offer`.
    """

    offer: float
    categories: Mapping[Category, float]
    intents: Mapping[Intent, float]
    strongest: tuple[tuple[int, int, float], ...] = ()


class Encoder:
    """An ONNX sequence classifier. Loaded when first asked; safe in threads.

    Args:
        folder: holds ``config.json``, ``tokenizer.json`` and ``model.onnx``.

    Raises:
        ValueError: the configuration names other outputs.
    """

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        names = [config["id2label"][str(place)] for place in range(len(config["id2label"]))]
        if tuple(names) != COLUMNS:
            raise ValueError("encoder: made for other outputs")
        self.version: str = config["version"]
        self.fusion: dict[str, float] = config["fusion"]
        self._doubt = tuple(config["doubt"])
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def is_in_doubt(self, log_odds: float) -> bool:
        """Whether the stages before leave so much doubt that this one is worth its time."""
        lowest, highest = self._doubt
        return bool(lowest <= log_odds <= highest)

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                # Half a second to import; texts that nobody doubts never pay it.
                import tokenizers

                session = open_net(self._folder / "model.onnx")
                tokenizer = tokenizers.Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                tokenizer.enable_truncation(MAX_TOKENS)
                self._loaded = tokenizer, session
        return self._loaded

    def read(self, text: str, start: int = 0) -> EncoderReading:
        """Judge a normalised text: `MAX_CHARS` of it from `start` on."""
        import numpy as np

        tokenizer, session = self._load()
        window = text[start : start + MAX_CHARS]
        encoded = tokenizer.encode(window)
        ids = np.array([encoded.ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        logits, shares = session.run(["logits", "offer_by_token"], feed)
        row: list[float] = logits[0].tolist()
        first_intent = 1 + len(Category)
        return EncoderReading(
            offer=row[0],
            categories=dict(zip(Category, _log_softmax(row[1:first_intent]), strict=True)),
            intents=dict(zip(Intent, _log_softmax(row[first_intent:]), strict=True)),
            strongest=_strongest(window, encoded.offsets, shares[0].tolist(), start),
        )


def _strongest(
    text: str, offsets: Sequence[tuple[int, int]], shares: Sequence[float], at: int
) -> tuple[tuple[int, int, float], ...]:
    """The tokens that add most; those that touch are one piece. Mere marks show nothing."""
    real = [
        place
        for place, (start, end) in enumerate(offsets)
        if shares[place] > 0 and any(char.isalnum() for char in text[start:end])
    ]
    best = sorted(sorted(real, key=lambda place: -shares[place])[: 2 * STRONGEST])
    pieces: list[tuple[int, int, float]] = []
    for place in best:
        (start, end), share = offsets[place], shares[place]
        if pieces and start <= pieces[-1][1]:
            first, last, before = pieces.pop()
            pieces.append((first, max(last, end), before + share))
        else:
            pieces.append((start, end, share))
    pieces.sort(key=lambda piece: -piece[2])
    return tuple((at + start, at + end, share) for start, end, share in pieces[:STRONGEST])


def _log_softmax(values: Sequence[float]) -> list[float]:
    highest = max(values)
    total = highest + math.log(sum(math.exp(value - highest) for value in values))
    return [value - total for value in values]


@cache
def shipped_encoder() -> Encoder:
    """The encoder that comes with the package."""
    return Encoder(_on_disk(files("classifiers") / "models" / "encoder"))


def _on_disk(folder: Traversable) -> Path:
    """The folder as real files, which stay until the process ends.

    They are opened when a text is first in doubt, long after this. `as_file` gives a
    folder out of a zipped package from Python 3.12 on only.
    """
    if isinstance(folder, Path):
        return folder
    unpacked = TemporaryDirectory(prefix="encoder-")
    atexit.register(unpacked.cleanup)
    for file in folder.iterdir():
        if file.is_file():
            (Path(unpacked.name) / file.name).write_bytes(file.read_bytes())
    return Path(unpacked.name)
