"""Item pages in HTML: where they are, what they show, and when they say that a listing is gone.

Shared by the adapters whose item pages are HTML (`html`, `rss`).
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field, field_validator
from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, ItemState, PageRequest
from monitor.sources.blocks import BlockDetector
from monitor.sources.definition import SourceDefinition
from monitor.sources.fields import FieldReader, ItemFields
from monitor.sources.links import Links, host_of, resolve
from monitor.sources.markup import MarkupError, parse_html
from monitor.sources.options import Options, StateWords
from monitor.sources.requests import check_address
from monitor.sources.rows import BadRow, PriceUnit, RowReader
from monitor.sources.rules import Marker, check_selector
from monitor.sources.templates import check_placeholders, fill_url

__all__ = ["GONE_STATUSES", "HtmlItemOptions", "HtmlItemReader", "ItemHosts"]

GONE_STATUSES = (404, 410)


class HtmlItemOptions(Options):
    """The item pages of a market."""

    url: str = Field(
        default="", description="Address with {native_id}; empty: the listing's own link."
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description="Further hosts that item pages may be on; the search's host always may.",
    )
    container: str = Field(
        default="", description="Selector that every item page has; empty: the title's selector."
    )
    fields: ItemFields = Field(description="One rule for each field, see fields.")
    gone: Marker = Field(default=Marker(), description="What a page of a deleted listing has.")
    gone_statuses: tuple[int, ...] = Field(
        default=GONE_STATUSES, description="HTTP statuses that mean: deleted."
    )
    states: StateWords = Field(default=StateWords(), description="Words of the state field.")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url:
            check_address(url)
            check_placeholders(url, ["native_id"])
        return url

    @field_validator("container")
    @classmethod
    def _is_selector(cls, selector: str) -> str:
        return check_selector(selector)


class ItemHosts:
    """Which addresses item pages may have: those of this market only.

    A row may link anywhere (advertisements do); such a link is never followed.
    """

    def __init__(self, url: str, hosts: tuple[str, ...], search_host: str) -> None:
        self._url = url
        self._hosts = {search_host, host_of(url), *(host.lower() for host in hosts)} - {""}

    def request(self, native_id: str, url: str) -> PageRequest | None:
        """The item's page, or None when its address is not on this market."""
        address = fill_url(self._url, {"native_id": native_id}) if self._url else resolve(url, "")
        if not address or host_of(address) not in self._hosts:
            return None
        return PageRequest(address, context={"native_id": native_id})


class HtmlItemReader:
    """Builds requests for item pages and reads them. Pure and thread-safe."""

    def __init__(
        self,
        definition: SourceDefinition,
        options: HtmlItemOptions,
        detector: BlockDetector,
        *,
        search_host: str,
        price_unit: PriceUnit = "major",
    ) -> None:
        self._options = options
        self._detector = detector
        self._hosts = ItemHosts(options.url, options.hosts, search_host)
        self._container = options.container or options.fields.title.selector
        self._fields = FieldReader(options.fields)
        self._rows = RowReader.of(
            definition, id_space="item", states=options.states, price_unit=price_unit
        )

    def request(self, native_id: str, url: str) -> PageRequest | None:
        """The page of one item, or None when it has none on this market."""
        return self._hosts.request(native_id, url)

    def read(self, answer: Answer) -> ItemPage:
        """Read an item page.

        A deleted listing is told by its HTTP status or by the `gone` marker; of
        text alone only where the item itself is missing, because shops also show
        such words beside other items. A block page is never "gone".
        """
        block = self._detector.elsewhere(answer)
        if block:
            return ItemPage(block.outcome, detail=block.detail)
        if answer.status in self._options.gone_statuses:
            block = self._detector.marked(answer)
            if block and block.outcome is Outcome.CHALLENGED:
                return ItemPage(block.outcome, detail=block.detail)
            return ItemPage(Outcome.OK, ItemState.GONE, detail=f"HTTP {answer.status}")
        try:
            tree = parse_html(answer.text)
        except MarkupError as error:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail=str(error))
        return self._read_tree(tree, answer)

    def _read_tree(self, tree: LexborHTMLParser, answer: Answer) -> ItemPage:
        gone = self._options.gone
        root = tree.root
        has_item = root is not None and tree.css_first(self._container or "body") is not None
        if (gone.selector or not has_item) and gone.is_on(tree):
            return ItemPage(Outcome.OK, ItemState.GONE, detail="the page says so")
        if root is None or not has_item:
            block = self._detector.judge(answer, f"the item ({self._container})")
            return ItemPage(block.outcome, detail=block.detail)
        return self._read_item(root, answer)

    def _read_item(self, root: LexborNode, answer: Answer) -> ItemPage:
        values = self._fields.read(root)
        if not values.get("native_id"):
            asked = answer.request.context.get("native_id") if answer.request else ""
            values["native_id"] = asked or answer.final_url or answer.url
        try:
            links = Links(answer.final_url or answer.url)
            listing = self._rows.read(values, links, answer.fetched_at)
        except BadRow as bad:
            detail = f"{bad.field}: {bad.reason}"
            return ItemPage(Outcome.SCHEMA_CHANGED, detail=detail)
        if listing.state is ItemState.GONE:
            return ItemPage(Outcome.OK, ItemState.GONE, detail="its state says so")
        listing = replace(listing, url=listing.url or answer.final_url)
        return ItemPage(Outcome.OK, listing.state, listing)
