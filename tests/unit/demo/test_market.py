"""The faces of the sample market, asked over HTTP."""

from __future__ import annotations

import json
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor.demo.listings import MarketListing
from monitor.demo.market import Market
from monitor.domain.clock import ManualClock, SystemClock
from monitor.errors import InputError
from tests.unit.demo.clients import plain_client

HOSTILE = "<b>\"四件套\" & 'x'</b>]]>"


def goods() -> list[MarketListing]:
    """Forty-five of one sort, and one with everything that could break a page."""
    rows = [
        MarketListing(id=str(number), title=f"纯棉四件套 {number}", published_s_ago=number * 60.0)
        for number in range(1, 46)
    ]
    hostile = MarketListing(
        id="h",
        title=HOSTILE,
        description="第一行\n<script>alert(1)</script>\n" + "长" * 100,
        price="¥1,200",
        seller="小<满>",
        region="浙江杭州",
        picture="card",
        pictures=2,
    )
    return [*rows, hostile]


@pytest.fixture
def market(clock: ManualClock) -> Iterator[Market]:
    """A market whose clock the test turns."""
    with Market(goods(), clock) as opened:
        yield opened


@pytest.fixture
def client(market: Market) -> Iterator[httpx.Client]:
    """A client of it."""
    with plain_client(market.base_url) as opened:
        yield opened


def page(answer: httpx.Response) -> LexborHTMLParser:
    """The parsed page of a good answer."""
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


def test_search_pages_link_to_each_other_and_hold_each_match_once(client: httpx.Client) -> None:
    """Three pages of twenty, twenty and six, newest first."""
    ids: list[str] = []
    sizes = []
    link: str | None = "/search?q=四件套"
    while link:
        tree = page(client.get(link))
        cards = [node.attrs["data-id"] or "" for node in tree.css("#feed > li.card")]
        sizes.append(len(cards))
        ids += cards
        following = tree.css_first("a.next")
        link = following.attrs["href"] if following else None
    assert sizes == [20, 20, 6]
    assert ids == ["h", *(str(number) for number in range(1, 46))]


def test_a_card_shows_what_markets_show(client: httpx.Client) -> None:
    """Hostile text stays text; the card has only the beginning of the description."""
    card = page(client.get("/search", params={"q": HOSTILE})).css_first("li.card")
    assert card is not None

    def text(selector: str) -> str:
        node = card.css_first(selector)
        return node.text() if node else ""

    assert text("a.title") == HOSTILE
    assert text(".price") == "¥1,200"
    assert text(".seller") == "小<满>"
    assert text(".region") == "浙江杭州"
    assert text(".time") == "刚刚"
    assert len(text(".summary")) == 60
    assert card.css_first("script") is None


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(seconds=59), "刚刚"),
        (timedelta(minutes=5, seconds=10), "5分钟前"),
        (timedelta(hours=3, minutes=10), "3小时前"),
        (timedelta(hours=20), "昨天 12:00"),
        (timedelta(days=3), "2025-12-29"),
    ],
)
def test_times_are_shown_as_people_read_them(
    http: httpx.Client, age: timedelta, shown: str
) -> None:
    """It is 08:00 in Shanghai on the first of January 2026."""
    row = MarketListing(id="a", title="台灯", published_s_ago=age.total_seconds())
    with Market([row], ManualClock()) as market:
        tree = LexborHTMLParser(http.get(f"{market.base_url}/item/a").text)
        node = tree.css_first(".time")
        assert node is not None
        assert node.text() == shown


def test_zero_and_recommendations_look_different(market: Market, client: httpx.Client) -> None:
    """An empty list with its marker; or strangers under another marker."""
    empty = page(client.get("/search", params={"q": "火星"}))
    assert empty.css_first(".no-result") is not None
    assert empty.css_first("#feed") is not None
    assert empty.css(".card") == []
    related = page(client.get("/search", params={"q": "四件乐器批发市场"}))
    assert related.css_first(".related-tip") is not None
    assert related.css_first(".no-result") is None
    assert len(related.css(".card")) == 20
    assert related.css_first(".next") is None
    data = client.get("/api/search", params={"q": "四件乐器批发市场"}).json()["data"]
    assert data["is_related"]
    assert data["total"] == 0


def test_strange_page_numbers_are_the_first_page_or_an_empty_one(client: httpx.Client) -> None:
    """No number breaks the market."""
    for number in ("0", "-1", "x", "", "9" * 30, "²"):
        assert len(page(client.get("/search", params={"page": number})).css(".card")) == 20
    assert page(client.get("/search", params={"page": "999"})).css(".card") == []


def test_an_item_page_has_the_whole_text_and_all_pictures(client: httpx.Client) -> None:
    """The closer look finds what the card leaves out."""
    tree = page(client.get("/item/h"))
    lines = [node.text() for node in tree.css("#item .text p")]
    assert lines == ["第一行", "<script>alert(1)</script>", "长" * 100]
    links = [node.attrs["src"] or "" for node in tree.css(".gallery img")]
    assert links == ["/pictures/h-1.jpg", "/pictures/h-2.jpg"]
    for link in links:
        picture = client.get(link)
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8")
    for missing in (
        "/pictures/h-3.jpg",
        "/pictures/h-0.jpg",
        "/pictures/h.jpg",
        "/pictures/x-1.jpg",
    ):
        assert client.get(missing).status_code == 404


def test_a_removed_item_says_so_and_an_unknown_one_is_not_found(
    market: Market, client: httpx.Client
) -> None:
    """Gone and never there are different answers, in both faces."""
    market.remove("h")
    assert page(client.get("/item/h")).css_first(".item-gone") is not None
    assert client.get("/api/item/h").json()["code"] == 4004
    assert client.get("/item/never").status_code == 404
    assert "item-gone" not in client.get("/item/never").text.partition("<main>")[2]
    assert client.get("/api/item/never").status_code == 404
    assert client.get("/nowhere").status_code == 404


def test_the_json_face_answers_get_and_post_alike(client: httpx.Client) -> None:
    """One search, asked both ways; the item has the whole text."""
    first = client.get("/api/search", params={"q": "四件套", "page": 2}).json()
    second = client.post("/api/search", json={"q": "四件套", "page": 2}).json()
    assert first == second
    data = first["data"]
    assert (len(data["items"]), data["total"], data["has_next"]) == (20, 46, True)
    last = client.get("/api/search", params={"q": "四件套", "page": "3"}).json()["data"]
    assert (len(last["items"]), last["has_next"]) == (6, False)
    row = client.get("/api/search", params={"q": HOSTILE}).json()["data"]["items"][0]
    assert row["title"] == HOSTILE
    assert row["pictures"] == ["/pictures/h-1.jpg", "/pictures/h-2.jpg"]
    assert row["published_at"] == 1_767_225_600_000
    item = client.get("/api/item/h").json()["data"]["item"]
    assert item["description"].endswith("长" * 100)
    assert item["seller"] == row["seller"]
    assert client.post("/api/search", content=b"{").status_code == 400
    assert client.post("/api/search", json=[1]).json()["data"]["total"] == 46


def test_the_feed_is_well_formed_and_holds_matches_only(client: httpx.Client) -> None:
    """Hostile text is escaped; without a match there is no entry."""

    def feed(term: str) -> ET.Element:
        answer = client.get("/feed", params={"q": term})
        return ET.fromstring(answer.content)  # noqa: S314 - our own server's answer

    root = feed("四件套")
    entries = root.findall("./channel/item")
    assert len(entries) == 46
    assert entries[0].findtext("title") == HOSTILE
    assert entries[0].findtext("guid") == "h"
    assert (entries[0].findtext("link") or "").endswith("/item/h")
    assert feed("火星").find(".//item") is None


def test_robots_close_the_admin_routes_only(client: httpx.Client) -> None:
    """The monitor obeys robots.txt, so it must be let in."""
    assert "Disallow: /_demo/" in client.get("/robots.txt").text


def test_the_log_knows_who_asked_for_what_and_when(
    market: Market, client: httpx.Client, clock: ManualClock
) -> None:
    """Politeness is measured at the market's end."""
    client.get("/search", params={"q": "台灯", "page": "2"})
    clock.advance(7)
    client.get("/item/h")
    first, second = market.log()
    assert (first.path, first.query, first.page, first.status) == ("/search", "台灯", "2", 200)
    assert second.at - first.at == timedelta(seconds=7)
    assert [entry.path for entry in market.log("/item")] == ["/item/h"]


def test_each_mode_answers_as_such_a_market_does(market: Market, client: httpx.Client) -> None:
    """A block has no list in it, whatever its status."""
    market.mode = "captcha"
    assert "安全验证" in client.get("/search").text
    assert client.get("/api/search").json()["rgv587_flag"] == "sm"
    assert client.get("/robots.txt").text.startswith("User-agent")
    market.mode = "login"
    assert "请先登录" in client.get("/item/h").text
    assert client.get("/api/item/h").status_code == 401
    market.mode = "error"
    assert client.get("/search").status_code == 500
    market.mode = "rate_limited"
    assert client.get("/search").headers["retry-after"] == "2"
    market.mode = "garbage"
    assert client.get("/search").status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(client.get("/api/search").content.decode(errors="replace"))
    market.mode = "reset"
    with pytest.raises(httpx.TransportError):
        client.get("/search")
    assert market.mode == "reset"
    market.mode = "normal"
    assert len(page(client.get("/search")).css(".card")) == 20
    with pytest.raises(InputError):
        market.mode = "angry"


def test_trouble_can_be_of_a_part_and_by_chance(market: Market, client: httpx.Client) -> None:
    """Item pages may fail while searches go on; the dice follow the seed."""
    market.set_mode("error", path="/item")
    assert client.get("/item/h").status_code == 500
    assert client.get("/search").status_code == 200
    market.set_mode("error", path="/robots.txt")
    assert client.get("/robots.txt").status_code == 500
    market.mode = "normal"
    assert client.get("/robots.txt").status_code == 200
    market.set_mode("error")
    market.set_mode("login", path="/api/item")
    assert client.get("/api/item/h").status_code == 401
    market.mode = "normal"
    assert client.get("/api/item/h").status_code == 200
    market.set_mode("error", probability=0.5)
    statuses = [client.get("/search").status_code for _ in range(40)]
    assert 8 < statuses.count(500) < 32
    with pytest.raises(InputError):
        market.set_mode("slow", probability=2.0)
    with pytest.raises(InputError):
        market.set_mode("slow", delay_s=-1.0)


def test_a_slow_answer_is_a_good_one_and_does_not_hold_up_the_end(http: httpx.Client) -> None:
    """Stopping the market does not wait for delays."""
    market = Market(goods(), SystemClock())
    market.start()
    market.set_mode("slow", delay_s=0.2)
    started = time.monotonic()
    assert http.get(f"{market.base_url}/search").status_code == 200
    assert time.monotonic() - started >= 0.2
    market.set_mode("slow", delay_s=30)
    failures: list[Exception] = []

    def ask() -> None:
        try:
            http.get(f"{address}/search", timeout=20)
        except httpx.TransportError as error:
            failures.append(error)

    address = market.base_url
    thread = threading.Thread(target=ask)
    thread.start()
    while not market.log("/search")[1:]:
        time.sleep(0.01)
    started = time.monotonic()
    market.stop()
    thread.join()
    assert time.monotonic() - started < 5
    market.stop()


def test_it_can_be_moved_from_outside(market: Market, client: httpx.Client) -> None:
    """Admin routes do what the methods do, and answer mistakes with a reason."""
    added = client.post("/_demo/add", json={"id": "n", "title": "新来的台灯"})
    assert added.json()["ok"]
    assert market.appeared_at("n").isoformat() == added.json()["at"].replace("Z", "+00:00")
    assert client.post("/_demo/edit", json={"id": "n", "price": "¥3"}).status_code == 200
    assert market.shelf.get("n").listing.price == "¥3"  # type: ignore[union-attr]
    assert client.post("/_demo/remove", json={"id": "n"}).status_code == 200
    assert market.shelf.was_removed("n")
    assert client.post("/_demo/begin", json={}).status_code == 200
    client.post("/_demo/mode", json={"mode": "error", "path": "/item"})
    assert client.get("/item/h").status_code == 500
    entries = client.get("/_demo/log", params={"path": "/item"}).json()["entries"]
    assert [entry["mode"] for entry in entries] == ["error"]
    assert "h" in client.get("/_demo/appeared").json()["appeared"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/_demo/add", {"id": "h", "title": "again"}),
        ("/_demo/add", {"title": "no id"}),
        ("/_demo/edit", {"id": "never", "price": "1"}),
        ("/_demo/edit", {"id": "h", "colour": "red"}),
        ("/_demo/remove", {}),
        ("/_demo/mode", {"mode": "angry"}),
        ("/_demo/mode", {"mode": "slow", "delay_s": "long"}),
        ("/_demo/mode", {"mode": "slow", "colour": "red"}),
        ("/_demo/add", [1]),
    ],
)
def test_wrong_moves_from_outside_are_refused(
    client: httpx.Client, path: str, body: object
) -> None:
    """A test that moves the market wrongly gets a reason, and the market lives on."""
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/search").status_code == 200


def test_a_foreign_page_cannot_move_the_market(client: httpx.Client) -> None:
    """A browser posts forms and plain text to loopback unasked, but no JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post(
            "/_demo/remove", content=b'{"id": "h"}', headers={"content-type": kind}
        )
        assert answer.status_code == 400
    assert client.get("/_demo/remove").status_code == 404
    assert client.post("/_demo/unheard", json={}).status_code == 404


def test_oversized_and_unmeasured_bodies_are_refused(client: httpx.Client) -> None:
    """Nothing that is sent can fill the memory."""
    assert client.post("/api/search", content=b"x" * 1_000_001).status_code == 413
    assert client.post("/api/search", content=iter([b"x"])).status_code == 411


def test_many_ask_while_it_moves(market: Market) -> None:
    """No answer fails while listings come and go on other threads."""
    statuses: list[int] = []

    def ask() -> None:
        with plain_client(market.base_url) as own:
            statuses.extend(own.get("/search", params={"q": "四件"}).status_code for _ in range(15))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(100):
        market.add(MarketListing(id=f"m{number}", title="四件套"))
        market.remove(f"m{number}")
    for thread in threads:
        thread.join()
    assert statuses == [200] * 90
