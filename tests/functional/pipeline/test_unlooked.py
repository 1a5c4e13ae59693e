"""Watches nobody looks at: which of them are gaps, and whose fault it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, event, func, insert, select

from monitor.domain.clock import ManualClock
from monitor.domain.gap import NOT_LOOKED, PAUSED, Gap
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.errors import ConflictError
from monitor.pipeline.suppression import LOOKS
from monitor.pipeline.workspace import Workspace
from monitor.services import coverage, keywords, sources, watches
from monitor.store import tables as t
from monitor.store.politeness import open_circuit
from tests.servers.scripted import Reply, Seen
from tests.servers.shop import CAPTCHA, Card, Shop

WORD, OTHER = "四件套", "床单"
INTERVAL_S = 60.0


@pytest.fixture
def ids(workspace: Workspace, shop: Shop) -> dict[str, int]:
    """Two watches of the shop, both of which have seen; their ids by keyword."""
    for letter, term in (("w", WORD), ("o", OTHER)):
        shop.put(*(Card(f"{letter}{n}", f"{term} {n} 号") for n in range(12)))
    sources.put(workspace, shop.definition(max_pages=2), actor="test")
    for term in (WORD, OTHER):
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", [WORD, OTHER], interval_s=INTERVAL_S, actor="test")
    found = {watch.term: watch.id for watch in watches.list_watches(workspace)}
    for watch_id in found.values():
        watches.poll_now(workspace, watch_id)
    return found


def listed(workspace: Workspace, term: str = WORD) -> list[Gap]:
    since = workspace.database.now() - timedelta(days=1)
    return [gap for gap in coverage.gaps(workspace, since) if gap.term == term]


def causes(workspace: Workspace, term: str = WORD) -> list[str]:
    return [gap.cause for gap in listed(workspace, term)]


def block(workspace: Workspace) -> None:
    """What another worker does that meets a captcha."""
    now = workspace.database.now()
    with workspace.database.write() as tx:
        open_circuit(
            tx,
            tx.execute(select(t.source.c.id)).scalar_one(),
            "search",
            outcome="challenged",
            reason="a captcha",
            until=now + timedelta(hours=1),
            now=now,
        )


def test_a_retired_keyword_is_no_gap(
    workspace: Workspace, shop: Shop, ids: dict[str, int], clock: ManualClock
) -> None:
    """Neither as one that nobody looks at nor with the gap that was open; others are."""
    shop.override = Reply(500)
    watches.poll_now(workspace, ids[WORD])
    clock.advance(10 * INTERVAL_S)
    assert causes(workspace) == ["transport_error"]
    keywords.retire(workspace, WORD, reason="over", actor="test")
    assert causes(workspace, OTHER) == [NOT_LOOKED]
    assert causes(workspace) == []
    keywords.retire(workspace, OTHER, reason="over", actor="test")
    assert causes(workspace, OTHER) == []


def test_an_expired_keyword_is_no_gap(
    workspace: Workspace, ids: dict[str, int], clock: ManualClock
) -> None:
    """It is one until it expires."""
    at = workspace.database.now() + timedelta(seconds=20 * INTERVAL_S)
    keywords.edit(workspace, WORD, {"expires_at": at, "reason": "a trial"}, actor="test")
    clock.advance(10 * INTERVAL_S)
    assert causes(workspace) == [NOT_LOOKED]
    clock.advance(11 * INTERVAL_S)
    assert causes(workspace) == []


def test_a_pause_is_no_gap_and_a_resumed_watch_starts_afresh(
    workspace: Workspace, shop: Shop, ids: dict[str, int], clock: ManualClock
) -> None:
    """The next gap begins with the resumption, not with the look before the pause."""
    watches.set_paused(workspace, [ids[WORD]], paused=True, actor="test")
    clock.advance(100 * INTERVAL_S)
    assert listed(workspace) == []
    watches.set_paused(workspace, [ids[WORD]], paused=False, actor="test")
    resumed_at = workspace.database.now()
    assert listed(workspace) == []
    clock.advance(INTERVAL_S / 2)
    shop.override = Reply(500)
    watches.poll_now(workspace, ids[WORD])
    (gap,) = listed(workspace)
    assert (gap.began_at, gap.cause) == (resumed_at, "transport_error")


def test_a_look_after_a_pause_records_no_gap(
    workspace: Workspace, ids: dict[str, int], clock: ManualClock
) -> None:
    """Adding the watch once more resumes it, too."""
    watches.set_paused(workspace, [ids[WORD]], paused=True, actor="test")
    clock.advance(100 * INTERVAL_S)
    watches.add(workspace, "shop", [WORD], interval_s=INTERVAL_S, actor="test")
    watches.poll_now(workspace, ids[WORD])
    assert listed(workspace) == []


def test_a_pause_closes_the_open_gap(
    workspace: Workspace, shop: Shop, ids: dict[str, int], clock: ManualClock
) -> None:
    """It was not seen again: the gap is not caught up."""
    shop.override = Reply(500)
    watches.poll_now(workspace, ids[WORD])
    clock.advance(INTERVAL_S)
    watches.set_paused(workspace, [ids[WORD]], paused=True, actor="test")
    (gap,) = listed(workspace)
    assert (gap.cause, gap.ended_at) == (PAUSED, workspace.database.now())
    assert not gap.is_filled
    clock.advance(INTERVAL_S)
    watches.set_paused(workspace, [ids[WORD]], paused=False, actor="test")
    assert listed(workspace) == [gap]


def test_a_look_that_fails_while_its_watch_is_paused_opens_no_gap(
    workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """A person may still ask for it."""
    watches.set_paused(workspace, [ids[WORD]], paused=True, actor="test")
    shop.override = Reply(500)
    watches.poll_now(workspace, ids[WORD])
    assert listed(workspace) == []


def test_a_resting_source_shows_the_block_as_the_cause(
    workspace: Workspace, shop: Shop, ids: dict[str, int], clock: ManualClock
) -> None:
    """Also for the watch that did not meet it, and when the gap is closed after the rest."""
    shop.override = Reply(body=CAPTCHA)
    watches.poll_now(workspace, ids[OTHER])
    shop.override = None
    clock.advance(10 * INTERVAL_S)
    assert causes(workspace) == ["challenged"]
    watches.close_circuits(workspace, "shop", actor="test")
    watches.poll_now(workspace, ids[WORD])
    (gap,) = listed(workspace)
    assert (gap.cause, gap.ended_at) == ("challenged", workspace.database.now())


def test_a_rest_that_is_long_over_is_no_cause(
    workspace: Workspace, ids: dict[str, int], clock: ManualClock
) -> None:
    """Since it ended, the source could have been looked at."""
    block(workspace)
    clock.advance(10 * INTERVAL_S)
    watches.close_circuits(workspace, "shop", actor="test")
    clock.advance(10 * INTERVAL_S)
    assert causes(workspace) == [NOT_LOOKED]


def test_a_source_that_is_blocked_meanwhile_is_not_asked_for_a_further_page(
    workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """The look is partial and says why; the circuit stays as it is."""
    answer = shop._search

    def blocked_after(seen: Seen) -> Reply:
        block(workspace)
        return answer(seen)

    asked = len(shop.server.seen("/search"))
    shop.server.route("/search", blocked_after)
    summary = watches.poll_now(workspace, ids[WORD])
    assert (summary.outcome, summary.pages) == (Outcome.PARTIAL, 1)
    assert summary.detail == "the source rests: challenged"
    assert len(shop.server.seen("/search")) == asked + 1
    assert len(watches.circuits(workspace)) == 1


def test_a_source_that_is_blocked_meanwhile_is_not_asked_for_a_control_word(
    workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """The sudden zero proves nothing then."""
    for _ in range(LOOKS):
        for watch_id in ids.values():
            watches.poll_now(workspace, watch_id)
    shop.hidden.add(WORD)
    answer = shop._search

    def blocked_after(seen: Seen) -> Reply:
        block(workspace)
        return answer(seen)

    asked = len(shop.server.seen("/search"))
    shop.server.route("/search", blocked_after)
    assert watches.poll_now(workspace, ids[WORD]).outcome is Outcome.PARTIAL
    assert len(shop.server.seen("/search")) == asked + 1


def test_a_person_cannot_look_at_a_resting_source_without_closing_the_circuit(
    workspace: Workspace, shop: Shop, ids: dict[str, int]
) -> None:
    """The refusal names the way."""
    block(workspace)
    asked = len(shop.server.seen("/search"))
    with pytest.raises(ConflictError, match=r"challenged.*monitor sources resume shop"):
        watches.poll_now(workspace, ids[WORD])
    assert len(shop.server.seen("/search")) == asked
    watches.close_circuits(workspace, "shop", actor="test")
    assert watches.poll_now(workspace, ids[WORD]).outcome is Outcome.OK


def test_gaps_go_with_their_watch_and_outlive_its_looks(
    workspace: Workspace, shop: Shop, ids: dict[str, int], clock: ManualClock
) -> None:
    """Erasing either fails on no gap."""
    shop.override = Reply(500)
    for watch_id in ids.values():
        watches.poll_now(workspace, watch_id)
    with workspace.database.write() as tx:
        tx.execute(delete(t.poll))
    clock.advance(INTERVAL_S)
    watches.poll_now(workspace, ids[WORD])
    assert [gap.looks for gap in listed(workspace)] == [2]
    with workspace.database.write() as tx:
        tx.execute(delete(t.poll))
        tx.execute(delete(t.watch))
        assert tx.execute(select(func.count()).select_from(t.gap)).scalar_one() == 0


def test_listing_thousands_of_overdue_watches_takes_no_query_for_each(
    workspace: Workspace, ids: dict[str, int], clock: ManualClock
) -> None:
    """As many queries for two thousand as for two."""
    clock.advance(10 * INTERVAL_S)
    queries: list[str] = []

    def count(*arguments: object) -> None:
        queries.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", count)
    coverage.gaps(workspace, workspace.database.now())
    few = len(queries)
    with workspace.database.write() as tx:
        old = tx.execute(select(t.watch).where(t.watch.c.id == ids[WORD])).one()._asdict()
        del old["id"]
        source = tx.execute(select(t.source)).one()._asdict()
        del source["id"]
        for n in range(2000):
            source["name"] = f"s{n}"
            row = insert(t.source).values(source).returning(t.source.c.id)
            old["source_id"] = tx.execute(row).scalar_one()
            tx.execute(insert(t.watch).values(old))
    queries.clear()
    gaps = coverage.gaps(workspace, workspace.database.now())
    event.remove(Engine, "before_cursor_execute", count)
    assert len(gaps) == 2002
    assert len(queries) == few > 0
