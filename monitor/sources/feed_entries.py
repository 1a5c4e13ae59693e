"""The entries of a feed, read by feedparser from bytes.

Given a text, feedparser would open files and addresses; it is handed bytes in
memory only. Entities that a document declares are not expanded.
"""

from __future__ import annotations

import hashlib
import io
import re
from itertools import islice
from typing import Any
from xml.sax import SAXException

import feedparser
from selectolax.lexbor import LexborHTMLParser

from monitor.domain.page import Answer
from monitor.sources.markup import MarkupError, block_text, parse_html
from monitor.sources.pictures import picture_link
from monitor.sources.rows import MAX_ROWS, BadRow

__all__ = ["count_ends", "entry_values", "is_broken", "link_of", "parse_feed"]

HEAD_CHARS = 4_000
ROOT = re.compile(r"<(?![?!])([A-Za-z_][\w.:-]{0,60})")
ENTRY_ENDS = (b"</item>", b"</entry>")
ENTRY_END = re.compile(b"|".join(ENTRY_ENDS))
FEED_ROOTS = frozenset({"rss", "feed", "rdf"})
FEED_ERRORS = (
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    OSError,
    SAXException,
)
MAX_IDENTITY_CHARS = 200


def parse_feed(answer: Answer) -> Any:
    """The feed, or None when the answer is none: feeds are often login pages at status 200."""
    root = ROOT.search(answer.text[:HEAD_CHARS])
    if root is None or root[1].lower().rpartition(":")[2] not in FEED_ROOTS:
        return None
    body = _first_rows(answer.body, root[1].encode())
    headers = {"content-type": answer.headers.get("content-type", "application/xml")}
    try:
        feed = feedparser.parse(
            io.BytesIO(body),
            response_headers=headers,
            # Tags are dropped here anyway, and links made absolute.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except FEED_ERRORS:
        return None
    return feed if feed.get("version") or feed.get("entries") else None


def is_broken(feed: Any) -> bool:
    """Whether the document is not well-formed, so that its end may be missing."""
    return isinstance(feed.get("bozo_exception"), SAXException)


def count_ends(body: bytes) -> int:
    """How many entries a feed closes, also those past the cap."""
    return sum(body.count(end) for end in ENTRY_ENDS)


def _first_rows(body: bytes, root: bytes) -> bytes:
    """The feed without entries past the cap: feedparser takes some 2 ms for each."""
    if count_ends(body) <= MAX_ROWS:
        return body
    ends = islice(ENTRY_END.finditer(body), MAX_ROWS - 1, None)
    place = next(ends).end()
    channel = b"</channel>" if root.lower() == b"rss" else b""
    return body[:place] + channel + b"</" + root + b">"


def entry_values(entry: Any) -> dict[str, Any]:
    """Raw values as `monitor.sources.rows.RowReader.read` takes them.

    Identity is the guid or id, else the link, else a digest of title and time.

    Raises:
        BadRow: the entry is empty.
    """
    text, pictures = _content(entry)
    published = _own(entry, "published") or _own(entry, "updated") or _own(entry, "created")
    link = _own(entry, "link") or link_of(entry.get("links"), "alternate")
    title, _ = _plain(_own(entry, "title"))
    identity = _own(entry, "id") or link
    if not identity and not title and not text:
        raise BadRow("native_id", "an entry without id, link, title and text")
    tags = entry.get("tags") or []
    return {
        "native_id": identity
        if 0 < len(identity) <= MAX_IDENTITY_CHARS
        else _digest(identity or f"{title}\n{published}"),
        "title": title,
        "url": link,
        "description": text,
        "price": _own(entry, "g_price") or _own(entry, "price"),
        "seller_name": _own(entry, "author"),
        "published_at": published,
        "pictures": [*_attached(entry), *pictures],
        "extra": {"tags": [tag.get("term") for tag in tags[:20] if tag.get("term")]},
    }


def _own(entry: Any, name: str) -> str:
    """A text of the entry itself: feedparser answers for some names with others' values."""
    value = dict.get(entry, name)
    return value if isinstance(value, str) else ""


def _content(entry: Any) -> tuple[str, list[str]]:
    """The longest text of an entry, without tags, and the pictures inside of it."""
    texts = [_own(entry, "summary")]
    contents = entry.get("content") or []
    texts += [part.get("value") or "" for part in contents[:5]]
    return _plain(max(texts, key=len))


def _plain(text: str) -> tuple[str, list[str]]:
    if "<" not in text and "&" not in text:
        return text, []
    try:
        tree = parse_html(text)
    except MarkupError:
        return "", []
    body = tree.body
    if body is None:
        return "", []
    return block_text(body), _pictures(tree)


def _pictures(tree: LexborHTMLParser) -> list[str]:
    return [picture_link(node) for node in tree.css("img")[:50]]


def _attached(entry: Any) -> list[str]:
    """Enclosures and Media RSS, pictures only."""
    found = [
        part.get("url") or ""
        for name in ("media_content", "media_thumbnail")
        for part in (entry.get(name) or [])[:50]
        if "video" not in (part.get("medium") or part.get("type") or "")
    ]
    found += [
        part.get("href") or ""
        for part in (entry.get("enclosures") or [])[:50]
        if (part.get("type") or "").startswith("image/")
    ]
    return found


def link_of(links: Any, relation: str) -> str:
    """The address of the first link with a relation, or ""."""
    for link in (links or [])[:50]:
        if link.get("rel") == relation:
            return str(link.get("href") or "")
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:32]
