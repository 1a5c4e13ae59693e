"""Endpoints: who is told of what; secrets, test pings, rotation; and the alerts sent to them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from classifiers.contract import Category
from monitor.alerts.channels.discovery import discover
from monitor.alerts.channels.protocol import ReceiptStatus
from monitor.alerts.facts import AlertFacts, AlertKind
from monitor.alerts.payload import render
from monitor.alerts.signing import generate_secret, parse_secret, webhook_id
from monitor.domain.alert import Alert, AlertDraft, Attempt, Endpoint, EndpointMode
from monitor.errors import ConflictError, InputError
from monitor.pipeline.alert import claim_sends, send_alert, unseal_secrets
from monitor.pipeline.workspace import Workspace
from monitor.store import alerts as store
from monitor.store import attempts, people
from monitor.store.attempts import Backlog, Try
from monitor.store.database import Transaction

__all__ = [
    "AlertDetail",
    "EndpointState",
    "NewEndpoint",
    "add",
    "alert_detail",
    "disable",
    "enable",
    "list_alerts",
    "list_endpoints",
    "ping",
    "ping_now",
    "replay",
    "rotate",
    "states",
]

SECRETS_KEPT = 2
"""While receivers change over, both the new and the last secret sign."""
MAX_NAME_CHARS = 64


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint with the secret that its owner needs; shown once."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """An alert with its attempts."""

    alert: Alert
    attempts: list[Attempt]


@dataclass(frozen=True, slots=True)
class EndpointState:
    """An endpoint as anybody may see it, and how it fared.

    Attributes:
        endpoint: its secrets and its whole address are left out.
        address: where alerts go; "…" stands for path and query, which may hold a token.
        backlog: what waits for it.
        tries: the newest first.
    """

    endpoint: Endpoint
    address: str
    backlog: Backlog
    tries: Sequence[Try]

    @property
    def is_failing(self) -> bool:
        """Whether the last try did not deliver."""
        return bool(self.tries) and self.tries[0].attempt.result != ReceiptStatus.DELIVERED


def _seal(workspace: Workspace, key: str, values: Sequence[str]) -> bytes:
    return workspace.keyring.seal("endpoint", json.dumps(list(values)).encode(), key)


def add(
    workspace: Workspace,
    name: str,
    url: str,
    *,
    mode: EndpointMode = EndpointMode.ON_VERDICT,
    categories: Sequence[str] = (),
    channel: str = "webhook",
    owner: str = "",
    actor: str,
    secret: str = "",
) -> NewEndpoint:
    """Add a receiver.

    Args:
        workspace: what is open.
        name: 1 to 64 characters.
        url: where alerts go; the gate must let it out.
        mode: when it is told.
        categories: what it wants to hear of; empty: every alerting category.
        channel: how it is spoken to.
        owner: who looks after it.
        actor: who adds it.
        secret: a ``whsec_`` secret agreed on before; empty: a fresh one.

    Raises:
        InputError: a field is wrong.
        AddressRefused: the gate does not let the address out.
        ConflictError: the name is taken.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InputError(f"name: 1 to {MAX_NAME_CHARS} printable characters")
    if channel not in discover():
        raise InputError(f"channel: {channel!r} is none of {', '.join(discover())}")
    for category in categories:
        if category not in set(Category):
            raise InputError(f"category: {category!r} is none of {', '.join(Category)}")
    workspace.gate.check_url(url)
    key = secrets.token_hex(12)
    secret = secret or generate_secret()
    parse_secret(secret)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        endpoint = store.add_endpoint(
            tx,
            key=key,
            name=name,
            channel=channel,
            url=url,
            mode=mode,
            categories=categories,
            sealed_secrets=_seal(workspace, key, [secret]),
            owner=owner,
            now=now,
        )
        people.audit(tx, actor=actor, action="endpoint.add", target=f"endpoint:{name}", now=now)
    return NewEndpoint(endpoint, secret)


def list_endpoints(workspace: Workspace) -> list[Endpoint]:
    """By name."""
    with workspace.database.read() as tx:
        return store.all_endpoints(tx)


def states(workspace: Workspace, *, tries: int) -> list[EndpointState]:
    """All endpoints by name, each with its newest tries."""
    with workspace.database.read() as tx:
        waiting = attempts.backlogs(tx)
        return [
            EndpointState(
                endpoint=replace(endpoint, sealed_secrets=b"", url=""),
                address=_shown_address(endpoint.url),
                backlog=waiting.get(endpoint.id, Backlog(0, 0, None)),
                tries=attempts.latest(tx, endpoint.id, limit=tries),
            )
            for endpoint in store.all_endpoints(tx)
        ]


def _shown_address(url: str) -> str:
    parts = urlsplit(url)
    rest = "/…" if parts.path.strip("/") or parts.query or parts.fragment else "/"
    return f"{parts.scheme}://{parts.netloc}{rest}"


def rotate(workspace: Workspace, name: str, *, actor: str) -> NewEndpoint:
    """Give a new secret; the last one signs too until the next rotation."""
    secret = generate_secret()
    with workspace.database.write() as tx:
        endpoint = store.endpoint_by_name(tx, name)
        kept = unseal_secrets(workspace, endpoint)[: SECRETS_KEPT - 1]
        sealed = _seal(workspace, endpoint.key, [secret, *kept])
        store.change_endpoint(tx, endpoint.id, secrets=sealed)
        _audit(workspace, tx, actor, "endpoint.rotate", name)
        return NewEndpoint(store.endpoint_by_name(tx, name), secret)


def disable(workspace: Workspace, name: str, *, reason: str, actor: str) -> Endpoint:
    """Send nothing more there; pending alerts wait. A reason is required."""
    if not reason.strip():
        raise InputError("a reason is required to disable an endpoint")
    return _switch(workspace, name, is_disabled=True, reason=reason.strip(), actor=actor)


def enable(workspace: Workspace, name: str, *, actor: str) -> Endpoint:
    """Send again; alerts that waited are due at once."""
    return _switch(workspace, name, is_disabled=False, reason="", actor=actor)


def _switch(
    workspace: Workspace, name: str, *, is_disabled: bool, reason: str, actor: str
) -> Endpoint:
    with workspace.database.write() as tx:
        endpoint = store.endpoint_by_name(tx, name)
        store.change_endpoint(tx, endpoint.id, is_disabled=is_disabled, disabled_reason=reason)
        action = "endpoint.disable" if is_disabled else "endpoint.enable"
        _audit(workspace, tx, actor, action, name)
        return store.endpoint_by_name(tx, name)


def _audit(workspace: Workspace, tx: Transaction, actor: str, action: str, name: str) -> None:
    now = workspace.database.now()
    people.audit(tx, actor=actor, action=action, target=f"endpoint:{name}", now=now)


def ping(workspace: Workspace, name: str, *, actor: str) -> int:
    """Queue a signed test message; the id of its alert. Raises `ConflictError` when disabled."""
    with workspace.database.write() as tx:
        now = workspace.database.now()
        endpoint = store.endpoint_by_name(tx, name)
        if endpoint.is_disabled:
            raise ConflictError(f"endpoint {name} is disabled: {endpoint.disabled_reason}")
        message_id = webhook_id(endpoint.key, "ping", secrets.token_hex(8))
        body = render(AlertFacts(message_id, AlertKind.ENDPOINT_PING, now))
        draft = AlertDraft(
            endpoint_id=endpoint.id,
            hit_id=None,
            version_id=None,
            policy_id=None,
            kind=AlertKind.ENDPOINT_PING.value,
            webhook_id=message_id,
            body=body,
            score=0.0,
        )
        alert_id = store.create(tx, draft, now=now)
        _audit(workspace, tx, actor, "endpoint.test", name)
    if alert_id is None:
        raise ConflictError("the same ping is queued already")
    return alert_id


def list_alerts(
    workspace: Workspace, *, limit: int = 50, state: str = "", endpoint: str = ""
) -> list[Alert]:
    """The newest first."""
    with workspace.database.read() as tx:
        return store.recent(tx, limit=limit, state=state, endpoint=endpoint)


def alert_detail(workspace: Workspace, alert_id: int) -> AlertDetail:
    """An alert and its attempts; raises `NotFoundError`."""
    with workspace.database.read() as tx:
        return AlertDetail(store.get(tx, alert_id), store.attempts(tx, alert_id))


def replay(workspace: Workspace, alert_ids: Sequence[int], *, actor: str) -> None:
    """Send again under the same webhook ids. Raises `NotFoundError`; all or none."""
    with workspace.database.write() as tx:
        now = workspace.database.now()
        for alert_id in alert_ids:
            store.replay(tx, alert_id, now=now)
            people.audit(
                tx, actor=actor, action="alert.replay", target=f"alert:{alert_id}", now=now
            )


def ping_now(workspace: Workspace, name: str, *, actor: str) -> int:
    """Queue a signed test message and make one attempt at once; the id of its alert.

    Raises:
        NotFoundError: no such endpoint.
        ConflictError: it is disabled.
    """
    alert_id = ping(workspace, name, actor=actor)
    for entry in claim_sends(workspace, limit=1, alert_id=alert_id):
        send_alert(workspace, entry)
    return alert_id
