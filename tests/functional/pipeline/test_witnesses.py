"""A sudden zero is asked of the item pages of what was there before."""

from __future__ import annotations

import pytest

from monitor.config import Settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.pipeline.suppression import LOOKS
from monitor.pipeline.witnesses import WITNESSES
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, sources, watches
from tests.servers.scripted import Reply
from tests.servers.shop import CAPTCHA, PAGE_SIZE, Card, Shop

WORD, CONTROL = "四件套", "床单"


def cards(count: int, word: str = WORD) -> list[Card]:
    letter = "w" if word == WORD else "c"
    return [Card(f"{letter}{n}", f"纯棉{word} {n} 号") for n in range(count)]


class Scene:
    """One watch in a shop, of whose item pages the source file reads the state."""

    def __init__(self, workspace: Workspace, shop: Shop, clock: ManualClock) -> None:
        self.workspace, self.shop, self.clock = workspace, shop, clock
        self.define(tells_state=True)
        self.watch(WORD)

    def define(self, *, tells_state: bool, **changes: object) -> None:
        definition = self.shop.definition(tells_state=tells_state, max_pages=3, **changes)
        sources.put(self.workspace, definition, actor="test")

    def watch(self, word: str) -> None:
        keywords.add(self.workspace, KeywordDraft(word, "face_id_bundle"), actor="test")
        watches.add(self.workspace, "shop", [word], interval_s=60, actor="test")

    def look(self, word: str = WORD) -> Outcome | None:
        self.clock.advance(30)
        (watch,) = [w for w in watches.list_watches(self.workspace) if w.term == word]
        return watches.poll_now(self.workspace, watch.id).outcome

    def asked(self) -> list[str]:
        """Item pages so far."""
        return [seen.path for seen in self.shop.server.seen() if seen.path.startswith("/item")]


@pytest.fixture
def scene(workspace: Workspace, shop: Shop, clock: ManualClock) -> Scene:
    """See `Scene`."""
    return Scene(workspace, shop, clock)


def test_one_listing_that_is_still_on_sale_is_enough(scene: Scene) -> None:
    """After a single look, of a word with a single result, without any other watch."""
    scene.shop.put(*cards(1))
    assert scene.look() is Outcome.OK
    scene.shop.hidden.add(WORD)
    assert [scene.look(), scene.look()] == [Outcome.SUPPRESSED, Outcome.SUPPRESSED]
    scene.shop.hidden.clear()
    assert scene.look() is Outcome.OK


def test_a_word_that_all_sellers_leave_at_once_is_empty(scene: Scene) -> None:
    """However much was expected, and although a control has results."""
    scene.watch(CONTROL)
    scene.shop.put(*cards(8), *cards(8, CONTROL))
    for _ in range(LOOKS):
        assert (scene.look(), scene.look(CONTROL)) == (Outcome.OK, Outcome.OK)
    for card in cards(8):
        del scene.shop.cards[card.id]
    assert scene.look() is Outcome.EMPTY
    assert len(scene.asked()) == WITNESSES
    assert scene.look() is Outcome.EMPTY
    assert len(scene.asked()) == WITNESSES


def test_a_listing_that_was_changed_bears_no_witness(scene: Scene) -> None:
    """It is on sale, but the word is not in it any more."""
    scene.shop.put(*cards(1))
    scene.look()
    scene.shop.edit("w0", title="纯棉被套")
    assert scene.look() is Outcome.EMPTY


def test_a_page_that_does_not_say_on_sale_bears_no_witness(scene: Scene) -> None:
    """A market may show an item long after it was sold; then counts and control decide."""
    scene.define(tells_state=False)
    scene.shop.put(*cards(1))
    scene.look()
    scene.shop.hidden.add(WORD)
    assert scene.look() is Outcome.EMPTY


def test_an_empty_page_after_others_that_hides_what_is_on_sale_is_no_end(
    scene: Scene, workspace: Workspace
) -> None:
    """Nothing is marked as not seen, and the look counts as one that did not see."""
    scene.shop.put(*cards(PAGE_SIZE + 3))
    assert scene.look() is Outcome.OK
    usual = scene.shop._search
    scene.shop.server.route(
        "/search",
        lambda seen: (
            Reply(body="<div id='list'></div>") if dict(seen.query)["page"] == "2" else usual(seen)
        ),
    )
    assert scene.look() is Outcome.PARTIAL
    assert "still on sale" in watches.recent_polls(workspace, limit=1)[0].detail
    scene.shop.server.route("/search", usual)
    assert scene.look() is Outcome.OK


def test_an_empty_page_after_all_that_there_is_ends_the_look(scene: Scene) -> None:
    """What was on the second page is gone, as its item pages say."""
    scene.shop.put(*cards(PAGE_SIZE + 3))
    scene.look()
    for card in cards(PAGE_SIZE + 3)[PAGE_SIZE:]:
        del scene.shop.cards[card.id]
    assert scene.look() is Outcome.OK
    assert len(scene.asked()) == WITNESSES


def test_a_captcha_on_an_item_page_rests_the_item_pages_only(
    scene: Scene, workspace: Workspace
) -> None:
    """One witness is asked for; the zero then stands as it would without any."""
    scene.shop.put(*cards(3))
    scene.look()
    scene.shop.hidden.add(WORD)
    scene.shop.server.route("/item/*", Reply(body=CAPTCHA))
    assert scene.look() is Outcome.EMPTY
    assert len(scene.asked()) == 1
    assert [circuit.scope for circuit in watches.circuits(workspace)] == ["item"]


def test_witnesses_are_asked_within_the_hours_budget_of_item_pages(
    scene: Scene, settings: Settings, clock: ManualClock
) -> None:
    """Afterwards the zero stands as it would without any."""
    scene.shop.put(*cards(1))
    scene.look()
    scene.shop.hidden.add(WORD)
    limited = settings.model_copy(update={"looks_per_hour": 1})
    with open_workspace(limited, clock=clock) as workspace:
        scene.workspace = workspace
        assert [scene.look(), scene.look()] == [Outcome.SUPPRESSED, Outcome.EMPTY]
    assert len(scene.asked()) == 1


def test_the_control_word_of_a_source_file_serves_its_only_watch(scene: Scene) -> None:
    """Item pages say nothing here; one look with seven results is a baseline."""
    scene.define(tells_state=False, control_term=CONTROL)
    scene.shop.put(*cards(7), *cards(2, CONTROL))
    scene.look()
    scene.shop.hidden.add(WORD)
    assert scene.look() is Outcome.SUPPRESSED
    scene.shop.hidden.add(CONTROL)
    assert scene.look() is Outcome.EMPTY
