"""Reasons that the classifiers give, said in the reader's language.

They are stored as they were written, in English. ``words/reasons.zh.toml`` says each in
Chinese; where it does not, as for words of an operator's own vocabulary, a reason stays as
it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from monitor.console.language import Words

__all__ = ["disguises", "reason"]

FIELD: Final = re.compile(r"\{(\w+)\}")
MAX_CHARS: Final = 1000
"""Longer reasons are no sentences of ours."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A sentence with fields, and how it is said."""

    written: re.Pattern[str]
    said: str


def reason(words: Words, why: str) -> str:
    """A reason's sentence; as it was written where the language has no words for it."""
    if words.language == "en":
        return why if " -> " in why else why[:1].upper() + why[1:]
    return _said(words, why) or why


def disguises(words: Words, names: Iterable[str]) -> str:
    """What was undone to read a word, one after the other."""
    if words.language == "en":
        return ", ".join(names)
    return "、".join(_chinese()[0].get(name, name) for name in names)


def _said(words: Words, why: str) -> str:
    """The sentence in Chinese, or nothing."""
    sentences, forms = _chinese()
    if why in sentences:
        return sentences[why]
    if len(why) > MAX_CHARS:
        return ""
    for form in forms:
        found = form.written.fullmatch(why)
        if found is None:
            continue
        values = {name: _value(words, name, value) for name, value in found.groupdict().items()}
        if all(values.values()):
            return form.said.format(**values)
    return ""


def _value(words: Words, name: str, value: str) -> str:
    """What stands for a field; nothing when the form does not fit after all."""
    if name == "reason":
        return _said(words, value)
    if name == "what":
        return _chinese()[0].get(value, value)
    if name == "ways":
        ways = [_chinese()[0].get(way, "") for way in value.split(", ")]
        return "、".join(ways) if all(ways) else ""
    return words.of("contact", value) if name == "contact" else value


@cache
def _chinese() -> tuple[dict[str, str], tuple[_Form, ...]]:
    """Sentences that are always the same, and those with fields."""
    path = files("monitor.console") / "words" / "reasons.zh.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    forms = [_Form(_pattern(key), said) for key, said in table.items() if FIELD.search(key)]
    return {key: said for key, said in table.items() if not FIELD.search(key)}, tuple(forms)


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = FIELD.split(sentence)
    texts = (re.escape(text) for text in parts[::2])
    fields = (f"(?P<{name}>.+?)" for name in parts[1::2])
    pieces = [piece for pair in zip(texts, [*fields, ""], strict=True) for piece in pair]
    return re.compile("".join(pieces), re.DOTALL)
