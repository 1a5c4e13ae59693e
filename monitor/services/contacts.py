"""Sellers' contacts: searched without being shown, shown only by an audited act."""

from __future__ import annotations

from typing import Any

from classifiers.contract import ContactKind
from classifiers.text.normalise import fold
from classifiers.text.redact import find_and_redact
from monitor.errors import InputError
from monitor.pipeline.masking import masked
from monitor.pipeline.workspace import Workspace
from monitor.store import contacts, people

__all__ = ["reveal", "search"]

MAX_REASON_CHARS = 2000


def search(workspace: Workspace, value: str, *, kind: str = "") -> list[dict[str, Any]]:
    """Contacts equal to `value`, masked, each with the hits that name it.

    Args:
        workspace: what is open.
        value: as a seller writes it (``加V: abc_123``) or the bare account.
        kind: only of this kind (``wechat``, ``qq``, ...); empty: of any.

    Raises:
        InputError: nothing to search for, or no such kind.
    """
    if kind and kind not in set(ContactKind):
        raise InputError(f"kind: {kind!r} is none of {', '.join(ContactKind)}")
    found = {contact.value for contact in find_and_redact(value)[1]}
    meant = found | {value.strip(), fold(value).text.strip()}
    keys = {workspace.keyring.digest("contact", one) for one in meant if one}
    if not keys:
        raise InputError("say which contact is searched for")
    with workspace.database.read() as tx:
        return contacts.find(tx, keys, kind=kind)


def reveal(workspace: Workspace, contact_id: int, *, reason: str, actor: str) -> str:
    """A contact in the clear; the audit log says who saw it and why.

    Raises:
        NotFoundError: no such contact.
        InputError: no reason.
        ConfigError: the keys are not those that it was sealed with.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise InputError("a reason is required to reveal a contact")
    if len(reason) > MAX_REASON_CHARS:
        raise InputError(f"the reason is longer than {MAX_REASON_CHARS:,} characters")
    with workspace.database.write() as tx:
        kind, value = contacts.sealed(tx, contact_id)
        shown = workspace.keyring.unseal("contact", value, kind).decode()
        people.audit(
            tx,
            actor=actor,
            action="contact.reveal",
            target=f"contact:{contact_id}",
            detail={"reason": masked(reason)},
            now=workspace.database.now(),
        )
    return shown
