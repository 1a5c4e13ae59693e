"""What was not seen, and words that a market hides: gaps and `suppressed`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.gap import NOT_LOOKED, Gap, Reach
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.pipeline.suppression import LOOKS, OLDEST
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, watches
from monitor.store import gaps
from tests.servers.scripted import Reply, Seen
from tests.servers.shop import CAPTCHA, Card, Shop

WORD, CONTROL = "四件套", "床单"
INTERVAL_S = 60.0
WORD_CARDS = [Card(f"w{n}", f"纯棉{WORD} {n} 号") for n in range(8)]
CONTROL_CARDS = [Card(f"c{n}", f"纯棉{CONTROL} {n} 号") for n in range(8)]

Look = Callable[[str], Outcome | None]


@pytest.fixture
def look(workspace: Workspace, shop: Shop, clock: ManualClock) -> Look:
    """One look for a word, half an interval after the last; both words are watched in the shop."""
    sources.put(workspace, shop.definition(max_pages=2), actor="test")
    for term in (WORD, CONTROL):
        keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", [WORD, CONTROL], interval_s=INTERVAL_S, actor="test")
    ids = {watch.term: watch.id for watch in watches.list_watches(workspace)}

    def one(term: str) -> Outcome | None:
        clock.advance(INTERVAL_S / 2)
        return watches.poll_now(workspace, ids[term]).outcome

    return one


def listed(workspace: Workspace, term: str = WORD) -> list[Gap]:
    with workspace.database.read() as tx:
        since = workspace.database.now() - 2 * OLDEST
        return [
            gap for gap in gaps.listed(tx, since, now=workspace.database.now()) if gap.term == term
        ]


def settle(shop: Shop, look: Look) -> None:
    """Both words have had results for as long as a baseline needs."""
    shop.put(*WORD_CARDS, *CONTROL_CARDS)
    for _ in range(LOOKS):
        assert look(WORD) is Outcome.OK
        assert look(CONTROL) is Outcome.OK


def take_away(shop: Shop, cards: list[Card]) -> None:
    for card in cards:
        del shop.cards[card.id]


def test_blind_looks_open_one_gap_and_the_next_that_sees_closes_it(
    workspace: Workspace, shop: Shop, look: Look
) -> None:
    """It begins with the last look that saw and ends with the first that sees again."""
    settle(shop, look)
    saw_at = watches.recent_polls(workspace, limit=2)[-1].started_at
    shop.override = Reply(404)
    look(WORD)
    shop.override = Reply(500)
    look(WORD)
    (gap,) = listed(workspace)
    assert (gap.began_at, gap.ended_at, gap.looks) == (saw_at, None, 2)
    assert (gap.cause, gap.reached) == ("transport_error", None)
    shop.override = None
    assert look(WORD) is Outcome.OK
    (gap,) = listed(workspace)
    assert gap.ended_at == workspace.database.now()
    assert gap.is_filled
    assert listed(workspace, CONTROL) == []


def test_the_first_look_after_a_gap_reads_deeper(
    workspace: Workspace, shop: Shop, look: Look
) -> None:
    """Two pages are usual here; what slipped to the third while nobody saw is found."""
    shop.put(*(Card(f"d{n}", f"{WORD} 新 {n}") for n in range(25)))
    look(WORD)
    assert watches.recent_polls(workspace, limit=1)[0].pages == 2
    shop.override = Reply(500)
    look(WORD)
    shop.override = None
    look(WORD)
    assert watches.recent_polls(workspace, limit=1)[0].rows == 25
    assert listed(workspace)[0].is_filled
    look(WORD)
    assert watches.recent_polls(workspace, limit=1)[0].pages == 2


def test_a_gap_that_even_a_deep_look_cannot_fill_says_so(
    workspace: Workspace, shop: Shop, look: Look
) -> None:
    """Eight pages are the most here."""
    shop.put(*(Card(f"d{n}", f"{WORD} 新 {n}") for n in range(95)))
    shop.override = Reply(500)
    look(WORD)
    shop.override = None
    look(WORD)
    (gap,) = listed(workspace)
    assert (gap.reached, gap.is_filled) == (Reach.LIMIT, False)


def test_a_time_in_which_nobody_looked_is_a_gap(
    workspace: Workspace, shop: Shop, look: Look, clock: ManualClock
) -> None:
    """The monitor was off; no look failed."""
    settle(shop, look)
    assert listed(workspace) == []
    clock.advance(10 * INTERVAL_S)
    look(WORD)
    (gap,) = listed(workspace)
    assert (gap.cause, gap.looks) == (NOT_LOOKED, 0)
    assert gap.ended_at is not None


def test_a_sudden_zero_beside_a_control_with_results_is_suppressed(
    workspace: Workspace, shop: Shop, look: Look
) -> None:
    """It stays so, it is a gap, and it ends when the word is found again."""
    settle(shop, look)
    shop.hidden.add(WORD)
    assert [look(WORD) for _ in range(4)] == [Outcome.SUPPRESSED] * 4
    assert listed(workspace)[0].cause == "suppressed"
    shop.hidden.clear()
    assert look(WORD) is Outcome.OK
    assert listed(workspace)[0].ended_at is not None


def test_a_source_that_is_empty_at_night_suppresses_nothing(shop: Shop, look: Look) -> None:
    """The control is empty, too, even though its last look had results."""
    settle(shop, look)
    take_away(shop, [*WORD_CARDS, *CONTROL_CARDS])
    assert look(WORD) is Outcome.EMPTY
    assert look(CONTROL) is Outcome.EMPTY


def test_a_new_keyword_without_results_is_empty(shop: Shop, look: Look) -> None:
    """Nothing is expected of it yet."""
    shop.put(*CONTROL_CARDS)
    for _ in range(LOOKS):
        assert look(CONTROL) is Outcome.OK
        assert look(WORD) is Outcome.EMPTY


def test_a_word_that_fades_ends_as_empty(shop: Shop, look: Look) -> None:
    """One listing less in each look."""
    settle(shop, look)
    for card in WORD_CARDS[:-1]:
        take_away(shop, [card])
        assert look(WORD) is Outcome.OK
    take_away(shop, WORD_CARDS[-1:])
    assert look(WORD) is Outcome.EMPTY


def test_a_control_that_meets_a_captcha_makes_the_look_blocked(
    workspace: Workspace, shop: Shop, look: Look
) -> None:
    """The zero before it proves nothing, and the source rests."""
    settle(shop, look)
    shop.hidden.add(WORD)
    answer = shop._search

    def blocked(seen: Seen) -> Reply:
        return Reply(body=CAPTCHA) if ("q", CONTROL) in seen.query else answer(seen)

    shop.server.route("/search", blocked)
    assert look(WORD) is Outcome.CHALLENGED
    assert [circuit.outcome for circuit in watches.circuits(workspace)] == ["challenged"]


def test_a_word_that_stays_silent_for_two_weeks_is_empty(
    shop: Shop, look: Look, clock: ManualClock
) -> None:
    """Its baseline is too old by then."""
    settle(shop, look)
    shop.hidden.add(WORD)
    assert look(WORD) is Outcome.SUPPRESSED
    clock.advance(OLDEST.total_seconds())
    assert look(CONTROL) is Outcome.OK
    assert look(WORD) is Outcome.EMPTY


@pytest.fixture
def save(workspace: Workspace, shop: Shop, tmp_path: Path) -> Callable[..., None]:
    """What a person's browser saves of the shop's search, handed in."""

    def saved(term: str, age_s: float = 1.0) -> None:
        file = tmp_path / "search.html"
        trouble, shop.override = shop.override, None
        file.write_bytes(httpx.get(shop.server.url(f"/search?q={quote(term)}&page=1")).content)
        shop.override = trouble
        saved_at = (workspace.database.now() - timedelta(seconds=age_s)).timestamp()
        os.utime(file, (saved_at, saved_at))
        sources.ingest(workspace, "shop", [file], term=term, actor="test")

    return saved


def test_an_answer_that_a_person_saved_ends_the_gap_of_its_word(
    workspace: Workspace, shop: Shop, look: Look, save: Callable[..., None]
) -> None:
    """Of no other; the next blind look opens a new one from there."""
    shop.put(*WORD_CARDS, *CONTROL_CARDS)
    shop.override = Reply(500)
    look(WORD)
    look(CONTROL)
    save(WORD)
    (gap,) = listed(workspace)
    assert gap.ended_at is not None
    assert gap.ended_at == workspace.database.now() - timedelta(seconds=1)
    assert gap.reached is Reach.CAPTURE_PART
    assert not gap.is_filled
    assert [other.ended_at for other in listed(workspace, CONTROL)] == [None]
    look(WORD)
    again, before = listed(workspace)
    assert (again.began_at, again.ended_at) == (before.ended_at, None)


def test_a_saved_answer_that_holds_all_there_is_fills_the_gap(
    workspace: Workspace, shop: Shop, look: Look, save: Callable[..., None]
) -> None:
    """Nothing at all, here: nothing can be missing from that."""
    shop.override = Reply(500)
    look(WORD)
    save(WORD)
    (gap,) = listed(workspace)
    assert (gap.reached, gap.is_filled) == (Reach.CAPTURE, True)


def test_an_answer_from_before_the_gap_does_not_end_it(
    workspace: Workspace, shop: Shop, look: Look, save: Callable[..., None]
) -> None:
    """It says nothing about it."""
    shop.put(*WORD_CARDS)
    look(WORD)
    shop.override = Reply(500)
    look(WORD)
    save(WORD, age_s=10 * INTERVAL_S)
    assert [gap.ended_at for gap in listed(workspace)] == [None]


def test_a_blocked_page_that_was_saved_ends_no_gap(
    workspace: Workspace, shop: Shop, look: Look, tmp_path: Path
) -> None:
    """Nobody saw anything on it."""
    shop.override = Reply(500)
    look(WORD)
    file = tmp_path / "captcha.html"
    file.write_text(CAPTCHA, "utf-8")
    now = workspace.database.now().timestamp()
    os.utime(file, (now, now))
    sources.ingest(workspace, "shop", [file], term=WORD, actor="test")
    assert [gap.ended_at for gap in listed(workspace)] == [None]
