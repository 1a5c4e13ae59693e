"""Parsing of a page of results: our html source beside bare parsers.

    python -m benchmarks.parse [--rounds N]

One page of 60 cards and about 134 KB is made here; each reader takes the same nine
fields of each card. The bare readers stop at raw strings; our source also cleans texts,
reads price, time and count, makes links absolute, checks for blocks and builds
listings. Before anything is timed, all readers must agree on what the page holds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from bs4 import BeautifulSoup
from lxml import html as lxml_html
from selectolax.lexbor import LexborHTMLParser, LexborNode

from benchmarks.turns import Reader, compare
from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer
from monitor.sources.definition import parse_definition
from monitor.sources.discovery import build

GOAL = 0.7
OURS = "monitor html source"
CARDS = 60
FIELDS = ("id", "url", "title", "price", "seller", "region", "time", "picture", "wants")
FETCHED_AT = datetime(2026, 8, 7, 9, tzinfo=UTC)
ADDRESS = "https://market.example/search?q=lamp"

DEFINITION = """
name = "bench"
kind = "html"
[options]
search = "https://market.example/search?q={term}"
container = "#results"
row = "article.card"
[options.fields]
native_id = "::attr(data-id)"
url = "a.title::attr(href)"
title = "a.title"
price = ".price"
seller_name = ".seller"
region = ".region"
published_at = "time"
pictures = "img.cover"
[options.fields.counts]
want_count = ".wants"
"""

CARD = """
<article class="card card--grid" data-id="{number}" data-track="{track}">
 <a class="cover-link" href="/item/{number}?from=search&amp;rank={rank}&amp;trace={track}">
  <img class="cover" src="/static/none.gif" data-src="//img.market.example/{number}_400.jpg"
   alt="" width="220" height="220" decoding="async"></a>
 <div class="card__body">
  <h3><a class="title" href="/item/{number}?from=search&amp;rank={rank}">{title}</a></h3>
  <p class="summary">{summary}</p>
  <div class="line"><span class="price"><em>¥</em>{yuan}<small>.50</small></span>
   <span class="wants">{wants}人想要</span></div>
  <div class="line"><span class="seller">{seller}</span><span class="region">广东 深圳</span>
   <time class="when">{hours}小时前发布</time></div>
  <ul class="tags">{tags}</ul>
  <div class="actions">{actions}</div>
 </div>
</article>"""


def make_page() -> str:
    """The page: invented goods, and as much around them as shops put there."""
    cards = []
    for rank in range(CARDS):
        number = 880_000_000_000 + rank * 7_919
        tags = "".join(f'<li class="tag tag--{i}"><span>包邮{i}</span></li>' for i in range(4))
        actions = "".join(
            f'<button type="button" class="button button--quiet" data-action="{name}" '
            f'data-payload="{{&quot;item&quot;:{number},&quot;trace&quot;:&quot;{number:024d}'
            f'&quot;}}" aria-label="{name}"><svg viewBox="0 0 24 24"><path d="M12 2l3 7h7l-5.5 '
            f'4.5L18 21l-6-4-6 4 1.5-7.5L2 9h7z"></path></svg></button>'
            for name in ("like", "share", "report")
        )
        cards.append(
            CARD.format(
                number=number,
                rank=rank,
                track=f"{number:040d}",
                title=f"九成新台灯 {rank} 号 &amp; 灯罩",
                summary="自用台灯,搬家出,功能完好,可以自提," * 3,
                yuan=20 + rank,
                wants=10 + rank,
                seller=f"灯具小铺{rank}",
                hours=1 + rank % 20,
                tags=tags,
                actions=actions,
            )
        )
    head = "<title>台灯</title>" + '<link rel="stylesheet" href="/static/app.css">' * 6
    menu = "".join(f'<li><a href="/c/{i}">分类 {i}</a></li>' for i in range(40))
    script = (
        "<script>window.state={" + ",".join(f'"k{i}":"{i:032d}"' for i in range(160)) + "}</script>"
    )
    return (
        f"<!doctype html><html><head>{head}</head><body><nav><ul>{menu}</ul></nav>"
        f'<main><section id="results">{"".join(cards)}</section></main>{script}</body></html>'
    )


Rows = list[tuple[str, ...]]


def with_selectolax(page: str) -> Rows:
    """Bare selectolax (lexbor): the peer of the goal."""
    rows = []
    container = LexborHTMLParser(page).css_first("#results")
    assert container is not None
    for card in container.css("article.card"):
        title = _first(card, "a.title")
        rows.append(
            (
                card.attributes["data-id"] or "",
                title.attributes["href"] or "",
                title.text(),
                _first(card, ".price").text(),
                _first(card, ".seller").text(),
                _first(card, ".region").text(),
                _first(card, "time").text(),
                _first(card, "img.cover").attributes["data-src"] or "",
                _first(card, ".wants").text(),
            )
        )
    return rows


def _first(node: LexborNode, selector: str) -> LexborNode:
    found = node.css_first(selector)
    assert found is not None
    return found


def with_lxml(page: str) -> Rows:
    """The lxml library with XPath."""
    rows = []
    for card in lxml_html.fromstring(page).xpath("//*[@id='results']//article"):
        (title,) = card.xpath(".//a[@class='title']")
        rows.append(
            (
                card.get("data-id"),
                title.get("href"),
                title.text_content(),
                *(
                    card.xpath(f".//*[@class='{name}']")[0].text_content()
                    for name in ("price", "seller", "region", "when")
                ),
                card.xpath(".//img[@class='cover']")[0].get("data-src"),
                card.xpath(".//*[@class='wants']")[0].text_content(),
            )
        )
    return rows


def with_beautifulsoup(page: str) -> Rows:
    """BeautifulSoup over lxml, with CSS selectors."""
    rows = []
    for card in BeautifulSoup(page, "lxml").select("#results article.card"):
        title = card.select_one("a.title")
        rows.append(
            (
                str(card["data-id"]),
                str(title["href"]),
                title.get_text(),
                *(
                    card.select_one(selector).get_text()
                    for selector in (".price", ".seller", ".region", "time")
                ),
                str(card.select_one("img.cover")["data-src"]),
                card.select_one(".wants").get_text(),
            )
        )
    return rows


def our_source() -> Callable[[str], object]:
    """Our html source on an answer that holds the page."""
    source = build(parse_definition(DEFINITION))

    def read(page: str) -> object:
        answer = Answer(ADDRESS, ADDRESS, 200, {}, b"", page, FETCHED_AT)
        return source.parse_search(answer)

    return read


def check_agreement(page: str) -> None:
    """All readers see the same page; a benchmark of wrong answers says nothing."""
    bare = with_selectolax(page)
    assert len(bare) == CARDS
    assert all(len(row) == len(FIELDS) for row in bare)
    assert with_lxml(page) == bare
    assert with_beautifulsoup(page) == bare
    ours = build(parse_definition(DEFINITION)).parse_search(
        Answer(ADDRESS, ADDRESS, 200, {}, b"", page, FETCHED_AT)
    )
    assert ours.outcome is Outcome.OK
    assert not ours.problems
    assert not ours.notes
    for row, listing in zip(bare, ours.listings, strict=True):
        assert listing.native_id == row[0]
        assert listing.url == f"https://market.example{row[1]}"
        assert (listing.title, listing.price_raw) == (row[2], row[3])
        assert (listing.seller_name, listing.region) == (row[4], row[5])
        assert listing.published_at is not None
        assert listing.picture_urls == (f"https:{row[7]}",)
        assert listing.extra["want_count"]["value"] == int(row[8].removesuffix("人想要"))
        assert listing.price_minor == round(float(row[3].removeprefix("¥")) * 100)


def main() -> int:
    """Print medians, ratios to bare selectolax and the conditions; 0 when the goal is met."""
    parser = argparse.ArgumentParser(description="Parsing speed beside bare parsers.")
    parser.add_argument("--rounds", type=int, default=100, help="turns of each reader")
    rounds = max(1, parser.parse_args().rounds)
    page = make_page()
    check_agreement(page)
    print(f"page: {CARDS} cards x {len(FIELDS)} fields, {len(page.encode()) / 1000:.0f} kB")
    readers: dict[str, Reader] = {
        "selectolax": with_selectolax,
        OURS: our_source(),
        "lxml": with_lxml,
        "BeautifulSoup": with_beautifulsoup,
    }
    libraries = ("selectolax", "lxml", "beautifulsoup4")
    is_met = compare(readers, page, rounds=rounds, ours=OURS, goal=GOAL, libraries=libraries)
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
