"""Every error that crosses a room of the monitor.

The tree::

    MonitorError
    ├── ConfigError            settings or a data directory that cannot work
    ├── InputError             what a person or a file gave cannot be used
    │   ├── NotFoundError      no such keyword, source, hit, ...
    │   └── ConflictError      it exists already, or changed meanwhile
    ├── AddressRefused         the gate does not let this address out
    ├── SourceError            a source's definition or answer cannot be used
    ├── StoreError             the system of record
    │   ├── StoreBusy          another process holds the data directory
    │   ├── StoreInterrupted   the transaction was broken off; trying again may help
    │   └── LeaseLost          the claim expired and was given to someone else
    └── SearchError            the index; what it lacks is added again later

A poll that meets trouble is not an error: it has an `Outcome`
(`monitor.domain.outcome`). Errors are for callers; the CLI prints them as one
line and exits with 2, the API answers them in one shape.
"""

from __future__ import annotations

__all__ = [
    "AddressRefused",
    "ConfigError",
    "ConflictError",
    "InputError",
    "LeaseLost",
    "MonitorError",
    "NotFoundError",
    "SearchError",
    "SourceError",
    "StoreBusy",
    "StoreError",
    "StoreInterrupted",
]


class MonitorError(Exception):
    """The root. Its text is written for the person who reads it."""


class ConfigError(MonitorError):
    """Settings or a data directory that cannot work."""


class InputError(MonitorError):
    """What a person or a file gave cannot be used."""


class NotFoundError(InputError):
    """No such keyword, source, hit, endpoint."""


class ConflictError(InputError):
    """It exists already, or it changed while it was being edited."""


class AddressRefused(MonitorError):
    """The gate does not let this address out."""


class SourceError(MonitorError):
    """A source's definition or answer cannot be used."""


class StoreError(MonitorError):
    """The system of record cannot do it."""


class StoreBusy(StoreError):
    """Another process holds the data directory."""


class StoreInterrupted(StoreError):
    """The transaction was broken off, by a lost connection or by another one in its way.

    Nothing was written (unless the connection was lost during the commit itself);
    trying again may succeed, and leases bring the work back in any case.
    """


class LeaseLost(StoreError):
    """The claim expired and was given to someone else; nothing was written."""


class SearchError(MonitorError):
    """The index cannot do it. Nothing is lost: the outbox adds it again later."""
