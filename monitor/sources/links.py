"""Addresses as pages write them, made absolute; and pieces of addresses."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

__all__ = [
    "MAX_URL_CHARS",
    "Links",
    "host_of",
    "is_same_place",
    "path_segment",
    "query_value",
    "resolve",
]

MAX_URL_CHARS = 8_000

HOST = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
REST = r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*"
PLAIN_LINK = re.compile(
    rf"(?P<absolute>https?://{HOST}{REST})|(?P<host>//{HOST}{REST})|(?P<path>(?!//){REST})"
)


class Links:
    """Makes the links of one page absolute.

    Args:
        base: the address that the links stand beside; may be "".
    """

    def __init__(self, base: str) -> None:
        self._base = base
        try:
            split = urlsplit(base)
        except ValueError:
            split = urlsplit("")
        self._scheme = f"{split.scheme}:" if split.scheme in ("http", "https") else ""
        self._origin = f"{self._scheme}//{split.netloc}" if self._scheme and split.netloc else ""

    def resolve(self, link: str) -> str:
        """Make a link absolute; "" for anything that is no http(s) address.

        >>> Links("https://m.example/s?q=1").resolve("//img.example/a.jpg")
        'https://img.example/a.jpg'
        >>> Links("https://m.example/").resolve("javascript:void(0)")
        ''
        """
        # Nearly all links have one of three plain forms, for which nothing has to be
        # taken apart; they are most of a page's links and urljoin is slow.
        plain = PLAIN_LINK.fullmatch(link)
        if plain and len(link) <= MAX_URL_CHARS and "/." not in link:
            kind = plain.lastgroup
            if kind == "absolute":
                return link
            if kind == "host" and self._scheme:
                return self._scheme + link
            if kind == "path" and self._origin:
                return self._origin + link
        return self._resolve_slowly(link)

    def _resolve_slowly(self, link: str) -> str:
        link = link.strip()
        if not link or len(link) > MAX_URL_CHARS:
            return ""
        if not link.isprintable() or " " in link:
            # Browsers drop line breaks inside of an address; the gate judges the rest.
            link = "".join(link.split())
        try:
            absolute = urljoin(self._base, link)
            split = urlsplit(absolute)
            _ = split.port
        except ValueError:
            return ""
        # User information makes a link look as if it led elsewhere.
        is_usable = split.scheme in ("http", "https") and split.hostname and "@" not in split.netloc
        return absolute if is_usable and absolute.isprintable() else ""


def resolve(link: str, base: str) -> str:
    """One link beside `base`, see `Links.resolve`."""
    return Links(base).resolve(link)


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
