"""What goes wrong in a database, as errors of the store: clear, and without anybody's data.

Drivers quote values and rows in their messages; only the server's own first
sentence is passed on, and the driver's error is not chained.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import StoreError, StoreInterrupted

__all__ = ["StoreFault", "is_passing", "reason_of", "store_error"]

StoreFault = (DBAPIError, PoolTimeout)
"""What the engine raises when a database fails it."""

PASSING_STATES = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # a lock was not to be had in time
    "57P01",  # the server shuts down
    "57P02",  # the server crashed
    "57P03",  # the server starts up
    "53300",  # too many connections
    "25P03",  # idle in transaction for too long
}
CONNECTION_CLASS = "08"
DATA_CLASS = "22"
"""Of errors about a value, which the server may quote."""


def store_error(error: Exception, doing: str) -> Exception:
    """The error to raise instead.

    Args:
        error: one of `StoreFault`.
        doing: what was tried: "the store cannot write".

    Returns:
        A `StoreInterrupted` when trying again may help, another `StoreError`, or the
        error itself when the program is at fault (a constraint, a statement).
    """
    if isinstance(error, IntegrityError | ProgrammingError):
        return error
    kind = StoreInterrupted if is_passing(error) else StoreError
    return kind(f"{doing}: {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """The first sentence of what the database said, but for sentences that quote a value."""
    original = error.orig if isinstance(error, DBAPIError) else error
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    said = str(primary or str(original).partition("\n")[0])
    state = getattr(original, "sqlstate", None) or ""
    quotes_value = state.startswith(DATA_CLASS) and '"' in said
    return f"a value does not fit ({state})" if quotes_value else said


def is_passing(error: Exception) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return state in PASSING_STATES or state.startswith(CONNECTION_CLASS)
    if error.connection_invalidated:
        return True
    text = str(error.orig)
    return "connection" in text or "locked" in text
