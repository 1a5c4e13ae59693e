"""A market with hits in it, over each database in turn."""

from __future__ import annotations

import pytest

from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords
from tests.planting import BUNDLE, Plant


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The store of `workspace`, on each database in turn."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_store"))


@pytest.fixture
def plant(workspace: Workspace) -> Plant:
    """A watched market, not looked at yet."""
    keywords.add(workspace, KeywordDraft(BUNDLE, "face_id_bundle"), actor="test")
    planted = Plant(workspace)
    planted.source("north", BUNDLE)
    return planted
