"""Parsing of HTML with a guard: what would cost far more than its size is not parsed at all.

The HTML algorithm itself is quadratic in a few corners, and worse: a thousand
unclosed ``<b x=N>`` are rebuilt inside of each paragraph that follows. Measured
with selectolax 1.0: 75 KB of unclosed ``<font size=N><p>`` take 2.9 GB, 20,000
nested ``<div>`` 1.2 s. The guard estimates such costs from the tags alone.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

__all__ = ["MarkupError", "block_text", "parse_html", "visible_text"]

MAX_DEPTH_COST = 100_000_000
"""Sum over all tags of the elements open there; 20,000 nested elements make twice as much."""
MAX_REBUILT = 1_000_000
"""Sum over all tags of unclosed formatting elements: an upper bound of nodes that are rebuilt."""
MAX_ATTRIBUTES = 5_000
"""Of one tag; each is compared with all others."""
MANY_TAGS = 6_000
LONG_PAGE_BYTES = 300_000
LONG_TAG_CHARS = 10_000
BULKY_BYTES = 40_000
BYTES_PER_TAG = 200

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])([^>]*)")
QUOTED = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong"}
    | {"tt", "u"}
)
# They close themselves or need no end tag, so they say nothing of depth.
UNNESTED = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
    | {"track", "wbr", "p", "li", "td", "th", "tr", "dt", "dd", "option", "optgroup", "thead"}
    | {"tbody", "tfoot", "colgroup", "rp", "rt"}
)
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
HIDDEN = ["script", "style", "template", "noscript"]


class MarkupError(ValueError):
    """The page will not be parsed; the text says why."""


def parse_html(text: str) -> LexborHTMLParser:
    """Parse a page; line breaks (``<br>``) become line feeds in texts.

    Raises:
        MarkupError: it is nested or built so that parsing it would cost too much,
            or the parser gave up.
    """
    # The parser wants UTF-8 anyway, and counting bytes is several times faster.
    page = text.encode("utf-8", errors="replace")
    if _is_suspicious(page):
        _check_cost(text)
    try:
        tree = LexborHTMLParser(page)
    except (SelectolaxError, ValueError, MemoryError) as error:
        raise MarkupError("the HTML cannot be parsed") from error
    for node in tree.css("br"):
        node.insert_after("\n")
    return tree


def visible_text(tree: LexborHTMLParser) -> str:
    """All text but that of scripts and styles. Changes the tree: call it last."""
    tree.strip_tags(HIDDEN)
    body = tree.body
    return body.text() if body is not None else ""


def block_text(node: LexborNode) -> str:
    """The text of an element with a line feed around each block inside of it."""
    parts: list[str] = []
    skipped: int | None = None
    for inner in node.traverse(include_text=True):
        if inner.is_text_node:
            parent = inner.parent
            if parent is None or parent.mem_id != skipped:
                parts.append(inner.text())
        elif inner.tag in HIDDEN:
            skipped = inner.mem_id
        elif inner.tag in BLOCKS:
            parts.append("\n")
    return "".join(parts)


def _is_suspicious(page: bytes) -> bool:
    """Whether a page could be costly at all: two counts acquit nearly every real one."""
    tags, closed, size = page.count(b"<"), page.count(b"</"), len(page)
    return (
        tags > MANY_TAGS
        or size > LONG_PAGE_BYTES
        or tags * (tags - 2 * closed) > MAX_REBUILT
        or (size > BULKY_BYTES and tags * BYTES_PER_TAG < size)
    )


def _check_cost(text: str) -> None:
    """Estimate the cost from the tags alone; raises `MarkupError` above a limit."""
    depth = formatting = depth_cost = rebuilt = 0
    for match in TAG.finditer(text):
        closes, name, rest = match.groups()
        name = name.lower()
        if len(rest) > LONG_TAG_CHARS:
            _check_attributes(rest)
        step = -1 if closes else 1
        if name in FORMATTING:
            formatting = max(0, formatting + step)
        if name not in UNNESTED:
            depth = max(0, depth + step)
        depth_cost += depth
        rebuilt += formatting
        if depth_cost > MAX_DEPTH_COST or rebuilt > MAX_REBUILT:
            raise MarkupError("the page nests its elements too deeply to be read")


def _check_attributes(tag: str) -> None:
    bare = QUOTED.sub(" x", tag)
    if sum(bare.count(mark) for mark in " \t\n\f\r/") + bare.count('"') > MAX_ATTRIBUTES:
        raise MarkupError("a tag of the page has too many attributes to be read")
