"""Alembic migrations, run by the program itself over an open transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

__all__ = ["alembic_config", "upgrade"]


def alembic_config(connection: Connection | None = None) -> Config:
    """Configuration without an ini file, bound to `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest schema inside the caller's transaction."""
    command.upgrade(alembic_config(connection), "head")
