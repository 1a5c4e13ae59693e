"""Text and pictures together: one assessment of a version, stored like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from classifiers.contract import (
    Assessment,
    Box,
    Category,
    Decision,
    Evidence,
    Intent,
    PictureClass,
    PictureEvidence,
    PictureReading,
)
from classifiers.fusion import FUSION_VERSION, fuse
from monitor.domain.listing import AssessmentDraft
from monitor.domain.picture import ContentState, PictureContent
from monitor.pipeline.workspace import Workspace
from monitor.store import assessments
from monitor.store.database import Transaction

__all__ = ["fuse_stored", "stored_evidence"]


def stored_evidence(item: PictureEvidence) -> dict[str, Any]:
    """A picture's reason as it is stored, JSON values only."""
    return {
        "signal": item.signal,
        "term": str(item.term),
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
    states = {content.state for content in contents}
    if ContentState.ERASED in states and assessments.PICTURES in newest.model:
        # What it said still explains the decision that it led to.
        return False
    seen = [f"{each.content_key}:{each.model_key}" for each in contents]
    key = _digest(FUSION_VERSION, text.model_key, *seen)
    is_plain = ContentState.KEPT not in states
    if newest.model.get(assessments.PICTURES, key if is_plain else "") == key:
        return False
    # What was fused before may have to decide again: never twice under one name.
    draft = _fused(workspace, text, contents, key, _digest(key, str(newest.id)))
    assessments.add(tx, version_id, draft, now=now)
    return True


def _fused(
    workspace: Workspace,
    text: assessments.Stored,
    contents: Sequence[PictureContent],
    key: str,
    model_key: str,
) -> AssessmentDraft:
    before = {Category(name): chance for name, chance in text.categories.items()}
    categories, reasons = fuse(before, [_reading(content) for content in contents])
    added = [_stored_reason(reason) for reason in reasons]
    return AssessmentDraft(
        model_key=model_key,
        score=max(categories.values(), default=0.0),
        decision=_decide(workspace, categories).value,
        intent=text.intent,
        categories={category.value: chance for category, chance in categories.items()},
        evidence=sorted([*text.evidence, *added], key=lambda item: -abs(item["weight"])),
        identifiers=text.identifiers,
        offer=text.offer,
        model={**text.model, assessments.PICTURES: key},
    )


def _reading(content: PictureContent) -> PictureReading:
    """A stored picture as the classifiers know it; what is not kept says nothing."""
    if content.state is not ContentState.KEPT:
        return PictureReading("", refused=content.reason or content.state.value)
    return PictureReading(
        picture="",
        classes={PictureClass(name): share for name, share in content.classes.items()},
        evidence=tuple(
            PictureEvidence(
                signal=item["signal"],
                term=item["term"],
                why=item["why"],
                weight=item["weight"],
                boxes=tuple(Box(*box) for box in item["boxes"]),
                category=Category(item["category"]) if item["category"] else None,
            )
            for item in content.evidence
        ),
        said=_said(content.said) if content.said else None,
    )


def _said(chances: Mapping[str, float]) -> Assessment:
    categories = {Category(name): chance for name, chance in chances.items()}
    return Assessment(max(categories.values()), Decision.CLEAR, categories, Intent.OTHER)


def _stored_reason(reason: Evidence) -> dict[str, Any]:
    return {
        "signal": reason.signal,
        "term": reason.term,
        "start": 0,
        "end": 0,
        "shown": "",
        "why": reason.why,
        "weight": reason.weight,
        "category": reason.category.value if reason.category else None,
        "source": None,
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _decide(workspace: Workspace, categories: Mapping[Category, float]) -> Decision:
    thresholds = workspace.judging.thresholds
    decisions = {thresholds.decide(category, score) for category, score in categories.items()}
    order = (Decision.HIT, Decision.REVIEW)
    return next((decision for decision in order if decision in decisions), Decision.CLEAR)
