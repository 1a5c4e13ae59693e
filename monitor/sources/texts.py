"""Cleaning of what markets show: white space, control characters, tags, entities.

What a seller wrote stays as it is otherwise (emoji, zero-width characters, full
width): undoing disguises is the classifiers' business, and evidence needs the original.
"""

from __future__ import annotations

import html
import re

__all__ = ["MAX_TEXT_CHARS", "drop_tags", "many_lines", "one_line"]

MAX_TEXT_CHARS = 20_000
"""Longest text kept of one field; real ones stay below 1,000 (sources.md 2.2: 544)."""

# `isprintable` is false for format characters too, which are kept: sellers hide
# words behind them, and that is evidence.
UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")


def one_line(text: str) -> str:
    r"""The text on one line: runs of any white space become one space.

    >>> one_line(" 照片\u3000活化\n\x00全套 ")
    '照片 活化 全套'
    """
    text = text[:MAX_TEXT_CHARS]
    if text.isprintable() and "  " not in text:
        # The only printable white space is the space.
        return text.strip()
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(UNWANTED.sub("", line).split())


def many_lines(text: str) -> str:
    """The text with its line breaks, each line cleaned, empty lines dropped."""
    if not text:
        return ""
    lines = (one_line(line) for line in text[:MAX_TEXT_CHARS].splitlines())
    return "\n".join(line for line in lines if line)


def drop_tags(text: str) -> str:
    r"""Turn a fragment of HTML into text: breaks become lines, entities are decoded once.

    A "<" that starts no tag stays.

    >>> drop_tags("<span class=H>人脸</span>&amp;1 < 2<br>x")
    '人脸&1 < 2\nx'
    """
    text = text[: 4 * MAX_TEXT_CHARS]
    if "<" in text:
        text = TAG.sub("", BREAKS.sub("\n", text))
    return html.unescape(text) if "&" in text else text
