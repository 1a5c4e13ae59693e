"""What changed between two versions of a text. Pure; bounded in time whatever the texts are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

__all__ = ["Change", "differences"]

WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
# Comparing takes, at worst, the cube of so many words; beyond it the middle is shown as replaced.
MAX_WORDS = 150
CONTEXT_CHARS = 24


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of both texts, or of one: `kind` is ``"same"``, ``"gone"`` or ``"added"``."""

    kind: str
    text: str


def differences(old: str, new: str) -> list[Change]:
    """From `old` to `new`, in order; long stretches that stay the same are shortened.

    >>> [(c.kind, c.text) for c in differences("sell 10 sets", "sell 20 sets")]
    [('same', 'sell '), ('gone', '10'), ('added', '20'), ('same', ' sets')]
    """
    before, after = WORD.findall(old), WORD.findall(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    middle_before = before[head : len(before) - tail]
    middle_after = after[head : len(after) - tail]
    changes = [Change("same", "".join(before[:head]))]
    changes += _compare(middle_before, middle_after)
    changes.append(Change("same", "".join(before[len(before) - tail :])))
    kept = [change for change in changes if change.text]
    return [
        _shorten(change, is_first=place == 0, is_last=place == len(kept) - 1)
        for place, change in enumerate(kept)
    ]


def _common(before: list[str], after: list[str]) -> int:
    length = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        length += 1
    return length


def _compare(before: list[str], after: list[str]) -> Iterator[Change]:
    if max(len(before), len(after)) > MAX_WORDS:
        yield Change("gone", "".join(before))
        yield Change("added", "".join(after))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield Change("same", "".join(before[i:j]))
            continue
        yield Change("gone", "".join(before[i:j]))
        yield Change("added", "".join(after[k:m]))


def _shorten(change: Change, *, is_first: bool, is_last: bool) -> Change:
    text = change.text
    if change.kind != "same" or len(text) <= 3 * CONTEXT_CHARS:
        return change
    head = "" if is_first else text[:CONTEXT_CHARS]
    tail = "" if is_last else text[-CONTEXT_CHARS:]
    return Change("same", f"{head} … {tail}".strip(" ") if head or tail else "…")
