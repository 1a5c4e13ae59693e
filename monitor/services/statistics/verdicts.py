"""What verdicts say of the classifiers: precision of hits, and misses among clear listings."""

from __future__ import annotations

import json

from classifiers.evaluation.figures import exact_interval, wilson
from monitor.domain.hit import Verdict
from monitor.errors import InputError
from monitor.pipeline.workspace import Workspace
from monitor.services.statistics.answers import Answer, Misses, Precision
from monitor.services.statistics.asking import Asked, check_limit, scope_of
from monitor.store import samples, verdict_counts

__all__ = ["PRECISION_BY", "misses", "precision"]

PRECISION_BY = verdict_counts.GROUPS
"""What precision can be told apart by."""

DIGITS = 4
NOT_SHOWN = "not shown: nobody has judged a listing of the sample; see: monitor sample list"


def precision(workspace: Workspace, asked: Asked, *, by: str, limit: int = 50) -> Answer[Precision]:
    """Precision of the hits found in the scope's time, the most judged first.

    It is that of the hits that people chose to judge, not of all.

    Args:
        workspace: what is open.
        asked: which hits; a category is the hit's most probable one.
        by: one of `PRECISION_BY`; a hit of two keywords counts at both. The model is the
            one whose assessment the hit rests on.
        limit: most rows.

    Raises:
        InputError: the question cannot be read.
    """
    if by not in PRECISION_BY:
        raise InputError(f"by: {by[:64]!r} is none of {', '.join(PRECISION_BY)}")
    check_limit(limit)
    scope = scope_of(workspace, asked)
    with workspace.database.read() as tx:
        found = verdict_counts.verdicts_by(tx, scope, by)
    name = _model_name if by == "model" else str
    rows = [_precision(row, name(row.value)) for row in found]
    return Answer[Precision].over(
        scope, "precision", rows[:limit], left_out=max(0, len(rows) - limit)
    )


def _precision(row: verdict_counts.Verdicts, value: str) -> Precision:
    n = row.confirmed + row.benign
    low, high = wilson(row.confirmed, n)
    return Precision(
        value=value,
        hits=row.hits,
        confirmed=row.confirmed,
        benign=row.benign,
        unsure=row.unsure,
        n=n,
        precision=round(row.confirmed / n, DIGITS) if n else None,
        low=round(low, DIGITS) if n else None,
        high=round(high, DIGITS) if n else None,
    )


def _model_name(parts: str) -> str:
    """Names and versions in one line; what was off says nothing."""
    versions: dict[str, str] = json.loads(parts)
    taking_part = {name: part for name, part in versions.items() if part not in ("off", "none")}
    return " ".join(f"{name}={part}" for name, part in sorted(taking_part.items()))


def misses(workspace: Workspace, asked: Asked) -> Answer[Misses]:
    """How many offers the classifiers called clear, estimated from the judged sample.

    Args:
        workspace: what is open.
        asked: listings first seen in a time, in sources; a clear listing has no category.

    Raises:
        InputError: the question cannot be read.
    """
    if asked.categories:
        raise InputError("category: a clear listing has none; ask without")
    scope = scope_of(workspace, asked)
    with workspace.database.read() as tx:
        said = samples.verdict_counts(tx, scope)
        clear = samples.clear_count(tx, scope)
    missed = said.get(Verdict.CONFIRMED, 0)
    n = missed + said.get(Verdict.BENIGN, 0)
    low, high = exact_interval(missed, n)
    row = Misses(
        n=n,
        missed=missed,
        unsure=said.get(Verdict.UNSURE, 0),
        share=round(missed / n, DIGITS) if n else None,
        low=round(low, DIGITS) if n else None,
        high=round(high, DIGITS) if n else None,
        clear=clear,
        missed_low=round(clear * low, 1) if n else None,
        missed_high=round(clear * high, 1) if n else None,
    )
    return Answer[Misses].over(scope, "misses", [row], note="" if n else NOT_SHOWN)
