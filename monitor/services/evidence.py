"""Evidence under hold: kept sealed for a named person, seen for a reason, erased for good.

Without a hold nothing of a picture is kept that a victim could be known by. See
`docs/explanation/pictures.md` for what is promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.domain.picture import EvidenceBlob, EvidenceHold, PictureContent
from monitor.errors import InputError
from monitor.media.keys import SealedBlob
from monitor.pipeline.masking import masked
from monitor.pipeline.picture_gate import PICTURES
from monitor.pipeline.tombstones import replay
from monitor.pipeline.workspace import Workspace
from monitor.store import evidence, listings, outbox, people, pictures
from monitor.store.database import Transaction
from monitor.store.locks import lock_all_sources, lock_source_of_listing

__all__ = [
    "MAX_HOLD_DAYS",
    "ListingEvidence",
    "acknowledge",
    "erase_listings",
    "erase_picture",
    "erase_seller",
    "hold",
    "holds",
    "notices",
    "of_listing",
    "release",
    "rotate",
    "thumbnail",
    "view",
]

MAX_REASON_CHARS = 2000
MAX_PERSON_CHARS = 100
MAX_HOLD_DAYS = 3650


@dataclass(frozen=True, slots=True)
class ListingEvidence:
    """What is kept of one listing's pictures.

    Attributes:
        pictures: what was learnt of each picture, once.
        addresses: how many pictures the listing showed.
        lost: by reason, how many of them could not be had.
        hold: the hold that lasts longest, or None.
        blobs: what is sealed.
        notices: duty notices about the listing.
    """

    pictures: list[PictureContent]
    addresses: int
    lost: dict[str, int]
    hold: EvidenceHold | None
    blobs: list[EvidenceBlob]
    notices: list[dict[str, Any]]


def of_listing(workspace: Workspace, listing_id: int) -> ListingEvidence:
    """All there is of a listing's pictures."""
    with workspace.database.read() as tx:
        addresses = pictures.addresses(tx, listing_id)
        lost: dict[str, int] = {}
        for address in addresses:
            if address.content_key is None and address.outcome:
                lost[address.outcome.value] = lost.get(address.outcome.value, 0) + 1
        return ListingEvidence(
            pictures=pictures.contents_of_listing(tx, listing_id),
            addresses=len(addresses),
            lost=lost,
            hold=evidence.hold_of(tx, listing_id, now=workspace.database.now()),
            blobs=evidence.blobs(tx, listing_id),
            notices=evidence.notices(tx, listing_id=listing_id),
        )


def thumbnail(workspace: Workspace, picture_id: int) -> bytes:
    """The redacted thumbnail, a JPEG; raises `NotFoundError` when none is kept."""
    with workspace.database.read() as tx:
        return pictures.thumbnail(tx, picture_id)


def hold(
    workspace: Workspace, hit_id: int, *, person: str, basis: str, days: int, actor: str
) -> EvidenceHold:
    """Keep the originals of a hit's listing from now on, and fetch those it shows.

    Args:
        workspace: what is open.
        hit_id: whose listing.
        person: who answers for it, by name.
        basis: on what basis, such as a case number.
        days: until it ends.
        actor: who does this.

    Raises:
        NotFoundError: no such hit.
        InputError: no person, no basis, no sensible end, or no place for the keys.
    """
    person, basis = _said(person, "a person's name", MAX_PERSON_CHARS), _reason(basis, "a basis")
    if not 1 <= days <= MAX_HOLD_DAYS:
        raise InputError(f"days: 1 to {MAX_HOLD_DAYS:,}")
    if not workspace.database.is_sqlite and not workspace.settings.evidence_keys_file:
        raise InputError(
            "MONITOR_EVIDENCE_KEYS_FILE: name a file that all machines share, "
            "so that what one of them seals the others can read and erase"
        )
    with workspace.database.write() as tx:
        now = workspace.database.now()
        listing_id = listings.of_hit(tx, hit_id)
        lock_source_of_listing(tx, listing_id)
        made = evidence.add_hold(
            tx,
            listing_id,
            person=person,
            basis=basis,
            ends_at=now + timedelta(days=days),
            actor=actor,
            now=now,
        )
        outbox.request(tx, PICTURES, listing_id, now=now)
        detail = {"hold": made.id, "ends_at": made.ends_at.isoformat()}
        _audit(tx, actor, "evidence.hold", f"hit:{hit_id}", detail, now)
    return made


def holds(workspace: Workspace, *, only_active: bool = True) -> list[EvidenceHold]:
    """Holds, the one that ends first first."""
    with workspace.database.read() as tx:
        active_at = workspace.database.now() if only_active else None
        return evidence.holds(tx, active_at=active_at)


def release(workspace: Workspace, hold_id: int, *, reason: str, actor: str) -> int:
    """End a hold now; what no other hold keeps is erased; how many sealed blobs that were.

    Raises:
        NotFoundError: no such hold, or it is over.
        InputError: no reason.
    """
    reason = _reason(reason, "a reason")
    with workspace.database.write() as tx:
        now = workspace.database.now()
        released = evidence.release(tx, hold_id, now=now)
        detail = {"reason": reason}
        _audit(tx, actor, "evidence.release", f"hold:{hold_id}", detail, now)
        if evidence.hold_of(tx, released.listing_id, now=now) is not None:
            return 0
        uids = [blob.uid for blob in evidence.blobs(tx, released.listing_id)]
        workspace.evidence_keys.destroy(uids)
        return evidence.erase_blobs(tx, uids)


def view(
    workspace: Workspace, blob_id: int, *, reason: str, actor: str
) -> tuple[EvidenceBlob, bytes]:
    """A sealed original, face or text in the clear; the audit log says who saw it and why.

    Raises:
        NotFoundError: no such blob.
        InputError: no reason, the hold is over, or the key is gone.
    """
    reason = _reason(reason, "a reason")
    with workspace.database.write() as tx:
        now = workspace.database.now()
        blob, sealed = evidence.sealed(tx, blob_id)
        if evidence.hold_of(tx, blob.listing_id, now=now) is None:
            raise InputError("the hold on this listing is over: what it kept is not shown any more")
        content = workspace.evidence_keys.unseal(SealedBlob(blob.uid, blob.key_id, sealed))
        detail = {"reason": reason, "kind": blob.kind.value}
        _audit(tx, actor, "evidence.view", f"blob:{blob_id}", detail, now)
    return blob, content


def erase_picture(workspace: Workspace, picture_id: int, *, reason: str, actor: str) -> int:
    """Erase one picture, whichever listings show it; how many pictures and sealed blobs.

    Raises:
        NotFoundError: no such picture.
        InputError: no reason.
    """
    with workspace.database.read() as tx:
        keys = {pictures.key_of_content(tx, picture_id)}
    return _erase(workspace, keys, (), f"picture:{picture_id}", reason, actor)


def erase_listings(workspace: Workspace, hit_ids: Sequence[int], *, reason: str, actor: str) -> int:
    """Erase all pictures of hits' listings; those not opened yet stay closed."""
    with workspace.database.read() as tx:
        found = [listings.of_hit(tx, hit_id) for hit_id in hit_ids]
        keys = pictures.keys_of_listings(tx, found)
    named = ",".join(str(hit_id) for hit_id in hit_ids)
    return _erase(workspace, keys, found, f"hit:{named}", reason, actor)


def erase_seller(workspace: Workspace, seller_id: int, *, reason: str, actor: str) -> int:
    """Erase all pictures of a seller's listings; those not opened yet stay closed."""
    with workspace.database.read() as tx:
        found = listings.of_seller(tx, seller_id)
        keys = pictures.keys_of_listings(tx, found)
    return _erase(workspace, keys, found, f"seller:{seller_id}", reason, actor)


def rotate(workspace: Workspace, *, actor: str) -> int:
    """Seal everything under hold anew, under fresh keys; how many blobs.

    The old keys open backups until no backup from before may exist any more; then
    `retain` destroys them.
    """
    keys, done = workspace.evidence_keys, 0
    with workspace.database.read() as tx:
        ids = evidence.blob_ids(tx)
    for blob_id in ids:
        with workspace.database.write() as tx:
            now = workspace.database.now()
            found = evidence.sealed_if_there(tx, blob_id)
            if found is None:
                continue
            blob, sealed = found
            content = keys.unseal(SealedBlob(blob.uid, blob.key_id, sealed))
            fresh = keys.seal(content, now=now, uid=blob.uid)
            evidence.change_seal(tx, blob, key_id=fresh.key_id, sealed=fresh.sealed)
        # Only now: before the commit the old key is the one that opens the store.
        keys.retire(blob.key_id, now=now)
        done += 1
    with workspace.database.write() as tx:
        now = workspace.database.now()
        _audit(tx, actor, "evidence.rotate", "store", {"blobs": done}, now)
    workspace.database.empty_log()
    return done


def notices(workspace: Workspace, *, only_open: bool = True) -> list[dict[str, Any]]:
    """Duty notices: a picture showed signs that stopped its processing."""
    with workspace.database.read() as tx:
        found = evidence.notices(tx)
    return [row for row in found if not only_open or row["acknowledged_at"] is None]


def acknowledge(workspace: Workspace, notice_id: int, *, actor: str) -> None:
    """Say that somebody has taken note; raises `NotFoundError` when there is nothing open."""
    with workspace.database.write() as tx:
        now = workspace.database.now()
        evidence.acknowledge(tx, notice_id, actor=actor, now=now)
        _audit(tx, actor, "notice.acknowledge", f"notice:{notice_id}", {}, now)


def _erase(
    workspace: Workspace,
    content_keys: set[str],
    listing_ids: Sequence[int],
    target: str,
    reason: str,
    actor: str,
) -> int:
    """Keys and tombstones first: killed at any line after, the next start ends it."""
    reason = _reason(reason, "a reason")
    with workspace.database.write() as tx:
        # Nobody seals more of these pictures between the list of blobs and the tombstones.
        lock_all_sources(tx)
        now = workspace.database.now()
        pictures.close_unopened(tx, listing_ids)
        uids = evidence.uids_of(tx, content_keys)
        workspace.evidence_keys.bury(sorted(content_keys), sorted(uids), now=now)
        detail = {"reason": reason, "pictures": len(content_keys)}
        _audit(tx, actor, "evidence.erase", target, detail, now)
    return replay(workspace.database, workspace.evidence_keys, waiting_only=True)


def _audit(
    tx: Transaction, actor: str, action: str, target: str, detail: dict[str, Any], now: datetime
) -> None:
    people.audit(tx, actor=actor, action=action, target=target, detail=detail, now=now)


def _reason(text: str, what: str) -> str:
    # People paste what they saw.
    return masked(_said(text, what, MAX_REASON_CHARS))


def _said(text: str, what: str, limit: int) -> str:
    text = " ".join(text.split())
    if not text:
        raise InputError(f"{what} is required")
    if len(text) > limit:
        raise InputError(f"{what}: longer than {limit:,} characters")
    return text
