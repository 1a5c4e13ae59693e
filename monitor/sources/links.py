"""Addresses as pages write them, made absolute; and pieces of addresses."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

__all__ = ["MAX_URL_CHARS", "host_of", "is_same_place", "path_segment", "query_value", "resolve"]

MAX_URL_CHARS = 8_000


def resolve(link: str, base: str) -> str:
    """Make a link absolute; "" for anything that is no http(s) address.

    >>> resolve("//img.example/a.jpg", "https://m.example/s?q=1")
    'https://img.example/a.jpg'
    >>> resolve("javascript:void(0)", "https://m.example/")
    ''
    """
    link = link.strip()
    if not link or len(link) > MAX_URL_CHARS:
        return ""
    if not link.isprintable() or " " in link:
        # Browsers drop line breaks inside of an address; other oddities are left to the gate.
        link = "".join(link.split())
    try:
        absolute = urljoin(base, link)
        split = urlsplit(absolute)
        _ = split.port
    except ValueError:
        return ""
    # User information makes a link look as if it led elsewhere.
    is_usable = split.scheme in ("http", "https") and split.hostname and "@" not in split.netloc
    return absolute if is_usable and absolute.isprintable() else ""


def host_of(url: str) -> str:
    """The host in lower case, or "" when there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_same_place(url: str, other: str) -> bool:
    """Whether two addresses name the same host and path (scheme and query aside)."""
    try:
        one, two = urlsplit(url), urlsplit(other)
        return (one.hostname, one.path.rstrip("/")) == (two.hostname, two.path.rstrip("/"))
    except ValueError:
        return False


def path_segment(link: str, index: int) -> str:
    """One segment of a path, counted from 0, or from the end with a negative index; else "".

    >>> path_segment("https://m.example/u/shop/item-7.html?x=1", -1)
    'item-7.html'
    >>> path_segment("channel/123", -1)
    '123'
    """
    try:
        path = urlsplit(link.strip()).path
    except ValueError:
        return ""
    segments = [segment for segment in path.split("/") if segment]
    try:
        return unquote(segments[index])
    except IndexError:
        return ""


def query_value(link: str, name: str) -> str:
    """The first value of a query parameter, or "".

    >>> query_value("fleamarket://item?id=9&x=1", "id")
    '9'
    """
    try:
        pairs = parse_qsl(urlsplit(link.strip()).query, max_num_fields=200)
    except ValueError:
        return ""
    return next((value for key, value in pairs if key == name), "")
