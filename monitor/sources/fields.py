"""Which values a source declares, and how they are read from an element or its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field, field_validator
from selectolax.lexbor import LexborNode

from monitor.sources.columns import first_in_rows
from monitor.sources.options import Options
from monitor.sources.rules import (
    MAX_MATCHES,
    FieldRule,
    Reading,
    compile_rule,
    pictures_of,
    value_of,
)

__all__ = ["FieldReader", "Fields", "ItemFields"]

RESERVED = frozenset({"native_id", "title", "url", "description", "price", "pictures", "state"})


class Fields(Options):
    """One rule for each field of a listing."""

    native_id: FieldRule = Field(description="The market's own id of the listing.")
    title: FieldRule = Field(description="The headline as shown.")
    url: FieldRule | None = Field(default=None, description="Link to the listing.")
    description: FieldRule | None = Field(default=None, description="Longer text; keeps its lines.")
    price: FieldRule | None = Field(
        default=None, description="Price as shown, sign and unit included."
    )
    seller_name: FieldRule | None = Field(default=None, description="Who offers it.")
    seller_id: FieldRule | None = Field(default=None, description="The market's id of the seller.")
    region: FieldRule | None = Field(default=None, description="Place as shown.")
    published_at: FieldRule | None = Field(
        default=None, description="When it was published, as shown."
    )
    pictures: FieldRule | None = Field(
        default=None,
        description="Elements with pictures; without attribute, lazy ones are understood.",
    )
    state: FieldRule | None = Field(
        default=None, description="Text about availability, see states."
    )
    counts: dict[str, FieldRule] = Field(
        default_factory=dict, description="Numbers such as want_count, by names of your own."
    )
    extra: dict[str, FieldRule] = Field(
        default_factory=dict, description="Further texts, by names of your own."
    )

    @field_validator("counts", "extra")
    @classmethod
    def _are_new_names(cls, rules: dict[str, FieldRule]) -> dict[str, FieldRule]:
        for name in rules:
            if name in RESERVED or not name.isidentifier():
                raise ValueError(f"{name!r} is no usable name")
        return rules

    def declared(self) -> Iterator[tuple[str, FieldRule]]:
        """All rules by name, ``counts.`` and ``extra.`` in front of names of one's own."""
        for name in type(self).model_fields:
            rule = getattr(self, name)
            if isinstance(rule, FieldRule):
                yield name, rule
        for group in ("counts", "extra"):
            for name, rule in getattr(self, group).items():
                yield f"{group}.{name}", rule


class ItemFields(Fields):
    """Rules of an item page; its id is known from the listing that led there."""

    native_id: FieldRule | None = Field(  # type: ignore[assignment]
        None, description="The listing's id, if the page names it."
    )


class FieldReader:
    """Reads all declared values of rows. Made once, used for every page.

    Rules with the same selector share its one run: a link's text and its address
    mostly come from the same element.
    """

    def __init__(self, fields: Fields) -> None:
        self.rules = dict(fields.declared())
        self._lists: list[tuple[str, str, Reading]] = []
        self._pictures: FieldRule | None = None
        plan: dict[str, list[tuple[str, str, Callable[[LexborNode], Any]]]] = {}
        for full_name, rule in self.rules.items():
            group, _, name = full_name.rpartition(".")
            keeps_lines = full_name == "description"
            if full_name == "pictures" and rule.multiple:
                self._pictures = rule
            elif rule.multiple:
                self._lists.append((group, name, compile_rule(rule, keeps_lines=keeps_lines)))
            else:
                is_picture = full_name == "pictures"
                value = pictures_of(rule) if is_picture else value_of(rule, keeps_lines=keeps_lines)
                plan.setdefault(rule.selector, []).append((group, name, value))
        self._plan = [(selector, tuple(readings)) for selector, readings in plan.items()]

    def read(self, row: LexborNode) -> dict[str, Any]:
        """Raw values of one element by field name, see `monitor.sources.rows.RowReader.read`."""
        values: dict[str, Any] = {"counts": {}, "extra": {}}
        for selector, readings in self._plan:
            node = row.css_first(selector) if selector else row
            if node is not None:
                _store(values, node, readings)
        self._read_lists(values, row)
        return values

    def read_all(self, container: LexborNode, rows: list[LexborNode]) -> list[dict[str, Any]]:
        """Raw values of rows that do not lie in each other, the same as `read` of each."""
        found: list[dict[str, Any]] = [{"counts": {}, "extra": {}} for _ in rows]
        for selector, readings in self._plan:
            nodes = first_in_rows(container, rows, selector) if selector else rows
            for values, node in zip(found, nodes, strict=True):
                if node is not None:
                    _store(values, node, readings)
        if self._lists or self._pictures is not None:
            for values, row in zip(found, rows, strict=True):
                self._read_lists(values, row)
        return found

    def _read_lists(self, values: dict[str, Any], row: LexborNode) -> None:
        for group, name, reading in self._lists:
            (values[group] if group else values)[name] = reading(row)
        if self._pictures is not None:
            link = pictures_of(self._pictures)
            nodes = row.css(self._pictures.selector)[:MAX_MATCHES]
            values["pictures"] = [found for node in nodes for found in link(node)]


def _store(
    values: dict[str, Any],
    node: LexborNode,
    readings: tuple[tuple[str, str, Callable[[LexborNode], Any]], ...],
) -> None:
    for group, name, value in readings:
        if group:
            values[group][name] = value(node)
        else:
            values[name] = value(node)
