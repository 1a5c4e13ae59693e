"""Every index of hits, for the suites that hold them to one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import Settings
from monitor.search.elastic import ElasticHitIndex
from monitor.search.elastic_connection import connect
from monitor.search.protocol import HitIndex
from monitor.search.sqlite import SqliteHitIndex
from tools.services.elasticsearch_server import ElasticsearchServer

__all__ = ["KINDS", "open_index"]

KINDS = ("elasticsearch_9_server", "elasticsearch_server", "sqlite")
"""The embedded one, and the fixtures of servers."""


def open_index(request: pytest.FixtureRequest, folder: Path) -> HitIndex:
    """An empty index of the kind that `request.param` names."""
    if request.param == "sqlite":
        return SqliteHitIndex(folder / "index.db")
    server: ElasticsearchServer = request.getfixturevalue(request.param)
    settings = Settings(elasticsearch_url=server.url)
    return ElasticHitIndex(connect(settings), "contract-hits", shows_at_once=True)
