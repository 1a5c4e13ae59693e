"""What a look costs no longer grows with the looks before it.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.types import BigId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EPOCH_DAY = "1970-01-01"
UNFINISHED = sa.text("outcome IS NULL")
SEEN = sa.text("state = 'seen'")
ROOM_FOR_CHANGES = 80

LAST_SEEN_ON = {
    True: "UPDATE listing SET last_seen_on = (last_seen_at AT TIME ZONE 'UTC')::date",
    False: "UPDATE listing SET last_seen_on = date(last_seen_at)",
}
"""By whether the database is PostgreSQL."""
LAST_WATCH = """
UPDATE listing SET last_watch_id = (
    SELECT poll.watch_id FROM sighting JOIN poll ON poll.id = sighting.poll_id
    WHERE sighting.listing_id = listing.id AND poll.watch_id IS NOT NULL
    ORDER BY sighting.poll_id DESC LIMIT 1
)
"""


def upgrade() -> None:
    """Remember which watch saw a listing last; let its time of sight be no key any more."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    op.add_column("listing", sa.Column("last_watch_id", BigId, nullable=True))
    day = sa.Column("last_seen_on", sa.Date(), nullable=False, server_default=EPOCH_DAY)
    op.add_column("listing", day)
    op.execute(LAST_SEEN_ON[is_postgres])
    op.execute(LAST_WATCH)
    op.drop_index("ix_listing_last_seen_at", table_name="listing")
    op.create_index("ix_listing_last_seen_on", "listing", ["last_seen_on"])
    op.create_index(
        "ix_listing_last_watch_id",
        "listing",
        ["last_watch_id"],
        sqlite_where=SEEN,
        postgresql_where=SEEN,
    )
    op.create_index(
        "ix_poll_watch_id",
        "poll",
        ["watch_id"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    if is_postgres:
        op.execute(f"ALTER TABLE listing SET (fillfactor = {ROOM_FOR_CHANGES})")


def downgrade() -> None:
    """Back to a key that each look changes."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE listing RESET (fillfactor)")
    op.drop_index("ix_poll_watch_id", table_name="poll")
    op.drop_index("ix_listing_last_watch_id", table_name="listing")
    op.drop_index("ix_listing_last_seen_on", table_name="listing")
    op.create_index("ix_listing_last_seen_at", "listing", ["last_seen_at"])
    op.drop_column("listing", "last_seen_on")
    op.drop_column("listing", "last_watch_id")
