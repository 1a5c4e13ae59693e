"""A watch: a keyword searched in a source at an interval; and the poll of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.domain.outcome import Outcome

__all__ = ["Changes", "Planned", "PollSummary", "SourceRecord", "Watch", "WatchPlan"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as stored: `definition` is the checked content of its TOML file."""

    id: int
    name: str
    kind: str
    definition: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """A keyword searched in a source every `interval_s` seconds.

    Attributes:
        whole_at: end of the newest look that saw and did not stop at what was known.
        hit_at: end of the newest look that found a hit.
        silent_looks: looks that saw, in a row, without a new listing.
    """

    id: int
    keyword_id: int
    term: str
    source_id: int
    source: str
    interval_s: float
    is_paused: bool
    next_poll_at: datetime
    baseline_at: datetime | None
    last_poll_at: datetime | None
    last_outcome: Outcome | None
    failures: int
    whole_at: datetime | None
    hit_at: datetime | None
    silent_looks: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look made of its watch; see `Watch`."""

    outcome: Outcome
    failures: int
    silent_looks: int
    baseline_at: datetime | None
    whole_at: datetime | None
    hit_at: datetime | None


@dataclass(frozen=True, slots=True)
class Planned:
    """The next look of a watch.

    Attributes:
        at: when it is due.
        queued_at: its place among all that are due; None: as `at`.
    """

    at: datetime
    queued_at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """All that one poll needs to know, read at its start."""

    watch: Watch
    keyword_version_id: int
    source: SourceRecord

    @property
    def is_baseline(self) -> bool:
        """Whether no look of this watch ever came to its end: hits then alert nobody."""
        return self.watch.baseline_at is None


@dataclass(frozen=True, slots=True)
class PollSummary:
    """How one look went, as stored in its row."""

    id: int
    watch_id: int | None
    source: str
    term: str
    origin: str
    is_baseline: bool
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    detail: str
    pages: int
    rows: int
    new_listings: int
    changed_listings: int
    hits: int
    total_claimed: int | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
