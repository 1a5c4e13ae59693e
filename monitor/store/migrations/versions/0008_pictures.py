"""Pictures that were opened, evidence under hold, and duty notices.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add what came of each address, then the new tables."""
    op.add_column(
        "picture",
        sa.Column("outcome", sa.String(length=16), nullable=False, server_default=""),
    )
    op.add_column("picture", _at("tried_at", null=True))
    for column in ("content_key", "tried_at"):
        op.create_index(op.f(f"ix_picture_{column}"), "picture", [column])
    _create(
        "picture_content",
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("model_key", sa.String(length=64), nullable=False),
        sa.Column("classes", JSON, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        _at("created_at"),
        sa.UniqueConstraint("content_key", name=op.f("uq_picture_content_content_key")),
    )
    _create(
        "evidence_hold",
        *_listing("evidence_hold"),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        _at("ends_at"),
        _at("created_at"),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        _at("released_at", null=True),
    )
    for column in ("listing_id", "ends_at"):
        op.create_index(op.f(f"ix_evidence_hold_{column}"), "evidence_hold", [column])
    _create(
        "evidence_blob",
        *_listing("evidence_blob"),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _at("created_at"),
        sa.UniqueConstraint("uid", name=op.f("uq_evidence_blob_uid")),
        sa.UniqueConstraint(
            "listing_id",
            "content_key",
            "kind",
            "number",
            name=op.f("uq_evidence_blob_listing_id_content_key_kind_number"),
        ),
    )
    _create(
        "duty_notice",
        *_listing("duty_notice"),
        sa.Column("reason", sa.String(length=32), nullable=False),
        _at("created_at"),
        _at("acknowledged_at", null=True),
        sa.Column("acknowledged_by", sa.String(length=100), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("duty_notice", "evidence_blob", "evidence_hold", "picture_content"):
        op.drop_table(table)
    for column in ("content_key", "tried_at"):
        op.drop_index(op.f(f"ix_picture_{column}"), "picture")
    for column in ("outcome", "tried_at"):
        op.drop_column("picture", column)


def _create(table: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _listing(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("listing_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f(f"fk_{table}_listing_id")
        ),
    )
