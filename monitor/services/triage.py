"""Triage: the queue, a hit with all that explains it, and the verdict that closes the loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from classifiers.text.alike import shared_passages
from monitor.domain.alert import Alert
from monitor.domain.hit import Hit, HitFilter, HitStatus, TriageEvent, Verdict
from monitor.domain.sameness import Bond, Related
from monitor.errors import InputError
from monitor.pipeline.masking import masked
from monitor.pipeline.notify import tell_of_verdict
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitPage, HitQuery
from monitor.services.spreadsheet import csv_line
from monitor.store import alerts, hits, people, related
from monitor.store.database import Transaction

__all__ = [
    "HitDetail",
    "clean_reason",
    "count",
    "detail",
    "export",
    "load",
    "queue",
    "search",
    "triage",
]

EXPORT_BATCH = 500
EXPORT_COLUMNS = (
    "id",
    "source",
    "native_id",
    "url",
    "title",
    "description",
    "decision",
    "score",
    "category",
    "intent",
    "keywords",
    "status",
    "verdict",
    "seller",
    "region",
    "price_minor",
    "currency",
    "state",
    "first_seen_at",
    "found_at",
)


@dataclass(frozen=True, slots=True)
class HitDetail:
    """A hit and everything around it. All masked."""

    hit: Hit
    versions: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    similar: list[Related]
    events: list[TriageEvent]
    alerts: list[Alert]


def queue(
    workspace: Workspace, chosen: HitFilter, *, limit: int = 50, offset: int = 0
) -> list[Hit]:
    """Hits in triage order."""
    with workspace.database.read() as tx:
        return hits.queue(tx, chosen, limit=limit, offset=offset)


def count(workspace: Workspace, chosen: HitFilter) -> int:
    """How many hits match."""
    with workspace.database.read() as tx:
        return hits.count(tx, chosen)


def detail(workspace: Workspace, hit_id: int) -> HitDetail:
    """Everything about one hit; raises `NotFoundError`."""
    with workspace.database.read() as tx:
        hit = hits.get(tx, hit_id)
        return HitDetail(
            hit=hit,
            versions=hits.versions(tx, hit.listing_id),
            contacts=hits.contacts(tx, hit.listing_id),
            similar=_similar(tx, hit),
            events=hits.events(tx, hit_id),
            alerts=alerts.alerts_of_hit(tx, hit_id),
        )


def _similar(tx: Transaction, hit: Hit) -> list[Related]:
    """Related listings; of those with a text like this one's, what of it they share."""
    found = related.related(tx, hit)
    alike = [one.hit_id for one in found if Bond.TEXT in one.bonds]
    texts = {other.id: other.text for other in hits.load(tx, alike)}
    return [
        replace(one, shared=tuple(shared_passages(hit.text, texts[one.hit_id])))
        if one.hit_id in texts
        else one
        for one in found
    ]


def search(workspace: Workspace, query: HitQuery) -> HitPage:
    """Full-text search; raises `InputError` for a query that cannot be read."""
    return workspace.index.find(query)


def triage(workspace: Workspace, hit_id: int, verdict: Verdict, *, reason: str, actor: str) -> Hit:
    """Give a verdict; alerts and retractions are written in the same transaction.

    Args:
        workspace: what is open.
        hit_id: the hit.
        verdict: `confirmed` and `benign` close the hit, `unsure` leaves it open.
        reason: why, in a few words; required.
        actor: who.

    Raises:
        NotFoundError: no such hit.
        InputError: no reason.
    """
    reason = clean_reason(reason)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        hit = hits.get(tx, hit_id)
        event_id = hits.add_event(
            tx, hit, verdict=verdict.value, reason=reason, actor=actor, now=now
        )
        status = HitStatus.OPEN if verdict is Verdict.UNSURE else HitStatus.CLOSED
        hits.set_verdict(tx, hit_id, verdict=verdict.value, status=status, now=now)
        tell_of_verdict(workspace, tx, hit, verdict, event_id=event_id, reason=reason, now=now)
        people.audit(
            tx,
            actor=actor,
            action="hit.triage",
            target=f"hit:{hit_id}",
            detail={"verdict": verdict.value},
            now=now,
        )
        return hits.get(tx, hit_id)


def clean_reason(reason: str) -> str:
    """A verdict's reason in one line; raises `InputError` for none, or an endless one."""
    reason = " ".join(reason.split())
    if not reason:
        raise InputError("a reason is required with a verdict")
    if len(reason) > 2000:
        raise InputError("the reason is longer than 2,000 characters")
    # People paste what they saw.
    return masked(reason)


def export(workspace: Workspace, chosen: HitFilter, form: str) -> Iterator[str]:
    """Matching hits as CSV (formula-safe) or JSON Lines, masked, in pieces."""
    if form == "csv":
        yield csv_line(EXPORT_COLUMNS)
    after = 0
    while True:
        with workspace.database.read() as tx:
            ids = [hit_id for hit_id, _ in hits.ids_after(tx, after, EXPORT_BATCH)]
            batch = hits.load(tx, ids)
        if not ids:
            return
        after = ids[-1]
        for hit in batch:
            if _matches(hit, chosen):
                yield _csv_hit(hit) if form == "csv" else _json_hit(hit)


def _matches(hit: Hit, chosen: HitFilter) -> bool:
    pairs = (
        (hit.status.value, chosen.status),
        (hit.decision, chosen.decision),
        (hit.category, chosen.category),
        (hit.source, chosen.source),
        (hit.verdict, chosen.verdict),
        (str(hit.seller_id), chosen.seller_id),
        (str(hit.family_id), chosen.family),
    )
    return all(not wanted or value in wanted for value, wanted in pairs)


def _json_hit(hit: Hit) -> str:
    row = asdict(hit)
    row.pop("content_key")
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE).decode()


def _csv_hit(hit: Hit) -> str:
    return csv_line(getattr(hit, name) for name in EXPORT_COLUMNS)


def load(workspace: Workspace, hit_ids: Sequence[int]) -> list[Hit]:
    """Hits in the order of `hit_ids`; unknown ids are left out."""
    with workspace.database.read() as tx:
        found = {hit.id: hit for hit in hits.load(tx, hit_ids)}
    return [found[hit_id] for hit_id in hit_ids if hit_id in found]
