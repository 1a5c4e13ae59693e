"""What a fetch says of a picture's address, and what a look into it leaves to be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.domain.outcome import Outcome
from monitor.domain.page import FetchResult
from monitor.domain.picture import ContentState, PictureContent, PictureOutcome
from monitor.media.reading import Look
from monitor.pipeline.fusion import stored_evidence

__all__ = ["content_of", "outcome_of"]


def outcome_of(result: FetchResult) -> PictureOutcome:
    """What a fetch says of an address; a page that asks to sign in is an expired link, too."""
    if result.outcome is Outcome.DISALLOWED and result.retry_after_s is None:
        return PictureOutcome.DISALLOWED
    if result.outcome in (Outcome.LOGIN_REQUIRED, Outcome.CHALLENGED):
        return PictureOutcome.EXPIRED
    if result.outcome is not Outcome.OK or result.answer is None:
        return PictureOutcome.UNREACHABLE
    if result.answer.status in (404, 410):
        return PictureOutcome.EXPIRED
    return PictureOutcome.TOO_LARGE if result.answer.is_truncated else PictureOutcome.OPENED


def content_of(
    look: Look, content_key: str, body: bytes, model_key: str, now: datetime
) -> PictureContent:
    """What is kept of a look: words, numbers, boxes and the redacted thumbnail."""
    bare = PictureContent(
        content_key, ContentState.KEPT, now, size=len(body), model_key=model_key[:64]
    )
    reading = look.reading
    if reading.refused:
        return replace(bare, state=ContentState.REFUSED, reason=reading.refused[:64])
    return replace(
        bare,
        media_type=look.media_type,
        width=look.width,
        height=look.height,
        fingerprint=reading.hashes.get("pdq", "")[:64],
        classes={name.value: share for name, share in reading.classes.items()},
        evidence=tuple(stored_evidence(item) for item in reading.evidence),
        said=(
            {category.value: chance for category, chance in reading.said.categories.items()}
            if reading.said
            else {}
        ),
        thumbnail=look.thumbnail,
    )
