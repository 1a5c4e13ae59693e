"""What Elasticsearch holds of a hit: the mapping, and documents on their way in and out.

`terms` are our own (`terms.cut`), so that both indexes answer alike. `heads` are the
first characters of the Chinese ones at the same positions: a query of one character
finds every pair that begins with it. `title` and `text` stand under the `standard`
analyzer too, for people who search with tools of their own.

A removed hit stays as a row with ``live: false`` and a version above all others, so that
an older put which comes late cannot bring it back; the read alias shows live rows only.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from monitor.domain.offer import OFFER_FILTERS
from monitor.search.protocol import FACETS, OFFER_FACETS, HitDocument
from monitor.search.stored import dump, facet_values, from_bytes, load, microseconds, to_bytes
from monitor.search.terms import CUT_VERSION, HAN, cut

__all__ = [
    "FACET_FIELDS",
    "LIVE",
    "MAPPING",
    "REMOVED_VERSION",
    "SCHEMA",
    "SETTINGS",
    "document_of",
    "indexed_term",
    "removal",
    "source_of",
    "value_of",
    "written",
]

SCHEMA = 200 + CUT_VERSION
"""Raised with every change of `MAPPING` or of what stands in it; an older index is refilled."""

REMOVED_VERSION = 2**62
LIVE = {"term": {"live": True}}
PLURAL = {"category": "categories", "keyword": "keywords"}
FACET_FIELDS = {facet: PLURAL.get(facet, facet) for facet in FACETS if facet not in OFFER_FACETS}
FACET_FIELDS |= {facet: f"offer.{name}" for facet, name in OFFER_FACETS.items()}
"""Where each facet stands in the mapping."""

LONGEST_TERM = 200
"""The whitespace analyzer would cut words of more than 255 characters."""
HAN_TERM = re.compile(f"[{HAN}]")
NO_HEAD = "_"
"""Keeps the positions of `heads` where the term is not Chinese; no term is like it."""
ESCAPE = "\ufdd0"
"""A code point that stands for no character begins a value that UTF-8 cannot hold."""

KEYWORD = {"type": "keyword"}
KEPT_ONLY = {"type": "keyword", "index": False, "doc_values": False}
OUR_TERMS = {"type": "text", "analyzer": "whitespace", "norms": False}
MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_source": {"excludes": ["terms", "heads"]},
    "properties": {
        "hit_id": {"type": "long"},
        "revision": {"type": "long"},
        "live": {"type": "boolean"},
        "source": KEYWORD,
        "native_id": KEYWORD,
        "url": KEPT_ONLY,
        "title": {"type": "text"},
        "text": {"type": "text"},
        "terms": OUR_TERMS,
        "heads": OUR_TERMS,
        "decision": KEYWORD,
        "score": {"type": "double"},
        "categories": KEYWORD,
        "intent": KEYWORD,
        "keywords": KEYWORD,
        "status": KEYWORD,
        "verdict": KEYWORD,
        "seller": KEYWORD,
        "seller_id": KEYWORD,
        "family": KEYWORD,
        "region": KEYWORD,
        "price_minor": {"type": "long"},
        "currency": KEYWORD,
        "first_seen_at": {"type": "date"},
        "found_at": {"type": "date"},
        "found_us": {"type": "long"},
        "offer": {"properties": dict.fromkeys(OFFER_FILTERS, KEYWORD)},
        # A text that UTF-8 cannot hold, e.g. half a character, as it came.
        "raw": {"type": "binary"},
        # Of a rebuild, in one row that is not live.
        "walked_to": {"type": "long"},
        "done": {"type": "long"},
    },
}
SETTINGS = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
}
FIRST_ONLY = (
    "source",
    "decision",
    "status",
    "verdict",
    "seller",
    "seller_id",
    "family",
    "region",
)
"""Facets of one value; an empty one is left out, so that nothing counts it."""
TIMES = ("first_seen_at", "found_at")
TEXTS = ("native_id", "url", "title", "text", "intent", "currency")
NUMBERS = ("hit_id", "revision", "score", "price_minor")


def source_of(document: HitDocument) -> dict[str, Any]:
    """A document as the mapping wants it, in text that UTF-8 can hold."""
    facets = facet_values(document)
    source = {name: getattr(document, name) for name in NUMBERS + TEXTS}
    source |= {name: facets[name][0] for name in FIRST_ONLY if facets[name]}
    source |= {field: facets[facet] for facet, field in PLURAL.items()}
    source["offer"] = {name: facets[facet] for facet, name in OFFER_FACETS.items() if facets[facet]}
    source |= {name: getattr(document, name).isoformat() for name in TIMES}
    source["found_us"] = microseconds(document.found_at)
    source["live"] = True
    if not _comes_back(source, document):
        source = _escaped(source)
        source["raw"] = base64.b64encode(dump(document)).decode()
    terms = cut(document.text)
    source["terms"] = " ".join(map(indexed_term, terms))
    source["heads"] = " ".join(map(_head_of, terms))
    return source


def document_of(source: dict[str, Any]) -> HitDocument:
    """What `source_of` was given."""
    if "raw" in source:
        return load(base64.b64decode(source["raw"]))
    values = {name: source[name] for name in NUMBERS + TEXTS}
    values |= {name: source.get(name, "") for name in FIRST_ONLY}
    values |= {field: tuple(source[field]) for field in PLURAL.values()}
    values |= {name: datetime.fromisoformat(source[name]) for name in TIMES}
    values["offer"] = {name: tuple(found) for name, found in source["offer"].items()}
    return HitDocument(**values)


def removal(hit_id: int) -> dict[str, Any]:
    """What stays of a removed hit."""
    return {"hit_id": hit_id, "live": False}


def indexed_term(term: str) -> str:
    """A term as one word of the index; a long one by its digest."""
    if len(term) <= LONGEST_TERM:
        return term
    return "_" + hashlib.sha256(term.encode()).hexdigest()


def written(value: str) -> str:
    """A facet's value as UTF-8 can hold it; different values stay different."""
    if not value.startswith(ESCAPE) and _is_utf8(value):
        return value
    return ESCAPE + to_bytes(value).hex()


def value_of(text: str) -> str:
    """What `written` was given."""
    return from_bytes(bytes.fromhex(text[1:])) if text.startswith(ESCAPE) else text


@functools.lru_cache(maxsize=50_000)
def _head_of(term: str) -> str:
    return term[0] if HAN_TERM.match(term) else NO_HEAD


def _comes_back(source: dict[str, Any], document: HitDocument) -> bool:
    """Whether `document_of` finds all of the document in the fields that people see."""
    given = {name: list(values) for name, values in document.offer.items()}
    return (
        source["offer"] == given
        and all(source[field] == list(getattr(document, field)) for field in PLURAL.values())
        and all(written(text) == text for text in _texts(document))
    )


def _texts(document: HitDocument) -> Iterator[str]:
    for name in TEXTS + FIRST_ONLY:
        yield getattr(document, name)
    yield from (*document.categories, *document.keywords)
    for values in document.offer.values():
        yield from values


def _escaped(source: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in source.items():
        if name in TEXTS:
            shown[name] = value.encode("utf-8", "replace").decode()
        elif isinstance(value, list):
            shown[name] = [written(one) for one in value]
        elif isinstance(value, dict):
            shown[name] = {key: [written(one) for one in found] for key, found in value.items()}
        else:
            shown[name] = written(value) if isinstance(value, str) else value
    return shown


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
