"""A small shop on `ScriptedServer`: listings that a test can add, edit and take away.

It searches by substring, shows ten cards a page, has item pages, and can be told
to answer with a captcha page, a login wall or something else entirely.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from monitor.sources.definition import SourceDefinition
from tests.servers.scripted import Reply, ScriptedServer, Seen

__all__ = ["CAPTCHA", "LOGIN", "PAGE_SIZE", "Card", "Shop"]

PAGE_SIZE = 10
CAPTCHA = "<html><body><div id='nc_captcha'>安全验证</div></body></html>"
LOGIN = "<html><body><form action='/login'>请先登录</form></body></html>"


@dataclass(frozen=True, slots=True)
class Card:
    """One listing of the shop."""

    id: str
    title: str
    description: str = ""
    price: str = "¥88.00"
    seller: str = "s1"
    seller_name: str = "小店"
    picture: str = "/p.jpg"


class Shop:
    """Use as a context manager. Thread-safe enough for tests that change it between looks."""

    def __init__(self) -> None:
        self.server = ScriptedServer()
        self.cards: dict[str, Card] = {}
        self.override: Reply | None = None
        self.hidden: set[str] = set()
        """Words for which the search shows nothing, whatever is on sale."""
        self.server.route("/search", self._search)
        self.server.route("/item/*", self._item)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.__exit__(kind, error, trace)

    def put(self, *cards: Card) -> None:
        """Add or replace listings."""
        for card in cards:
            self.cards[card.id] = card

    def edit(self, card_id: str, **changes: str) -> None:
        """Change a listing."""
        self.cards[card_id] = replace(self.cards[card_id], **changes)

    def definition(
        self, name: str = "shop", *, tells_state: bool = False, **changes: object
    ) -> SourceDefinition:
        """The shop as an operator would describe it, with or without the state of items."""
        url = self.server.url("")
        fields = {
            "native_id": {"selector": "a", "attribute": "href", "path_segment": -1},
            "url": "a::attr(href)",
            "title": "a",
            "price": ".price",
            "seller_name": ".seller",
            "seller_id": ".seller::attr(data-id)",
            "pictures": "img::attr(src)",
        }
        item_fields = {
            "title": "h1",
            "description": ".text",
            "price": ".price",
            "seller_name": ".seller",
            "seller_id": ".seller::attr(data-id)",
            "pictures": "img::attr(src)",
        }
        item: dict[str, object] = {"url": f"{url}/item/{{native_id}}", "fields": item_fields}
        if tells_state:
            item_fields["state"] = ".state"
            item["states"] = {"on_sale": ["在售"]}
        return SourceDefinition.model_validate(
            {
                "name": name,
                "kind": "html",
                "min_interval_s": 0,
                "item_min_interval_s": 0,
                "picture_min_interval_s": 0,
                "robots": "obey",
                "options": {
                    "search": f"{url}/search?q={{term}}&page={{page}}",
                    "container": "#list",
                    "row": ".card",
                    "fields": fields,
                    "next": {"page_size": PAGE_SIZE},
                    "item": item,
                },
                **changes,
            }
        )

    def _search(self, seen: Seen) -> Reply:
        if self.override is not None:
            return self.override
        query = dict(seen.query)
        term, page = query["q"], int(query["page"])
        on_sale = () if term in self.hidden else self.cards.values()
        found = [c for c in on_sale if term in f"{c.title}{c.description}"]
        rows = "".join(_row(card) for card in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
        return _page(f"<div id='list'>{rows}</div>")

    def _item(self, seen: Seen) -> Reply:
        card = self.cards.get(seen.path.rsplit("/", 1)[-1])
        if card is None:
            return Reply(404, b"gone")
        seller = f"<span class=seller data-id={card.seller}>{html.escape(card.seller_name)}</span>"
        return _page(
            f"<h1>{html.escape(card.title)}</h1><p class=text>{html.escape(card.description)}</p>"
            f"<b class=price>{card.price}</b>{seller}<img src='{card.picture}'>"
            f"<em class=state>在售</em>"
        )


def _row(card: Card) -> str:
    return (
        f"<div class=card><a href='/item/{card.id}'>{html.escape(card.title)}</a>"
        f"<b class=price>{card.price}</b>"
        f"<span class=seller data-id={card.seller}>{html.escape(card.seller_name)}</span>"
        f"<img src='{card.picture}'></div>"
    )


def _page(body: str) -> Reply:
    text = f"<!doctype html><html><head><meta charset=utf-8></head><body>{body}</body></html>"
    return Reply(body=text, headers={"Content-Type": "text/html; charset=utf-8"})
