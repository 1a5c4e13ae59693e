"""From facts to the exact bytes that are signed, stored and sent.

Thin by intent: ids, masked text, reasons and links, no pictures and nothing of a
victim. Each text field is cut, so that the whole stays under 20 kB whatever a
hostile listing holds. The wording never says more than "suspected".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from monitor.alerts.facts import (
    AlertFacts,
    AlertKind,
    EvidenceFacts,
    HitFacts,
    ListingFacts,
    RelistFacts,
)

__all__ = ["MAX_BODY_BYTES", "render"]

MAX_BODY_BYTES = 20_000
MAX_URL_BYTES = 2000
MAX_CONSOLE_URL_BYTES = 500

SUMMARIES = {
    AlertKind.HIT_SUSPECTED: "Suspected offer. No person has reviewed it yet.",
    AlertKind.HIT_CONFIRMED: "Suspected offer. An analyst reviewed it and upholds the suspicion.",
    AlertKind.HIT_RETRACTED: "The suspicion reported earlier is withdrawn. Please disregard it.",
    AlertKind.HIT_GONE: "The suspected listing is no longer shown by the market.",
    AlertKind.ENDPOINT_PING: "Test message. Nothing is suspected.",
}

LINE_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]+")
# Control characters, surrogates, and those that turn the reading direction: a
# title must not be able to rearrange the text around it.
UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
WEB_LINK = re.compile(r"https?://[^\s\x00-\x20\x7f\ud800-\udfff]+", re.IGNORECASE)


def render(facts: AlertFacts) -> bytes:
    """The body of an alert: JSON in UTF-8, the same bytes for the same facts.

    Raises:
        ValueError: a hit is missing (or a ping has one), or a time has no zone.
    """
    if (facts.hit is None) != (facts.kind is AlertKind.ENDPOINT_PING):
        raise ValueError(f"{facts.kind}: a hit belongs to every kind but a ping")
    event = {
        "type": facts.kind.value,
        "timestamp": _time(facts.created_at),
        "data": {
            "schema_version": 1,
            "alert_id": _text(facts.alert_id, 64),
            "summary": SUMMARIES[facts.kind],
            "hit": None if facts.hit is None else _hit(facts.hit),
        },
    }
    return orjson.dumps(event)


def _hit(hit: HitFacts) -> dict[str, object]:
    return {
        "hit_id": hit.hit_id,
        "score": _probability(hit.score),
        "decision": _text(hit.decision, 16),
        "categories": {
            _text(name, 64): _probability(probability) for name, probability in hit.categories[:8]
        },
        "keywords": _texts(hit.keywords, 60, most=8),
        "evidence": [_evidence(evidence) for evidence in hit.evidence[:5]],
        "found_at": _time(hit.found_at),
        "verdict_at": None if hit.verdict_at is None else _time(hit.verdict_at),
        "reason": _text(hit.reason, 300),
        "console_url": _link(hit.console_url, MAX_CONSOLE_URL_BYTES),
        "listing": _listing(hit.listing),
        "relist_of": None if hit.relist_of is None else _relist(hit.relist_of),
    }


def _listing(listing: ListingFacts) -> dict[str, object]:
    return {
        "source": _text(listing.source, 64),
        "native_id": _text(listing.native_id, 200),
        "url": _link(listing.url, MAX_URL_BYTES),
        "title": _text(listing.title, 300),
        "excerpt": _text(listing.excerpt, 1000),
        "first_seen_at": _time(listing.first_seen_at),
    }


def _relist(relist: RelistFacts) -> dict[str, object]:
    return {
        "native_id": _text(relist.native_id, 200),
        "reasons": _texts(relist.reasons, 40, most=3),
        "first_seen_at": _time(relist.first_seen_at),
        "last_seen_at": _time(relist.last_seen_at),
    }


def _evidence(evidence: EvidenceFacts) -> dict[str, object]:
    return {
        "signal": _text(evidence.signal, 40),
        "term": _text(evidence.term, 60),
        "why": _text(evidence.why, 160),
    }


def _texts(texts: Iterable[str], max_chars: int, *, most: int) -> list[str]:
    return [_text(text, max_chars) for text in texts][:most]


def _text(text: str, max_chars: int) -> str:
    """One line that can be shown anywhere; what is cut off leaves an ellipsis."""
    # Cut first: the rest of a huge text is not worth looking at.
    shown = UNSHOWABLE.sub("", LINE_BREAKS.sub(" ", text[: 4 * max_chars])).strip()
    if len(shown) <= max_chars and len(text) <= 4 * max_chars:
        return shown
    return shown[: max_chars - 1] + "…"


def _link(url: str, max_bytes: int) -> str:
    """A web address as it is, or "": half an address leads elsewhere."""
    if not WEB_LINK.fullmatch(url) or len(url.encode("utf-8")) > max_bytes:
        return ""
    return url


def _probability(number: float) -> float:
    return round(min(1.0, max(0.0, number)), 4) if math.isfinite(number) else 0.0


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a time in an alert has no zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
