"""Whether a text holds a search term, for feeds that no server searches.

This stands in for a market's own search, nothing more: disguises are undone by
the classifiers, after a listing was found.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold", "holds_term"]

CHINESE = "\u3400-\u9fff\uf900-\ufaff"
SPACE_BESIDE_CHINESE = re.compile(rf"(?<=[{CHINESE}])\s+|\s+(?=[{CHINESE}])")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def fold(text: str) -> str:
    """Width, case and white space made alike; no space is left beside a Chinese character.

    >>> fold("ＡＩ 照片 活 化"), fold("Photo  Animation")
    ('ai照片活化', 'photo animation')
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(INVISIBLE)
    return SPACE_BESIDE_CHINESE.sub("", " ".join(plain.split()))


def holds_term(text: str, term: str) -> bool:
    """Whether the folded term occurs in the folded text; an empty term always does."""
    wanted = fold(term)
    return not wanted or wanted in fold(text)
