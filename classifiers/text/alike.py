"""Which texts are re-writings of one another: sketches, how alike they are, what they share.

A text is the set of its letters and pairs of letters (grams), in the view in which disguised
words are undone. Digits, signs and order count for little or nothing: prices, numbers of
contacts and the order of clauses change from one posting to the next. A `Sketch` holds the
smallest keyed hashes of the grams; of a text of up to `SIZE` grams all of them, so that its
likeness to another is exact.

Keys of bands find candidates without a comparison with all: texts that are alike have one in
common with near certainty (MinHash with banding, Broder 1997; Leskovec, Rajaraman and
Ullman, Mining of Massive Datasets, 3.4). `python -m benchmarks.families` measures all of it.
"""

from __future__ import annotations

import hashlib
import re
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.normalise import fold

__all__ = [
    "SIZE",
    "Sketch",
    "are_alike",
    "bands",
    "letters_of",
    "likeness",
    "shared_passages",
    "sketch",
]

Sketch = tuple[int, ...]
"""Different 32-bit numbers, smallest first; empty for a text without a letter."""

SIZE = 256
"""Numbers in a sketch at most; an estimate from so many is within 0.06 (95 %)."""
MAX_CHARS = 4_000
"""Of a text; what comes after them says no more about whose text it is."""
GRAMS = (1, 2)
BANDS = 24
ROWS = 2
"""Texts that share half of their grams have no band in common in 1 of 1,000 cases."""
HASH_BYTES = 4

ALIKE = 0.5
ALIKE_SHORT = 0.6
SHORT_GRAMS = 40
"""A text of fewer (some 20 characters) is mostly words that all sellers of a trade write."""

# What a masked contact leaves of itself; a disguise parts Chinese characters with fewer stars.
MASKED = re.compile(r"[a-z0-9_.@-]{0,3}\*{3,}[a-z0-9_.-]{0,3}", re.IGNORECASE)
SHARED_CHARS = 3
COMPARED_CHARS = 1_000


def letters_of(text: str) -> str:
    """What is compared of a text: its letters, disguises undone.

    Args:
        text: masked or not; masked is right for whatever is stored.
    """
    view = shipped_undisguiser().view(fold(MASKED.sub(" ", text[:MAX_CHARS]))).text
    return "".join(char for char in view if char.isalpha())


def sketch(text: str, key: bytes) -> Sketch:
    """The sketch of a text.

    Args:
        text: as written, masked.
        key: of the hashes, up to 64 bytes: who does not know it cannot find out by trying
            which words a sketch was made of.
    """
    letters = letters_of(text)
    grams = {letters[at : at + n] for n in GRAMS for at in range(max(1, len(letters) - n + 1))}
    hashes = {_hash(gram, key) for gram in grams if gram}
    return tuple(sorted(hashes)[:SIZE])


def likeness(one: Sketch, other: Sketch) -> float:
    """Of all grams of both texts the share that both have (Jaccard 1912), in [0, 1]."""
    union = sorted({*one, *other})
    if SIZE in (len(one), len(other)):
        # Beyond these the longer text's grams are not known.
        union = union[:SIZE]
    common = set(one).intersection(other, union)
    return len(common) / len(union) if union else 0.0


def are_alike(one: Sketch, other: Sketch) -> bool:
    """Whether one text is a re-writing of the other."""
    is_short = min(len(one), len(other)) < SHORT_GRAMS
    return likeness(one, other) >= (ALIKE_SHORT if is_short else ALIKE)


def bands(of: Sketch) -> list[int]:
    """Keys under which texts like this one are found: signed 64-bit numbers."""
    if not of:
        return []
    factors, offsets = _permutations()
    grams = np.array(of, dtype=np.uint64)
    # Multiply-shift hashing (Dietzfelbinger 1996) in place of permutations.
    lowest = ((factors[:, None] * grams[None, :] + offsets[:, None]) >> np.uint64(32)).min(axis=1)
    rows = lowest.reshape(BANDS, ROWS)
    return [
        int.from_bytes(
            hashlib.blake2b(band.to_bytes(2, "big") + rows[band].tobytes(), digest_size=8).digest(),
            "big",
            signed=True,
        )
        for band in range(BANDS)
    ]


def shared_passages(one: str, other: str, *, limit: int = 3) -> list[str]:
    """The longest pieces that both texts have, as `letters_of` shows them, longest first."""
    first, second = letters_of(one)[:COMPARED_CHARS], letters_of(other)[:COMPARED_CHARS]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    pieces = [first[at.a : at.a + at.size] for at in blocks if at.size >= SHARED_CHARS]
    return sorted(dict.fromkeys(pieces), key=len, reverse=True)[:limit]


def _hash(gram: str, key: bytes) -> int:
    digest = hashlib.blake2b(
        gram.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES, key=key
    ).digest()
    return int.from_bytes(digest, "big")


@lru_cache(maxsize=1)
def _permutations() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The same for ever: stored bands were made with them."""
    drawn = hashlib.shake_128(b"bands of text families").digest(16 * BANDS * ROWS)
    numbers = np.frombuffer(drawn, dtype="<u8").astype(np.uint64)
    return numbers[: BANDS * ROWS] | np.uint64(1), numbers[BANDS * ROWS :]
