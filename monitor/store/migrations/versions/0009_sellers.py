"""Families of texts that are alike, and listings by their pictures.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create what finds families; those that are there go on holding equal texts."""
    op.add_column("text_family", sa.Column("sketch", sa.LargeBinary(), nullable=True))
    op.create_table(
        "text_band",
        sa.Column("band_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text_family_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["text_family_id"],
            ["text_family.id"],
            name=op.f("fk_text_band_text_family_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("band_key", "text_family_id", name=op.f("pk_text_band")),
    )
    op.create_index(op.f("ix_text_band_text_family_id"), "text_band", ["text_family_id"])
    op.create_index(op.f("ix_picture_url_key"), "picture", ["url_key"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_index(op.f("ix_picture_url_key"), "picture")
    op.drop_table("text_band")
    op.drop_column("text_family", "sketch")
