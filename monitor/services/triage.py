"""Triage: the queue, a hit with all that explains it, and the verdict that closes the loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from classifiers.text.alike import shared_passages
from monitor.domain.alert import Alert
from monitor.domain.casework import Note, Snapshot
from monitor.domain.hit import Hit, HitFilter, HitStatus, TriageEvent, Verdict
from monitor.domain.sameness import Bond, Related
from monitor.errors import ConflictError, InputError
from monitor.pipeline.masking import masked
from monitor.pipeline.notify import tell_of_verdict
from monitor.pipeline.workspace import Workspace
from monitor.search.protocol import HitPage, HitQuery
from monitor.services.spreadsheet import csv_line
from monitor.store import alerts, hit_claims, hits, notes, people, related, snapshots
from monitor.store.database import Transaction

__all__ = [
    "HitDetail",
    "clean_reason",
    "clean_words",
    "count",
    "detail",
    "evidence_of",
    "export",
    "give_verdict",
    "load",
    "note",
    "queue",
    "search",
    "triage",
]

EXPORT_BATCH = 500
MAX_WORDS_CHARS = 2000
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
    notes: list[Note]
    snapshots: list[Snapshot]
    alerts: list[Alert]

    @property
    def timeline(self) -> list[TriageEvent | Note]:
        """Verdicts and notes, oldest first."""
        return sorted([*self.events, *self.notes], key=lambda entry: entry.created_at)


def queue(
    workspace: Workspace, chosen: HitFilter, *, limit: int = 50, offset: int = 0
) -> list[Hit]:
    """Hits in triage order."""
    with workspace.database.read() as tx:
        now = workspace.database.now()
        return hits.queue(tx, chosen, now=now, limit=limit, offset=offset)


def count(workspace: Workspace, chosen: HitFilter) -> int:
    """How many hits match."""
    with workspace.database.read() as tx:
        return hits.count(tx, chosen, now=workspace.database.now())


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
            notes=notes.of_hit(tx, hit_id),
            snapshots=snapshots.of_hit(tx, hit_id),
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


def triage(
    workspace: Workspace,
    hit_id: int,
    verdict: Verdict,
    *,
    reason: str,
    actor: str,
    is_forced: bool = False,
) -> Hit:
    """Give a verdict; alerts and retractions are written in the same transaction.

    Args:
        workspace: what is open.
        hit_id: the hit.
        verdict: `confirmed` and `benign` close the hit, `unsure` leaves it open.
        reason: why, in a few words; required.
        actor: who.
        is_forced: also when somebody else works on the hit; the audit log says so.

    Raises:
        NotFoundError: no such hit.
        ConflictError: somebody else works on it.
        InputError: no reason.
    """
    reason = clean_reason(reason)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        detail: dict[str, Any] = {"verdict": verdict.value}
        held = hit_claims.holder(tx, hit_id, now=now)
        if held is not None and held[0] != actor:
            if not is_forced:
                raise ConflictError(
                    f"hit {hit_id}: {held[0]} works on it until {held[1]:%H:%M} UTC; "
                    "judge it all the same only by saying so"
                )
            detail["despite_claim_of"] = held[0]
        hit = hits.get(tx, hit_id)
        snapshots.take(tx, hit, now=now)
        detail["evidence"] = snapshots.get(tx, hit_id, hit.version_number).sha256
        event_id = give_verdict(tx, hit, verdict, reason=reason, actor=actor, now=now)
        tell_of_verdict(workspace, tx, hit, verdict, event_id=event_id, reason=reason, now=now)
        people.audit(
            tx,
            actor=actor,
            action="hit.triage",
            target=f"hit:{hit_id}",
            detail=detail,
            now=now,
        )
        return hits.get(tx, hit_id)


def give_verdict(
    tx: Transaction, hit: Hit, verdict: Verdict, *, reason: str, actor: str, now: datetime
) -> int:
    """Write a verdict and who gave it, inside a transaction; the event's id."""
    event_id = hits.add_event(tx, hit, verdict=verdict.value, reason=reason, actor=actor, now=now)
    status = HitStatus.OPEN if verdict is Verdict.UNSURE else HitStatus.CLOSED
    hits.set_verdict(tx, hit.id, verdict=verdict.value, status=status, now=now)
    return event_id


def note(workspace: Workspace, hit_id: int, text: str, *, actor: str) -> None:
    """Write something beside a hit; it is masked before it is stored.

    Raises:
        NotFoundError: no such hit.
        InputError: nothing is written, or too much.
    """
    text = clean_words(text, "a note")
    with workspace.database.write() as tx:
        hits.get(tx, hit_id)
        notes.add(tx, hit_id, text=text, actor=actor, now=workspace.database.now())


def evidence_of(workspace: Workspace, hit_id: int, version_number: int = 0) -> Snapshot:
    """What a hit showed at a version, or at the newest one that has a snapshot.

    Raises:
        NotFoundError: no such hit, or no snapshot of it.
    """
    with workspace.database.read() as tx:
        if version_number:
            return snapshots.get(tx, hit_id, version_number)
        taken = snapshots.of_hit(tx, hit_id)
        return (
            taken[-1] if taken else snapshots.get(tx, hit_id, hits.get(tx, hit_id).version_number)
        )


def clean_reason(reason: str) -> str:
    """A verdict's reason in one line; raises `InputError` for none, or an endless one."""
    return clean_words(reason, "a reason")


def clean_words(text: str, what: str) -> str:
    """What a person writes, in one line and masked.

    Raises:
        InputError: nothing, or too much; the text calls it `what` ("a note").
    """
    text = " ".join(text.split())
    if not text:
        raise InputError(f"{what} is required")
    if len(text) > MAX_WORDS_CHARS:
        raise InputError(f"{what} of at most {MAX_WORDS_CHARS:,} characters is required")
    # People paste what they saw.
    return masked(text)


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
    is_among = chosen.among is None or hit.id in chosen.among
    return is_among and all(not wanted or value in wanted for value, wanted in pairs)


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
