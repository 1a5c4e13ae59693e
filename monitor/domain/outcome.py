"""How a poll ended. An outcome, not an exception, describes a poll (design 3.3)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Outcome"]


class Outcome(StrEnum):
    """The result of one look at a source.

    `OK`, `EMPTY` and `RELATED_ONLY` say something about what is on offer; all others
    say that we did not (fully) see.
    """

    OK = "ok"
    EMPTY = "empty"
    """A true zero: the list was there and held nothing."""
    RELATED_ONLY = "related_only"
    """The market had no match and filled the page with recommendations."""
    SUPPRESSED = "suppressed"
    """A sudden zero for a keyword that had results while a control keyword has some."""
    PARTIAL = "partial"
    """Some pages were read, then trouble stopped the look."""
    RATE_LIMITED = "rate_limited"
    TOKEN_STALE = "token_stale"  # noqa: S105 - an outcome, not a secret
    LOGIN_REQUIRED = "login_required"
    CHALLENGED = "challenged"
    """A captcha or another demand for a human. We stop; we never solve it."""
    PREVIEW_UNAVAILABLE = "preview_unavailable"
    NOT_FOUND = "not_found"
    SCHEMA_CHANGED = "schema_changed"
    """An answer arrived but the parser no longer fits it."""
    TRANSPORT_ERROR = "transport_error"
    QUARANTINED = "quarantined"
    """The page killed the process that read it, again and again; its watch is paused."""
    BUDGET_SPENT = "budget_spent"
    """The host had as many requests today as we allow ourselves; nobody was asked."""
    DISALLOWED = "disallowed"
    """robots.txt, the gate or a setting forbids the look."""

    @property
    def has_seen(self) -> bool:
        """Whether the look saw the whole answer, so that "not in it" means something."""
        return self in (Outcome.OK, Outcome.EMPTY, Outcome.RELATED_ONLY)

    @property
    def is_block(self) -> bool:
        """Whether the source refused us: its circuit opens."""
        return self in (Outcome.CHALLENGED, Outcome.LOGIN_REQUIRED, Outcome.RATE_LIMITED)
