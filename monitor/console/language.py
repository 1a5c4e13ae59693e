"""The console's words in Chinese and English. A test holds both to the same keys."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "Words", "choose", "words"]

LANGUAGES = ("zh", "en")


class Words:
    """The words of one language; unknown keys are an error, so that a test finds them."""

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
    """The reader's language: what was chosen, else what the browser prefers, else Chinese."""
    if cookie in LANGUAGES:
        return str(cookie)
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]
