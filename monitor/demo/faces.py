"""The pages of the sample market: HTML for people, JSON for apps, a feed, pictures.

From a path to a `Reply`; the state is the shelf's, the looks are in `templates/`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from monitor.demo.pages import render
from monitor.demo.pictures import draw
from monitor.demo.serving import Reply, Request, json_reply
from monitor.demo.shelf import Shelf, ShownListing
from monitor.domain.clock import Clock

__all__ = ["Faces"]

ZONE = ZoneInfo("Asia/Shanghai")
SNIPPET_CHARS = 60
FEED_ENTRIES = 50
ROBOTS = b"User-agent: *\nDisallow: /_demo/\nAllow: /\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of an answer; `number` and `last` count from 1."""

    rows: Sequence[ShownListing]
    number: int
    last: int
    total: int
    is_related: bool


class Faces:
    """Answers all paths of the market but the admin ones. Thread-safe.

    Args:
        page_size: cards a page.
    """

    def __init__(self, shelf: Shelf, clock: Clock, *, page_size: int = 20) -> None:
        self._shelf = shelf
        self._clock = clock
        self._page_size = page_size
        self.captcha_page = render("captcha.html")
        self.login_page = render("login.html")

    def answer(self, request: Request) -> Reply:
        """The good answer to a request."""
        path = request.path.rstrip("/") or "/"
        fixed: dict[str, Callable[[Request], Reply]] = {
            "/": self._search_page,
            "/search": self._search_page,
            "/api/search": self._search_json,
            "/feed": self._feed,
            "/robots.txt": lambda _: Reply(200, ROBOTS, "text/plain; charset=utf-8"),
        }
        if path in fixed:
            return fixed[path](request)
        folder, _, name = path.rpartition("/")
        if folder == "/item":
            return self._item_page(name)
        if folder == "/api/item":
            return self._item_json(name)
        if folder == "/pictures":
            return self._picture(name)
        return Reply(404, render("gone.html", title="页面不存在", was_there=False))

    def _search_page(self, request: Request) -> Reply:
        term = request.query.get("q", "").strip()
        page = self._page(term, request.query.get("page", "1"))
        return Reply(200, self._render("search.html", term=term, page=page, chars=SNIPPET_CHARS))

    def _search_json(self, request: Request) -> Reply:
        asked: dict[str, Any] = dict(request.query)
        if request.method == "POST":
            try:
                body = orjson.loads(request.body)
            except orjson.JSONDecodeError:
                return json_reply({"code": 400, "message": "not JSON", "data": None}, 400)
            asked = body if isinstance(body, dict) else {}
        since, until = asked.get("since"), asked.get("until")
        page = self._page(
            str(asked.get("q", "")).strip(),
            str(asked.get("page", "1")),
            lambda shown: _is_between(shown, since, until),
        )
        return json_reply(
            {
                "code": 0,
                "message": "ok",
                "data": {
                    "items": [_json_row(shown) for shown in page.rows],
                    "total": 0 if page.is_related else page.total,
                    "page": page.number,
                    "has_next": page.number < page.last,
                    "is_related": page.is_related,
                },
            }
        )

    def _item_page(self, listing_id: str) -> Reply:
        shown = self._shelf.get(listing_id)
        if shown is not None:
            return Reply(200, self._render("item.html", shown=shown))
        was_there = self._shelf.was_removed(listing_id)
        page = render("gone.html", title="商品已下架", was_there=was_there)
        # A market that took a listing down still answers for it.
        return Reply(200 if was_there else 404, page)

    def _item_json(self, listing_id: str) -> Reply:
        shown = self._shelf.get(listing_id)
        if shown is not None:
            item = {**_json_row(shown), "description": shown.listing.description, "state": "在售"}
            return json_reply({"code": 0, "message": "ok", "data": {"item": item}})
        was_there = self._shelf.was_removed(listing_id)
        gone = {"code": 4004, "message": "宝贝不存在或已下架", "data": None}
        return json_reply(gone, 200 if was_there else 404)

    def _feed(self, request: Request) -> Reply:
        verdict = self._shelf.search(request.query.get("q", ""))
        rows = () if verdict.is_related else verdict.listings[:FEED_ENTRIES]
        base = f"http://{request.headers.get('host', '127.0.0.1')}"
        entries = [
            (shown, format_datetime(shown.published_at.astimezone(ZONE)), f"{base}/item/")
            for shown in rows
        ]
        text = self._render("feed.xml", entries=entries, base=base)
        return Reply(200, text, "application/rss+xml; charset=utf-8")

    def _picture(self, name: str) -> Reply:
        stem, _, ending = name.rpartition(".")
        listing_id, _, number = stem.rpartition("-")
        shown = self._shelf.get(listing_id)
        is_one = ending == "jpg" and number.isascii() and number.isdecimal() and len(number) < 3
        if shown is None or not is_one or not 1 <= int(number) <= shown.listing.pictures:
            return Reply(404, b"no such picture", "text/plain; charset=utf-8")
        picture = draw(shown.listing.picture, listing_id, int(number))
        return Reply(200, picture, "image/jpeg", {"Cache-Control": "max-age=3600"})

    def _page(
        self, term: str, number: str, is_wanted: Callable[[ShownListing], bool] = lambda _: True
    ) -> _Page:
        verdict = self._shelf.search(term)
        listings = [shown for shown in verdict.listings if is_wanted(shown)]
        total = len(listings)
        last = max(1, -(-total // self._page_size))
        is_number = number.isascii() and number.isdecimal() and len(number) < 7
        at = max(1, int(number)) if is_number else 1
        rows = listings[(at - 1) * self._page_size : at * self._page_size]
        return _Page(rows, at, last, total, verdict.is_related)

    def _render(self, template: str, **values: Any) -> bytes:
        """A page on which goods are shown."""
        return render(template, shown_time=self._shown_time, picture_url=_picture_url, **values)

    def _shown_time(self, at: datetime) -> str:
        """As markets write it: exact only for what is old."""
        now = self._clock.now()
        age = now - at
        local = at.astimezone(ZONE)
        days = (now.astimezone(ZONE).date() - local.date()).days
        if age < timedelta(minutes=1):
            return "刚刚"
        if age < timedelta(hours=1):
            return f"{int(age.total_seconds() // 60)}分钟前"
        if days == 0:
            return f"{int(age.total_seconds() // 3600)}小时前"
        if days == 1:
            return f"昨天 {local:%H:%M}"
        return f"{local.year}-{local.month}-{local.day}"


def _picture_url(shown: ShownListing, number: int = 1) -> str:
    return f"/pictures/{shown.listing.id}-{number}.jpg"


def _is_between(shown: ShownListing, since: object, until: object) -> bool:
    """Whether it was published in a window of milliseconds since 1970; an end may be missing."""
    at_ms = shown.published_at.timestamp() * 1000
    return not (
        (isinstance(since, int) and at_ms < since) or (isinstance(until, int) and at_ms > until)
    )


def _json_row(shown: ShownListing) -> dict[str, Any]:
    listing = shown.listing
    return {
        "id": listing.id,
        "title": listing.title,
        "summary": listing.description[:SNIPPET_CHARS],
        "price": listing.price,
        "seller": {"id": listing.seller_id, "nick": listing.seller},
        "region": listing.region,
        "published_at": int(shown.published_at.timestamp() * 1000),
        "url": f"/item/{listing.id}",
        "pictures": [_picture_url(shown, number + 1) for number in range(listing.pictures)],
    }
