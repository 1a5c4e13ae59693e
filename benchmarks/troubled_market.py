"""A market that makes trouble at random, and knows of each request what it answered."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.clock import Clock
from monitor.sources.definition import SourceDefinition
from tests.servers.scripted import Reply, Script, Seen, endless, half_closed, reset, silent
from tests.servers.shop import CAPTCHA, LOGIN, PAGE_SIZE, Card, Shop

__all__ = ["BLOCKS", "HIDDEN", "INTERVAL_S", "TROUBLES", "USUAL_ROWS", "Answered", "TroubledMarket"]

INTERVAL_S = 5.0
"""Between two requests, as its source file says."""
HIDDEN = "word hidden"
CIRCLE = "redirect in a circle"
BLOCKS = {
    "captcha at 200": Reply(body=CAPTCHA),
    "login page at 200": Reply(body=LOGIN),
    "401": Reply(401, LOGIN),
    "403": Reply(403, "<h1>403</h1>"),
    "429": Reply(429),
    "429, retry after 20 min": Reply(429, headers={"Retry-After": "1200"}),
}
TROUBLES: dict[str, Reply | Script] = {
    **BLOCKS,
    "500": Reply(500, "<h1>500</h1>"),
    "503, retry after 5 min": Reply(503, headers={"Retry-After": "300"}),
    "404": Reply(404, "<h1>404</h1>"),
    "nothing at 200": Reply(),
    "new layout": Reply(body="<!doctype html><main><article>九成新</article></main>"),
    "garbage": Reply(body=b"\x1f\x8b\x00\xff<div class='card><li <a href=></ul>\xe4" * 40),
    CIRCLE: Reply(302, headers={"Location": "/circle"}),
    "cut connection": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<div id='list'>"),
    "short answer": half_closed(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n<ul>", stay_s=0),
    "endless answer": endless(),
    HIDDEN: Reply(body="<!doctype html><div id='list'></div>"),
}
SILENCE = "silence"
SILENCE_SHARE = 0.002
"""Of all troubles: each costs the source's whole time limit, which no clock can turn."""
TIMEOUT_S, PATIENT_S = 4.0, 60.0
"""The limit with silence, and without: no machine is so slow that an honest answer takes longer."""


USUAL_PAGES = 3
USUAL_ROWS = USUAL_PAGES * PAGE_SIZE
"""The most that a usual look reads."""
LIFE = timedelta(days=3)
"""Of an offer, on average; then another one comes, at another time."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One request.

    Attributes:
        at: by the turned clock.
        trouble: its name; empty for an honest answer.
        rows: on the honest page.
        is_item: asked for an item's page, not for a search.
    """

    at: datetime
    trouble: str
    rows: int
    is_item: bool = False


class TroubledMarket(Shop):
    """A `Shop` of which a share of all answers is trouble.

    Args:
        clock: the monitor's.
        seed: of the dice.
        has_silence: whether some requests are never answered.
    """

    def __init__(self, clock: Clock, seed: int, *, has_silence: bool = True) -> None:
        super().__init__()
        self._clock = clock
        self._has_silence = has_silence
        self._dice = random.Random(seed)
        self.share = 0.0
        self.answered: list[Answered] = []
        """Searches and item pages, in order."""
        self.asked_at: list[datetime] = []
        """All requests."""
        self._words: dict[str, int] = {}
        self._stirred_at = clock.now()
        self._count = 0
        self.server.route("/search", self._serve)
        self.server.route("/item/*", self._serve_item)
        self.server.route("/robots.txt", self._robots)
        self.server.route("/circle", self._circle)

    def stock(self, words: dict[str, int]) -> None:
        """Put so many offers of each word on sale; from now on they come and go."""
        self._words = dict(words)
        for word, count in words.items():
            for _ in range(count):
                self._offer(word)

    def _offer(self, word: str) -> None:
        self._count += 1
        self.put(Card(f"c{self._count}", f"九成新 {word} 第 {self._count} 号 包邮"))

    def stir(self) -> None:
        """Let offers be sold and new ones appear, each word's about as many as before."""
        now = self._clock.now()
        chance = (now - self._stirred_at) / LIFE
        self._stirred_at = now
        for card in [card for card in self.cards.values() if self._dice.random() < chance]:
            del self.cards[card.id]
        for word, count in self._words.items():
            for _ in range(count):
                if self._dice.random() < chance:
                    self._offer(word)

    def on_sale(self, word: str) -> list[Card]:
        """All that an honest search shows."""
        return [card for card in self.cards.values() if word in card.title]

    def polite(self, name: str) -> SourceDefinition:
        """Its source file."""
        return self.definition(
            name,
            min_interval_s=INTERVAL_S,
            item_min_interval_s=INTERVAL_S,
            max_pages=USUAL_PAGES,
            max_bytes=100_000,
            timeout_s=TIMEOUT_S if self._has_silence else PATIENT_S,
            tells_state=True,
        )

    def _robots(self, _seen: Seen) -> Reply:
        self.asked_at.append(self._clock.now())
        return Reply(404)

    def _circle(self, _seen: Seen) -> Reply:
        self.asked_at.append(self._clock.now())
        return Reply(302, headers={"Location": "/circle"})

    def _serve(self, seen: Seen) -> Reply | Script:
        now = self._clock.now()
        self.asked_at.append(now)
        kind = self._kind()
        if not kind:
            reply = self._search(seen)
            text = reply.body if isinstance(reply.body, str) else reply.body.decode()
            self.answered.append(Answered(now, "", text.count("class=card")))
            return reply
        self.answered.append(Answered(now, kind, 0))
        return self._trouble(kind)

    def _serve_item(self, seen: Seen) -> Reply | Script:
        now = self._clock.now()
        self.asked_at.append(now)
        kind = self._kind()
        if kind == CIRCLE:
            kind = ""
        self.answered.append(Answered(now, kind, 0, is_item=True))
        return self._trouble(kind) if kind else self._item(seen)

    def _trouble(self, kind: str) -> Reply | Script:
        return silent(2 * TIMEOUT_S) if kind == SILENCE else TROUBLES[kind]

    def _kind(self) -> str:
        if self._dice.random() >= self.share:
            return ""
        if self._has_silence and self._dice.random() < SILENCE_SHARE:
            return SILENCE
        return self._dice.choice(list(TROUBLES))
