"""Which login was refused, and each host's requests of a day.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; no login was ever used, and no request counted."""
    login = sa.Column("login", sa.String(length=64), nullable=False, server_default="")
    op.add_column("circuit", login)
    day = sa.Column("day_began_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("host_slot", day)
    requests = sa.Column("day_requests", sa.Integer(), nullable=False, server_default="0")
    op.add_column("host_slot", requests)


def downgrade() -> None:
    """Drop them."""
    for name in ("day_requests", "day_began_at"):
        op.drop_column("host_slot", name)
    op.drop_column("circuit", "login")
