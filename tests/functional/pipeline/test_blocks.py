"""No way on which an answer is read swallows a block, and none asks a source that rests."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import monitor
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.errors import ConflictError
from monitor.pipeline.look import look_at
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.suppression import LOOKS
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, watches
from monitor.store import looks
from monitor.store import watches as watch_store
from tests.servers.scripted import Reply, Seen
from tests.servers.shop import CAPTCHA, LOGIN, Card, Shop

WORD, CONTROL = "人脸四件套", "床单"
BLOCKS = {
    "captcha": (Reply(body=CAPTCHA), "challenged"),
    "login wall": (Reply(body=LOGIN), "login_required"),
    "401": (Reply(401), "login_required"),
    "403": (Reply(403), "challenged"),
    "429": (Reply(429, headers={"Retry-After": "7200"}), "rate_limited"),
}
ROOT = Path(monitor.__file__).parent


class Scene:
    """A shop whose two words have results, and the ways on which it is read."""

    def __init__(self, workspace: Workspace, shop: Shop) -> None:
        self.workspace, self.shop = workspace, shop
        text = "出人脸四件套 一手料 懂的来 现货"
        shop.put(*(Card(f"w{n}", f"{text} {n}") for n in range(12)))
        shop.put(*(Card(f"c{n}", f"纯棉{CONTROL} {n}") for n in range(8)))
        sources.put(workspace, shop.definition(max_pages=2), actor="test")
        for term in (WORD, CONTROL):
            keywords.add(workspace, KeywordDraft(term, "face_id_bundle"), actor="test")
        watches.add(workspace, "shop", [WORD, CONTROL], interval_s=60, actor="test")
        self.ids = {watch.term: watch.id for watch in watches.list_watches(workspace)}

    def block(self, reply: Reply, *, path: str, when: Callable[[Seen], bool]) -> None:
        """From now on, answer like this to some requests."""
        usual = self.shop._item if path.startswith("/item") else self.shop._search
        self.shop.server.route(path, lambda seen: reply if when(seen) else usual(seen))

    def first_page(self, reply: Reply) -> None:
        self.block(reply, path="/search", when=lambda _: True)
        watches.poll_now(self.workspace, self.ids[WORD])

    def later_page(self, reply: Reply) -> None:
        self.block(reply, path="/search", when=lambda seen: dict(seen.query)["page"] == "2")
        watches.poll_now(self.workspace, self.ids[WORD])

    def control_word(self, reply: Reply) -> None:
        for _ in range(LOOKS):
            for watch_id in self.ids.values():
                watches.poll_now(self.workspace, watch_id)
        self.shop.hidden.add(WORD)
        self.block(reply, path="/search", when=lambda seen: dict(seen.query)["q"] == CONTROL)
        watches.poll_now(self.workspace, self.ids[WORD])

    def check(self, reply: Reply) -> None:
        self.block(reply, path="/search", when=lambda _: True)
        sources.check(self.workspace, "shop", WORD)

    def item_page(self, reply: Reply) -> None:
        watches.poll_now(self.workspace, self.ids[WORD])
        self.block(reply, path="/item/*", when=lambda _: True)
        self.look_at_two()

    def look_at_two(self) -> None:
        """One process claims two before it asks for the first."""
        with self.workspace.database.write() as tx:
            now = self.workspace.database.now()
            claims = looks.claim_due(tx, now=now, lease_s=600, limit=2)
        for claim in claims:
            look_at(self.workspace, claim)

    def poll_both(self) -> None:
        """Both watches are due and claimed before the first is asked for."""
        with self.workspace.database.write() as tx:
            now = self.workspace.database.now()
            ids = list(self.ids.values())
            claims = watch_store.claim_due(tx, now=now, lease_s=600, limit=2, watch_ids=ids)
        assert len(claims) == 2
        for claim in claims:
            poll_watch(self.workspace, claim)

    def asked(self, path: str) -> int:
        return sum(seen.path.startswith(path) for seen in self.shop.server.seen())


@pytest.fixture
def scene(workspace: Workspace, shop: Shop) -> Scene:
    """See `Scene`."""
    return Scene(workspace, shop)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("way", ["first_page", "later_page", "control_word", "check", "item_page"])
def test_a_block_opens_a_circuit_on_every_way_and_nobody_is_asked_while_it_is_open(
    scene: Scene, workspace: Workspace, clock: ManualClock, way: str, block: str
) -> None:
    """Of the endpoint that refused; it lasts as long as the source asked for, else the setting."""
    reply, outcome = BLOCKS[block]
    getattr(scene, way)(reply)
    (circuit,) = watches.circuits(workspace)
    scope = "item" if way == "item_page" else "search"
    assert (circuit.source, circuit.scope, circuit.outcome) == ("shop", scope, outcome)
    pause_s = 7200 if block == "429" else workspace.settings.circuit_pause_s
    assert circuit.open_until == workspace.database.now() + timedelta(seconds=pause_s)
    path = "/item" if scope == "item" else "/search"
    asked = scene.asked(path)
    clock.advance(pause_s / 2)
    if scope == "item":
        scene.look_at_two()
    else:
        scene.poll_both()
        for look in (lambda: watches.poll_now(workspace, scene.ids[WORD]), lambda: check(scene)):
            with pytest.raises(ConflictError, match="rests until"):
                look()
    assert scene.asked(path) == asked


def check(scene: Scene) -> None:
    sources.check(scene.workspace, "shop", WORD)


def test_what_was_claimed_before_the_block_is_given_back_and_done_after_the_rest(
    scene: Scene, workspace: Workspace, clock: ManualClock
) -> None:
    """One request meets the captcha; the other watch has neither a look nor a failure."""
    scene.shop.override = Reply(body=CAPTCHA)
    scene.poll_both()
    assert scene.asked("/search") == 1
    assert len(watches.recent_polls(workspace)) == 1
    assert sorted(watch.failures for watch in watches.list_watches(workspace)) == [0, 1]
    scene.shop.override = None
    clock.advance(workspace.settings.circuit_pause_s + 1)
    scene.poll_both()
    assert {poll.outcome for poll in watches.recent_polls(workspace, limit=2)} == {"ok"}


def test_one_circuit_of_two_is_closed_by_hand(scene: Scene, workspace: Workspace) -> None:
    """The source's item pages rest on."""
    scene.item_page(Reply(403))
    scene.first_page(Reply(403))
    search, item = watches.circuits(workspace)
    assert watches.close_circuit(workspace, search.id, actor="li")
    assert not watches.close_circuit(workspace, search.id, actor="li")
    assert watches.circuits(workspace) == [item]


def test_nothing_but_the_one_module_fetches_and_parses_live_pages() -> None:
    """Who went past it could swallow a block.

    Pictures are no pages, and lie on hosts of their own: whoever opens them asks before
    each one whether the source rests, and a host's Retry-After holds for that host.
    """
    fetching = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "fetcher"
    }
    pictures = "pipeline/pictures.py"
    assert fetching == {"pipeline/asking.py", "pipeline/workspace.py", pictures}
