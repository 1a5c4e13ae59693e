"""Any market with HTML pages: CSS selectors in TOML say where things are.

Options: `HtmlOptions`; how to write them: `docs/how-to/add-a-source.md`.
"""  # noqa: A005 - the module is named as its kind is, and only imported by full name

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, PageRequest, ParsedListing, SearchPage
from monitor.errors import SourceError
from monitor.sources.blocks import BlockDetector
from monitor.sources.definition import SourceDefinition
from monitor.sources.fields import FieldReader, Fields
from monitor.sources.item_page import HtmlItemOptions, HtmlItemReader
from monitor.sources.links import host_of, is_same_place, resolve
from monitor.sources.markup import MarkupError, parse_html
from monitor.sources.options import BlockTexts, Options, StateWords, read_options
from monitor.sources.paging import PageNumbers, next_by_number
from monitor.sources.probing import FieldProbe, Probe
from monitor.sources.requests import RequestOptions
from monitor.sources.rows import MAX_ROWS, PriceUnit, RowReader, collect_rows, missing_fields
from monitor.sources.selectors import FieldRule, Marker, check_selector, compile_rule
from monitor.sources.counts import parse_count

__all__ = ["SOURCE", "HtmlOptions", "HtmlSource"]


class HtmlNext(PageNumbers):
    """How to get to the page after this one: by a link, or by counting {page}."""

    selector: FieldRule | None = Field(
        None, description="The link to the next page, e.g. a.next::attr(href)."
    )


class HtmlOptions(Options):
    """Where things are on the pages of an HTML market."""

    search: RequestOptions = Field(
        description="Address of the search with {term} (and {page}), or a table."
    )
    container: str = Field(
        description="Selector of the list; a page without it is no page of results."
    )
    row: str = Field(description="Selector of one row, inside the container.")
    fields: Fields = Field(description="One rule for each field.")
    price_unit: PriceUnit = Field(
        "major", description="What prices count: major (yuan), minor (fen) or unknown."
    )
    states: StateWords = Field(StateWords(), description="Words of the state field.")
    next: HtmlNext = Field(HtmlNext(), description="The next page.")
    empty: Marker = Field(Marker(), description="What only a page without results has.")
    related: Marker = Field(
        Marker(), description="What a page of recommendations instead of results has."
    )
    total: FieldRule | None = Field(None, description="The number of results, on the whole page.")
    skip: str = Field("", description="Selector of rows to pass over (advertisements).")
    blocks: BlockTexts = Field(BlockTexts(), description="Texts of this market's block pages.")
    item: HtmlItemOptions | None = Field(None, description="Item pages.")

    @field_validator("container", "row", "skip")
    @classmethod
    def _are_selectors(cls, selector: str) -> str:
        return check_selector(selector)

    @field_validator("container", "row")
    @classmethod
    def _are_given(cls, selector: str) -> str:
        if not selector:
            raise ValueError("must not be empty")
        return selector

    @model_validator(mode="after")
    def _search_has_term(self) -> HtmlOptions:
        self.search.check_names("term", "page")
        if "term" not in self.search.names:
            raise ValueError("search: {term} must occur")
        return self


class HtmlSource:
    """A market with HTML pages."""

    kind: ClassVar[str] = "html"

    def __init__(self, definition: SourceDefinition, options: HtmlOptions) -> None:
        self.definition = definition
        self._options = options
        self._detector = BlockDetector(options.blocks)
        self._fields = FieldReader(options.fields)
        link = options.item.url if options.item else ""
        self._rows = RowReader.of(
            definition, price_unit=options.price_unit, states=options.states, link=link
        )
        next_rule = options.next.selector
        self._next_link = compile_rule(next_rule) if next_rule else None
        self._total = compile_rule(options.total) if options.total else None
        self._item = options.item and HtmlItemReader(
            definition,
            options.item,
            self._detector,
            search_host=options.search.host,
            price_unit=options.price_unit,
        )

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        return cls(definition, read_options(HtmlOptions, definition))

    def search_request(self, term: str) -> PageRequest | None:
        """The first page of results."""
        return self._options.search.build({"term": term, "page": self._options.next.first})

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` for a capture of this market's search address, else None."""
        return "search" if is_same_place(answer.url, self._options.search.url) else None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one page of results and name its outcome."""
        block = self._detector.elsewhere(answer)
        if block:
            return SearchPage(block.outcome, detail=block.detail)
        try:
            tree = parse_html(answer.text)
        except MarkupError as error:
            return SearchPage(Outcome.SCHEMA_CHANGED, detail=str(error))
        container = tree.css_first(self._options.container)
        if container is None:
            return self._without_list(tree, answer)
        rows = self._find_rows(container)
        if not rows:
            return self._without_rows(tree, answer)
        return self._with_rows(tree, rows, answer)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:
        """The item's page, or None when this market has none."""
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
        except MarkupError as error:
            return Probe(0, (), (("page", "", str(error)),))
        options = self._options
        container = tree.css_first(options.container)
        rows = self._find_rows(container) if container is not None else []
        raw = [self._fields.flat(self._fields.read(row)) for row in rows[:MAX_ROWS]]
        fields = tuple(
            FieldProbe(name, rule.expression, tuple(values[name] for values in raw))
            for name, rule in self._fields.rules.items()
        )
        root = tree.root
        page = [
            ("container", options.container, "" if container is None else "found"),
            ("row", options.row, str(len(rows)) if rows else ""),
        ]
        for name, rule in (("next.selector", options.next.selector), ("total", options.total)):
            if rule is not None and root is not None:
                page.append((name, rule.expression, compile_rule(rule)(root) or ""))
        return Probe(len(rows), fields, tuple(page))

    def _find_rows(self, container: LexborNode) -> list[LexborNode]:
        rows = container.css(self._options.row)
        if not self._options.skip:
            return rows
        return [row for row in rows if not row.css_matches(self._options.skip)]

    def _without_list(self, tree: LexborHTMLParser, answer: Answer) -> SearchPage:
        # A marker that is a mere text would be found in a block page's small print too.
        block = self._detector.elsewhere(answer) or self._detector.marked(answer)
        if not block and self._options.empty.is_on(tree):
            return SearchPage(Outcome.EMPTY, total=0)
        block = block or self._detector.judge(answer, f"the list ({self._options.container})")
        return SearchPage(block.outcome, detail=block.detail)

    def _without_rows(self, tree: LexborHTMLParser, answer: Answer) -> SearchPage:
        if not self._options.empty.is_set or self._options.empty.is_on(tree):
            return SearchPage(Outcome.EMPTY, total=0)
        block = self._detector.judge(answer, f"rows ({self._options.row}) and the empty marker")
        return SearchPage(block.outcome, detail=block.detail)

    def _with_rows(
        self, tree: LexborHTMLParser, rows: list[LexborNode], answer: Answer
    ) -> SearchPage:
        base = self._base(tree, answer)
        found: dict[str, bool] = {}

        def read(row: LexborNode) -> ParsedListing:
            values = self._fields.read(row)
            return self._rows.read(values, base, answer.fetched_at)

        listings, problems = collect_rows(rows, read, count=len(rows))
        if not listings:
            detail = f"none of {len(rows)} rows could be read"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail)
        ...
        return SearchPage(Outcome.OK, listings)
