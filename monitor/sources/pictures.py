"""Where a page hides the address of a picture: lazy attributes, srcset, CSS, and src at last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from monitor.sources.links import Links

__all__ = ["MAX_PICTURES", "absolute_pictures", "css_picture", "picture_link", "widest"]

MAX_PICTURES = 40
LAZY_ATTRIBUTES = (
    "data-src",
    "data-original",
    "data-lazy-img",
    "data-lazy-src",
    "data-lazy",
    "data-url",
    "original",
    "zoomfile",
    "file",
)
SET_ATTRIBUTES = ("data-srcset", "srcset")
PLACEHOLDERS = ("none.gif", "blank.gif", "blank.png", "placeholder", "loading.gif", "spacer.gif")
"""Ends of files that stand in for a picture which a script loads later."""


def picture_link(node: LexborNode) -> str:
    """The picture of one element as written there, or "".

    The element itself is asked first, then the first img inside of it.
    """
    found = _own_link(node.attrs.get)
    if found or node.tag == "img":
        return found
    inner = node.css_first("img")
    return _own_link(inner.attrs.get) if inner is not None else ""


def _own_link(attribute: Callable[[str], str | None]) -> str:
    for name in LAZY_ATTRIBUTES:
        value = attribute(name)
        if value:
            return value
    for name in SET_ATTRIBUTES:
        value = attribute(name)
        if value:
            return widest(value)
    source = attribute("src") or ""
    if source and not source.startswith("data:") and not _is_placeholder(source):
        return source
    return css_picture(attribute("style") or "")


def _is_placeholder(link: str) -> bool:
    try:
        name = urlsplit(link).path.rpartition("/")[2].lower()
    except ValueError:
        return False
    return any(part in name for part in PLACEHOLDERS)


def widest(srcset: str) -> str:
    """The candidate of a srcset with the largest width or density.

    >>> widest("/a,1.jpg 320w, /b.jpg 1280w")
    '/b.jpg'
    """
    best, best_size, link = "", -1.0, ""
    for token in srcset.split():
        if not link:
            link, size = token.rstrip(","), 1.0
            is_end = token.endswith(",")
        else:
            is_end = token.endswith(",")
            size = _size(token.rstrip(","))
        if size > best_size and link:
            best, best_size = link, size
        if is_end:
            link = ""
    return best


def _size(descriptor: str) -> float:
    number = descriptor[:-1]
    is_number = descriptor[-1:] in ("w", "x", "h") and number.replace(".", "", 1).isdecimal()
    return float(number[:12]) if is_number else 1.0


def css_picture(style: str) -> str:
    """The first ``url(...)`` of an inline style, or "".

    >>> css_picture("width:9px;background-image:url('https://c.example/1.jpg')")
    'https://c.example/1.jpg'
    """
    start = style.find("url(")
    end = style.find(")", start)
    return style[start + 4 : end].strip(" \t\n'\"") if 0 <= start < end else ""


def absolute_pictures(links: Iterable[str], base: Links) -> tuple[str, ...]:
    """Absolute addresses without repeats, in order, at most `MAX_PICTURES`."""
    found: dict[str, None] = {}  # in order, each once
    for link in links:
        absolute = base.resolve(link)
        if absolute:
            found[absolute] = None
            if len(found) == MAX_PICTURES:
                break
    return tuple(found)
