"""From what a market showed to what may be written down.

The only place where an original text meets the store: what leaves here is
masked, victims' identifiers are gone, contacts are sealed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from classifiers.assess import Assessor
from classifiers.contract import Assessment, Decision, Listing
from classifiers.text.alike import sketch
from classifiers.text.normalise import normalise
from classifiers.text.redact import redact
from monitor.domain.listing import (
    AssessmentDraft,
    ContactDraft,
    ListingDraft,
    SellerDraft,
    VersionDraft,
)
from monitor.domain.page import ParsedListing
from monitor.keyring import Keyring
from monitor.pipeline.masking import masked, masked_address, masked_value
from monitor.pipeline.workspace import Workspace
from monitor.store.record import known_versions

__all__ = ["assessment_draft", "content_key", "draft_listings", "picture_key", "redacted"]

# Size and quality suffixes of one and the same picture on a common CDN
# (photo.jpg_640x640q90.jpg, photo.jpg_.webp).
PICTURE_VARIANT = re.compile(r"(\.(?:jpe?g|png|webp|heic|gif))_[^/]{0,40}$", re.IGNORECASE)


def picture_key(url: str) -> str:
    """The address without what changes while the picture stays: scheme, query, size suffix."""
    parts = urlsplit(url)
    return parts.netloc.casefold() + PICTURE_VARIANT.sub(r"\1", parts.path)


def _canonical(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def content_key(parsed: ParsedListing, origin: str, keyring: Keyring) -> str:
    """Keyed digest of words and pictures: equal means the same version.

    Keyed, because a bare hash of a text that holds an identity number could be
    searched for that number.
    """
    pictures = sorted(picture_key(url) for url in parsed.picture_urls)
    parts = [origin, _canonical(parsed.title), _canonical(parsed.description), *pictures]
    return keyring.digest("content", "\x1f".join(parts))


def draft_listings(
    workspace: Workspace, source_id: int, rows: Sequence[ParsedListing], origin: str
) -> list[ListingDraft]:
    """Assess what is new among the rows, and make all of them fit to be written.

    Rows that repeat a native id within the page are dropped after the first.
    """
    unique = {row.native_id: row for row in reversed(rows)}
    keyed = {native: content_key(row, origin, workspace.keyring) for native, row in unique.items()}
    with workspace.database.read() as tx:
        assessor, model_key = workspace.assessor(tx)
        known = known_versions(tx, source_id, keyed.items(), model_key)
    drafts = []
    for row in rows:
        key = keyed.pop(row.native_id, None)
        if key is None:
            continue
        is_known = (row.native_id, key) in known
        version = (
            None
            if is_known
            else _version(
                unique[row.native_id], origin, key, assessor, model_key, workspace.keyring
            )
        )
        drafts.append(_draft(unique[row.native_id], origin, key, version, workspace.keyring))
    return drafts


def _draft(
    row: ParsedListing, origin: str, key: str, version: VersionDraft | None, keyring: Keyring
) -> ListingDraft:
    price_raw = masked(row.price_raw)
    return ListingDraft(
        native_id=row.native_id[:200],
        url=masked_address(row.url, own=row.native_id),
        origin=origin,
        content_key=key,
        version=version,
        seller=_seller(row, keyring),
        # A number of somebody's in the place of a price is no price.
        price_minor=row.price_minor if price_raw == row.price_raw else None,
        price_raw=price_raw[:64],
        currency=row.currency,
        region=masked(row.region or "")[:100],
        published_at=row.published_at,
        published_precision=row.published_precision,
        item_state=row.state,
        pictures=tuple(
            (keyring.digest("content", picture_key(url)), masked_address(url))
            for url in row.picture_urls
        ),
        extra=masked_value(row.extra),
    )


def _seller(row: ParsedListing, keyring: Keyring) -> SellerDraft | None:
    name = masked(row.seller_name or "").strip()[:200]
    if row.seller_id:
        return SellerDraft(row.seller_id_space, row.seller_id[:200], name)
    if row.seller_name:
        # Without an id the name is all there is; two sellers of one name fall together.
        return SellerDraft("name", keyring.digest("content", row.seller_name), name)
    return None


def _version(
    row: ParsedListing,
    origin: str,
    key: str,
    assessor: Assessor,
    model_key: str,
    keyring: Keyring,
) -> VersionDraft:
    listing = Listing(
        title=row.title,
        description=row.description,
        price_minor=row.price_minor,
        currency=row.currency,
        seller=row.seller_name,
        images=row.picture_urls,
    )
    assessment = assessor.assess(listing)
    masked = redacted(listing.text, assessment)
    split = len(row.title)
    is_likely = assessment.decision is not Decision.CLEAR
    return VersionDraft(
        origin=origin,
        content_key=key,
        title=masked[:split],
        description=masked[split + 1 :],
        family_key=keyring.digest("content", normalise(listing.text).text),
        assessment=assessment_draft(assessment, masked, model_key),
        contacts=tuple(
            ContactDraft(
                kind=contact.kind.value,
                value_key=keyring.digest("contact", contact.value),
                sealed=keyring.seal("contact", contact.value.encode(), contact.kind.value),
                masked=contact.masked[:200],
            )
            for contact in assessment.contacts
        ),
        # Of the masked text: a number of somebody's could be tried out on its grams.
        sketch=sketch(masked, keyring.subkey("content", "grams")) if is_likely else None,
    )


def redacted(text: str, assessment: Assessment) -> str:
    """A text as it may be shown and written down, of the same length."""
    masked = redact(text, assessment.contacts, assessment.identifiers)
    # PostgreSQL refuses NUL in text, and no driver writes lone surrogates.
    return "".join(
        "\ufffd" if char == "\x00" or "\ud800" <= char <= "\udfff" else char for char in masked
    )


def assessment_draft(assessment: Assessment, masked: str, model_key: str) -> AssessmentDraft:
    """An assessment as it is stored.

    Args:
        assessment: of the original text.
        masked: that text, `redacted`.
        model_key: names the model that it is of.
    """
    return AssessmentDraft(
        model_key=model_key,
        score=assessment.score,
        decision=assessment.decision.value,
        intent=assessment.intent.value,
        categories={name.value: p for name, p in assessment.categories.items()},
        evidence=[
            {
                "signal": item.signal,
                "term": item.term,
                "start": item.start,
                "end": item.end,
                "shown": masked[item.start : item.end],
                "why": item.why,
                "weight": item.weight,
                "category": item.category.value if item.category else None,
                "source": item.source,
            }
            for item in assessment.evidence
        ],
        identifiers=[
            {"kind": item.kind.value, "start": item.start, "end": item.end}
            for item in assessment.identifiers
        ],
        offer={field: list(found) for field, found in asdict(assessment.offer).items() if found},
        model=dict(assessment.model),
    )
