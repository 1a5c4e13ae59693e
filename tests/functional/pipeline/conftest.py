"""The verbs behave the same over both databases."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The store of `workspace`, on each database in turn."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_store"))
