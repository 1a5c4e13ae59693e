"""Alert: send what the outbox holds, sign and keep each try, give up late and visibly."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from monitor.alerts.channels.protocol import Receipt, ReceiptStatus
from monitor.alerts.schedule import next_attempt
from monitor.domain.alert import Alert, AlertState, Attempt, Endpoint, Sending
from monitor.pipeline.workspace import Workspace
from monitor.store import alerts, outbox
from monitor.store import tables as t
from monitor.store.claims import hold
from monitor.store.database import Transaction
from monitor.store.outbox import Entry

__all__ = ["claim_sends", "send_alert", "unseal_secrets"]

DISABLED_WAIT_S = 300.0
"""How often an alert looks whether its disabled endpoint is back."""


def unseal_secrets(workspace: Workspace, endpoint: Endpoint) -> list[str]:
    """The endpoint's signing secrets, newest first."""
    opened = workspace.keyring.unseal("endpoint", endpoint.sealed_secrets, endpoint.key)
    values: list[str] = json.loads(opened)
    return values


def claim_sends(workspace: Workspace, *, limit: int, alert_id: int | None = None) -> list[Entry]:
    """Claim alerts that are due, or the one that a person asks for."""
    database = workspace.database
    with database.write(durable=False) as tx:
        return outbox.claim(
            tx,
            "send",
            now=database.now(),
            lease_s=workspace.settings.lease_s,
            limit=limit,
            ref_id=alert_id,
        )


def send_alert(workspace: Workspace, entry: Entry) -> Alert | None:
    """Make one attempt to deliver a claimed alert.

    The attempt is counted before its first byte leaves, so that a later benign
    verdict knows whether the receiver may have heard of it, also after a crash.

    Returns:
        The alert as it stands after the attempt, or None when there was nothing
        to send (cancelled, overtaken, endpoint disabled).
    """
    database = workspace.database
    with database.write() as tx:
        now = database.now()
        sending = alerts.sendings(tx, [entry.ref_id])[entry.ref_id]
        if sending.endpoint.is_disabled:
            outbox.put_off(tx, entry, due_at=now + timedelta(seconds=DISABLED_WAIT_S))
            return None
        number = alerts.begin_attempt(tx, entry.ref_id)
        if number is None:
            outbox.done(tx, [entry])
            return None
    receipt = workspace.channel(sending.endpoint.channel).deliver(
        sending.endpoint.url,
        sending.alert.webhook_id,
        sending.alert.body,
        unseal_secrets(workspace, sending.endpoint),
        now,
    )
    with database.write() as tx:
        _record(
            tx,
            entry,
            sending,
            receipt,
            number,
            started_at=now,
            now=database.now(),
            lease_s=workspace.settings.lease_s,
        )
        return alerts.get(tx, entry.ref_id)


def _record(
    tx: Transaction,
    entry: Entry,
    sending: Sending,
    receipt: Receipt,
    number: int,
    *,
    started_at: datetime,
    now: datetime,
    lease_s: float,
) -> None:
    hold(tx, t.outbox, entry.claim, until=now + timedelta(seconds=lease_s))
    alert_id = sending.alert.id
    attempt = Attempt(
        number=number,
        started_at=started_at,
        duration_s=receipt.duration_s,
        result=receipt.status.value,
        http_status=receipt.http_status,
        detail=receipt.detail,
    )
    alerts.add_attempt(tx, alert_id, attempt)
    if receipt.status is ReceiptStatus.DELIVERED:
        alerts.set_state(tx, alert_id, AlertState.DELIVERED, now=now)
        outbox.done(tx, [entry])
        return
    if receipt.status is ReceiptStatus.GONE:
        reason = "the receiver answered 410: it wants nothing more"
        alerts.change_endpoint(tx, sending.endpoint.id, is_disabled=True, disabled_reason=reason)
    retry_at = next_attempt(entry.failures + 1, receipt, now, random.Random())
    if retry_at is None:
        alerts.set_state(tx, alert_id, AlertState.DEAD, now=now)
        outbox.done(tx, [entry])
    else:
        outbox.postpone(tx, entry, due_at=retry_at)
