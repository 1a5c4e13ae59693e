"""Which values a source declares, and how they are read from an element or its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, field_validator
from selectolax.lexbor import LexborNode

from monitor.sources.options import Options
from monitor.sources.rules import FieldRule, Reading, compile_rule, read_pictures

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
    """Reads all declared values of one row. Made once, used for every row."""

    def __init__(self, fields: Fields) -> None:
        self._pictures = fields.pictures
        self._single: list[tuple[str, Reading]] = []
        self._groups: dict[str, list[tuple[str, Reading]]] = {"counts": [], "extra": []}
        self.rules = dict(fields.declared())
        for name, rule in self.rules.items():
            group, _, own_name = name.partition(".")
            if own_name:
                self._groups[group].append((own_name, compile_rule(rule)))
            elif name != "pictures":
                keeps_lines = name == "description"
                self._single.append((name, compile_rule(rule, keeps_lines=keeps_lines)))

    def read(self, row: LexborNode) -> dict[str, Any]:
        """Raw values by field name, see `monitor.sources.rows.RowReader.read`."""
        values: dict[str, Any] = {name: read(row) for name, read in self._single}
        if self._pictures is not None:
            values["pictures"] = read_pictures(self._pictures, row)
        for group, readings in self._groups.items():
            if readings:
                values[group] = {name: read(row) for name, read in readings}
        return values

    def flat(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raw values by the names of `rules`."""
        named = {name: values.get(name) for name in self.rules if "." not in name}
        for group in self._groups:
            for name, value in (values.get(group) or {}).items():
                named[f"{group}.{name}"] = value
        return named
