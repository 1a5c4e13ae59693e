"""A real shop program that nobody here wrote, read by configuration alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.config import load_settings
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.watch import PollSummary
from monitor.pipeline.look import look_at
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, sources, watches
from monitor.store import looks
from monitor.store import tables as t
from tests.realsites.goods import goods
from tests.realsites.shop import OscarShop

COUNT = 320
TERMS = ("四件套", "活化", "人脸", "现货秒发")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OscarShop]:
    """Filled with 320 products through oscar's own models."""
    with OscarShop(tmp_path_factory.mktemp("oscar"), goods(COUNT)) as opened:
        yield opened


@pytest.fixture
def workspace(tmp_path: Path, shop: OscarShop) -> Iterator[Workspace]:
    """A monitor that watches the shop for a few words."""
    settings = load_settings(
        data_dir=tmp_path / "data", allow_networks=("127.0.0.0/8",), looks_per_hour=100_000
    )
    with open_workspace(settings) as opened:
        sources.put(opened, shop.definition, actor="test")
        for term in TERMS:
            keywords.add(opened, KeywordDraft(term, "face_id_bundle"), actor="test")
            watches.add(opened, "oscar", [term], interval_s=600, actor="test")
        yield opened


def poll(workspace: Workspace, term: str) -> PollSummary:
    watch = next(w for w in watches.list_watches(workspace) if w.term == term)
    return watches.poll_now(workspace, watch.id)


def seen(workspace: Workspace, poll_id: int) -> set[str]:
    with workspace.database.read() as tx:
        query = (
            select(t.listing.c.native_id)
            .join(t.sighting, t.sighting.c.listing_id == t.listing.c.id)
            .where(t.sighting.c.poll_id == poll_id)
        )
        return set(tx.execute(query).scalars())


def listing(workspace: Workspace, native_id: str) -> tuple[str, int, int]:
    """(state, number of versions, price) of a listing."""
    with workspace.database.read() as tx:
        query = select(t.listing).where(t.listing.c.native_id == native_id)
        row = tx.execute(query).one()
        return row.state, row.versions, row.price_minor


def expected(term: str) -> set[str]:
    """Ids as the shop gives them: 1, 2, 3 ... in the order of filling."""
    return {
        str(number)
        for number, row in enumerate(goods(COUNT), start=1)
        if term in f"{row['title']} {row['description']}".split()
    }


@pytest.mark.parametrize("term", TERMS)
def test_every_matching_listing_is_found_over_all_pages(workspace: Workspace, term: str) -> None:
    """As many as the shop's own models hold, up to all 320."""
    summary = poll(workspace, term)
    assert summary.outcome is Outcome.OK
    assert summary.problems == []
    assert seen(workspace, summary.id) == expected(term)
    assert len(expected(term)) > 10


def test_every_field_is_read_as_the_shop_holds_it(workspace: Workspace, shop: OscarShop) -> None:
    """Titles, prices and links of all listings of a word, not of the first few."""
    poll(workspace, "四件套")
    with workspace.database.read() as tx:
        query = select(t.listing, t.listing_version.c.title).join(
            t.listing_version, t.listing_version.c.listing_id == t.listing.c.id
        )
        rows = tx.execute(query).all()
    assert {row.native_id for row in rows} == expected("四件套")
    for row in rows:
        held = goods(COUNT)[int(row.native_id) - 1]
        assert row.title == held["title"]
        assert row.price_minor == round(float(held["price"]) * 100)
        assert row.currency == "CNY"
        assert row.url.startswith(f"{shop.base_url}/catalogue/")
        assert row.url.endswith(f"_{row.native_id}/")


def test_a_word_without_matches_is_a_true_zero(workspace: Workspace) -> None:
    """The shop says so itself."""
    keywords.add(workspace, KeywordDraft("没有这种东西", "face_id_bundle"), actor="test")
    watches.add(workspace, "oscar", ["没有这种东西"], interval_s=600, actor="test")
    assert poll(workspace, "没有这种东西").outcome is Outcome.EMPTY


def test_edits_make_versions_and_deletions_are_told_by_the_item_page(
    workspace: Workspace, shop: OscarShop
) -> None:
    """First light's promise on a program with its own mind: slugs change with titles."""
    poll(workspace, "人脸")
    offer = next(
        number for number, row in enumerate(goods(COUNT), 1) if row["title"].startswith("出 人脸")
    )
    row = goods(COUNT)[offer - 1]
    assert listing(workspace, str(offer)) == ("seen", 1, (offer % 97) * 100 + 50)

    shop.edit(row["id"], row["title"] + " 懂的来 现货 一手", row["description"])
    assert poll(workspace, "人脸").changed_listings == 1
    look(workspace)
    state, versions, _ = listing(workspace, str(offer))
    assert state == "seen"
    assert versions >= 2

    shop.delete(row["id"])
    poll(workspace, "人脸")
    assert listing(workspace, str(offer))[0] == "not_seen"
    look(workspace)
    assert listing(workspace, str(offer))[0] == "gone"


def look(workspace: Workspace) -> None:
    """Read all item pages that are due."""
    with workspace.database.write() as tx:
        claims = looks.claim_due(tx, now=workspace.database.now(), lease_s=600, limit=500)
    for claim in claims:
        assert look_at(workspace, claim) is Outcome.OK


def test_item_pages_give_the_full_text(workspace: Workspace) -> None:
    """The search shows titles only; likely hits are read whole."""
    poll(workspace, "人脸")
    look(workspace)
    with workspace.database.read() as tx:
        rows = tx.execute(
            select(t.listing_version.c.description).where(t.listing_version.c.origin == "item")
        ).scalars()
        texts = set(rows)
    assert texts
    assert any("懂的来" in text for text in texts)
