"""A text that may be stored and shown: as long as the original, without what must not stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from classifiers.contract import Contact, Identifier
from classifiers.text.contacts import find_contacts
from classifiers.text.digits import digit_runs
from classifiers.text.identifiers import find_identifiers
from classifiers.text.normalise import Normalised, fold

__all__ = ["find_and_redact", "find_personal", "redact"]

CUT: Final = "█"


def redact(text: str, contacts: Iterable[Contact], identifiers: Iterable[Identifier]) -> str:
    """The text with identifiers blacked out and contacts masked; its length stays.

    Args:
        text: the original, which all spans refer to.
        contacts: replaced by their masked form; identifiers win where both claim a place.
        identifiers: replaced by full blocks.
    """
    chars = list(text)
    for contact in contacts:
        chars[contact.start : contact.end] = contact.masked
    for identifier in identifiers:
        chars[identifier.start : identifier.end] = CUT * (identifier.end - identifier.start)
    return "".join(chars)


def find_personal(view: Normalised) -> tuple[tuple[Contact, ...], tuple[Identifier, ...]]:
    """Contacts and identifiers of a folded view; what is an identifier is no contact."""
    runs = digit_runs(view)
    identifiers = find_identifiers(view, runs)
    contacts = find_contacts(view, runs)
    if identifiers:
        cut = {
            place for identifier in identifiers for place in range(identifier.start, identifier.end)
        }
        contacts = tuple(c for c in contacts if cut.isdisjoint(range(c.start, c.end)))
    return contacts, identifiers


def find_and_redact(text: str) -> tuple[str, tuple[Contact, ...], tuple[Identifier, ...]]:
    """Find and replace in one go, for short texts that are not assessed (sellers' names)."""
    contacts, identifiers = find_personal(fold(text))
    return redact(text, contacts, identifiers), contacts, identifiers
