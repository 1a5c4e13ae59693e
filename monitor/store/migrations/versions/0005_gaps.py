"""Times in which a watch was not seen; its last resumption, place in the queue, whole look.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


COLUMNS = ("resumed_at", "queued_at", "whole_at")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table; of what the columns name, nothing has happened yet."""
    op.create_table(
        "gap",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("watch_id", BIG_ID, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("reached", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_gap_watch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
    )
    op.create_index(op.f("ix_gap_watch_id_ended_at"), "gap", ["watch_id", "ended_at"])
    for name in COLUMNS:
        op.add_column("watch", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop all of it."""
    for name in COLUMNS:
        op.drop_column("watch", name)
    op.drop_table("gap")
