"""The shape of an alert on the wire, version 1, and its JSON schema.

Receivers rely on it. A field may be added; to rename, remove or retype one takes
a version 2 beside it. After a change write the published file again, which a
test compares with this module:

    python -c "from monitor.alerts.wire import schema_json; print(schema_json(), end='')" \
        > monitor/alerts/schema/alert-1.json

The limits keep the whole under 20 kB, as Standard Webhooks asks.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["AlertData", "AlertEvent", "Evidence", "Hit", "Listing", "Relist", "schema_json"]

SCHEMA_ID = "urn:face-trade-monitor:alert:1"
TIME_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"

Time = Annotated[str, StringConstraints(pattern=TIME_PATTERN)]
Probability = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    # Unknown fields are allowed: version 1 may grow without breaking receivers.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Evidence(_Part):
    """One reason for the suspicion."""

    signal: str = Field(max_length=40, description="The detector.")
    term: str = Field(max_length=60, description="What it found, in its canonical form.")
    why: str = Field(max_length=160, description="Why that counts, in one sentence.")


class Listing(_Part):
    """The listing as the monitor saw it."""

    source: str = Field(max_length=64, description="Name of the marketplace.")
    native_id: str = Field(max_length=200, description="The market's own id of the listing.")
    url: str = Field(max_length=2000, description="Where the market shows it; may be empty.")
    title: str = Field(max_length=300, description="Title, contacts and identifiers masked.")
    excerpt: str = Field(max_length=1000, description="Beginning of the text, masked likewise.")
    first_seen_at: Time = Field(description="When the monitor first saw it, UTC.")


class Relist(_Part):
    """The earlier listing."""

    native_id: str = Field(max_length=200, description="The market's own id of the earlier one.")
    reasons: list[Annotated[str, StringConstraints(max_length=40)]] = Field(
        max_length=3,
        description="What both have in common: same text, same picture, same seller.",
    )
    first_seen_at: Time = Field(description="When the earlier one was first seen, UTC.")
    last_seen_at: Time = Field(description="When it was last seen, UTC.")


class Hit(_Part):
    """The assessment, and what people said of it."""

    hit_id: int = Field(description="The monitor's id; the same in all alerts on this listing.")
    score: Probability = Field(description="Calibrated probability of an offer; 1 is certain.")
    decision: str = Field(max_length=16, description="The band of the score: hit or review.")
    categories: dict[Annotated[str, StringConstraints(max_length=64)], Probability] = Field(
        max_length=8, description="Suspected trades with their probabilities."
    )
    keywords: list[Annotated[str, StringConstraints(max_length=60)]] = Field(
        max_length=8, description="Search terms that led to the listing."
    )
    evidence: list[Evidence] = Field(max_length=5, description="Strongest reasons first.")
    found_at: Time = Field(description="When the suspicion arose, UTC.")
    verdict_at: Time | None = Field(description="When an analyst decided, UTC, or null.")
    reason: str = Field(max_length=300, description="The analyst's reason, masked; may be empty.")
    console_url: str = Field(max_length=500, description="For the operator's own people, or empty.")
    listing: Listing
    relist_of: Relist | None = Field(
        description="An earlier listing of this market that the seller put up anew, or null."
    )


class AlertData(_Part):
    """What is said."""

    schema_version: Literal[1] = Field(description="Version of this schema.")
    alert_id: str = Field(max_length=64, description="Same as the webhook-id header.")
    summary: str = Field(max_length=160, description="One sentence for people.")
    hit: Hit | None = Field(description="What is suspected; null in a ping.")


class AlertEvent(_Part):
    """One alert as Standard Webhooks 1.0 lays it out."""

    type: Literal[
        "hit.suspected", "hit.confirmed", "hit.retracted", "hit.gone", "endpoint.ping"
    ] = Field(description="Why it is sent.")
    timestamp: Time = Field(description="When its cause happened, UTC.")
    data: AlertData


def schema_json() -> str:
    """The published JSON schema, as the file has it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **AlertEvent.model_json_schema(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
