"""Endpoints, alerts and attempts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update

from monitor.domain.alert import (
    Alert,
    AlertDraft,
    AlertState,
    Attempt,
    Endpoint,
    EndpointMode,
    Sending,
)
from monitor.errors import ConflictError, NotFoundError
from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.ordering import by_text
from monitor.store.outbox import request
from monitor.store.writing import insert_missing

__all__ = [
    "add_attempt",
    "add_endpoint",
    "alerts_of_hit",
    "all_endpoints",
    "attempts",
    "begin_attempt",
    "cancel",
    "change_endpoint",
    "create",
    "endpoint_by_name",
    "get",
    "last_told",
    "recent",
    "replay",
    "revive",
    "sendings",
    "set_state",
    "state_counts",
    "told_of",
]

_e, _al, _at = t.endpoint, t.alert, t.attempt


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(
        id=row.id,
        key=row.key,
        name=row.name,
        channel=row.channel,
        url=row.url,
        mode=EndpointMode(row.mode),
        categories=tuple(row.categories),
        sealed_secrets=row.secrets,
        is_disabled=row.is_disabled,
        disabled_reason=row.disabled_reason,
        owner=row.owner,
        created_at=row.created_at,
    )


def add_endpoint(
    tx: Transaction,
    *,
    key: str,
    name: str,
    channel: str,
    url: str,
    mode: EndpointMode,
    categories: Sequence[str],
    sealed_secrets: bytes,
    owner: str,
    now: datetime,
) -> Endpoint:
    """Add an endpoint; raises `ConflictError` when the name is taken."""
    row = {
        "key": key,
        "name": name,
        "channel": channel,
        "url": url,
        "mode": mode.value,
        "categories": list(categories),
        "secrets": sealed_secrets,
        "is_disabled": False,
        "disabled_reason": "",
        "owner": owner,
        "created_at": now,
    }
    if not insert_missing(tx, _e, [row], ["name"]):
        raise ConflictError(f"endpoint {name!r} exists already")
    return endpoint_by_name(tx, name)


def all_endpoints(tx: Transaction) -> list[Endpoint]:
    """By name."""
    return [_endpoint(row) for row in tx.execute(select(_e).order_by(by_text(_e.c.name)))]


def endpoint_by_name(tx: Transaction, name: str) -> Endpoint:
    """Raises `NotFoundError`."""
    row = tx.execute(select(_e).where(_e.c.name == name)).first()
    if row is None:
        raise NotFoundError(f"no endpoint {name!r}")
    return _endpoint(row)


def change_endpoint(tx: Transaction, endpoint_id: int, **values: Any) -> None:
    """Change columns of an endpoint (`secrets`, `is_disabled`, `disabled_reason`)."""
    tx.execute(update(_e).where(_e.c.id == endpoint_id).values(values))


def create(
    tx: Transaction, draft: AlertDraft, *, now: datetime, send_at: datetime | None = None
) -> int | None:
    """Write an alert and ask for its sending, now or at a later time.

    Returns:
        None when this webhook id exists already.
    """
    row = {
        "endpoint_id": draft.endpoint_id,
        "hit_id": draft.hit_id,
        "version_id": draft.version_id,
        "policy_id": draft.policy_id,
        "kind": draft.kind,
        "webhook_id": draft.webhook_id,
        "body": draft.body,
        "state": AlertState.PENDING.value,
        "score": draft.score,
        "attempts": 0,
        "created_at": now,
    }
    if not insert_missing(tx, _al, [row], ["webhook_id"]):
        return None
    alert_id: int = tx.execute(
        select(_al.c.id).where(_al.c.webhook_id == draft.webhook_id)
    ).scalar_one()
    request(tx, "send", alert_id, now=now, due_at=send_at)
    return alert_id


def _alerts() -> Select[Any]:
    return select(_al, _e.c.name.label("endpoint")).join(_e, _e.c.id == _al.c.endpoint_id)


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        endpoint_id=row.endpoint_id,
        endpoint=row.endpoint,
        hit_id=row.hit_id,
        kind=row.kind,
        webhook_id=row.webhook_id,
        body=row.body,
        state=AlertState(row.state),
        score=row.score,
        attempts=row.attempts,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
    )


def sendings(tx: Transaction, alert_ids: Iterable[int]) -> dict[int, Sending]:
    """Alerts with their endpoints, by alert id."""
    rows = tx.execute(_alerts().where(_al.c.id.in_(list(alert_ids)))).all()
    endpoints = {endpoint.id: endpoint for endpoint in all_endpoints(tx)}
    return {row.id: Sending(_alert(row), endpoints[row.endpoint_id]) for row in rows}


def get(tx: Transaction, alert_id: int) -> Alert:
    """Raises `NotFoundError`."""
    row = tx.execute(_alerts().where(_al.c.id == alert_id)).first()
    if row is None:
        raise NotFoundError(f"no alert with id {alert_id}")
    return _alert(row)


def recent(tx: Transaction, *, limit: int, state: str = "", endpoint: str = "") -> list[Alert]:
    """The newest first."""
    query = _alerts().order_by(_al.c.id.desc()).limit(limit)
    if state:
        query = query.where(_al.c.state == state)
    if endpoint:
        query = query.where(_e.c.name == endpoint)
    return [_alert(row) for row in tx.execute(query)]


def alerts_of_hit(tx: Transaction, hit_id: int) -> list[Alert]:
    """Oldest first."""
    query = _alerts().where(_al.c.hit_id == hit_id).order_by(_al.c.id)
    return [_alert(row) for row in tx.execute(query)]


def last_told(
    tx: Transaction,
    hit_id: int,
    endpoint_id: int,
    *,
    before_id: int | None = None,
    but: str | None = None,
) -> Alert | None:
    """The newest alert about this hit to this endpoint that was not cancelled, or None.

    Args:
        tx: a transaction.
        hit_id: the hit.
        endpoint_id: the receiver.
        before_id: only alerts that are older than this one.
        but: a kind that does not count.
    """
    query = (
        _alerts()
        .where(
            _al.c.hit_id == hit_id,
            _al.c.endpoint_id == endpoint_id,
            _al.c.state != AlertState.CANCELLED.value,
            *([_al.c.kind != but] if but else []),
        )
        .order_by(_al.c.id.desc())
        .limit(1)
    )
    if before_id is not None:
        query = query.where(_al.c.id < before_id)
    row = tx.execute(query).first()
    return _alert(row) if row else None


def told_of(tx: Transaction, listing_ids: Iterable[int], kind: str) -> list[int]:
    """Hits of these listings about which there is an alert of a kind."""
    rows = tx.execute(
        select(_al.c.hit_id)
        .distinct()
        .join(t.hit, t.hit.c.id == _al.c.hit_id)
        .where(t.hit.c.listing_id.in_(list(listing_ids)), _al.c.kind == kind)
        .order_by(_al.c.hit_id)
    )
    return [hit_id for hit_id in rows.scalars() if hit_id is not None]


def cancel(tx: Transaction, alert_id: int) -> bool:
    """Cancel an alert of which nothing was ever sent; False when it is too late."""
    done = tx.execute(
        update(_al)
        .where(_al.c.id == alert_id, _al.c.state == AlertState.PENDING.value, _al.c.attempts == 0)
        .values(state=AlertState.CANCELLED.value)
    )
    return bool(done.rowcount)


def revive(tx: Transaction, alert_id: int, *, now: datetime) -> bool:
    """Make a cancelled alert wait again, as if it had not been cancelled; False when it is not."""
    done = tx.execute(
        update(_al)
        .where(_al.c.id == alert_id, _al.c.state == AlertState.CANCELLED.value)
        .values(state=AlertState.PENDING.value)
    )
    if done.rowcount:
        request(tx, "send", alert_id, now=now)
    return bool(done.rowcount)


def begin_attempt(tx: Transaction, alert_id: int) -> int | None:
    """Count a try before its first byte leaves; None when the alert is no longer pending.

    Counting first lets a benign verdict know for certain whether a receiver may
    have heard of the alert, also after a crash in mid-send.
    """
    done = tx.execute(
        update(_al)
        .where(_al.c.id == alert_id, _al.c.state == AlertState.PENDING.value)
        .values(attempts=_al.c.attempts + 1)
        .returning(_al.c.attempts)
    ).first()
    return done.attempts if done else None


def add_attempt(tx: Transaction, alert_id: int, attempt: Attempt) -> None:
    """Keep how one try went."""
    tx.execute(
        insert(_at).values(
            alert_id=alert_id,
            number=attempt.number,
            started_at=attempt.started_at,
            duration_s=attempt.duration_s,
            result=attempt.result,
            http_status=attempt.http_status,
            detail=attempt.detail,
        )
    )


def set_state(tx: Transaction, alert_id: int, state: AlertState, *, now: datetime) -> None:
    """Write where the alert stands."""
    values: dict[str, Any] = {"state": state.value}
    if state is AlertState.DELIVERED:
        values["delivered_at"] = now
    tx.execute(update(_al).where(_al.c.id == alert_id).values(values))


def attempts(tx: Transaction, alert_id: int) -> list[Attempt]:
    """Oldest first."""
    rows = tx.execute(select(_at).where(_at.c.alert_id == alert_id).order_by(_at.c.id))
    return [
        Attempt(row.number, row.started_at, row.duration_s, row.result, row.http_status, row.detail)
        for row in rows
    ]


def replay(tx: Transaction, alert_id: int, *, now: datetime) -> None:
    """Send again under the same webhook id, whatever became of it before.

    Raises:
        NotFoundError: no such alert.
        ConflictError: its words were erased.
    """
    if not get(tx, alert_id).body:
        raise ConflictError(f"alert {alert_id} was erased by retention; nothing is left to send")
    # The entry before the alert, as a worker that sends takes them.
    request(tx, "send", alert_id, now=now)
    set_state(tx, alert_id, AlertState.PENDING, now=now)


def state_counts(tx: Transaction) -> dict[str, int]:
    """Alerts by state."""
    rows = tx.execute(select(_al.c.state, func.count()).group_by(_al.c.state))
    return {row.state: row[1] for row in rows}
