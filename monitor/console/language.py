"""The console's words in Chinese and English. A test holds both to the same keys."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "Words", "choose", "words"]

LANGUAGES = ("zh", "en")
MAX_PREFERENCES = 20


class Words:
    """The words of one language. An unknown key is an error: a test then finds it."""

    def __init__(self, language: str, table: dict[str, str]) -> None:
        self.language = language
        self._table = table

    def __call__(self, key: str, **values: object) -> str:
        """The words for a key, with values filled in."""
        return self._table[key].format(**values)

    def of(self, kind: str, value: str) -> str:
        """The words for a value such as an outcome; the value itself when there are none."""
        return self._table.get(f"{kind}.{value}", value)


@cache
def words(language: str) -> Words:
    """Read one language's file."""
    text = (files("monitor.console") / "words" / f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, tomllib.loads(text))


def choose(cookie: str | None, accepted: str) -> str:
    """The reader's language: what was chosen, else what the browser likes best, else Chinese.

    >>> choose(None, "fr;q=1, en-GB;q=0.8, zh;q=0.9")
    'zh'
    """
    if cookie in LANGUAGES:
        return str(cookie)
    best = (0.0, LANGUAGES[0])
    for part in accepted.split(",")[:MAX_PREFERENCES]:
        code, _, quality = part.partition(";")
        language = code.strip().lower().partition("-")[0]
        share = _quality(quality)
        if language in LANGUAGES and share > best[0]:
            best = (share, language)
    return best[1]


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not text.strip():
        return 1.0
    try:
        return min(1.0, float(value)) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
