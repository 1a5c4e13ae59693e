"""Any RSS 2.0, RSS 1.0 (RDF) or Atom feed: of a search, or a whole feed that is filtered here.

How to write the options: `docs/how-to/add-a-source.md`. feedparser sees bytes
only: given a text it would open files and addresses.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any, ClassVar, Literal, Self
from xml.sax import SAXException

import feedparser
from pydantic import Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, PageRequest, ParsedListing, SearchPage
from monitor.sources.blocks import LISTS, BlockDetector
from monitor.sources.check import FieldProbe, Probe
from monitor.sources.definition import SourceDefinition
from monitor.sources.item_page import HtmlItemOptions, HtmlItemReader
from monitor.sources.links import Links, is_same_place, resolve
from monitor.sources.markup import MarkupError, block_text, parse_html
from monitor.sources.options import BlockTexts, Options, read_options
from monitor.sources.paging import link_request
from monitor.sources.pictures import picture_link
from monitor.sources.requests import RequestOptions
from monitor.sources.rows import MAX_ROWS, BadRow, RowReader, collect_rows
from monitor.sources.terms import holds_term

__all__ = ["SOURCE", "RssOptions", "RssSource"]

HEAD_CHARS = 4_000
ROOT = re.compile(r"<(?![?!])([A-Za-z_][\w.:-]{0,60})")
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


class RssOptions(Options):
    """How a feed is searched."""

    search: RequestOptions = Field(description="Address of the feed, or a table.")
    match: Literal["server", "client"] = Field(
        default="server",
        description="server: {term} in the address; client: the whole feed is filtered here.",
    )
    blocks: BlockTexts = Field(
        default=BlockTexts(), description="Texts of this market's block pages."
    )
    item: HtmlItemOptions | None = Field(default=None, description="Item pages (HTML).")

    @field_validator("search")
    @classmethod
    def _knows_names(cls, search: RequestOptions) -> RequestOptions:
        search.check_names("term")
        return search

    @model_validator(mode="after")
    def _term_fits_match(self) -> RssOptions:
        if (self.match == "server") != ("term" in self.search.names):
            raise ValueError("search holds {term} exactly when match = 'server'")
        return self


class RssSource:
    """A market that publishes a feed."""

    kind: ClassVar[str] = "rss"
    options_model: ClassVar[type[Options]] = RssOptions

    def __init__(self, definition: SourceDefinition, options: RssOptions) -> None:
        self.definition = definition
        self._options = options
        self._detector = BlockDetector(options.blocks)
        self._rows = RowReader.of(definition)
        self._item = (
            None
            if options.item is None
            else HtmlItemReader(
                definition, options.item, self._detector, search_host=options.search.host
            )
        )

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        return cls(definition, read_options(RssOptions, definition))

    def search_request(self, term: str) -> PageRequest | None:
        """The feed."""
        return self._options.search.build({"term": term})

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` for a capture of this feed's address, else None.

        A saved body knows no address; it is this source's if the rules find a list in it.
        """
        if answer.url:
            return "search" if is_same_place(answer.url, self._options.search.url) else None
        return "search" if self.parse_search(answer).outcome in LISTS else None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read a feed and name the outcome.

        With ``match = "client"`` entries without the term are passed over; a capture
        that no request stands for knows no term and is read whole.
        """
        block = self._detector.elsewhere(answer)
        if block:
            return SearchPage(block.outcome, detail=block.detail)
        feed = _parse(answer)
        if feed is None:
            block = self._detector.judge(answer, "the root of a feed")
            return SearchPage(block.outcome, detail=block.detail)
        return self._read(feed, answer)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:
        """The item's page, or None when it has none on this market."""
        return self._item.request(native_id, url) if self._item else None

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read an item page."""
        if self._item is None:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail="options.item is missing")
        return self._item.read(answer)

    def probe(self, answer: Answer) -> Probe:
        """What the entries hold, for `monitor sources check`."""
        feed = _parse(answer)
        if feed is None:
            return Probe(0, (), (("rows", "rss, feed or rdf:RDF", ""),))
        raw = [_values(entry) for entry in feed.entries[:MAX_ROWS]]
        names = ("native_id", "title", "url", "description", "price", "seller_name")
        fields = tuple(
            FieldProbe(name, "entry", tuple(values.get(name) for values in raw))
            for name in (*names, "published_at", "pictures")
        )
        return Probe(len(raw), fields, (("rows", feed.version, str(len(raw) or "")),))

    def _read(self, feed: Any, answer: Answer) -> SearchPage:
        base = answer.final_url or answer.url or self._options.search.url
        term = answer.request.context.get("term", "") if answer.request else ""
        wanted = term if self._options.match == "client" else ""

        links = Links(base)

        def read(entry: Any) -> ParsedListing | None:
            listing = self._rows.read(_values(entry), links, answer.fetched_at)
            is_wanted = holds_term(f"{listing.title}\n{listing.description}", wanted)
            return listing if is_wanted else None

        entries = feed.entries
        listings, problems = collect_rows(entries, read, count=len(entries))
        if len(problems) >= len(entries) > 0 and not listings:
            detail = f"none of {len(entries)} entries could be used"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail)
        following = resolve(_link(feed.feed.get("links"), "next"), base)
        return SearchPage(
            Outcome.OK if listings else Outcome.EMPTY,
            listings,
            problems,
            next_request=link_request(following, self._options.search, answer),
            notes={"entries": len(entries)},
        )


def _parse(answer: Answer) -> Any:
    """The feed, or None when the answer is none: feeds are often login pages at status 200."""
    root = ROOT.search(answer.text[:HEAD_CHARS])
    if root is None or root[1].lower().rpartition(":")[2] not in FEED_ROOTS:
        return None
    headers = {"content-type": answer.headers.get("content-type", "application/xml")}
    try:
        feed = feedparser.parse(
            io.BytesIO(answer.body),
            response_headers=headers,
            # Tags are dropped here anyway, and links made absolute.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except FEED_ERRORS:
        return None
    return feed if feed.get("version") or feed.get("entries") else None


def _values(entry: Any) -> dict[str, Any]:
    text, pictures = _content(entry)
    published = _own(entry, "published") or _own(entry, "updated") or _own(entry, "created")
    link = _own(entry, "link") or _link(entry.get("links"), "alternate")
    title, _ = _plain(_own(entry, "title"))
    identity = _own(entry, "id") or link
    if not identity and not title and not text:
        raise BadRow("native_id", "an entry without id, link, title and text")
    tags = entry.get("tags") or []
    return {
        "native_id": identity
        if len(identity) <= 200 and identity
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


def _link(links: Any, relation: str) -> str:
    for link in (links or [])[:50]:
        if link.get("rel") == relation:
            return str(link.get("href") or "")
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:32]


SOURCE = RssSource
