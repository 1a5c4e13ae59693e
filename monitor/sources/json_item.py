"""Item answers in JSON: how to ask for one, what it shows, and when it says "gone"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field, field_validator

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, ItemState, PageRequest
from monitor.sources.blocks import BlockDetector
from monitor.sources.definition import SourceDefinition
from monitor.sources.documents import DocumentError, read_json
from monitor.sources.expressions import (
    Expression,
    ItemJsonFields,
    evaluate,
    find_all,
    read_fields,
)
from monitor.sources.item_page import GONE_STATUSES, ItemHosts
from monitor.sources.links import Links
from monitor.sources.options import Options, StateWords
from monitor.sources.requests import RequestOptions, check_address
from monitor.sources.rows import BadRow, PriceUnit, RowReader
from monitor.sources.templates import check_placeholders

__all__ = ["ErrorRule", "JsonItemOptions", "JsonItemReader"]


class ErrorRule(Options):
    """An answer that is not what was asked for, by an expression over the whole of it."""

    when: Expression = Field(min_length=1, description="True or non-empty for such an answer.")
    outcome: Outcome = Field(description="What it means, e.g. login_required, rate_limited.")


class JsonItemOptions(Options):
    """The item answers of a market."""

    request: RequestOptions | None = Field(
        default=None,
        description="Address or table with {native_id}; left out: the listing's own link.",
    )
    hosts: tuple[str, ...] = Field(default=(), description="Further hosts that links may lead to.")
    link: str = Field(
        default="", description="Address for people with {native_id}, for rows without a link."
    )
    root: Expression = Field(
        default="@", min_length=1, description="The item; fields start from it."
    )
    fields: ItemJsonFields = Field(description="One expression for each field, see fields.")
    gone: Expression = Field(
        default="", description="True or non-empty when the listing is deleted."
    )
    gone_statuses: tuple[int, ...] = Field(
        default=GONE_STATUSES, description="HTTP statuses that mean: deleted."
    )
    states: StateWords = Field(default=StateWords(), description="Words of the state field.")
    errors: tuple[ErrorRule, ...] = Field(default=(), description="Answers that are no item.")

    @field_validator("request")
    @classmethod
    def _has_id(cls, request: RequestOptions | None) -> RequestOptions | None:
        if request is not None:
            request.check_names("native_id")
            if "native_id" not in request.names:
                raise ValueError("{native_id} must occur")
        return request

    @field_validator("link")
    @classmethod
    def _is_address(cls, link: str) -> str:
        if link:
            check_address(link)
            check_placeholders(link, ["native_id"])
        return link


class JsonItemReader:
    """Builds requests for items and reads the answers. Pure and thread-safe."""

    def __init__(
        self,
        definition: SourceDefinition,
        options: JsonItemOptions,
        detector: BlockDetector,
        *,
        search_host: str,
        price_unit: PriceUnit,
    ) -> None:
        self._options = options
        self._detector = detector
        self._hosts = ItemHosts("", options.hosts, search_host)
        self._fields = options.fields.compiled()
        self._rows = RowReader.of(
            definition,
            id_space="item",
            states=options.states,
            price_unit=price_unit,
            link=options.link,
        )

    def request(self, native_id: str, url: str) -> PageRequest | None:
        """The request for one item, or None when its address is not on this market."""
        if self._options.request is None:
            return self._hosts.request(native_id, url)
        return self._options.request.build({"native_id": native_id})

    def read(self, answer: Answer) -> ItemPage:
        """Read an item's answer. A block is never "gone"."""
        block = self._detector.elsewhere(answer)
        if block:
            return ItemPage(block.outcome, detail=block.detail)
        try:
            data = read_json(answer.text)
        except DocumentError as error:
            return self._without_item(answer, f"JSON ({error})")
        for rule in self._options.errors:
            if evaluate(rule.when, data):
                return ItemPage(rule.outcome, detail=f"the answer says so: {rule.when}")
        if self._options.gone and evaluate(self._options.gone, data):
            return ItemPage(Outcome.OK, ItemState.GONE, detail="the answer says so")
        item = evaluate(self._options.root, data)
        if answer.status in self._options.gone_statuses or not isinstance(item, dict):
            return self._without_item(answer, f"the item ({self._options.root})")
        return self._read_item(item, answer)

    def _without_item(self, answer: Answer, expected: str) -> ItemPage:
        block = self._detector.judge(answer, expected)
        is_gone = answer.status in self._options.gone_statuses
        if is_gone and block.outcome is not Outcome.CHALLENGED:
            return ItemPage(Outcome.OK, ItemState.GONE, detail=f"HTTP {answer.status}")
        return ItemPage(block.outcome, detail=block.detail)

    def _read_item(self, item: dict[str, Any], answer: Answer) -> ItemPage:
        values = read_fields(find_all(self._fields, item))
        if values.get("native_id") in (None, ""):
            asked = answer.request.context.get("native_id") if answer.request else ""
            values["native_id"] = asked or answer.final_url or answer.url
        try:
            links = Links(answer.final_url or answer.url)
            listing = self._rows.read(values, links, answer.fetched_at)
        except BadRow as bad:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail=f"{bad.field}: {bad.reason}")
        if listing.state is ItemState.GONE:
            return ItemPage(Outcome.OK, ItemState.GONE, detail="its state says so")
        listing = replace(listing, url=listing.url or answer.final_url)
        return ItemPage(Outcome.OK, listing.state, listing)
