"""Text and pictures together: one assessment of a version, stored like any other."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from classifiers.contract import Category, Decision, PictureEvidence
from monitor.domain.listing import AssessmentDraft
from monitor.domain.picture import ContentState, PictureContent
from monitor.pipeline.workspace import Workspace
from monitor.store import assessments
from monitor.store.database import Transaction

__all__ = ["fuse_stored", "stored_evidence"]

MOST_LOG_ODDS = 8.0
"""Neither text nor pictures are ever certain."""
SILENCE_LOG_ODDS = -3.0
"""A clean text is no proof against what its pictures show: sellers clean titles."""


def stored_evidence(item: PictureEvidence) -> dict[str, Any]:
    """A picture's reason as it is stored, JSON values only."""
    return {
        "signal": item.signal,
        "term": item.term,
        "why": item.why,
        "weight": item.weight,
        "category": item.category.value if item.category else None,
        "boxes": [[box.left, box.top, box.right, box.bottom] for box in item.boxes],
    }


def fuse_stored(
    workspace: Workspace,
    tx: Transaction,
    version_id: int,
    contents: Sequence[PictureContent],
    *,
    now: datetime,
) -> bool:
    """Write an assessment of text and pictures; the newest one decides.

    Returns:
        Whether one was written: it is not when nothing was learnt since the last.
    """
    text, newest = assessments.of_text(tx, version_id), assessments.newest(tx, version_id)
    if text is None or newest is None:
        return False
    is_erased = any(content.state is ContentState.ERASED for content in contents)
    if is_erased and assessments.PICTURES in newest.model:
        # What it said still explains the decision that it led to.
        return False
    seen = [content for content in contents if content.state is ContentState.KEPT]
    key = _digest(text.model_key, *(f"{each.content_key}:{each.model_key}" for each in seen))
    if newest.model.get(assessments.PICTURES, "" if seen else key) == key:
        return False
    # What was fused before may have to decide again: never twice under one name.
    draft = _fused(workspace, text, seen, key, _digest(key, str(newest.id)))
    assessments.add(tx, version_id, draft, now=now)
    return True


def _fused(
    workspace: Workspace,
    text: assessments.Stored,
    seen: Sequence[PictureContent],
    key: str,
    model_key: str,
) -> AssessmentDraft:
    found = [
        {**item, "start": 0, "end": 0, "shown": "", "source": None, "picture": content.id}
        for content in seen
        for item in content.evidence
    ]
    categories = _categories(text.categories, found)
    return AssessmentDraft(
        model_key=model_key,
        score=max(categories.values(), default=0.0),
        decision=_decide(workspace, categories).value,
        intent=text.intent,
        categories=categories,
        evidence=sorted([*text.evidence, *found], key=lambda item: -abs(item["weight"])),
        identifiers=text.identifiers,
        offer=text.offer,
        model={**text.model, assessments.PICTURES: key},
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _categories(before: dict[str, float], found: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Log-odds of the text, moved by the strongest finding of each kind.

    Ten pictures of one card are no ten times better proof than one of them.
    """
    strongest: dict[tuple[str, str | None], float] = {}
    for item in found:
        kind = (item["term"], item["category"])
        if abs(item["weight"]) > abs(strongest.get(kind, 0.0)):
            strongest[kind] = item["weight"]
    general = sum(weight for (_, category), weight in strongest.items() if category is None)
    after = {}
    for name, probability in before.items():
        own = sum(weight for (_, category), weight in strongest.items() if category == name)
        start = _log_odds(probability)
        if own > 0:
            start = max(start, SILENCE_LOG_ODDS)
        after[name] = _probability(start + general + own)
    return after


def _log_odds(probability: float) -> float:
    least = _probability(-MOST_LOG_ODDS)
    bounded = min(max(probability, least), 1.0 - least)
    return math.log(bounded / (1.0 - bounded))


def _probability(log_odds: float) -> float:
    bounded = min(max(log_odds, -MOST_LOG_ODDS), MOST_LOG_ODDS)
    return 1.0 / (1.0 + math.exp(-bounded))


def _decide(workspace: Workspace, categories: dict[str, float]) -> Decision:
    thresholds = workspace.judging.thresholds
    decisions = {thresholds.decide(Category(name), score) for name, score in categories.items()}
    order = (Decision.HIT, Decision.REVIEW)
    return next((decision for decision in order if decision in decisions), Decision.CLEAR)
