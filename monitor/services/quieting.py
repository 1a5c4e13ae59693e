"""What is kept out of the queue: mutes of hits, and sellers that are allowed."""

from __future__ import annotations

from datetime import timedelta

from monitor.domain.casework import AllowedSeller, KeptBack, Mute, MuteKind
from monitor.errors import InputError
from monitor.pipeline.record import reconsider
from monitor.pipeline.workspace import Workspace
from monitor.services.triage import clean_reason
from monitor.store import allowed, hits, mutes, people
from monitor.store.locks import lock_all_sources

__all__ = [
    "MAX_MUTE_DAYS",
    "allow",
    "allow_seller_of",
    "allowed_sellers",
    "end_mute",
    "kept_back",
    "list_mutes",
    "mute",
    "remove_allowed",
]

MAX_MUTE_DAYS = 366
"""A mute has an end: what is never an offer is a matter for the classifier, not for a list."""
BATCH = 200


def mute(
    workspace: Workspace, hit_id: int, kind: MuteKind, *, for_s: float, reason: str, actor: str
) -> Mute:
    """Keep a hit's listing, seller or text out of the queue for a time.

    Muted hits are kept and found by search; they wait for nobody and send nothing, and
    are back when the time is over.

    Args:
        workspace: what is open.
        hit_id: a hit that shows what is meant.
        kind: what of it is muted.
        for_s: seconds, up to `MAX_MUTE_DAYS`.
        reason: why; required.
        actor: who.

    Raises:
        NotFoundError: no such hit.
        InputError: no reason, no fit time, or the hit has no such thing.
    """
    reason = clean_reason(reason)
    length = _length(for_s, "a mute")
    with workspace.database.write() as tx:
        now = workspace.database.now()
        subject_id = mutes.subject_of(tx, hits.get(tx, hit_id), kind)
        found = mutes.add(
            tx, kind, subject_id, reason=reason, actor=actor, expires_at=now + length, now=now
        )
        people.audit(
            tx,
            actor=actor,
            action="mute.add",
            target=f"mute:{found.id}",
            detail={"kind": kind.value, "hits": found.hits, "days": for_s / 86400},
            now=now,
        )
        return found


def end_mute(workspace: Workspace, mute_id: int, *, actor: str) -> Mute:
    """End a mute before its time; one that is over stays as it is. Raises `NotFoundError`."""
    with workspace.database.write() as tx:
        now = workspace.database.now()
        found = mutes.end(tx, mute_id, actor=actor, now=now)
        people.audit(tx, actor=actor, action="mute.end", target=f"mute:{mute_id}", now=now)
        return found


def list_mutes(workspace: Workspace, *, is_all: bool = False, limit: int = 200) -> list[Mute]:
    """Mutes that hold now, the newest first; with `is_all` also those that are over."""
    with workspace.database.read() as tx:
        return mutes.recent(tx, now=workspace.database.now(), is_all=is_all, limit=limit)


def allow_seller_of(
    workspace: Workspace, hit_id: int, *, for_s: float | None = None, reason: str, actor: str
) -> AllowedSeller:
    """`allow` the seller of a hit; raises `InputError` when the seller is not known."""
    with workspace.database.read() as tx:
        seller_id = mutes.subject_of(tx, hits.get(tx, hit_id), MuteKind.SELLER)
    return _allow(workspace, seller_id, for_s=for_s, reason=reason, actor=actor)


def allow(
    workspace: Workspace,
    source: str,
    native_id: str,
    *,
    for_s: float | None = None,
    reason: str,
    actor: str,
) -> AllowedSeller:
    """Assess a seller's listings from now on without ever making a hit of them.

    What is a hit already stays one, for a person to close; it changes and tells no more.

    Args:
        workspace: what is open.
        source: the market.
        native_id: the market's id of the seller.
        for_s: seconds, up to `MAX_MUTE_DAYS`; None: until it is removed.
        reason: why; required.
        actor: who.

    Raises:
        NotFoundError: no listing of this seller is stored.
        ConflictError: the seller is allowed already.
        InputError: no reason, or no fit time.
    """
    with workspace.database.read() as tx:
        seller_id = allowed.find_seller(tx, source, native_id)
    return _allow(workspace, seller_id, for_s=for_s, reason=reason, actor=actor)


def _allow(
    workspace: Workspace, seller_id: int, *, for_s: float | None, reason: str, actor: str
) -> AllowedSeller:
    reason = clean_reason(reason)
    length = None if for_s is None else _length(for_s, "an allowance")
    with workspace.database.write() as tx:
        now = workspace.database.now()
        found = allowed.add(
            tx,
            seller_id,
            reason=reason,
            actor=actor,
            expires_at=now + length if length else None,
            now=now,
        )
        people.audit(
            tx,
            actor=actor,
            action="seller.allow",
            target=f"allowed:{found.id}",
            detail={"source": found.source},
            now=now,
        )
        return found


def remove_allowed(workspace: Workspace, allowed_id: int, *, actor: str) -> AllowedSeller:
    """Allow a seller no longer; what was kept back goes into the queue and tells nobody.

    Raises:
        NotFoundError: no such entry.
        ConflictError: it is over already.
    """
    database = workspace.database
    with database.write() as tx:
        now = database.now()
        found = allowed.remove(tx, allowed_id, actor=actor, now=now)
        people.audit(
            tx, actor=actor, action="seller.disallow", target=f"allowed:{allowed_id}", now=now
        )
    # Cut off here, each page that shows such a listing does the same.
    while True:
        with database.write() as tx:
            lock_all_sources(tx)
            now = database.now()
            freed = allowed.free(tx, allowed_id=allowed_id, limit=BATCH, now=now)
            reconsider(workspace, tx, freed, now=now)
        if len(freed) < BATCH:
            return found


def allowed_sellers(
    workspace: Workspace, *, is_all: bool = False, limit: int = 200
) -> list[AllowedSeller]:
    """Entries that hold now, the newest first; with `is_all` also those that are over."""
    with workspace.database.read() as tx:
        return allowed.recent(tx, now=workspace.database.now(), is_all=is_all, limit=limit)


def kept_back(
    workspace: Workspace, *, allowed_id: int | None = None, limit: int = 100
) -> list[KeptBack]:
    """Listings that would be hits if their sellers were not allowed, the newest first."""
    with workspace.database.read() as tx:
        return allowed.kept_back(tx, allowed_id=allowed_id, limit=limit)


def _length(seconds: float, what: str) -> timedelta:
    if not 0 < seconds <= MAX_MUTE_DAYS * 86400:
        raise InputError(f"{what} lasts more than nothing and at most {MAX_MUTE_DAYS} days")
    return timedelta(seconds=seconds)
