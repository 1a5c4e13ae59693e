"""Sellers' words made safe to look at: nothing in them stays hidden. Pure; HTML is the templates'.

A seller can write characters that show nothing, turn the direction of a line or
pile up over their neighbours. Runs of them become small markers that name the
character; what an ordinary text needs (an emoji's joiners) stays as it is.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

__all__ = ["Run", "defang", "is_web_link", "plain", "runs"]

# Nothing to see, though Unicode does not call them controls.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
KEYCAP = "\u20e3"
MAX_MARKS_ON_A_LETTER = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that are shown alike.

    Attributes:
        start: offset in the text.
        text: the characters.
        code: ``"U+200B"`` where each of them is that hidden character, else "".
    """

    start: int
    text: str
    code: str = ""


def runs(text: str) -> list[Run]:
    r"""Cut a text into what can be seen and what is hidden; linear in its length.

    >>> [(run.text, run.code) for run in runs("ab\u202ec")]
    [('ab', ''), ('\u202e', 'U+202E'), ('c', '')]
    """
    found = []
    start = 0
    for code, group in groupby(_codes(text)):
        length = sum(1 for _ in group)
        found.append(Run(start, text[start : start + length], code))
        start += length
    return found


def _codes(text: str) -> list[str]:
    codes = []
    piled = 0
    for place, char in enumerate(text):
        if " " <= char <= "~":
            piled = 0
            codes.append("")
            continue
        category = unicodedata.category(char)
        piled = piled + 1 if category in {"Mn", "Me"} else 0
        is_hidden = (
            category in HIDDEN_CATEGORIES
            or char in BLANKS
            or _is_variation(char)
            or piled > MAX_MARKS_ON_A_LETTER
        )
        is_needed = char in "\n\t" or (is_hidden and _is_part_of_emoji(text, place))
        codes.append(f"U+{ord(char):04X}" if is_hidden and not is_needed else "")
    return codes


def _is_variation(char: str) -> bool:
    return (
        "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\u180b" <= char <= "\u180f"
    )


def _is_part_of_emoji(text: str, place: int) -> bool:
    before = text[place - 1 : place]
    after = text[place + 1 : place + 2]
    if text[place] == EMOJI_STYLE:
        return _is_symbol(before) or after == KEYCAP
    if text[place] == JOINER:
        return (_is_symbol(before) or before == EMOJI_STYLE) and _is_symbol(after)
    return False


def _is_symbol(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in {"So", "Sk", "Sm"}


def plain(text: str, limit: int) -> str:
    """One line of at most about `limit` characters, hidden ones as ``[U+200B]``."""
    pieces = [
        f"[{run.code}]" if run.code else " ".join(run.text.split("\n"))
        for run in runs(text[:limit])
    ]
    return "".join(pieces) + ("…" if len(text) > limit else "")


def defang(url: str) -> str:
    """A link that nobody follows by accident.

    >>> defang("https://a.example/x.html")
    'hxxps://a[.]example/x.html'
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url.replace(".", "[.]").replace(":", "[:]")
    host, slash, path = rest.partition("/")
    return scheme.replace("http", "hxxp") + separator + host.replace(".", "[.]") + slash + path


def is_web_link(url: str) -> bool:
    """Whether a browser would open it as a web page and as nothing else."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
    except ValueError:
        return False
