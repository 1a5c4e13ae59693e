"""Banks of known pictures: what an operator judged bad or good, by fingerprint (PDQ).

A picture that is given is looked at and forgotten: only its fingerprint is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.images.decode import decode
from classifiers.images.known import Bank, BankError, Entry, fingerprint
from classifiers.images.picture import Refused
from monitor.domain.picture import KnownPicture
from monitor.errors import ConflictError, InputError
from monitor.pipeline.workspace import Workspace
from monitor.store import known_pictures, people

__all__ = ["MAX_ENTRIES", "Added", "add", "all_known", "fingerprint_of", "remove"]

MAX_ENTRIES = 1_000_000
"""A bank of so many takes 32 MB of memory and about 40 ms a picture."""
MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding entries.

    Attributes:
        added: new ones.
        known: those that were known alike before.
    """

    added: int
    known: int


def fingerprint_of(content: bytes) -> str:
    """The fingerprint of a picture's file.

    Raises:
        InputError: it is no picture that can be read, or too plain to be told from others.
    """
    picture = decode(content)
    if isinstance(picture, Refused):
        raise InputError(f"the picture cannot be read: {picture.reason.value}")
    found = fingerprint(picture.pixels)
    if not found.is_good:
        raise InputError(
            f"the picture is too plain (quality {found.quality} of 100): "
            "its fingerprint would be that of many others"
        )
    return found.value


def add(workspace: Workspace, entries: Sequence[Entry], *, actor: str) -> Added:
    """Judge pictures; all are added, or none.

    Raises:
        InputError: an entry is not as it must be.
        ConflictError: a fingerprint is known with the other label.
    """
    if not entries:
        raise InputError("there is no entry in it")
    if len(entries) > MAX_ENTRIES:
        raise InputError(f"more than {MAX_ENTRIES:,} entries")
    now = workspace.database.now()
    fresh: dict[str, KnownPicture] = {}
    for given, label, called in entries:
        value, name = given.lower(), _name(called)
        known = KnownPicture(0, value, label, name, actor, now)
        if fresh.setdefault(value, known).label != label:
            raise ConflictError(f"{value} stands there as bad and as good")
    try:
        Bank([(each.fingerprint, each.label, each.name) for each in fresh.values()])
    except BankError as error:
        raise InputError(str(error)) from None
    with workspace.database.write() as tx:
        before = known_pictures.labels(tx, list(fresh))
        for value, label in before.items():
            if label != fresh[value].label:
                raise ConflictError(f"{value} is known as {label}: remove that entry first")
        new = [each for each in fresh.values() if each.fingerprint not in before]
        known_pictures.add(tx, new)
        if new:
            detail = {"entries": len(new), "label": new[0].label, "name": new[0].name}
            people.audit(
                tx,
                actor=actor,
                action="known_picture.add",
                target=f"picture:{new[0].fingerprint}",
                detail=detail,
                now=now,
            )
    return Added(len(new), len(entries) - len(new))


def remove(workspace: Workspace, known_id: int, *, actor: str) -> KnownPicture:
    """Forget a judgement; raises `NotFoundError`. What was read before stays as it was read."""
    with workspace.database.write() as tx:
        gone = known_pictures.remove(tx, known_id)
        people.audit(
            tx,
            actor=actor,
            action="known_picture.remove",
            target=f"picture:{gone.fingerprint}",
            detail={"label": gone.label, "name": gone.name},
            now=workspace.database.now(),
        )
    return gone


def all_known(workspace: Workspace) -> list[KnownPicture]:
    """All entries, first added first."""
    with workspace.database.read() as tx:
        return known_pictures.all_known(tx)


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable() or "#" in name:
        raise InputError(f"a name has 1 to {MAX_NAME_CHARS} printable characters and no #")
    return name
