"""A linear model over n-grams of the normalised text: what a lexicon cannot list.

Features are the distinct n-grams of one to four characters of the normalised view
(digits are all written ``0``), and Latin words alone and in pairs. Each counts
``1 / sqrt(number of distinct n-grams + DAMPING)``: long and short texts compare, and a
text of a few characters says little either way. The weights were learned by multinomial and binary logistic
regression, see `classifiers.training.ngrams` and the model card beside the weights.

A long text is read in overlapping windows, and the window that looks most like an
offer speaks for it: an offer at the end of a long page is still one.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, Final, Self

from classifiers.contract import Category, Intent

__all__ = [
    "COLUMNS",
    "NgramModel",
    "NgramReading",
    "digest_of",
    "features",
    "share_of",
    "shipped_model",
]

LONGEST: Final = 4
DAMPING: Final = 10
WINDOW: Final = 300
STRIDE: Final = 200
STRONGEST: Final = 5
DIGITS: Final = re.compile(r"[0-9]")
WORDS: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
RUNS: Final = re.compile(r"(?P<word>[a-z0-9]+)|[^\Wa-z0-9_]+")
NEARLY: Final = 0.6
"""Share of the mean from which a character belongs to a piece; higher, words break."""


OFFER: Final = "offer"
NOTHING_SAID: Final[Mapping[Category, float]] = dict.fromkeys(Category, 0.0)
WORTH_A_CLOSER_LOOK: Final = -6.0
COLUMNS: Final = (OFFER, *Category, *Intent)
"""What there is a weight for: any offer, each category, each intent."""


def features(text: str) -> dict[str, int]:
    """The distinct n-grams of a normalised text, each with the place of its first occurrence.

    Words begin with ``_`` and end before the next one.

    >>> sorted(features("脸1"))
    ['0', '_0', '脸', '脸0']
    """
    masked = DIGITS.sub("0", text)
    found: dict[str, int] = {}
    for length in range(1, LONGEST + 1):
        for start in range(len(masked) - length + 1):
            found.setdefault(masked[start : start + length], start)
    before = ""
    for match in WORDS.finditer(masked):
        word = match.group()
        found.setdefault(f"_{word}", match.start())
        if before:
            found.setdefault(f"_{before}_{word}", match.start())
        before = word
    return found


def digest_of(config: Mapping[str, Any], names: Sequence[str], weights: bytes) -> str:
    """The version of weights: a digest of all but what is fitted to them later."""
    fixed = {**config, "fusion": {}}
    fixed.pop("version", None)
    head = json.dumps([fixed, list(names)], sort_keys=True).encode()
    return hashlib.sha256(head + weights).hexdigest()[:12]


def share_of(count: int) -> float:
    """What one of `count` distinct n-grams counts."""
    return 1 / math.sqrt(count + DAMPING)


@dataclass(frozen=True, slots=True)
class NgramReading:
    """What the model makes of a text.

    Attributes:
        offer: log-odds that it offers something of the trade; uncalibrated.
        categories: log-odds of each category against the others.
        intents: the same of each intent.
        strongest: (start and end in the view, log-odds added) of the pieces of text that
            speak most for an offer, at most `STRONGEST`.

    Texts that are far from any offer (`WORTH_A_CLOSER_LOOK`) get no more than `offer`.
    """

    offer: float
    categories: Mapping[Category, float]
    intents: Mapping[Intent, float]
    strongest: tuple[tuple[int, int, float], ...]
    start: int = 0


class NgramModel:
    """Weights of n-grams. Safe in threads.

    Args:
        names: the n-grams.
        weights: for each n-gram one signed byte a column of `COLUMNS`, times its scale.
        scales: what one step of a byte is worth, for each column.
        biases: log-odds of an empty text, for each column.
        fusion: weights that add its log-odds to those of the rules.
        version: of the weights.

    Raises:
        ValueError: the parts do not fit together.
    """

    def __init__(
        self,
        names: Sequence[str],
        weights: array[int],
        scales: Sequence[float],
        biases: Sequence[float],
        *,
        fusion: Mapping[str, float],
        version: str,
    ) -> None:
        width = len(COLUMNS)
        if len(weights) != len(names) * width or not len(scales) == len(biases) == width:
            raise ValueError("n-gram model: names, weights, scales and biases do not fit together")
        self._places = {name: place * width for place, name in enumerate(names)}
        self._weights = weights
        self._offers = {name: weights[place] for name, place in self._places.items()}
        self._scales = tuple(scales)
        self._biases = tuple(biases)
        self.fusion = dict(fusion)
        self.version = version

    @classmethod
    def load(cls, folder: str = "ngrams") -> Self:
        """Read the shipped weights; raises `ValueError` when they are damaged."""
        root = files("classifiers") / "models" / folder
        config = json.loads((root / "config.json").read_text("utf-8"))
        names = json.loads((root / "ngrams.json").read_text("utf-8"))
        content = (root / "weights.bin").read_bytes()
        try:
            if tuple(config["columns"]) != COLUMNS:
                raise ValueError("n-gram model: made for other columns")
            if config["version"] != digest_of(config, names, content):
                raise ValueError("n-gram model: its files are not those that were written together")
            return cls(
                names,
                array("b", content),
                config["scales"],
                config["biases"],
                fusion=config["fusion"],
                version=config["version"],
            )
        except KeyError as error:
            raise ValueError(f"n-gram model: config.json lacks {error}") from error

    def read(self, text: str) -> NgramReading:
        """Judge a normalised text, in time linear in its length."""
        return max(
            (self._read(window, start) for start, window in _windows(text)),
            key=lambda reading: reading.offer,
        )

    def _read(self, text: str, offset: int) -> NgramReading:
        found = features(text)
        share = share_of(len(found))
        scale = self._scales[0] * share
        # Nearly every text ends here, so this sum is what a text costs.
        offer = self._biases[0] + scale * sum(filter(None, map(self._offers.get, found)))
        if offer < WORTH_A_CLOSER_LOOK:
            return NgramReading(offer, NOTHING_SAID, {}, (), offset)
        places, weights = self._places, self._weights
        known = [
            (place, name, start)
            for name, start in found.items()
            if (place := places.get(name)) is not None
        ]
        sums = [
            bias + step * share * sum(weights[place + column] for place, _, _ in known)
            for column, (bias, step) in enumerate(zip(self._biases, self._scales, strict=True))
        ]
        added = [0.0] * len(text)
        for place, name, start in known:
            width = _width(name)
            for at in range(start, start + width):
                added[at] += weights[place] * scale / width
        first_intent = 1 + len(Category)
        return NgramReading(
            offer=offer,
            categories=dict(zip(Category, sums[1:first_intent], strict=True)),
            intents=dict(zip(Intent, sums[first_intent:], strict=True)),
            strongest=_strongest(text, added, offset),
            start=offset,
        )


def _width(name: str) -> int:
    """How many characters of the text an n-gram stands for; of two words the second."""
    return len(name.rpartition("_")[2]) or len(name)


def _strongest(text: str, added: Sequence[float], at: int) -> tuple[tuple[int, int, float], ...]:
    """The pieces that add most: Latin words, and Chinese characters above the mean that touch.

    Args:
        text: what was read.
        added: log-odds that each of its characters adds; an n-gram's are shared among its own.
        at: where the text begins.
    """
    usual = max(0.0, sum(added) / max(1, len(added)))
    pieces: list[tuple[int, int, float]] = []
    for run in RUNS.finditer(text):
        if run["word"]:
            found = [run.span()]
        else:
            places = range(*run.span())
            strong = groupby(places, lambda place: added[place] > usual * NEARLY)
            found = [_ends(group) for is_strong, group in strong if is_strong]
        pieces += [(at + first, at + end, sum(added[first:end])) for first, end in found]
    pieces.sort(key=lambda piece: -piece[2])
    return tuple(pieces[:STRONGEST])


def _ends(places: Iterable[int]) -> tuple[int, int]:
    first, *rest = places
    return first, (rest[-1] if rest else first) + 1


def _windows(text: str) -> Iterator[tuple[int, str]]:
    yield 0, text[:WINDOW]
    for start in range(STRIDE, len(text) - (WINDOW - STRIDE), STRIDE):
        yield start, text[start : start + WINDOW]


@cache
def shipped_model() -> NgramModel:
    """The weights in `classifiers/models/ngrams`, loaded once."""
    return NgramModel.load()
