"""Who is told of what: alert rows written in the transaction of their cause (design 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from classifiers.contract import Category
from classifiers.text.redact import find_and_redact
from monitor.alerts.facts import (
    AlertFacts,
    AlertKind,
    EvidenceFacts,
    HitFacts,
    ListingFacts,
    RelistFacts,
)
from monitor.alerts.payload import render
from monitor.alerts.signing import webhook_id
from monitor.domain.alert import Alert, AlertDraft, AlertState, Endpoint, EndpointMode
from monitor.domain.hit import Hit, Verdict
from monitor.pipeline.workspace import Workspace
from monitor.store import alerts, hits, people, related
from monitor.store.database import Transaction

__all__ = [
    "Told",
    "tell_of_gone",
    "tell_of_hit",
    "tell_of_return",
    "tell_of_undo",
    "tell_of_verdict",
]

REPEAT_AFTER = timedelta(days=1)
SCORE_RISE = 0.1
"""A rise that is worth telling again."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a verdict did to alerts.

    Attributes:
        written: ids of alerts and retractions that are new.
        cancelled: ids of alerts of which no byte was sent, and none will be.
    """

    written: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)


def tell_of_hit(
    workspace: Workspace, tx: Transaction, hit_id: int, *, score_before: float | None, now: datetime
) -> None:
    """Alert the `on_hit` endpoints of a hit that is new or has become worse."""
    hit = hits.get(tx, hit_id)
    if hit.decision != "hit" or hit.verdict == Verdict.BENIGN or hit.is_muted(now):
        return
    rose = score_before is not None and hit.score >= score_before + SCORE_RISE
    has_new_contact = score_before is not None and hits.has_new_contact(tx, hit)
    if score_before is not None and not (rose or has_new_contact):
        return
    for endpoint in _listeners(workspace, tx, hit, EndpointMode.ON_HIT):
        last = alerts.last_told(tx, hit_id, endpoint.id)
        if last is None or now - last.created_at >= REPEAT_AFTER:
            _write(tx, endpoint, hit, AlertKind.HIT_SUSPECTED, hit.content_key, now=now)


def tell_of_verdict(
    workspace: Workspace,
    tx: Transaction,
    hit: Hit,
    verdict: Verdict,
    *,
    event_id: int,
    reason: str,
    now: datetime,
    send_at: datetime | None = None,
) -> Told:
    """Alert the `on_verdict` endpoints of a confirmed hit; take a benign one back.

    A mute keeps nothing of this back: the verdict is a person's.

    Args:
        workspace: what is open.
        tx: the verdict's transaction.
        hit: as it was before the verdict.
        verdict: what was said.
        event_id: of the verdict; webhook ids derive from it.
        reason: why.
        now: when.
        send_at: nothing is sent before this time; None: at once.
    """
    told, cause = Told(), f"verdict-{event_id}"
    if verdict is Verdict.CONFIRMED:
        kind, receivers = (
            AlertKind.HIT_CONFIRMED,
            _listeners(workspace, tx, hit, EndpointMode.ON_VERDICT),
        )
    elif verdict is Verdict.BENIGN:
        kind = AlertKind.HIT_RETRACTED
        receivers = [endpoint for endpoint, _ in _told(tx, hit, cancelled=told.cancelled)]
    else:
        return told
    for endpoint in receivers:
        written = _write(tx, endpoint, hit, kind, cause, reason=reason, now=now, send_at=send_at)
        if written is not None:
            told.written.append(written)
    return told


def tell_of_undo(
    tx: Transaction,
    hit: Hit,
    *,
    written: Sequence[int],
    cancelled: Sequence[int],
    cause: str,
    now: datetime,
) -> None:
    """Leave each receiver with what it had heard before a verdict that is undone.

    What was not sent yet is cancelled, and what the verdict cancelled waits again: nobody
    hears a word. Who heard of the verdict hears once more what had been said last, or,
    when nothing had been said, a retraction.

    Args:
        tx: the undoing's transaction.
        hit: as it is after the undoing.
        written: alerts that the verdict caused.
        cancelled: alerts that it cancelled.
        cause: names this undoing; webhook ids derive from it.
        now: when.
    """
    sendings = alerts.sendings(tx, written)
    heard = [
        sending
        for alert_id, sending in sorted(sendings.items())
        if not alerts.cancel(tx, alert_id) and sending.alert.state is not AlertState.CANCELLED
    ]
    waiting = {alert_id for alert_id in cancelled if alerts.revive(tx, alert_id, now=now)}
    again = {sending.endpoint.id for sending in alerts.sendings(tx, waiting).values()}
    for sending in heard:
        endpoint, alert = sending.endpoint, sending.alert
        last = alerts.last_told(tx, hit.id, endpoint.id)
        if endpoint.id in again or last is None or last.id != alert.id:
            continue
        before = alerts.last_told(tx, hit.id, endpoint.id, before_id=alert.id)
        kind = AlertKind(before.kind) if before else AlertKind.HIT_RETRACTED
        if kind != alert.kind:
            _write(tx, endpoint, hit, kind, cause, now=now)


def tell_of_gone(tx: Transaction, hit_id: int, *, now: datetime) -> None:
    """Tell whoever was told of a hit that its item page says it is gone."""
    hit = hits.get(tx, hit_id)
    if hit.is_muted(now):
        return
    for endpoint, last in _told(tx, hit):
        if last.kind != AlertKind.HIT_GONE:
            _write(tx, endpoint, hit, AlertKind.HIT_GONE, f"gone-{last.id}", now=now)


def tell_of_return(tx: Transaction, hit_id: int, *, now: datetime) -> None:
    """Tell whoever was last told that a hit is gone that the market shows it again.

    At most once a day: asked at every sighting, it is told when the day is over.
    """
    hit = hits.get(tx, hit_id)
    if hit.decision != "hit" or hit.verdict == Verdict.BENIGN or hit.is_muted(now):
        return
    is_confirmed = hit.verdict == Verdict.CONFIRMED
    kind = AlertKind.HIT_CONFIRMED if is_confirmed else AlertKind.HIT_SUSPECTED
    for endpoint, last in _told(tx, hit):
        before = alerts.last_told(tx, hit_id, endpoint.id, but=AlertKind.HIT_GONE)
        if last.kind != AlertKind.HIT_GONE or before is None or endpoint.is_disabled:
            continue
        if now - before.created_at >= REPEAT_AFTER:
            _write(tx, endpoint, hit, kind, f"back-{last.id}", now=now)


def _listeners(
    workspace: Workspace, tx: Transaction, hit: Hit, mode: EndpointMode
) -> list[Endpoint]:
    if Category(hit.category) not in workspace.alerting:
        return []
    return [
        endpoint
        for endpoint in alerts.all_endpoints(tx)
        if endpoint.mode is mode
        and not endpoint.is_disabled
        and (not endpoint.categories or hit.category in endpoint.categories)
    ]


def _told(
    tx: Transaction, hit: Hit, *, cancelled: list[int] | None = None
) -> list[tuple[Endpoint, Alert]]:
    """Endpoints that may have heard of the hit and heard no retraction since.

    With `cancelled`, an alert of which no byte was ever sent is cancelled instead, and
    its id put there.
    """
    told = []
    for endpoint in alerts.all_endpoints(tx):
        last = alerts.last_told(tx, hit.id, endpoint.id)
        while last is not None and cancelled is not None and alerts.cancel(tx, last.id):
            cancelled.append(last.id)
            last = alerts.last_told(tx, hit.id, endpoint.id)
        if last is not None and last.kind != AlertKind.HIT_RETRACTED:
            told.append((endpoint, last))
    return told


def _write(
    tx: Transaction,
    endpoint: Endpoint,
    hit: Hit,
    kind: AlertKind,
    cause: str,
    *,
    reason: str = "",
    now: datetime,
    send_at: datetime | None = None,
) -> int | None:
    message_id = webhook_id(endpoint.key, f"{kind}:{hit.source}:{hit.native_id}", cause)
    facts = AlertFacts(message_id, kind, now, _facts(tx, hit, reason, now))
    policy = people.policy_for(tx, hit.category)
    draft = AlertDraft(
        endpoint_id=endpoint.id,
        hit_id=hit.id,
        version_id=hit.version_id,
        policy_id=policy[0] if policy else None,
        kind=kind.value,
        webhook_id=message_id,
        body=render(facts),
        score=hit.score,
    )
    return alerts.create(tx, draft, now=now, send_at=send_at)


def _facts(tx: Transaction, hit: Hit, reason: str, now: datetime) -> HitFacts:
    listing = ListingFacts(
        source=hit.source,
        native_id=hit.native_id,
        url=hit.url,
        title=hit.title,
        excerpt=hit.text,
        first_seen_at=hit.first_seen_at,
    )
    by_probability = sorted(hit.categories.items(), key=lambda item: (-item[1], item[0]))
    return HitFacts(
        hit_id=hit.id,
        listing=listing,
        score=hit.score,
        decision=hit.decision,
        categories=tuple(by_probability),
        found_at=hit.found_at,
        keywords=hit.keywords,
        evidence=tuple(
            EvidenceFacts(item["signal"], item["term"], item["why"])
            for item in hit.evidence
            if item["weight"] > 0
        ),
        verdict_at=now if reason else None,
        # A person may quote the listing in the reason: the same masking applies.
        reason=find_and_redact(reason)[0],
        relist_of=_relist_of(tx, hit),
    )


def _relist_of(tx: Transaction, hit: Hit) -> RelistFacts | None:
    earlier = related.relisted(tx, hit)
    if earlier is None:
        return None
    return RelistFacts(
        native_id=earlier.native_id,
        reasons=tuple(bond.value for bond in earlier.bonds),
        first_seen_at=earlier.first_seen_at,
        last_seen_at=earlier.last_seen_at,
    )
