"""A keyword: what analysts search for and what the lexicon matches. Versions never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Keyword", "KeywordDraft", "Severity"]


class Severity(StrEnum):
    """How urgent a hit of this keyword is for triage."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class KeywordDraft:
    """What a person decides about a keyword.

    Attributes:
        term: as typed into a search box, 1 to 100 characters.
        category: a `classifiers.contract.Category` value.
        language: ISO 639-1.
        severity: urgency for triage.
        weight: evidence that one mention adds, 0 < weight <= 3 (log-odds).
        search: whether watches may search for it; else it is only matched in texts.
        sources: names of the sources that are searched for it.
        owner: who looks after it.
        reason: why it is here.
        expires_at: aware UTC after which it is neither searched nor matched, or None.
    """

    term: str
    category: str
    language: str = "zh"
    severity: Severity = Severity.MEDIUM
    weight: float = 1.5
    search: bool = True
    sources: tuple[str, ...] = ()
    owner: str = ""
    reason: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Keyword:
    """One version of a keyword.

    Attributes:
        id: the keyword's id, the same over its versions.
        version: 1, 2, 3 ...
        version_id: the store's id of this version.
        draft: what was decided.
        created_at: when this version was written.
        created_by: who wrote it.
        action: ``"add"``, ``"edit"``, ``"retire"`` or ``"revive"``.
        retired_at: when the keyword was retired, or None.
    """

    id: int
    version: int
    version_id: int
    draft: KeywordDraft
    created_at: datetime
    created_by: str
    action: str
    retired_at: datetime | None = None

    @property
    def term(self) -> str:
        """The word itself."""
        return self.draft.term

    def is_active(self, now: datetime) -> bool:
        """Whether it is searched and matched at `now`."""
        expires = self.draft.expires_at
        return self.retired_at is None and (expires is None or expires > now)
