"""Any market that answers in JSON: JMESPath expressions in TOML say where things are.

How to write the options: `docs/how-to/add-a-source.md`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from monitor.domain.gap import Window
from monitor.domain.outcome import Outcome
from monitor.domain.page import (
    Answer,
    ItemPage,
    PageRequest,
    ParsedListing,
    SearchPage,
)
from monitor.sources.ages import AGES
from monitor.sources.blocks import LISTS, BlockDetector
from monitor.sources.check import FieldProbe, Probe
from monitor.sources.definition import SourceDefinition
from monitor.sources.documents import DocumentError, read_json
from monitor.sources.expressions import Expression, JsonFields, evaluate, find_all, read_fields
from monitor.sources.json_item import ErrorRule, JsonItemOptions, JsonItemReader
from monitor.sources.links import Links, is_same_place, resolve
from monitor.sources.options import BlockTexts, Options, StateWords, read_options
from monitor.sources.paging import PageNumbers, link_request, next_by_number
from monitor.sources.requests import RequestOptions
from monitor.sources.rows import (
    MAX_ROWS,
    BadRow,
    PriceUnit,
    RowReader,
    collect_rows,
    missing_fields,
)

__all__ = ["SOURCE", "JsonNext", "JsonOptions", "JsonSource"]

MAX_CURSOR_CHARS = 2_000
MAX_TOTAL = 10**15


class JsonNext(PageNumbers):
    """How to get to the page after this one: by counting {page}, a {cursor}, or a link."""

    more: Expression = Field(
        default="", description="True or non-empty while there are more pages."
    )
    cursor: Expression = Field(default="", description="Value of {cursor} for the next page.")
    url: Expression = Field(default="", description="Address of the next page.")


class JsonOptions(Options):
    """Where things are in the answers of a JSON market."""

    search: RequestOptions = Field(
        description="Address of the search with {term} (and {page} or {cursor}), or a table."
    )
    rows: Expression = Field(min_length=1, description="The list of rows.")
    fields: JsonFields = Field(description="One expression for each field, inside a row.")
    price_unit: PriceUnit = Field(
        description="What prices count: major (yuan), minor (fen) or unknown. Never guessed."
    )
    states: StateWords = Field(default=StateWords(), description="Words of the state field.")
    next: JsonNext = Field(default=JsonNext(), description="The next page.")
    empty: Expression = Field(
        default="", description="True or non-empty for an answer without results."
    )
    related: Expression = Field(
        default="", description="True or non-empty for mere recommendations."
    )
    total: Expression = Field(default="", description="The number of results.")
    errors: tuple[ErrorRule, ...] = Field(default=(), description="Answers that are no results.")
    blocks: BlockTexts = Field(
        default=BlockTexts(), description="Texts of this market's block pages."
    )
    item: JsonItemOptions | None = Field(default=None, description="Item answers.")

    @field_validator("search")
    @classmethod
    def _has_term(cls, search: RequestOptions) -> RequestOptions:
        search.check_names("term", "page", "cursor", *AGES)
        if "term" not in search.names:
            raise ValueError("{term} must occur")
        return search

    @model_validator(mode="after")
    def _cursor_is_used(self) -> JsonOptions:
        if bool(self.next.cursor) != ("cursor" in self.search.names):
            raise ValueError("next.cursor and {cursor} in search belong together")
        return self


class JsonSource:
    """A market that answers in JSON."""

    kind: ClassVar[str] = "json"
    options_model: ClassVar[type[Options]] = JsonOptions

    def __init__(self, definition: SourceDefinition, options: JsonOptions) -> None:
        self.definition = definition
        self._options = options
        self._detector = BlockDetector(options.blocks)
        self._fields = options.fields.compiled()
        self._rows = RowReader.of(
            definition,
            price_unit=options.price_unit,
            states=options.states,
            link=options.item.link if options.item else "",
        )
        self._item = (
            None
            if options.item is None
            else JsonItemReader(
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
        return cls(definition, read_options(JsonOptions, definition))

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
        block = self._detector.elsewhere(answer)
        if block:
            return SearchPage(block.outcome, detail=block.detail)
        try:
            data = read_json(answer.text)
        except DocumentError as error:
            block = self._detector.judge(answer, f"JSON ({error})")
            return SearchPage(block.outcome, detail=block.detail)
        return self._read(data, answer)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:
        """The item's answer, or None when it has none on this market."""
        return self._item.request(native_id, url) if self._item else None

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read an item's answer."""
        if self._item is None:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail="options.item is missing")
        return self._item.read(answer)

    def probe(self, answer: Answer) -> Probe:
        """What each expression finds, for `monitor sources check`."""
        try:
            data = read_json(answer.text)
        except DocumentError:
            return Probe(0, ())
        found = evaluate(self._options.rows, data)
        rows = found[:MAX_ROWS] if isinstance(found, list) else []
        raw = [find_all(self._fields, row) for row in rows]
        fields = tuple(
            FieldProbe(name, expression, tuple(values[name] for values in raw))
            for name, expression in self._options.fields.declared()
        )
        page = [("rows", self._options.rows, str(len(rows)) if rows else "")]
        following = self._options.next
        for name, expression in (
            ("next.more", following.more),
            ("next.cursor", following.cursor),
            ("next.url", following.url),
            ("total", self._options.total),
        ):
            if expression:
                value = evaluate(expression, data)
                page.append((name, expression, "" if value in (None, "") else str(value)))
        return Probe(len(rows), fields, tuple(page))

    def _read(self, data: Any, answer: Answer) -> SearchPage:
        options = self._options
        for rule in options.errors:
            if evaluate(rule.when, data):
                return SearchPage(rule.outcome, detail=f"the answer says so: {rule.when}")
        if options.empty and evaluate(options.empty, data):
            return SearchPage(Outcome.EMPTY, total=0)
        rows = evaluate(options.rows, data)
        if not isinstance(rows, list):
            block = self._detector.judge(answer, f"the list ({options.rows})")
            return SearchPage(block.outcome, detail=block.detail)
        if not rows:
            return SearchPage(Outcome.EMPTY, total=self._total(data) or 0)
        return self._with_rows(data, rows, answer)

    def _with_rows(self, data: Any, rows: list[Any], answer: Answer) -> SearchPage:
        base = answer.final_url or answer.url or self._options.search.url
        links = Links(base)
        raw: list[dict[str, Any]] = []

        def read(row: Any) -> ParsedListing:
            if not isinstance(row, dict):
                raise BadRow("row", "not an object")
            raw.append(read_fields(find_all(self._fields, row)))
            return self._rows.read(raw[-1], links, answer.fetched_at)

        listings, problems = collect_rows(rows, read, count=len(rows))
        if not listings:
            detail = f"none of {len(rows)} rows could be used"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail)
        total = self._total(data)
        if self._options.related and evaluate(self._options.related, data):
            detail = f"{len(listings)} recommendations, no results"
            return SearchPage(Outcome.RELATED_ONLY, problems=problems, total=total, detail=detail)
        missing = missing_fields(self._fields, raw)
        return SearchPage(
            Outcome.OK,
            listings,
            problems,
            next_request=self._following(data, answer, base, len(rows)),
            total=total,
            notes={"missing_fields": missing} if missing else {},
        )

    def _following(self, data: Any, answer: Answer, base: str, rows: int) -> PageRequest | None:
        search, following = self._options.search, self._options.next
        if following.more and not evaluate(following.more, data):
            return None
        if following.url:
            link = evaluate(following.url, data)
            absolute = resolve(link, base) if isinstance(link, str) else ""
            return link_request(absolute, search, answer)
        if following.cursor:
            return self._by_cursor(evaluate(following.cursor, data), answer)
        return next_by_number(search, following, answer, rows)

    def _by_cursor(self, cursor: Any, answer: Answer) -> PageRequest | None:
        values = self._options.search.values_of(answer)
        is_usable = isinstance(cursor, str | int) and not isinstance(cursor, bool)
        written = str(cursor) if is_usable else ""
        if not written or len(written) > MAX_CURSOR_CHARS or written == values.get("cursor"):
            return None
        if "term" not in values:
            return None
        page = values.get("page", "")
        number = int(page) if page.isdecimal() and len(page) < 10 else self._options.next.first
        return self._options.search.build(
            {
                **self._options.search.carried(values),
                "cursor": written,
                "page": number + self._options.next.step,
            }
        )

    def _total(self, data: Any) -> int | None:
        value = evaluate(self._options.total, data) if self._options.total else None
        if isinstance(value, str) and value.isdecimal() and len(value) < 16:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(value) if 0 <= value < MAX_TOTAL else None


SOURCE = JsonSource
