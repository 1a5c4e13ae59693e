"""What a look costs does not depend on how many there were before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, watches
from tests.servers.shop import Card, Shop

CARDS = [Card(f"b{n}", f"纯棉床品四件套 {n} 号花色") for n in range(8)]


def test_a_look_costs_the_same_however_many_were_before(workspace: Workspace, shop: Shop) -> None:
    """A watch that looks every ten minutes has looked 50,000 times after a year."""
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
    (watch,) = watches.list_watches(workspace)
    shop.put(*CARDS)

    def cost_after(looks: int) -> int:
        for _ in range(looks):
            watches.poll_now(workspace, watch.id)
        with steps_counted(workspace) as steps:
            watches.poll_now(workspace, watch.id)
        return len(steps)

    cost_after(10)
    early, late = cost_after(10), cost_after(60)
    assert late < 1.1 * early + 5


@contextmanager
def steps_counted(workspace: Workspace) -> Iterator[list[None]]:
    """One entry for each hundred instructions that SQLite's own machine runs."""
    steps: list[None] = []
    pooled = workspace.database._engine.raw_connection()
    connection = pooled.driver_connection
    pooled.close()
    assert isinstance(connection, sqlite3.Connection)
    connection.set_progress_handler(lambda: steps.append(None), 100)
    yield steps
    connection.set_progress_handler(None, 0)
