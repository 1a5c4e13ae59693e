"""What is erased when, what is kept, since when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.pipeline.captures_folder import refused_captures
from monitor.pipeline.retain import Erased, erase, foresee
from monitor.pipeline.workspace import Workspace
from monitor.store import kept, people

__all__ = ["Erased", "Kept", "report", "run"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept.

    Attributes:
        what: its name.
        count: how many.
        since: when the oldest one was last seen or was made; None without any.
        why: for how long, and what for.
    """

    what: str
    count: int
    since: datetime | None
    why: str


def run(workspace: Workspace, *, actor: str, is_dry: bool) -> Erased:
    """Erase what is past its time, or say what that would be."""
    if is_dry:
        return foresee(workspace)
    done = erase(workspace)
    if done != Erased():
        with workspace.database.write() as tx:
            people.audit(
                tx,
                actor=actor,
                action="retain.run",
                target="store",
                detail={
                    "listings": done.listings,
                    "hits": done.hits,
                    "pictures": done.pictures,
                    "evidence": done.evidence,
                },
                now=workspace.database.now(),
            )
    return done


def report(workspace: Workspace) -> list[Kept]:
    """All that is kept."""
    settings = workspace.settings
    reasons = {
        "clear listings": f"texts go {settings.keep_clear_days} days after they were last seen; "
        f"{settings.keep_sample_percent} % stay, drawn at random, to measure what is missed",
        "erased listings": "key and keyed digest only, so that they are not new when seen again",
        "hits": f"go {settings.keep_hit_days} days after they were last seen or changed",
        "pictures": "findings and redacted thumbnails; go with the last hit or listing that "
        "shows them",
        "erased pictures": "keyed digest only, so that they are never kept again",
        "known pictures": "fingerprints that an operator added; stay until they are removed",
        "evidence": "sealed originals, faces and texts; go when the hold on their listing ends",
        "verdicts": "go with their hit",
        "notes": "go with their hit",
        "snapshots": "what a hit showed; go with their hit",
        "contacts": "encrypted; go with the last text that names them",
        "sellers": "go with their last listing",
        "text families": "keyed hashes to find re-written texts by; go with their last text",
        "alerts": "words go with their hit; that they were sent stays",
        "polls": "stay: they prove what was looked at and hold no listing",
        "audit entries": "stay: who did what",
    }
    with workspace.database.read() as tx:
        found = kept.kept(tx)
    rows = [Kept(what, *found[what], why) for what, why in reasons.items()]
    refused = refused_captures(settings)
    since = min(refused.values(), default=None)
    days = settings.keep_capture_days
    why = f"erased when they were taken in; what could not be stays {days} days, to be looked at"
    rows.append(Kept("captures", len(refused), since, why))
    why = "never kept without a hold: they live in memory while they are read"
    return [*rows, Kept("original pictures", 0, None, why)]
