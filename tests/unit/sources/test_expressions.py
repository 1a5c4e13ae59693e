"""Expressions find what JMESPath finds, also those that take the short way."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest

from monitor.sources.expressions import evaluate

DATA: list[Any] = [
    {"a": {"b": {"c": "found"}}, "a b": {"ü": 1}},
    {"a": {"b": None}},
    {"a": {"b": [{"c": 1}]}},
    {"a": "text"},
    {"a": [1, 2]},
    {"a": {"b": {"c": False}}},
    {},
    [],
    [{"a": 1}],
    None,
    "a",
    7,
    {"a": {"b": {"c": {"d": [1]}}}},
]


@pytest.mark.parametrize(
    "expression",
    ["a", "a.b", "a.b.c", '"a b"."ü"', "a.b[0].c", "a[0]", "a.b.c || a", "a.b.c.d[*]", "@", "*.b"],
)
def test_what_is_found_is_what_jmespath_finds(expression: str) -> None:
    """In rows of every shape."""
    found = [evaluate(expression, data) for data in DATA]
    assert found == [jmespath.search(expression, data) for data in DATA]


def test_a_function_that_does_not_fit_finds_nothing() -> None:
    """A market may change a list into a number."""
    assert evaluate("length(a)", {"a": 7}) is None
