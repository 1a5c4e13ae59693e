"""Verdicts on sampled clear listings.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sample_verdict",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("listing_id", BIG_ID, nullable=False),
        sa.Column("version_id", BIG_ID, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_sample_verdict_listing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["listing_version.id"], name=op.f("fk_sample_verdict_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_verdict")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_sample_verdict_listing_id")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("sample_verdict")
