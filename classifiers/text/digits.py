"""Numbers as people hide them: spaced, dotted, in circles, in Chinese.

A `Run` is a chain of digits that may be one number. Contacts and victims'
identifiers are both read from runs, so that neither can miss what the other sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from classifiers.text.normalise import Normalised

__all__ = ["CHINESE_NUMERALS", "Run", "digit_runs"]

CHINESE_NUMERALS: Final = "零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺"
NUMERALS: Final = str.maketrans(CHINESE_NUMERALS, "001234567891234567891")
# A line end parts numbers; so do commas and colons, which lists and times use.
CHAIN: Final = re.compile(
    rf"[0-9{CHINESE_NUMERALS}](?:[ .*·/|_~\-–—()]{{0,3}}[0-9{CHINESE_NUMERALS}])*+"
    r"(?:[ .*\-]{0,2}x(?![a-z0-9]))?"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A chain of digits.

    Attributes:
        digits: ASCII digits, with a final "x" where one ends the chain.
        places: for each of them its place in the folded view; increasing.
    """

    digits: str
    places: tuple[int, ...]

    def groups(self) -> list[str]:
        """The digits as they stand together in the text."""
        cuts = [
            at for at in range(1, len(self.places)) if self.places[at] > self.places[at - 1] + 1
        ]
        return [
            self.digits[start:end]
            for start, end in zip([0, *cuts], [*cuts, len(self.digits)], strict=True)
        ]

    def span(self, view: Normalised, start: int, end: int) -> tuple[int, int]:
        """Place in the original of ``digits[start:end]``."""
        return view.span(self.places[start], self.places[end - 1] + 1)


def digit_runs(view: Normalised, *, at_least: int = 5) -> list[Run]:
    """Chains of at least so many digits in a folded view, in text order."""
    runs = []
    for chain in CHAIN.finditer(view.text):
        if chain.end() - chain.start() < at_least:
            continue
        digits = []
        places = []
        for place, char in enumerate(chain.group().translate(NUMERALS), chain.start()):
            if char.isdigit() or char == "x":
                digits.append(char)
                places.append(place)
        if len(digits) >= at_least:
            runs.append(Run("".join(digits), tuple(places)))
    return runs
