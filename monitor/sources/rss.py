"""Any RSS 2.0, RSS 1.0 (RDF) or Atom feed: of a search, or a whole feed that is filtered here.

How to write the options: `docs/how-to/add-a-source.md`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from monitor.domain.gap import Window
from monitor.domain.outcome import Outcome
from monitor.domain.page import (
    Answer,
    ItemPage,
    PageRequest,
    ParsedListing,
    RowProblem,
    SearchPage,
)
from monitor.sources.ages import AGES
from monitor.sources.blocks import LISTS, BlockDetector
from monitor.sources.check import FieldProbe, Probe
from monitor.sources.definition import SourceDefinition
from monitor.sources.feed_entries import (
    count_ends,
    entry_values,
    is_broken,
    link_of,
    parse_feed,
)
from monitor.sources.item_page import HtmlItemOptions, HtmlItemReader
from monitor.sources.links import Links, is_same_place, resolve
from monitor.sources.options import BlockTexts, Options, read_options
from monitor.sources.paging import link_request
from monitor.sources.requests import RequestOptions
from monitor.sources.rows import MAX_ROWS, RowReader, collect_rows
from monitor.sources.terms import holds_term

__all__ = ["SOURCE", "RssOptions", "RssSource"]


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
        search.check_names("term", *AGES)
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

    def window_request(self, term: str, window: Window) -> PageRequest | None:
        """The entries of a window; None without an age filter."""
        search = self._options.search
        ages = search.ages(window, self.definition.timezone)
        return search.build({"term": term, **ages}) if ages is not None else None

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
        feed = parse_feed(answer)
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
        feed = parse_feed(answer)
        if feed is None:
            return Probe(0, (), (("rows", "rss, feed or rdf:RDF", ""),))
        raw = [entry_values(entry) for entry in feed.entries[:MAX_ROWS]]
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
            listing = self._rows.read(entry_values(entry), links, answer.fetched_at)
            is_wanted = holds_term(f"{listing.title}\n{listing.description}", wanted)
            return listing if is_wanted else None

        entries = feed.entries
        total = max(len(entries), count_ends(answer.body))
        listings, problems = collect_rows(entries, read, count=total)
        broken = is_broken(feed)
        if not listings and (problems or answer.is_truncated or (broken and not entries)):
            return self._without_entries(answer, len(entries), problems)
        if broken or answer.is_truncated:
            reason = "the feed is cut or not well-formed; entries may be missing"
            problems = (*problems, RowProblem(len(entries), "page", reason))
        following = resolve(link_of(feed.feed.get("links"), "next"), base)
        return SearchPage(
            Outcome.OK if listings else Outcome.EMPTY,
            listings,
            problems,
            next_request=link_request(following, self._options.search, answer),
            notes={"entries": len(entries)},
        )

    def _without_entries(
        self, answer: Answer, entries: int, problems: tuple[RowProblem, ...]
    ) -> SearchPage:
        """A feed that is cut or broken before its first usable entry proves no emptiness."""
        expected = f"a usable entry (of {entries})" if entries else "the end of the feed"
        block = self._detector.judge(answer, expected)
        return SearchPage(block.outcome, problems=problems, detail=block.detail)


SOURCE = RssSource
