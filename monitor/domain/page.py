"""What travels between a source (which opens no socket) and the fetcher (which parses nothing)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from monitor.domain.outcome import Outcome

__all__ = [
    "Answer",
    "FetchResult",
    "ItemPage",
    "ItemState",
    "PageRequest",
    "ParsedListing",
    "Precision",
    "RowProblem",
    "SearchPage",
]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One HTTP request that a source describes.

    Attributes:
        url: absolute http(s) address without the query of `params`.
        method: ``"GET"`` or ``"POST"``.
        params: query parameters, in order, added to those in `url`.
        form: body as a form (POST), or None.
        json: body as JSON (POST), or None.
        headers: extra headers; never cookies or tokens of a person.
        context: what the source wants to find again in `Answer.request` (the
            term, the page's number); never sent.
    """

    url: str
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] | None = None
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, or a captured file that stands for one.

    Attributes:
        url: what was asked for.
        final_url: where redirects ended (same as `url` for a capture without one).
        status: HTTP status; 200 for captures.
        headers: lower-case names.
        body: decoded bytes (after content encoding), at most the byte cap long.
        text: `body` decoded by header, then meta, then UTF-8, then GB18030;
            undecodable bytes become U+FFFD, so it never holds lone surrogates.
        fetched_at: aware UTC; relative times ("3小时前") count from here.
        is_truncated: the byte cap cut the body.
        request: the request that this answers; None for a capture.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    text: str
    fetched_at: datetime
    is_truncated: bool = False
    request: PageRequest | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What the fetcher came back with.

    Attributes:
        outcome: `Outcome.OK` when there is an answer for a parser to read (any
            2xx, and 404/410, which an item parser understands); otherwise what
            went wrong on the way.
        answer: present whenever bytes arrived, also for errors.
        detail: one line for people, without secrets or bodies.
        retry_after_s: what the server asked for, capped, or None.
        elapsed_s: from sending to the last byte, waiting for the host's slot excluded.
    """

    outcome: Outcome
    answer: Answer | None = None
    detail: str = ""
    retry_after_s: float | None = None
    elapsed_s: float = 0.0


class ItemState(StrEnum):
    """What an item page says of a listing."""

    ON_SALE = "on_sale"
    SOLD = "sold"
    GONE = "gone"
    UNKNOWN = "unknown"


class Precision(StrEnum):
    """How exact a time is that a market shows."""

    EXACT = "exact"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row (or a file's line) that could not be used; the others went on.

    Attributes:
        row: 0-based place in the page.
        field: which field failed, or ``"row"``.
        reason: one line, without the row's own text.
    """

    row: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedListing:
    """One row of a search answer, or the listing of an item page.

    Attributes:
        native_id: the market's own id; (source, native_id) is the key.
        url: absolute link for people; "" when unknown.
        title: as shown, tags stripped, entities decoded.
        description: longer text where the answer has it, else "".
        price_minor: integer minor units; None when unknown (面议), never 0 for that.
        price_raw: as shown, e.g. ``"¥0.50"``, ``"面议"``.
        currency: ISO 4217.
        seller_name: as shown, or None.
        seller_id: the market's id of the seller, or None. Id spaces differ
            between search and item answers of one market: see `seller_id_space`.
        seller_id_space: e.g. ``"search"`` or ``"item"``.
        region: as shown, or None.
        published_at: aware UTC, or None.
        published_precision: how exact `published_at` is.
        picture_urls: absolute, in order.
        state: what the answer says of availability.
        extra: further fields by name (want counts, tags), JSON values only.
    """

    native_id: str
    url: str
    title: str
    description: str = ""
    price_minor: int | None = None
    price_raw: str = ""
    currency: str = "CNY"
    seller_name: str | None = None
    seller_id: str | None = None
    seller_id_space: str = "search"
    region: str | None = None
    published_at: datetime | None = None
    published_precision: Precision = Precision.UNKNOWN
    picture_urls: tuple[str, ...] = ()
    state: ItemState = ItemState.UNKNOWN
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One parsed page of search results.

    Attributes:
        outcome: `OK` with rows, `EMPTY` without, or why rows cannot be trusted.
        listings: usable rows in page order.
        problems: rows lost, each with its reason.
        next_request: the page after this one, or None at the end.
        total: number of results that the market claims, or None.
        detail: one line for people.
        notes: facts to keep with the poll (a rewritten query, flags).
    """

    outcome: Outcome
    listings: tuple[ParsedListing, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    next_request: PageRequest | None = None
    total: int | None = None
    detail: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One parsed item page.

    Attributes:
        outcome: `OK` when the page speaks of the item (also to say it is gone).
        state: only an item page can say `ItemState.GONE`.
        listing: the full listing, or None when the page shows none or is unreadable. A
            market may still show a listing that is gone.
        detail: one line for people.
    """

    outcome: Outcome
    state: ItemState = ItemState.UNKNOWN
    listing: ParsedListing | None = None
    detail: str = ""
