"""A document as an index keeps it, and its place in the order of results.

The order is newest `found_at` first, then highest `hit_id`; a cursor names the
last document of a page in it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta

from monitor.errors import InputError
from monitor.search.protocol import FACETS, OFFER_FACETS, HitDocument

__all__ = [
    "EPOCH",
    "Place",
    "dump",
    "facet_values",
    "from_bytes",
    "load",
    "microseconds",
    "read_cursor",
    "to_bytes",
    "write_cursor",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MAX_INTEGER = 2**63 - 1
NAMES = tuple(field.name for field in fields(HitDocument))

Place = tuple[int, int]
"""(`found_at` in microseconds since 1970, `hit_id`): larger comes first."""


def dump(document: HitDocument) -> bytes:
    """As JSON."""
    row = {name: getattr(document, name) for name in NAMES}
    row["offer"] = dict(document.offer)
    row["first_seen_at"] = document.first_seen_at.isoformat()
    row["found_at"] = document.found_at.isoformat()
    return to_bytes(json.dumps(row, ensure_ascii=False))


def load(body: bytes) -> HitDocument:
    """What `dump` wrote."""
    row = json.loads(from_bytes(body))
    for name in ("categories", "keywords"):
        row[name] = tuple(row[name])
    row["offer"] = {name: tuple(values) for name, values in row["offer"].items()}
    for name in ("first_seen_at", "found_at"):
        row[name] = datetime.fromisoformat(row[name])
    return HitDocument(**row)


def facet_values(document: HitDocument) -> dict[str, list[str]]:
    """The values of each of `FACETS`, without empty and repeated ones."""
    several: dict[str, Sequence[str]] = {
        "category": document.categories,
        "keyword": document.keywords,
        **{facet: document.offer.get(name, ()) for facet, name in OFFER_FACETS.items()},
    }
    found: dict[str, list[str]] = {}
    for field in FACETS:
        values = several[field] if field in several else (getattr(document, field),)
        found[field] = [value for value in dict.fromkeys(values) if value]
    return found


def to_bytes(text: str) -> bytes:
    """UTF-8 with lone surrogates kept, so that no text is refused; sorts as text does."""
    return text.encode("utf-8", "surrogatepass")


def from_bytes(content: bytes) -> str:
    """What `to_bytes` was given."""
    return content.decode("utf-8", "surrogatepass")


def microseconds(at: datetime) -> int:
    """Since 1970, exact over all years."""
    return (at - EPOCH) // MICROSECOND


def write_cursor(place: Place) -> str:
    """Opaque text for an address."""
    return base64.urlsafe_b64encode(f"{place[0]}:{place[1]}".encode()).decode("ascii")


def read_cursor(cursor: str) -> Place:
    """What `write_cursor` wrote.

    Raises:
        InputError: anything else.
    """
    try:
        text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        found, hit_id = (int(part) for part in text.decode("ascii").split(":"))
    except ValueError:
        raise InputError("cursor: not one that a page gave") from None
    if max(abs(found), abs(hit_id)) > MAX_INTEGER:
        raise InputError("cursor: not one that a page gave")
    return found, hit_id
