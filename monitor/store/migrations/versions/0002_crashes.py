"""How often work on a watch or a listing took its process with it.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the counters."""
    for table in ("watch", "listing"):
        op.add_column(table, sa.Column("crashes", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them."""
    for table in ("watch", "listing"):
        op.drop_column(table, "crashes")
