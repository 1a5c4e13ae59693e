"""Locks that make transactions of many processes wait in one order.

SQLite has one writer, so there is nothing to do there. On PostgreSQL two
transactions that touch the same rows in different orders would kill each other.
Whoever writes listings of a source therefore first takes that source's lock:
there is one writer per source, and as many as there are sources in all, which is
no loss, since a source is asked page by page anyway. The locks end with the
transaction.
"""

from __future__ import annotations

from sqlalchemy import Integer, cast, func, select

from monitor.store import tables as t
from monitor.store.database import Transaction

__all__ = [
    "lock_all_sources",
    "lock_families",
    "lock_keywords",
    "lock_source",
    "lock_source_of_listing",
]

# First halves of the advisory locks' keys; any numbers that nobody else uses.
_ALL_SOURCES, _SOURCE, _KEYWORDS, _FAMILIES = 7301, 7302, 7303, 7304


def lock_source(tx: Transaction, source_id: int) -> None:
    """Be the only writer of this source's listings, hits and circuits."""
    if tx.dialect.name == "postgresql":
        tx.execute(
            select(
                func.pg_advisory_xact_lock_shared(_ALL_SOURCES, 0),
                func.pg_advisory_xact_lock(_SOURCE, source_id),
            )
        )


def lock_source_of_listing(tx: Transaction, listing_id: int) -> None:
    """`lock_source` for the source that a listing belongs to."""
    if tx.dialect.name == "postgresql":
        tx.execute(
            select(
                func.pg_advisory_xact_lock_shared(_ALL_SOURCES, 0),
                func.pg_advisory_xact_lock(_SOURCE, cast(t.listing.c.source_id, Integer)),
            ).where(t.listing.c.id == listing_id)
        )


def lock_all_sources(tx: Transaction) -> None:
    """Wait until nobody writes listings of any source, and let nobody begin; keep it short."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_ALL_SOURCES, 0)))


def lock_keywords(tx: Transaction) -> None:
    """Be the only writer of keywords, so that version ids grow in the order of commits."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_KEYWORDS, 0)))


def lock_families(tx: Transaction) -> None:
    """Be the only one who founds families of texts; taken after the source's lock.

    Only pages with a likely listing that is new need it, which most are not.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_FAMILIES, 0)))
