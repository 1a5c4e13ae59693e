"""Feeds that real software produced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.config import load_settings
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.page import Precision
from monitor.domain.watch import PollSummary
from monitor.pipeline.look import look_at
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, sources, watches
from monitor.store import looks
from monitor.store import tables as t
from tests.realsites.feed import PelicanSite
from tests.realsites.goods import goods

COUNT = 310
TERM = "四件套"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PelicanSite]:
    """Three hundred and ten articles."""
    with PelicanSite(tmp_path_factory.mktemp("pelican"), goods(COUNT)) as opened:
        yield opened


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A monitor that knows one word."""
    settings = load_settings(
        data_dir=tmp_path / "data", allow_networks=("127.0.0.0/8",), looks_per_hour=100_000
    )
    with open_workspace(settings) as opened:
        keywords.add(opened, KeywordDraft(TERM, "face_id_bundle"), actor="test")
        yield opened


def poll(workspace: Workspace, site: PelicanSite, kind: str) -> PollSummary:
    name = sources.put(workspace, site.definition(kind), actor="test").name
    watches.add(workspace, name, [TERM], interval_s=600, actor="test")
    watch = next(w for w in watches.list_watches(workspace) if w.source == name)
    return watches.poll_now(workspace, watch.id)


def states(workspace: Workspace) -> dict[str, tuple[str, int]]:
    """Title to (state, versions)."""
    with workspace.database.read() as tx:
        rows = tx.execute(
            select(t.listing_version.c.title, t.listing.c.state, t.listing.c.versions).join(
                t.listing, t.listing.c.id == t.listing_version.c.listing_id
            )
        )
        return {row.title: (row.state, row.versions) for row in rows}


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_every_matching_entry_is_found(workspace: Workspace, site: PelicanSite, kind: str) -> None:
    """The whole feed is read and filtered here, white space inside Chinese ignored."""
    summary = poll(workspace, site, kind)
    assert summary.outcome is Outcome.OK
    assert summary.problems == []
    expected = {row["title"] for row in goods(COUNT) if TERM in row["title"]}
    assert set(states(workspace)) == expected
    with workspace.database.read() as tx:
        exact = select(func.count()).where(
            t.listing.c.published_at.is_not(None),
            t.listing.c.published_precision == Precision.EXACT.value,
        )
        assert tx.execute(exact).scalar_one() == len(expected)


def test_edits_make_versions_and_deletions_are_told_by_the_page(
    workspace: Workspace, site: PelicanSite
) -> None:
    """An entry that left the feed is not seen; its missing page says that it is gone."""
    poll(workspace, site, "atom")
    row = next(row for row in goods(COUNT) if row["title"].startswith("出 人脸"))
    edited = {**row, "title": row["title"] + " 现货 懂的来 一手"}
    site.put(edited)
    site.build()
    assert poll(workspace, site, "atom").changed_listings == 1
    look(workspace)
    assert states(workspace)[edited["title"]][0] == "seen"
    site.delete(row["id"])
    site.build()
    poll(workspace, site, "atom")
    assert states(workspace)[edited["title"]][0] == "not_seen"
    look(workspace)
    assert states(workspace)[edited["title"]][0] == "gone"


def look(workspace: Workspace) -> None:
    """Read all item pages that are due."""
    with workspace.database.write() as tx:
        claims = looks.claim_due(tx, now=workspace.database.now(), lease_s=600, limit=500)
    for claim in claims:
        assert look_at(workspace, claim) is Outcome.OK
