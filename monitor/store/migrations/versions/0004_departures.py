"""When the next request to a host may really leave.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moments; empty: nothing has left yet."""
    for name in ("clear_at", "held_until"):
        op.add_column("host_slot", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in ("clear_at", "held_until"):
        op.drop_column("host_slot", name)
