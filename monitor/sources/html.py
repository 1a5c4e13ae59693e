"""Any market with HTML pages: CSS selectors in TOML say where things are.

How to write the options: `docs/how-to/add-a-source.md`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser, LexborNode

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
from monitor.sources.blocks import LISTS, Block, BlockDetector
from monitor.sources.check import FieldProbe, Probe
from monitor.sources.columns import outermost
from monitor.sources.counts import parse_count
from monitor.sources.definition import SourceDefinition
from monitor.sources.fields import FieldReader, Fields
from monitor.sources.item_page import HtmlItemOptions, HtmlItemReader
from monitor.sources.links import Links, is_same_place, resolve
from monitor.sources.markup import MarkupError, parse_html
from monitor.sources.options import BlockTexts, Options, StateWords, read_options
from monitor.sources.paging import PageNumbers, link_request, next_by_number
from monitor.sources.requests import RequestOptions
from monitor.sources.rows import (
    MAX_ROWS,
    PriceUnit,
    RowReader,
    collect_rows,
    missing_fields,
    raw_value,
)
from monitor.sources.rules import FieldRule, Marker, check_selector, compile_rule

__all__ = ["SOURCE", "HtmlNext", "HtmlOptions", "HtmlSource"]


class HtmlNext(PageNumbers):
    """How to get to the page after this one: by a link, or by counting {page}."""

    selector: FieldRule | None = Field(
        default=None, description="The link to the next page, e.g. a.next::attr(href)."
    )


class HtmlOptions(Options):
    """Where things are on the pages of an HTML market."""

    search: RequestOptions = Field(
        description="Address of the search with {term} (and {page}), or a table."
    )
    container: str = Field(
        min_length=1, description="Selector of the list; a page without it shows no results."
    )
    row: str = Field(min_length=1, description="Selector of one row, inside the container.")
    skip: str = Field(default="", description="Selector of rows to pass over (advertisements).")
    fields: Fields = Field(description="One rule for each field.")
    price_unit: PriceUnit = Field(
        default="major", description="What prices count: major (yuan), minor (fen) or unknown."
    )
    states: StateWords = Field(default=StateWords(), description="Words of the state field.")
    next: HtmlNext = Field(default=HtmlNext(), description="The next page.")
    empty: Marker = Field(default=Marker(), description="What only a page without results has.")
    related: Marker = Field(
        default=Marker(), description="What a page of recommendations instead of results has."
    )
    total: FieldRule | None = Field(
        default=None, description="The number of results, on the whole page."
    )
    blocks: BlockTexts = Field(
        default=BlockTexts(), description="Texts of this market's block pages."
    )
    item: HtmlItemOptions | None = Field(default=None, description="Item pages.")

    @field_validator("container", "row", "skip")
    @classmethod
    def _are_selectors(cls, selector: str) -> str:
        return check_selector(selector)

    @field_validator("search")
    @classmethod
    def _has_term(cls, search: RequestOptions) -> RequestOptions:
        search.check_names("term", "page", *AGES)
        if "term" not in search.names:
            raise ValueError("{term} must occur")
        return search

    @model_validator(mode="after")
    def _next_is_one_way(self) -> HtmlOptions:
        if self.next.selector is not None and "page" in self.search.names:
            raise ValueError("give next.selector or {page} in search, not both")
        return self


class HtmlSource:
    """A market with HTML pages."""

    kind: ClassVar[str] = "html"
    options_model: ClassVar[type[Options]] = HtmlOptions

    def __init__(self, definition: SourceDefinition, options: HtmlOptions) -> None:
        self.definition = definition
        self._options = options
        self._detector = BlockDetector(options.blocks)
        self._fields = FieldReader(options.fields)
        self._rows = RowReader.of(
            definition,
            price_unit=options.price_unit,
            states=options.states,
            link=options.item.url if options.item else "",
        )
        following = options.next.selector
        self._next_link = compile_rule(following) if following else None
        self._total = compile_rule(options.total) if options.total else None
        self._item = (
            None
            if options.item is None
            else HtmlItemReader(
                definition,
                options.item,
                self._detector,
                search_host=options.search.host,
                price_unit=options.price_unit,
            )
        )

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        return cls(definition, read_options(HtmlOptions, definition))

    def search_request(self, term: str) -> PageRequest | None:
        """The first page of results."""
        return self._options.search.build({"term": term, "page": self._options.next.first})

    def window_request(self, term: str, window: Window) -> PageRequest | None:
        """The first page of what was published in a window; None without an age filter."""
        search = self._options.search
        ages = search.ages(window, self.definition.timezone)
        if ages is None:
            return None
        return search.build({"term": term, "page": self._options.next.first, **ages})

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` for a capture of this market's search address, else None.

        A saved body knows no address; it is this source's if the rules find a list in it.
        """
        if answer.url:
            return "search" if is_same_place(answer.url, self._options.search.url) else None
        return "search" if self.parse_search(answer).outcome in LISTS else None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one page of results and name its outcome."""
        tree = self._detector.open(answer)
        if isinstance(tree, Block):
            return SearchPage(tree.outcome, detail=tree.detail)
        container = tree.css_first(self._options.container)
        rows = self._find_rows(container) if container is not None else []
        if container is not None and rows:
            return self._with_rows(tree, container, rows, answer)
        return self._without_rows(tree, answer, has_container=container is not None)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:
        """The item's page, or None when it has none on this market."""
        return self._item.request(native_id, url) if self._item else None

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read an item page."""
        if self._item is None:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail="options.item is missing")
        return self._item.read(answer)

    def probe(self, answer: Answer) -> Probe:
        """What each selector finds, for `monitor sources check`."""
        try:
            tree = parse_html(answer.text)
        except MarkupError:
            return Probe(0, ())
        container = tree.css_first(self._options.container)
        rows = self._find_rows(container) if container is not None else []
        raw = [self._fields.read(row) for row in rows[:MAX_ROWS]]
        fields = tuple(
            FieldProbe(name, rule.expression, tuple(raw_value(values, name) for values in raw))
            for name, rule in self._fields.rules.items()
        )
        page = [
            ("container", self._options.container, "" if container is None else "found"),
            ("row", self._options.row, str(len(rows)) if rows else ""),
        ]
        for name, rule in (
            ("next.selector", self._options.next.selector),
            ("total", self._options.total),
        ):
            if rule is not None and tree.root is not None:
                page.append((name, rule.expression, compile_rule(rule)(tree.root) or ""))
        return Probe(len(raw), fields, tuple(page))

    def _find_rows(self, container: LexborNode) -> list[LexborNode]:
        rows = container.css(self._options.row)
        if self._options.skip:
            skipped = {node.mem_id for node in container.css(self._options.skip)}
            rows = [row for row in rows if row.mem_id not in skipped]
        return outermost(container, rows)

    def _without_rows(
        self, tree: LexborHTMLParser, answer: Answer, *, has_container: bool
    ) -> SearchPage:
        """Empty only where the page says so: by its marker or, without one, by an empty list."""
        empty = self._options.empty
        if empty.is_on(tree) or (has_container and not empty.is_set):
            return SearchPage(Outcome.EMPTY, total=0)
        options = self._options
        expected = f"rows ({options.row})" if has_container else f"the list ({options.container})"
        block = self._detector.judge(answer, expected)
        return SearchPage(block.outcome, detail=block.detail)

    def _with_rows(
        self,
        tree: LexborHTMLParser,
        container: LexborNode,
        rows: list[LexborNode],
        answer: Answer,
    ) -> SearchPage:
        base = self._base(tree, answer)
        links = Links(base)
        raw = self._fields.read_all(container, rows[:MAX_ROWS])

        def read(values: dict[str, Any]) -> ParsedListing:
            return self._rows.read(values, links, answer.fetched_at)

        listings, problems = collect_rows(raw, read, count=len(rows))
        if not listings:
            detail = f"none of {len(rows)} rows could be used"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail)
        if answer.is_truncated:
            reason = "cut by the byte cap; rows may be missing at its end"
            problems = (*problems, RowProblem(len(rows), "page", reason))
        missing = missing_fields(self._fields.rules, raw)
        total = self._read_total(tree)
        following = self._following(tree, answer, base, len(rows))
        if self._is_related(tree):
            return SearchPage(
                Outcome.RELATED_ONLY,
                problems=problems,
                total=total,
                detail=f"{len(listings)} recommendations, no results",
            )
        return SearchPage(
            Outcome.OK,
            listings,
            problems,
            next_request=following,
            total=total,
            notes={"missing_fields": missing} if missing else {},
        )

    def _is_related(self, tree: LexborHTMLParser) -> bool:
        """Rows beside a marker of emptiness are recommendations.

        A marker that is a mere text could stand in a row's own words, so it does
        not count here.
        """
        empty = self._options.empty
        return (bool(empty.selector) and empty.is_on(tree)) or self._options.related.is_on(tree)

    def _following(
        self, tree: LexborHTMLParser, answer: Answer, base: str, rows: int
    ) -> PageRequest | None:
        search = self._options.search
        if self._next_link is None:
            return next_by_number(search, self._options.next, answer, rows)
        link = self._next_link(tree.root) if tree.root is not None else None
        return link_request(resolve(link or "", base), search, answer)

    def _read_total(self, tree: LexborHTMLParser) -> int | None:
        if self._total is None or tree.root is None:
            return None
        count = parse_count((self._total(tree.root) or "")[:100])
        return count.value if count else None

    def _base(self, tree: LexborHTMLParser, answer: Answer) -> str:
        address = answer.final_url or answer.url or self._options.search.url
        node = tree.head.css_first("base[href]") if tree.head is not None else None
        return resolve(node.attrs.get("href") or "", address) or address if node else address


SOURCE = HtmlSource
