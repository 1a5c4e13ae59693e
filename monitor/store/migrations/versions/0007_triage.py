"""Evidence, notes, claims, mutes, allowed sellers and batches of verdicts.

Revision ID: 0007
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
TABLES = (
    "batch_hit",
    "triage_batch",
    "kept_back",
    "allowed_seller",
    "mute",
    "snapshot",
    "hit_note",
)


def _id() -> sa.Column[Any]:
    return sa.Column("id", BIG, autoincrement=True, nullable=False)


def _at(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _text(name: str, length: int = 0, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=null)


def _make(name: str, *parts: sa.Column[Any] | sa.Constraint, key: tuple[str, ...]) -> None:
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")))


def _ref(table: str, column: str, to: str, *, cascade: bool = True) -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=name, ondelete="CASCADE" if cascade else None
    )


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    """Add tables, and to hits who works on them and until when they are muted."""
    op.add_column("hit", _text("claimed_by", 100, null=True))
    op.add_column("hit", _at("claimed_until", null=True))
    op.add_column("hit", _at("muted_until", null=True))
    _make(
        "hit_note",
        _id(),
        sa.Column("hit_id", BIG, nullable=False),
        _text("text"),
        _text("actor", 100),
        _at("created_at"),
        _ref("hit_note", "hit_id", "hit"),
        key=("id",),
    )
    _index("hit_note", "hit_id")
    _make(
        "snapshot",
        _id(),
        sa.Column("hit_id", BIG, nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        _text("body"),
        _text("sha256", 64),
        _at("taken_at"),
        _ref("snapshot", "hit_id", "hit"),
        sa.UniqueConstraint(
            "hit_id", "version_number", name=op.f("uq_snapshot_hit_id_version_number")
        ),
        key=("id",),
    )
    _make(
        "mute",
        _id(),
        sa.Column("listing_id", BIG, nullable=True),
        sa.Column("seller_id", BIG, nullable=True),
        sa.Column("text_family_id", BIG, nullable=True),
        _text("reason"),
        _text("actor", 100),
        _at("created_at"),
        _at("expires_at"),
        _at("ended_at", null=True),
        _text("ended_by", 100),
        _ref("mute", "listing_id", "listing", cascade=False),
        _ref("mute", "seller_id", "seller"),
        _ref("mute", "text_family_id", "text_family", cascade=False),
        key=("id",),
    )
    _index("mute", "expires_at")
    _make(
        "allowed_seller",
        _id(),
        sa.Column("seller_id", BIG, nullable=False),
        _text("reason"),
        _text("actor", 100),
        _at("created_at"),
        _at("expires_at", null=True),
        _at("removed_at", null=True),
        _text("removed_by", 100),
        _ref("allowed_seller", "seller_id", "seller"),
        key=("id",),
    )
    _index("allowed_seller", "seller_id")
    _make(
        "kept_back",
        sa.Column("listing_id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("allowed_seller_id", BIG, nullable=False),
        _at("kept_at"),
        _ref("kept_back", "listing_id", "listing"),
        _ref("kept_back", "version_id", "listing_version"),
        _ref("kept_back", "allowed_seller_id", "allowed_seller"),
        key=("listing_id",),
    )
    _index("kept_back", "allowed_seller_id")
    _make(
        "triage_batch",
        _id(),
        _text("verdict", 16),
        _text("reason"),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        _text("actor", 100),
        _at("created_at"),
        _at("undo_until"),
        _at("undone_at", null=True),
        _text("undone_by", 100),
        key=("id",),
    )
    _make(
        "batch_hit",
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("hit_id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        _text("status_before", 8),
        _text("verdict_before", 16),
        sa.Column("alerts_written", JSON, nullable=False),
        sa.Column("alerts_cancelled", JSON, nullable=False),
        _ref("batch_hit", "batch_id", "triage_batch"),
        _ref("batch_hit", "hit_id", "hit"),
        _ref("batch_hit", "event_id", "triage_event"),
        key=("batch_id", "hit_id"),
    )
    _index("batch_hit", "hit_id")
    _index("batch_hit", "event_id")


def downgrade() -> None:
    """Drop them."""
    for name in TABLES:
        op.drop_table(name)
    for name in ("claimed_by", "claimed_until", "muted_until"):
        op.drop_column("hit", name)
