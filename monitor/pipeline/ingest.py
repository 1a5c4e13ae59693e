"""Ingest: a saved answer, recorded as if it had been fetched."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from monitor.domain.listing import ListingDraft
from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemState, RowProblem
from monitor.domain.watch import SourceRecord
from monitor.pipeline.assess import draft_listings
from monitor.pipeline.look import mark_gone
from monitor.pipeline.masking import masked, masked_value
from monitor.pipeline.record import PageCounts, record_page
from monitor.pipeline.workspace import Workspace
from monitor.sources.captures import ClaimingSource
from monitor.sources.protocol import ItemSource, Source
from monitor.store import gaps, looks, polls
from monitor.store.database import Transaction

__all__ = ["Ingested", "ingest_answer"]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of one saved answer.

    Attributes:
        outcome: how it was understood; `SCHEMA_CHANGED` when the source does not claim it.
        detail: one line.
        counts: what was recorded.
        problems: rows that could not be used.
    """

    outcome: Outcome
    detail: str = ""
    counts: PageCounts = field(default_factory=PageCounts)
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A page of results or an item page, as rows to record."""

    outcome: Outcome
    drafts: list[ListingDraft]
    detail: str = ""
    total: int | None = None
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[tuple[str, object], ...] = ()
    gone: str = ""


def ingest_answer(
    workspace: Workspace,
    record: SourceRecord,
    answer: Answer,
    *,
    term: str = "",
    also: Callable[[Transaction, Ingested], None] | None = None,
) -> Ingested:
    """Record one saved answer in one transaction; it is a baseline and alerts nobody.

    Args:
        workspace: what is open.
        record: the source whose answer this is.
        answer: a page of results or an item page.
        term: what had been searched for, when the analyst knows.
        also: what is done in the same transaction.
    """
    source = workspace.source(record)
    role = source.claims(answer) if isinstance(source, ClaimingSource) else "search"
    if role is None:
        return Ingested(Outcome.SCHEMA_CHANGED, "not an answer of this source; skipped")
    reading = (
        _read_item(workspace, record, source, answer)
        if role == "item" and isinstance(source, ItemSource)
        else _read_search(workspace, record, source, answer)
    )
    with workspace.database.write() as tx:
        now = workspace.database.now()
        counts = _record(workspace, tx, record, source, reading, term, now)
        if role == "search" and reading.outcome.has_seen:
            gaps.close_by_capture(
                tx,
                record.id,
                term.strip(),
                saved_at=min(answer.fetched_at, now),
                is_whole=_is_whole(reading, counts),
            )
        ingested = Ingested(reading.outcome, reading.detail, counts, reading.problems)
        if also is not None:
            also(tx, ingested)
    return ingested


def _read_search(
    workspace: Workspace, record: SourceRecord, source: Source, answer: Answer
) -> _Reading:
    page = source.parse_search(answer)
    return _Reading(
        outcome=page.outcome,
        drafts=draft_listings(workspace, record.id, page.listings, "search"),
        detail=page.detail,
        total=page.total,
        problems=page.problems,
        notes=tuple(page.notes.items()),
    )


def _read_item(
    workspace: Workspace, record: SourceRecord, source: ItemSource, answer: Answer
) -> _Reading:
    page = source.parse_item(answer)
    if page.listing is None:
        detail = page.detail or "the page names no listing"
        return _Reading(page.outcome, [], detail)
    if page.state is ItemState.GONE:
        return _Reading(page.outcome, [], page.detail, gone=page.listing.native_id)
    drafts = draft_listings(workspace, record.id, [page.listing], "item")
    return _Reading(page.outcome, drafts, page.detail)


def _is_whole(reading: _Reading, counts: PageCounts) -> bool:
    """Whether nothing that the market has for the search is missing from the answer."""
    if reading.problems:
        return False
    return reading.outcome is Outcome.EMPTY or counts.rows >= (reading.total or math.inf)


def _record(
    workspace: Workspace,
    tx: Transaction,
    record: SourceRecord,
    source: Source,
    reading: _Reading,
    term: str,
    now: datetime,
) -> PageCounts:
    poll_id = polls.start(
        tx,
        source_id=record.id,
        watch_id=None,
        keyword_version_id=None,
        origin="capture",
        is_baseline=True,
        now=now,
    )
    counts = record_page(
        workspace,
        tx,
        reading.drafts,
        source_id=record.id,
        poll_id=poll_id,
        watch_id=None,
        keyword_id=None,
        first_rank=0,
        is_baseline=True,
        can_look=isinstance(source, ItemSource),
        now=now,
    )
    listing_id = looks.listing_named(tx, record.id, reading.gone) if reading.gone else None
    if listing_id is not None:
        mark_gone(tx, listing_id, now=now)
    polls.add_page(
        tx,
        poll_id,
        rows=counts.rows,
        new_listings=counts.new_listings,
        changed_listings=counts.changed_listings,
        hits=counts.hits,
        total_claimed=reading.total,
        problems=[asdict(problem) for problem in reading.problems],
        notes=masked_value(dict(reading.notes) | ({"term": term} if term else {})),
    )
    polls.finish(tx, poll_id, reading.outcome, masked(reading.detail), now=now)
    return counts
