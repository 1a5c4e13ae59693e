"""The tables of the system of record.

Nothing here that PostgreSQL or SQLite would refuse. Changing a table means a
new migration in `migrations/versions`; a test compares both. Listing texts are
stored masked (`pipeline.assess` does it before anything is written); contacts
and endpoint secrets are stored sealed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from monitor.store.types import BigId, Json, LongText, ShortText, UtcDateTime

__all__ = ["metadata"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def _at(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime, nullable=null)


def _ref(table: str, *, name: str = "", null: bool = False, cascade: bool = False) -> Column[Any]:
    return Column(
        name or f"{table}_id",
        BigId,
        ForeignKey(f"{table}.id", ondelete="CASCADE" if cascade else None),
        nullable=null,
    )


def _lease() -> tuple[Column[Any], Column[Any]]:
    return Column("lease_token", ShortText(32)), Column("leased_until", UtcDateTime)


def _crashes() -> Column[int]:
    return Column("crashes", Integer, nullable=False, default=0, server_default="0")


def _partial_index(column: str, condition: str) -> Index:
    """Over those rows only."""
    where = text(condition)
    return Index(None, column, sqlite_where=where, postgresql_where=where)


keyword = Table(
    "keyword",
    metadata,
    _id(),
    Column("term_key", ShortText(200), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    _at("created_at"),
    _at("retired_at", null=True),
)

keyword_version = Table(
    "keyword_version",
    metadata,
    _id(),
    _ref("keyword"),
    Column("number", Integer, nullable=False),
    Column("term", ShortText(200), nullable=False),
    Column("category", ShortText(64), nullable=False),
    Column("language", ShortText(8), nullable=False),
    Column("severity", ShortText(8), nullable=False),
    Column("weight", Float, nullable=False),
    Column("search", Boolean, nullable=False),
    Column("sources", Json, nullable=False),
    Column("owner", ShortText(100), nullable=False),
    Column("reason", LongText, nullable=False),
    _at("expires_at", null=True),
    _at("created_at"),
    Column("created_by", ShortText(100), nullable=False),
    Column("action", ShortText(16), nullable=False),
    UniqueConstraint("keyword_id", "number"),
)

source = Table(
    "source",
    metadata,
    _id(),
    Column("name", ShortText(64), nullable=False, unique=True),
    Column("kind", ShortText(32), nullable=False),
    Column("definition", Json, nullable=False),
    _at("created_at"),
    _at("updated_at"),
)

watch = Table(
    "watch",
    metadata,
    _id(),
    _ref("keyword"),
    _ref("source"),
    Column("interval_s", Float, nullable=False),
    Column("is_paused", Boolean, nullable=False, default=False),
    _at("next_poll_at"),
    _at("queued_at", null=True),
    _at("baseline_at", null=True),
    Column("last_outcome", ShortText(32)),
    _at("last_poll_at", null=True),
    Column("failures", Integer, nullable=False, default=0),
    _at("created_at"),
    _at("resumed_at", null=True),
    _at("whole_at", null=True),
    _at("hit_at", null=True),
    Column("silent_looks", Integer, nullable=False, default=0, server_default="0"),
    *_lease(),
    _crashes(),
    UniqueConstraint("keyword_id", "source_id"),
    Index(None, "next_poll_at"),
)

poll = Table(
    "poll",
    metadata,
    _id(),
    _ref("watch", null=True),
    _ref("source"),
    _ref("keyword_version", null=True),
    Column("origin", ShortText(16), nullable=False),
    Column("is_baseline", Boolean, nullable=False),
    _at("started_at"),
    _at("finished_at", null=True),
    Column("outcome", ShortText(32)),
    Column("detail", LongText, nullable=False, default=""),
    Column("pages", Integer, nullable=False, default=0),
    Column("rows", Integer, nullable=False, default=0),
    Column("new_listings", Integer, nullable=False, default=0),
    Column("changed_listings", Integer, nullable=False, default=0),
    Column("hits", Integer, nullable=False, default=0),
    Column("total_claimed", Integer),
    Column("problems", Json, nullable=False),
    Column("notes", Json, nullable=False),
    Index(None, "watch_id", "started_at"),
    Index(None, "source_id", "started_at"),
    _partial_index("watch_id", "outcome IS NULL"),
)

gap = Table(
    "gap",
    metadata,
    _id(),
    _ref("watch", cascade=True),
    _at("began_at"),
    _at("ended_at", null=True),
    Column("cause", ShortText(32), nullable=False),
    Column("looks", Integer, nullable=False),
    Column("reached", ShortText(16), nullable=False),
    Index(None, "watch_id", "ended_at"),
)

seller = Table(
    "seller",
    metadata,
    _id(),
    _ref("source"),
    Column("id_space", ShortText(32), nullable=False),
    Column("native_id", ShortText(200), nullable=False),
    Column("name", ShortText(200), nullable=False, default=""),
    _at("first_seen_at"),
    _at("last_seen_at"),
    UniqueConstraint("source_id", "id_space", "native_id"),
)

text_family = Table(
    "text_family",
    metadata,
    _id(),
    Column("family_key", ShortText(64), nullable=False, unique=True),
    _at("first_seen_at"),
    # Of the founder's text; without one the family holds equal texts only.
    Column("sketch", LargeBinary),
)

text_band = Table(
    "text_band",
    metadata,
    Column("band_key", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "text_family_id",
        BigId,
        ForeignKey("text_family.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Index(None, "text_family_id"),
)

listing = Table(
    "listing",
    metadata,
    _id(),
    _ref("source"),
    Column("native_id", ShortText(200), nullable=False),
    Column("url", LongText, nullable=False),
    _ref("seller", null=True),
    Column("state", ShortText(16), nullable=False),
    Column("item_state", ShortText(16), nullable=False),
    Column("search_version", BigId),
    Column("item_version", BigId),
    Column("versions", Integer, nullable=False, default=0),
    Column("price_minor", BigInteger),
    Column("currency", ShortText(3), nullable=False),
    Column("price_raw", ShortText(64), nullable=False, default=""),
    Column("region", ShortText(100), nullable=False, default=""),
    _at("published_at", null=True),
    Column("published_precision", ShortText(16), nullable=False),
    Column("extra", Json, nullable=False),
    _at("first_seen_at"),
    _at("last_seen_at"),
    # Each look changes the time; the day, which is indexed instead, it seldom does, so that
    # PostgreSQL can write the row anew without touching any index.
    Column("last_seen_on", Date, nullable=False, server_default="1970-01-01"),
    # The watch whose look saw it last: that watch's looks say when it is not seen any more.
    Column("last_watch_id", BigId),
    _at("gone_at", null=True),
    _at("looked_at", null=True),
    _at("look_due_at", null=True),
    Column("look_reason", ShortText(32), nullable=False, default=""),
    Column("look_failures", Integer, nullable=False, default=0),
    *_lease(),
    _crashes(),
    UniqueConstraint("source_id", "native_id"),
    Index(None, "look_due_at"),
    Index(None, "seller_id"),
    Index(None, "last_seen_on"),
    _partial_index("last_watch_id", "state = 'seen'"),
    postgresql_with={"fillfactor": 80},
)

listing_version = Table(
    "listing_version",
    metadata,
    _id(),
    _ref("listing", cascade=True),
    Column("number", Integer, nullable=False),
    Column("origin", ShortText(8), nullable=False),
    Column("content_key", ShortText(64), nullable=False),
    Column("title", LongText, nullable=False),
    Column("description", LongText, nullable=False),
    _ref("text_family", null=True),
    _at("created_at"),
    UniqueConstraint("listing_id", "content_key"),
    Index(None, "text_family_id"),
)

price_point = Table(
    "price_point",
    metadata,
    _id(),
    _ref("listing", cascade=True),
    Column("price_minor", BigInteger),
    Column("currency", ShortText(3), nullable=False),
    Column("price_raw", ShortText(64), nullable=False),
    _at("seen_at"),
    Index(None, "listing_id"),
)

picture = Table(
    "picture",
    metadata,
    _id(),
    _ref("listing", cascade=True),
    Column("url_key", ShortText(64), nullable=False),
    Column("url", LongText, nullable=False),
    Column("content_key", ShortText(64)),
    _at("first_seen_at"),
    Column("outcome", ShortText(16), nullable=False, default="", server_default=""),
    _at("tried_at", null=True),
    UniqueConstraint("listing_id", "url_key"),
    Index(None, "url_key"),
    Index(None, "content_key"),
    Index(None, "tried_at"),
)

picture_content = Table(
    "picture_content",
    metadata,
    _id(),
    Column("content_key", ShortText(64), nullable=False, unique=True),
    Column("state", ShortText(8), nullable=False),
    Column("reason", ShortText(64), nullable=False),
    Column("media_type", ShortText(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("fingerprint", ShortText(64), nullable=False),
    Column("model_key", ShortText(64), nullable=False),
    Column("classes", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("said", Json, nullable=False),
    Column("thumbnail", LargeBinary, nullable=False),
    _at("created_at"),
)

known_picture = Table(
    "known_picture",
    metadata,
    _id(),
    Column("fingerprint", ShortText(64), nullable=False, unique=True),
    Column("label", ShortText(4), nullable=False),
    Column("name", ShortText(100), nullable=False),
    Column("added_by", ShortText(100), nullable=False),
    _at("added_at"),
)

evidence_hold = Table(
    "evidence_hold",
    metadata,
    _id(),
    _ref("listing"),
    Column("person", ShortText(100), nullable=False),
    Column("basis", LongText, nullable=False),
    _at("ends_at"),
    _at("created_at"),
    Column("created_by", ShortText(100), nullable=False),
    _at("released_at", null=True),
    Index(None, "listing_id"),
    Index(None, "ends_at"),
)

evidence_blob = Table(
    "evidence_blob",
    metadata,
    _id(),
    _ref("listing"),
    Column("uid", ShortText(32), nullable=False, unique=True),
    Column("key_id", ShortText(32), nullable=False),
    Column("content_key", ShortText(64), nullable=False),
    Column("kind", ShortText(8), nullable=False),
    Column("number", Integer, nullable=False),
    Column("media_type", ShortText(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _at("created_at"),
    UniqueConstraint("listing_id", "content_key", "kind", "number"),
)

duty_notice = Table(
    "duty_notice",
    metadata,
    _id(),
    _ref("listing"),
    Column("reason", ShortText(32), nullable=False),
    _at("created_at"),
    _at("acknowledged_at", null=True),
    Column("acknowledged_by", ShortText(100), nullable=False),
)

contact = Table(
    "contact",
    metadata,
    _id(),
    Column("kind", ShortText(16), nullable=False),
    Column("value_key", ShortText(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("masked", ShortText(200), nullable=False),
    _at("first_seen_at"),
    UniqueConstraint("kind", "value_key"),
)

version_contact = Table(
    "version_contact",
    metadata,
    Column(
        "version_id",
        BigId,
        ForeignKey("listing_version.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("contact_id", BigId, ForeignKey("contact.id"), primary_key=True),
)

sighting = Table(
    "sighting",
    metadata,
    Column("poll_id", BigId, ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True),
    Column("listing_id", BigId, ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True),
    Column("version_id", BigId, ForeignKey("listing_version.id"), nullable=False),
    Column("keyword_id", BigId, ForeignKey("keyword.id")),
    Column("rank", Integer, nullable=False),
    _at("seen_at"),
    Index(None, "listing_id"),
    Index(None, "version_id"),
)

assessment = Table(
    "assessment",
    metadata,
    _id(),
    _ref("listing_version", name="version_id", cascade=True),
    Column("model_key", ShortText(64), nullable=False),
    Column("score", Float, nullable=False),
    Column("decision", ShortText(8), nullable=False),
    Column("intent", ShortText(16), nullable=False),
    Column("categories", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("identifiers", Json, nullable=False),
    Column("offer", Json, nullable=False),
    Column("model", Json, nullable=False),
    _at("created_at"),
    UniqueConstraint("version_id", "model_key"),
)

policy = Table(
    "policy",
    metadata,
    _id(),
    Column("name", ShortText(100), nullable=False, unique=True),
    Column("category", ShortText(64), nullable=False),
    Column("title", LongText, nullable=False),
    Column("basis", LongText, nullable=False),
)

hit = Table(
    "hit",
    metadata,
    _id(),
    Column("listing_id", BigId, ForeignKey("listing.id"), nullable=False, unique=True),
    _ref("listing_version", name="version_id"),
    _ref("assessment"),
    Column("decision", ShortText(8), nullable=False),
    Column("score", Float, nullable=False),
    Column("category", ShortText(64), nullable=False),
    Column("status", ShortText(8), nullable=False),
    Column("verdict", ShortText(16), nullable=False, default=""),
    Column("is_baseline", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    _at("found_at"),
    _at("updated_at"),
    Column("claimed_by", ShortText(100)),
    _at("claimed_until", null=True),
    _at("muted_until", null=True),
    Index(None, "status", "score"),
    Index(None, "found_at"),
)

triage_event = Table(
    "triage_event",
    metadata,
    _id(),
    _ref("hit", cascade=True),
    _ref("listing_version", name="version_id"),
    Column("verdict", ShortText(16), nullable=False),
    Column("reason", LongText, nullable=False),
    Column("actor", ShortText(100), nullable=False),
    _at("created_at"),
    Index(None, "hit_id"),
)

hit_note = Table(
    "hit_note",
    metadata,
    _id(),
    _ref("hit", cascade=True),
    Column("text", LongText, nullable=False),
    Column("actor", ShortText(100), nullable=False),
    _at("created_at"),
    Index(None, "hit_id"),
)

snapshot = Table(
    "snapshot",
    metadata,
    _id(),
    _ref("hit", cascade=True),
    Column("version_number", Integer, nullable=False),
    Column("body", LongText, nullable=False),
    Column("sha256", ShortText(64), nullable=False),
    _at("taken_at"),
    UniqueConstraint("hit_id", "version_number"),
)

mute = Table(
    "mute",
    metadata,
    _id(),
    _ref("listing", null=True),
    _ref("seller", null=True, cascade=True),
    _ref("text_family", null=True),
    Column("reason", LongText, nullable=False),
    Column("actor", ShortText(100), nullable=False),
    _at("created_at"),
    _at("expires_at"),
    _at("ended_at", null=True),
    Column("ended_by", ShortText(100), nullable=False, default=""),
    Index(None, "expires_at"),
)

allowed_seller = Table(
    "allowed_seller",
    metadata,
    _id(),
    _ref("seller", cascade=True),
    Column("reason", LongText, nullable=False),
    Column("actor", ShortText(100), nullable=False),
    _at("created_at"),
    _at("expires_at", null=True),
    _at("removed_at", null=True),
    Column("removed_by", ShortText(100), nullable=False, default=""),
    Index(None, "seller_id"),
)

kept_back = Table(
    "kept_back",
    metadata,
    Column("listing_id", BigId, ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True),
    _ref("listing_version", name="version_id", cascade=True),
    _ref("allowed_seller", cascade=True),
    _at("kept_at"),
    Index(None, "allowed_seller_id"),
)

triage_batch = Table(
    "triage_batch",
    metadata,
    _id(),
    Column("verdict", ShortText(16), nullable=False),
    Column("reason", LongText, nullable=False),
    Column("filters", Json, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("actor", ShortText(100), nullable=False),
    _at("created_at"),
    _at("undo_until"),
    _at("undone_at", null=True),
    Column("undone_by", ShortText(100), nullable=False, default=""),
)

batch_hit = Table(
    "batch_hit",
    metadata,
    Column("batch_id", BigId, ForeignKey("triage_batch.id", ondelete="CASCADE"), primary_key=True),
    Column("hit_id", BigId, ForeignKey("hit.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", BigId, ForeignKey("triage_event.id", ondelete="CASCADE"), nullable=False),
    Column("status_before", ShortText(8), nullable=False),
    Column("verdict_before", ShortText(16), nullable=False),
    Column("alerts_written", Json, nullable=False),
    Column("alerts_cancelled", Json, nullable=False),
    Index(None, "hit_id"),
    Index(None, "event_id"),
)

sample_verdict = Table(
    "sample_verdict",
    metadata,
    _id(),
    Column(
        "listing_id",
        BigId,
        ForeignKey("listing.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    _ref("listing_version", name="version_id"),
    Column("verdict", ShortText(16), nullable=False),
    Column("reason", LongText, nullable=False),
    Column("actor", ShortText(100), nullable=False),
    _at("created_at"),
    UniqueConstraint("listing_id"),
)

endpoint = Table(
    "endpoint",
    metadata,
    _id(),
    Column("key", ShortText(32), nullable=False, unique=True),
    Column("name", ShortText(64), nullable=False, unique=True),
    Column("channel", ShortText(32), nullable=False),
    Column("url", LongText, nullable=False),
    Column("mode", ShortText(16), nullable=False),
    Column("categories", Json, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("is_disabled", Boolean, nullable=False, default=False),
    Column("disabled_reason", LongText, nullable=False, default=""),
    Column("owner", ShortText(100), nullable=False, default=""),
    _at("created_at"),
)

alert = Table(
    "alert",
    metadata,
    _id(),
    _ref("endpoint"),
    _ref("hit", null=True),
    _ref("listing_version", name="version_id", null=True),
    _ref("policy", null=True),
    Column("kind", ShortText(32), nullable=False),
    Column("webhook_id", ShortText(64), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    Column("state", ShortText(16), nullable=False),
    Column("score", Float, nullable=False, default=0.0),
    Column("attempts", Integer, nullable=False, default=0),
    _at("created_at"),
    _at("delivered_at", null=True),
    Index(None, "hit_id", "endpoint_id"),
    Index(None, "state", "created_at"),
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _ref("alert", cascade=True),
    Column("number", Integer, nullable=False),
    _at("started_at"),
    Column("duration_s", Float, nullable=False),
    Column("result", ShortText(16), nullable=False),
    Column("http_status", Integer),
    Column("detail", LongText, nullable=False),
    Index(None, "alert_id"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("kind", ShortText(8), nullable=False),
    Column("ref_id", BigId, nullable=False),
    Column("generation", Integer, nullable=False, default=1),
    Column("failures", Integer, nullable=False, default=0),
    _at("due_at"),
    _at("created_at"),
    *_lease(),
    UniqueConstraint("kind", "ref_id"),
    Index(None, "kind", "due_at"),
)

host_slot = Table(
    "host_slot",
    metadata,
    Column("host", ShortText(255), primary_key=True),
    _at("next_free_at"),
    _at("clear_at", null=True),
    _at("held_until", null=True),
    _at("day_began_at", null=True),
    Column("day_requests", Integer, nullable=False, default=0, server_default="0"),
)

circuit = Table(
    "circuit",
    metadata,
    _id(),
    _ref("source"),
    Column("scope", ShortText(64), nullable=False),
    Column("outcome", ShortText(32), nullable=False),
    Column("reason", LongText, nullable=False),
    _at("opened_at"),
    _at("open_until"),
    _at("closed_at", null=True),
    Column("closed_by", ShortText(100), nullable=False, default=""),
    Column("login", ShortText(64), nullable=False, default="", server_default=""),
    Index(None, "source_id", "scope"),
)

user = Table(
    "user_account",
    metadata,
    _id(),
    Column("name", ShortText(100), nullable=False, unique=True),
    Column("role", ShortText(16), nullable=False),
    _at("created_at"),
)

token = Table(
    "token",
    metadata,
    _id(),
    _ref("user_account", name="user_id"),
    Column("name", ShortText(100), nullable=False),
    Column("token_key", ShortText(64), nullable=False, unique=True),
    _at("created_at"),
    _at("revoked_at", null=True),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    _id(),
    _at("at"),
    Column("actor", ShortText(100), nullable=False),
    Column("action", ShortText(64), nullable=False),
    Column("object", ShortText(200), nullable=False),
    Column("detail", Json, nullable=False),
    Index(None, "at"),
)

capture = Table(
    "capture",
    metadata,
    _id(),
    Column("key", ShortText(64), nullable=False, unique=True),
    Column("digest", ShortText(64), nullable=False),
    _at("started_at"),
    _at("finished_at", null=True),
    Column("answers", Integer, nullable=False, default=0),
    Column("results", Json, nullable=False),
    Index(None, "started_at"),
)
