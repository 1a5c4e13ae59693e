"""Rules that read one value from an HTML element: a CSS selector and a few simple steps.

No regular expressions of users: every step is linear in the text. A rule is
written as a table or, short, as a selector, with ``::attr(name)`` at its end for
an attribute (``"a.title::attr(href)"``).
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from pydantic import Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from monitor.sources.links import path_segment, query_value
from monitor.sources.markup import block_text, visible_text
from monitor.sources.options import Options
from monitor.sources.pictures import picture_link

__all__ = [
    "MAX_MATCHES",
    "FieldRule",
    "Marker",
    "Reading",
    "check_selector",
    "compile_rule",
    "pictures_of",
    "value_of",
]

Reading = Callable[[LexborNode], str | None]
"""Reads a value from a row; None when the selector finds nothing there."""

MAX_MATCHES = 200
"""Of one rule with `multiple`; further matches are left out."""
ATTRIBUTE = "::attr("


def check_selector(selector: str) -> str:
    """A selector that the parser understands, or "".

    Raises:
        ValueError: it cannot be read.
    """
    if selector:
        try:
            LexborHTMLParser("<p></p>").css_first(selector)
        except SelectolaxError:
            raise ValueError(f"not a CSS selector: {selector!r}") from None
    return selector


class FieldRule(Options):
    """How one value is read; the steps run in the order of this list."""

    selector: str = Field(
        default="", description="CSS selector inside the row; empty: the row itself."
    )
    attribute: str = Field(default="", description="Attribute to read; empty: the text.")
    multiple: bool = Field(default=False, description="Take all matches instead of the first.")
    join: str = Field(default=" ", description="Between the texts of several matches.")
    unescape: bool = Field(
        default=False, description="Decode entities once more (doubly escaped links)."
    )
    strip_prefix: str = Field(default="", description="Dropped from the start when it is there.")
    strip_suffix: str = Field(default="", description="Dropped from the end when it is there.")
    query_param: str = Field(default="", description="Take this query parameter of a link.")
    path_segment: int | None = Field(
        default=None, description="Take this part of a link's path: 0 the first, -1 the last."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        selector, found, attribute = value.partition(ATTRIBUTE)
        if not found:
            return {"selector": value}
        if not attribute.endswith(")"):
            raise ValueError("an attribute is written ::attr(name), at the end")
        return {"selector": selector.strip(), "attribute": attribute[:-1].strip()}

    @field_validator("selector")
    @classmethod
    def _is_selector(cls, selector: str) -> str:
        return check_selector(selector)

    @property
    def expression(self) -> str:
        """The rule as people read it."""
        return self.selector + (f"{ATTRIBUTE}{self.attribute})" if self.attribute else "")

    @property
    def has_steps(self) -> bool:
        """Whether anything is done with the value after it was found."""
        return bool(
            self.unescape
            or self.strip_prefix
            or self.strip_suffix
            or self.query_param
            or self.path_segment is not None
        )


class Marker(Options):
    """Something on a page that tells what kind of page it is.

    With a selector, that element must be there (and hold one of the texts, if any
    are given). With texts alone, the visible text of the page must hold one.
    """

    selector: str = Field(default="", description="CSS selector of the telling element.")
    text: tuple[str, ...] = Field(default=(), description="Texts, one of which must occur.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"selector": value}
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            return {**value, "text": (value["text"],)}
        return value

    @field_validator("selector")
    @classmethod
    def _is_selector(cls, selector: str) -> str:
        return check_selector(selector)

    @property
    def is_set(self) -> bool:
        """Whether the operator gave one at all."""
        return bool(self.selector or self.text)

    def is_on(self, tree: LexborHTMLParser) -> bool:
        """Whether the page has it. A search in the whole text drops scripts from the tree."""
        if self.selector:
            nodes = tree.css(self.selector)
            return any(
                not self.text or any(word in node.text() for word in self.text) for node in nodes
            )
        if not self.text:
            return False
        page = visible_text(tree)
        return any(word in page for word in self.text)


def compile_rule(rule: FieldRule, *, keeps_lines: bool = False) -> Reading:
    """Turn a rule into a function, with nothing left to decide for each row.

    Args:
        rule: checked.
        keeps_lines: blocks inside the element stay on lines of their own (descriptions).
    """
    if rule.multiple:
        return _joined(rule, keeps_lines)
    value = value_of(rule, keeps_lines=keeps_lines)
    if not rule.selector:
        return value

    def read(row: LexborNode) -> str | None:
        node = row.css_first(rule.selector)
        return None if node is None else value(node)

    return read


def value_of(rule: FieldRule, *, keeps_lines: bool = False) -> Callable[[LexborNode], str]:
    """What the rule reads from the element that its selector found."""
    value = _raw_value(rule, keeps_lines)
    if not rule.has_steps:
        return value
    return lambda node: _apply_steps(rule, value(node))


def _raw_value(rule: FieldRule, keeps_lines: bool) -> Callable[[LexborNode], str]:
    if rule.attribute:
        name = rule.attribute
        return lambda node: node.attrs.get(name) or ""
    return block_text if keeps_lines else LexborNode.text_lexbor


def _joined(rule: FieldRule, keeps_lines: bool) -> Reading:
    value = _raw_value(rule, keeps_lines)

    def read(row: LexborNode) -> str | None:
        nodes = row.css(rule.selector)[:MAX_MATCHES] if rule.selector else [row]
        if not nodes:
            return None
        return _apply_steps(rule, rule.join.join(value(node).strip() for node in nodes))

    return read


def _apply_steps(rule: FieldRule, value: str) -> str:
    value = value.strip()
    if rule.unescape:
        value = html.unescape(value)
    value = value.removeprefix(rule.strip_prefix).removesuffix(rule.strip_suffix).strip()
    if rule.query_param:
        value = query_value(value, rule.query_param)
    if rule.path_segment is not None:
        value = path_segment(value, rule.path_segment)
    return value


def pictures_of(rule: FieldRule) -> Callable[[LexborNode], list[str]]:
    """Picture links of an element as written: a named attribute, or wherever it keeps them."""
    link = value_of(rule) if rule.attribute else picture_link
    if rule.attribute or not rule.has_steps:
        return lambda node: [link(node)]
    return lambda node: [_apply_steps(rule, link(node))]
