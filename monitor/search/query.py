"""Whether a query is sound: the same answer for every index."""

from __future__ import annotations

from monitor.errors import InputError
from monitor.search.protocol import FACETS, HitQuery
from monitor.search.terms import Phrase, parse_query

__all__ = ["MAX_FILTER_VALUES", "MAX_LIMIT", "check_facet", "check_limit", "check_query"]

MAX_FILTER_VALUES = 500
"""In one field; many more would make FTS5's own query parser give up."""
MAX_LIMIT = 1000


def check_query(query: HitQuery) -> tuple[Phrase, ...]:
    """The phrases of a query whose filters are sound; raises `InputError`."""
    for field, wanted in query.filters.items():
        if field not in FACETS:
            raise InputError(f"filter: {field!r} is none of {', '.join(FACETS)}")
        if len(wanted) > MAX_FILTER_VALUES:
            raise InputError(f"filter: more than {MAX_FILTER_VALUES} values of {field}")
    return parse_query(query.text)


def check_limit(query: HitQuery) -> None:
    """Raises `InputError` for a page of no or too many documents."""
    if not 1 <= query.limit <= MAX_LIMIT:
        raise InputError(f"limit: not between 1 and {MAX_LIMIT}")


def check_facet(facet: str) -> None:
    """Raises `InputError` for a field that cannot be counted."""
    if facet not in FACETS:
        raise InputError(f"facet: {facet!r} is none of {', '.join(FACETS)}")
