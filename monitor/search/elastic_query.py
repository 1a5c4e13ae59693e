"""What a query means to Elasticsearch: only filters, since order is by time, not relevance."""

from __future__ import annotations

from typing import Any

from monitor.search.elastic_mapping import FACET_FIELDS, indexed_term, written
from monitor.search.protocol import HitQuery
from monitor.search.query import check_query
from monitor.search.stored import microseconds
from monitor.search.terms import Phrase

__all__ = ["NEWEST_FIRST", "matching"]

NEWEST_FIRST = [{"found_us": "desc"}, {"hit_id": "desc"}]


def matching(query: HitQuery) -> dict[str, Any]:
    """The matches of a query, without paging.

    Raises:
        InputError: a query that cannot be read.
    """
    needed = [_phrase(phrase) for phrase in check_query(query)]
    for facet, wanted in query.filters.items():
        if wanted:
            needed.append({"terms": {FACET_FIELDS[facet]: [written(value) for value in wanted]}})
    found: dict[str, int] = {}
    if query.since is not None:
        found["gte"] = microseconds(query.since)
    if query.until is not None:
        found["lt"] = microseconds(query.until)
    if found:
        needed.append({"range": {"found_us": found}})
    if query.min_score > 0:
        needed.append({"range": {"score": {"gte": query.min_score}}})
    return {"bool": {"filter": needed}} if needed else {"match_all": {}}


def _phrase(phrase: Phrase) -> dict[str, Any]:
    terms = [indexed_term(term) for term in phrase.terms]
    if not phrase.is_prefix:
        return {"match_phrase": {"terms": " ".join(terms)}}
    head = terms.pop()
    if not terms:
        return {"term": {"heads": head}}
    # Words of two fields, one right after the other: both fields have the same positions.
    exact = {"match": {"query": " ".join(terms), "ordered": True, "max_gaps": 0}}
    last = {"match": {"query": head, "use_field": "heads"}}
    return {
        "intervals": {
            "terms": {"all_of": {"ordered": True, "max_gaps": 0, "intervals": [exact, last]}}
        }
    }
