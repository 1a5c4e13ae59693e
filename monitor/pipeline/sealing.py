"""Sealing what a hold keeps of a picture: the original, its faces, its writing, each apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.picture import BlobKind
from monitor.media.keys import SealedBlob
from monitor.media.reading import Look
from monitor.pipeline.workspace import Workspace
from monitor.store import evidence
from monitor.store.database import Transaction

__all__ = ["Seal", "keep_sealed", "seal_picture"]

MAX_FACES = 20


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed blob and what is in it."""

    kind: BlobKind
    number: int
    media_type: str
    size: int
    blob: SealedBlob


def seal_picture(workspace: Workspace, body: bytes, look: Look) -> list[Seal]:
    """Seal a picture, each part under a key of its own, before anything is written.

    A seal that is not kept after all leaves a key that opens nothing; `retain` drops it.
    """
    parts = [(BlobKind.ORIGINAL, 0, look.media_type, body)]
    if look.reading.text:
        text = look.reading.text.encode("utf-8", "replace")
        parts.append((BlobKind.TEXT, 0, "text/plain", text))
    parts += [
        (BlobKind.FACE, number, "image/png", face)
        for number, face in enumerate(look.faces[:MAX_FACES], start=1)
    ]
    now = workspace.database.now()
    return [
        Seal(kind, number, media_type, len(part), workspace.evidence_keys.seal(part, now=now))
        for kind, number, media_type, part in parts
    ]


def keep_sealed(
    tx: Transaction, listing_id: int, content_key: str, seals: Sequence[Seal], *, now: datetime
) -> None:
    """Write sealed blobs; what the listing has sealed of this picture stays as it is."""
    for seal in seals:
        evidence.add_blob(
            tx,
            listing_id=listing_id,
            uid=seal.blob.uid,
            key_id=seal.blob.key_id,
            content_key=content_key,
            kind=seal.kind,
            number=seal.number,
            media_type=seal.media_type,
            size=seal.size,
            sealed=seal.blob.sealed,
            now=now,
        )
