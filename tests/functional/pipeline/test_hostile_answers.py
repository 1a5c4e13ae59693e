"""What a hostile or broken market can send, through the whole pipeline."""

from __future__ import annotations

import itertools
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.watch import PollSummary
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, watches
from monitor.sources.definition import SourceDefinition
from monitor.store import tables as t
from tests.answers.pages import feed, goods
from tests.servers.scripted import Reply, ScriptedServer, Seen, endless, gzip_bomb
from tests.servers.shop import Card, Shop

MEGABYTE = 1_000_000
MAX_ROWS = 1_000
JSON_FIELDS = {"native_id": "id", "title": "title", "price": "price", "url": "link"}


def _big(start: str, row: str) -> bytes:
    rows = "".join(row.format(n=n) for n in range(20_000))
    repeated = (rows.encode() for _ in itertools.count())
    body = bytearray(start.encode())
    while len(body) < 50 * MEGABYTE:
        body += next(repeated)
    return bytes(body)


BIG_BODIES = {
    "html": lambda: _big(
        "<div id=list>", "<div class=card data-id={n}><a href=/{n}>台灯</a></div>"
    ),
    "json": lambda: _big('{"items": [', '{{"id": {n}, "title": "台灯", "link": "/{n}"}},'),
    "rss": lambda: _big(
        "<rss version='2.0'><channel>",
        "<item><guid>{n}</guid><title>台灯 {n}</title><link>http://a.example/{n}</link></item>",
    ),
}


@pytest.fixture
def database_url() -> str:
    """One database is enough: these bodies never come near it."""
    return ""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A market that does what a test says."""
    with ScriptedServer() as opened:
        yield opened


@pytest.fixture
def look(workspace: Workspace, server: ScriptedServer) -> Callable[[str], PollSummary]:
    """Poll the market once through a source of a kind."""

    def poll(kind: str) -> PollSummary:
        sources.put(workspace, definition(kind, server), actor="test")
        keywords.add(workspace, KeywordDraft("台灯", "face_id_bundle"), actor="test")
        watches.add(workspace, "market", ["台灯"], interval_s=60, actor="test")
        return watches.poll_now(workspace, watches.list_watches(workspace)[0].id)

    return poll


def definition(kind: str, server: ScriptedServer) -> SourceDefinition:
    search = server.url("/search") + "?q={term}&page={page}"
    options: dict[str, Any] = {
        "html": {
            "search": search,
            "container": "#list",
            "row": ".card",
            "fields": {"native_id": ".card::attr(data-id)", "title": "a", "url": "a::attr(href)"},
            "next": {"page_size": 10},
        },
        "json": {
            "search": search,
            "rows": "items",
            "fields": JSON_FIELDS,
            "price_unit": "major",
            "next": {"page_size": 2},
        },
        "rss": {"search": server.url("/search") + "?q={term}"},
    }[kind]
    row = {"name": "market", "kind": kind, "min_interval_s": 0, "options": options}
    return SourceDefinition.model_validate(row)


def count_listings(workspace: Workspace) -> int:
    with workspace.database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(t.listing)).scalar_one())


def titles(workspace: Workspace) -> set[str]:
    with workspace.database.read() as tx:
        return set(tx.execute(select(t.listing_version.c.title)).scalars())


@pytest.mark.parametrize("kind", ["html", "json", "rss"])
def test_fifty_megabytes_are_cut_off_while_they_arrive(
    workspace: Workspace, server: ScriptedServer, look: Callable[[str], PollSummary], kind: str
) -> None:
    """Memory stays bounded by the cap, and half a page is never taken for a whole one."""
    server.route("/search", Reply(body=BIG_BODIES[kind]()))
    tracemalloc.start()
    started = time.perf_counter()
    try:
        summary = look(kind)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert summary.outcome in {Outcome.PARTIAL, Outcome.TRANSPORT_ERROR}
    assert count_listings(workspace) <= MAX_ROWS
    assert peak < 400 * MEGABYTE
    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("script", [endless(b"<div class=card>"), gzip_bomb(200 * MEGABYTE)])
def test_a_body_without_end_comes_to_an_end(
    workspace: Workspace, server: ScriptedServer, look: Callable[[str], PollSummary], script: Any
) -> None:
    """Whether it is long on the wire or only when unpacked."""
    server.route("/search", script)
    assert look("html").outcome not in {Outcome.OK, Outcome.EMPTY}
    assert count_listings(workspace) == 0


def test_pages_that_are_always_new_stop_at_the_depth_of_the_source(
    workspace: Workspace, server: ScriptedServer, look: Callable[[str], PollSummary]
) -> None:
    """An endless feed of fresh rows is left after the pages that the definition allows."""
    fresh = itertools.count()

    def page(seen: Seen) -> Reply:
        rows = [{"id": next(fresh), "title": f"台灯 {seen.query}", "link": "/x"} for _ in range(2)]
        return Reply(body=json.dumps({"items": rows}))

    server.route("/search", page)
    summary = look("json")
    allowed = definition("json", server).max_pages
    assert (summary.pages, summary.rows) == (allowed, 2 * allowed)


def test_a_page_in_gbk_without_a_word_about_it_is_read(
    workspace: Workspace, server: ScriptedServer, look: Callable[[str], PollSummary]
) -> None:
    """Neither header nor meta names the charset."""
    card = "<div class=card data-id=1><a href=/1>护眼台灯，可调光</a></div>"
    page = f"<html><body><div id=list>{card}</div>"
    server.route("/search", Reply(body=page.encode("gbk"), headers={"Content-Type": "text/html"}))
    assert look("html").outcome is Outcome.OK
    assert titles(workspace) == {"护眼台灯，可调光"}


def test_lone_surrogates_and_nuls_are_stored_as_something_that_can_be_stored(
    workspace: Workspace, server: ScriptedServer, look: Callable[[str], PollSummary]
) -> None:
    """The row is kept, and the rows beside it too."""
    first = r'{"id": 1, "title": "台灯\ud83d 一", "link": "/1"}'
    second = r'{"id": 2, "title": "台\u0000灯 二", "link": "/2"}'
    body = f'{{"items": [{first}, {second}]}}'
    server.route("/search", Reply(body=body, headers={"Content-Type": "application/json"}))
    assert look("json").rows == 2
    for title in titles(workspace):
        title.encode("utf-8")
        assert "\x00" not in title


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("html", "<div id=list><div class=card data-id=1><a href=/1>台灯"),
        ("json", '{"items": [{"id": 1, "title": "台灯", "link": "/1"}, 7, null, {"title": "x"}]}'),
        ("rss", feed(goods(1)).replace("</rss>", "")),
    ],
)
def test_what_can_be_read_of_a_broken_page_is_kept(
    workspace: Workspace,
    server: ScriptedServer,
    look: Callable[[str], PollSummary],
    kind: str,
    body: str,
) -> None:
    """A bad row loses that row only."""
    server.route("/search", Reply(body=body))
    assert look(kind).outcome in {Outcome.OK, Outcome.PARTIAL}
    assert count_listings(workspace) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("json", '{"items": '),
        ("json", "[" * 100_000),
        ("json", "<html>not json</html>"),
        ("json", ""),
        ("rss", "<html>not a feed</html>"),
        ("rss", ""),
        ("html", ""),
        ("html", "\x00" * 1000),
    ],
)
def test_a_page_that_cannot_be_read_is_never_a_zero(
    workspace: Workspace,
    server: ScriptedServer,
    look: Callable[[str], PollSummary],
    kind: str,
    body: str,
) -> None:
    """It has changed, or something else is in its place."""
    server.route("/search", Reply(body=body))
    assert look(kind).outcome not in {Outcome.OK, Outcome.EMPTY}


@pytest.mark.parametrize(
    ("shown", "minor"),
    [
        ("面议", None),
        ("1.2万", 1_200_000),
        ("¥0.50", 50),
        ("当前价¥30", 3_000),
        ("免费送", None),
        ("", None),
    ],
)
def test_prices_are_stored_as_they_are_meant(
    workspace: Workspace, shop: Shop, shown: str, minor: int | None
) -> None:
    """Unknown is not zero."""
    shop.put(Card("p", "台灯", price=shown))
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("台灯", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["台灯"], interval_s=60, actor="test")
    watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
    with workspace.database.read() as tx:
        row = tx.execute(select(t.listing.c.price_minor, t.listing.c.price_raw)).one()
    assert (row.price_minor, row.price_raw) == (minor, shown)
