"""JMESPath expressions: checked when they are written down, harmless when they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import AfterValidator, Field

from monitor.sources.options import Options
from monitor.sources.texts import drop_tags

__all__ = [
    "Expression",
    "Finder",
    "ItemJsonFields",
    "JsonFields",
    "evaluate",
    "find_all",
    "read_fields",
]

MAX_EXPRESSION_CHARS = 2_000


def _check(expression: str) -> str:
    if len(expression) > MAX_EXPRESSION_CHARS:
        raise ValueError(f"longer than {MAX_EXPRESSION_CHARS} characters")
    if expression:
        try:
            jmespath.compile(expression)
        except JMESPathError as error:
            first_line = str(error).partition("\n")[0]
            raise ValueError(f"not a JMESPath expression: {first_line}") from None
    return expression


Expression = Annotated[str, AfterValidator(_check)]
"""A JMESPath expression, or "" where it may be left out."""


Finder = Callable[[Any], Any]
"""A compiled expression: what it finds, or None."""


@lru_cache(maxsize=2_000)
def _compiled(expression: str) -> Finder:
    compiled = jmespath.compile(expression)
    names = _plain_path(compiled.parsed)
    return partial(_walk, names) if names else partial(_search, compiled)


def _plain_path(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of an expression such as ``a.b.c``, which most are; () for any other one."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    parts = [_plain_path(child) for child in node["children"]]
    return tuple(name for part in parts for name in part) if all(parts) else ()


def _walk(names: tuple[str, ...], data: Any) -> Any:
    """As JMESPath does, which takes several times as long for it."""
    for name in names:
        if not isinstance(data, dict):
            return None
        data = data.get(name)
    return data


def evaluate(expression: str, data: Any) -> Any:
    """What the expression finds, or None also where it does not fit the data."""
    return _compiled(expression)(data)


def _search(compiled: ParsedResult, data: Any) -> Any:
    try:
        return compiled.search(data)
    except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
        # Functions refuse data of the wrong type (length of a number): not found, then.
        return None


class JsonFields(Options):
    """One expression for each field of a listing."""

    native_id: Expression = Field(min_length=1, description="The market's own id of the listing.")
    title: Expression = Field(min_length=1, description="The headline; tags are dropped.")
    url: Expression = Field(default="", description="Link to the listing.")
    description: Expression = Field(default="", description="Longer text; tags are dropped.")
    price: Expression = Field(
        default="", description="Price: a number, a text, or a list of its parts."
    )
    seller_name: Expression = Field(default="", description="Who offers it.")
    seller_id: Expression = Field(default="", description="The market's id of the seller.")
    region: Expression = Field(default="", description="Place as shown.")
    published_at: Expression = Field(
        default="", description="Text, or epoch seconds or milliseconds."
    )
    pictures: Expression = Field(default="", description="One address or a list of them.")
    state: Expression = Field(default="", description="Text or code of availability, see states.")
    counts: dict[str, Expression] = Field(
        default_factory=dict, description="Numbers such as want_count, by names of your own."
    )
    extra: dict[str, Expression] = Field(
        default_factory=dict, description="Further values, by names of your own."
    )

    def declared(self) -> Iterator[tuple[str, str]]:
        """All expressions by name, ``counts.`` and ``extra.`` before names of one's own."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, str):
                if value:
                    yield name, value
                continue
            for own_name, expression in value.items():
                yield f"{name}.{own_name}", expression

    def compiled(self) -> dict[str, Finder]:
        """All expressions by name, ready to run."""
        return {name: _compiled(expression) for name, expression in self.declared()}


class ItemJsonFields(JsonFields):
    """Expressions for an item's answer; its id is known from the listing that led there."""

    native_id: Expression = Field(
        default="", description="The listing's id, if the answer names it."
    )


def find_all(fields: Mapping[str, Finder], row: Any) -> dict[str, Any]:
    """Raw values of one row by the names of `JsonFields.declared`."""
    return {name: find(row) for name, find in fields.items()}


def read_fields(found: Mapping[str, Any]) -> dict[str, Any]:
    """Raw values in the shape that `monitor.sources.rows.RowReader.read` takes."""
    values: dict[str, Any] = {"counts": {}, "extra": {}}
    for name, value in found.items():
        group, _, own_name = name.partition(".")
        if own_name:
            values[group][own_name] = value
        elif name in SHAPES:
            values[name] = SHAPES[name](value)
        else:
            values[name] = value
    return values


def _without_tags(value: Any) -> Any:
    return drop_tags(value) if isinstance(value, str) else value


def _price(value: Any) -> Any:
    """A price in parts ("¥", "40", ".80") is one text."""
    if isinstance(value, list):
        return "".join(str(part) for part in value[:10] if isinstance(part, str | int))
    return value


def _links(value: Any) -> list[str]:
    links = value[:200] if isinstance(value, list) else [value]
    return [link for link in links if isinstance(link, str)]


def _state(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


SHAPES: dict[str, Callable[[Any], Any]] = {
    "title": _without_tags,
    "description": _without_tags,
    "price": _price,
    "pictures": _links,
    "state": _state,
}
