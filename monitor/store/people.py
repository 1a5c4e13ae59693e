"""Users, tokens, policies and the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from monitor.store import tables as t
from monitor.store.database import Transaction
from monitor.store.writing import insert_missing

__all__ = ["add_token", "audit", "audit_entries", "policy_for", "put_policies", "user_of_token"]


def add_token(
    tx: Transaction, *, user: str, role: str, name: str, token_key: str, now: datetime
) -> None:
    """Keep the keyed digest of a token; revoke the user's earlier one of the same name."""
    u, k = t.user, t.token
    insert_missing(tx, u, [{"name": user, "role": role, "created_at": now}], ["name"])
    user_id = tx.execute(select(u.c.id).where(u.c.name == user).with_for_update()).scalar_one()
    tx.execute(
        update(k)
        .where(k.c.user_id == user_id, k.c.name == name, k.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    tx.execute(insert(k).values(user_id=user_id, name=name, token_key=token_key, created_at=now))


def user_of_token(tx: Transaction, token_key: str) -> tuple[str, str] | None:
    """(name, role) of the holder of a live token, or None."""
    u, k = t.user, t.token
    row = tx.execute(
        select(u.c.name, u.c.role)
        .join(k, k.c.user_id == u.c.id)
        .where(k.c.token_key == token_key, k.c.revoked_at.is_(None))
    ).first()
    return (row.name, row.role) if row else None


def audit(
    tx: Transaction,
    *,
    actor: str,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Append to the log; `detail` holds no personal data."""
    tx.execute(
        insert(t.audit_entry).values(
            at=now, actor=actor, action=action, object=target[:200], detail=dict(detail or {})
        )
    )


def audit_entries(tx: Transaction, *, limit: int) -> list[dict[str, Any]]:
    """The newest first."""
    a = t.audit_entry
    rows = tx.execute(select(a).order_by(a.c.id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


def put_policies(tx: Transaction, policies: Sequence[Mapping[str, str]]) -> None:
    """Add policies that are not there yet (name, category, title, basis)."""
    insert_missing(tx, t.policy, list(policies), ["name"])


def policy_for(tx: Transaction, category: str) -> tuple[int, str] | None:
    """(id, title) of the policy that a category rests on, or None."""
    p = t.policy
    row = tx.execute(select(p.c.id, p.c.title).where(p.c.category == category).limit(1)).first()
    return (row.id, row.title) if row else None
