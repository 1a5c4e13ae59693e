"""What the plan of a watch rests on.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIMES = ("queued_at", "whole_at", "hit_at")


def upgrade() -> None:
    """Add the columns; of what they name, nothing has happened yet."""
    for name in TIMES:
        op.add_column("watch", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    silent = sa.Column("silent_looks", sa.Integer(), nullable=False, server_default="0")
    op.add_column("watch", silent)


def downgrade() -> None:
    """Drop them."""
    for name in ("silent_looks", *TIMES):
        op.drop_column("watch", name)
