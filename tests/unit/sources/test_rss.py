"""The rss source: RSS, Atom and RDF; identity, search on either side, and harmless XML."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.outcome import Outcome
from monitor.errors import SourceError
from monitor.sources.discovery import build
from monitor.sources.rss import RssSource
from tests.answers.definitions import RSS, changed
from tests.answers.pages import Goods, answer_to, feed, goods

URL = "https://market.example/feed.xml"


def source(*changes: tuple[str, str]) -> RssSource:
    """The feed's source, with parts of its file replaced."""
    built = build(changed(RSS, *changes))
    assert isinstance(built, RssSource)
    return built


FEED = source()


@pytest.mark.parametrize("kind", ["rss", "atom", "rdf"])
def test_every_kind_of_feed_is_read(kind: str) -> None:
    """Title, text, link, author and time mean the same in all of them."""
    page = FEED.parse_search(answer_to(feed([Goods("7", "台灯 & 7 号")], kind=kind), URL))
    (found,) = page.listings
    assert page.outcome is Outcome.OK
    assert page.notes == {"entries": 1}
    assert found.title == "台灯 & 7 号"
    assert "说明" in found.description
    assert found.url == "https://market.example/item/7"
    assert found.seller_name == "台灯小铺"
    assert found.published_at == datetime(2026, 8, 5, 10, tzinfo=UTC)


def test_the_parts_of_an_rss_entry() -> None:
    """Lines of the description stay, pictures come from enclosures and from its HTML."""
    (found,) = FEED.parse_search(answer_to(feed([Goods("7", "台灯")]), URL)).listings
    assert found.native_id == "7"
    assert found.description == "台灯\n说明"
    assert found.picture_urls == (
        "https://img.market.example/e.jpg",
        "https://market.example/a.jpg",
    )
    assert found.extra == {"tags": ["灯"]}


def test_identity_is_id_then_link_then_words() -> None:
    """An entry without id and link is known again by title and time."""
    entries = (
        "<item><title>a</title><guid>g1</guid><link>/1</link></item>"
        "<item><title>b</title><link>https://market.example/2</link></item>"
        "<item><title>c</title><pubDate>Wed, 05 Aug 2026 18:00:00 +0800</pubDate></item>"
        f"<item><title>d</title><guid>{'x' * 5_000}</guid></item>"
        "<item></item>"
    )
    text = f"<rss version='2.0'><channel>{entries}</channel></rss>"
    page = FEED.parse_search(answer_to(text, URL))
    first, second, third, fourth = (found.native_id for found in page.listings)
    assert (first, second) == ("g1", "https://market.example/2")
    assert len(third) == len(fourth) == 32
    again = FEED.parse_search(answer_to(text, URL))
    assert [found.native_id for found in again.listings] == [first, second, third, fourth]
    assert [lost.field for lost in page.problems] == ["native_id"]


def test_a_whole_feed_is_filtered_for_the_term() -> None:
    """The server cannot search, so entries without the term are passed over."""
    request = FEED.search_request("照片活化")
    assert request is not None
    assert request.url == URL
    rows = [Goods("1", "照 片 活 化 包教包会"), Goods("2", "台灯"), Goods("3", "照片活化")]
    page = FEED.parse_search(answer_to(feed(rows), URL, request=request))
    assert [found.native_id for found in page.listings] == ["1", "3"]
    assert page.problems == ()
    assert page.notes == {"entries": 3}
    assert FEED.parse_search(answer_to(feed(goods(2)), URL, request=request)).outcome is (
        Outcome.EMPTY
    )


def test_a_captured_feed_is_read_whole() -> None:
    """Without a request there is no term to filter for."""
    assert len(FEED.parse_search(answer_to(feed(goods(3)), URL)).listings) == 3


def test_a_server_may_search() -> None:
    """Then its answer is taken as it is."""
    server = source(("feed.xml", "feed.xml?q={term}"), ('match = "client"', 'match = "server"'))
    request = server.search_request("台 灯")
    assert request is not None
    assert request.url == f"{URL}?q=%E5%8F%B0%20%E7%81%AF"
    page = server.parse_search(answer_to(feed([Goods("1", "灯具")]), request.url, request=request))
    assert len(page.listings) == 1


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (feed([]), Outcome.EMPTY),
        ("<html><p>请先登录</p></html>", Outcome.LOGIN_REQUIRED),
        ("<!doctype html><html>安全验证</html>", Outcome.CHALLENGED),
        ("<html>hello</html>", Outcome.SCHEMA_CHANGED),
        ('{"a": 1}', Outcome.SCHEMA_CHANGED),
        ("", Outcome.SCHEMA_CHANGED),
        ("<rssx>", Outcome.SCHEMA_CHANGED),
        ("<?xml version='1.0'?><!-- <rss> --><html></html>", Outcome.SCHEMA_CHANGED),
    ],
)
def test_a_feed_must_have_the_root_of_one(text: str, outcome: Outcome) -> None:
    """Login pages at status 200 are not empty feeds."""
    assert FEED.parse_search(answer_to(text, URL)).outcome is outcome


def test_a_cut_feed_keeps_its_entries() -> None:
    """What is there is read."""
    text = feed(goods(20))
    page = FEED.parse_search(answer_to(text[: len(text) // 2], URL))
    assert page.outcome is Outcome.OK
    assert 5 < len(page.listings) < 20
    assert [lost.field for lost in page.problems] == ["page"]


def test_a_feed_cut_before_its_first_entry_is_not_empty() -> None:
    """Nor is one in whose half no entry matched."""
    start = feed([]).removesuffix("</channel></rss>")
    assert FEED.parse_search(answer_to(start, URL)).outcome is Outcome.SCHEMA_CHANGED
    text, request = feed(goods(20)), FEED.search_request("照片")
    cut = answer_to(text[: len(text) // 2], URL, request=request, is_truncated=True)
    assert FEED.parse_search(cut).outcome is Outcome.TRANSPORT_ERROR


def test_declared_entities_and_foreign_files_do_nothing(tmp_path: Path) -> None:
    """No file is read, no address is asked, nothing is blown up."""
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET", encoding="utf-8")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    for declared, used in (
        (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;"),
        ('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
        (f'<!ENTITY e0 "aaaaaaaaaa">{bomb}', "&e11;"),
    ):
        text = (
            f"<?xml version='1.0'?><!DOCTYPE rss [{declared}]><rss version='2.0'><channel>"
            f"<item><title>t {used}</title><guid>1</guid></item></channel></rss>"
        )
        page = FEED.parse_search(answer_to(text, URL))
        assert "TOP-SECRET" not in str(page)
        assert len(str(page)) < 2_000


def test_a_body_that_looks_like_a_path_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed parser would open what names a file; it is handed bytes in memory."""
    monkeypatch.chdir(tmp_path)
    Path("<rss>").write_text(feed(goods(1)), encoding="utf-8")
    assert FEED.parse_search(answer_to("<rss>", URL)).listings == ()


def test_a_feed_in_gbk_is_read_by_its_declaration() -> None:
    """Bytes are handed over, so that header and declaration count."""
    text = feed([Goods("1", "人脸台灯")]).replace("<?xml", "<?xml", 1)
    text = text.replace('version="1.0"?', 'version="1.0" encoding="GBK"?', 1)
    answer = answer_to(text, URL, content_type="application/rss+xml")
    gbk = type(answer)(
        **{
            **{name: getattr(answer, name) for name in answer.__slots__},
            "body": text.encode("gbk"),
        }
    )
    assert FEED.parse_search(gbk).listings[0].title == "人脸台灯"


def test_a_following_page_is_asked_for() -> None:
    """Atom feeds may be in pages."""
    text = feed(goods(2), kind="atom").replace(
        "<title>m</title>", '<title>m</title><link rel="next" href="/feed.xml?page=2"/>'
    )
    request = FEED.search_request("台灯")
    following = FEED.parse_search(answer_to(text, URL, request=request)).next_request
    assert following is not None
    assert following.url == f"{URL}?page=2"
    assert following.context == {"term": "台灯"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("feed.xml", "feed.xml?q={term}"), ('match = "client"', ""), ("feed.xml", "feed.xml?{page}")],
)
def test_a_term_stands_in_the_address_exactly_when_the_server_searches(old: str, new: str) -> None:
    """Otherwise a whole feed would count as results."""
    with pytest.raises(SourceError, match="search"):
        build(changed(RSS, (old, new)))


def test_item_pages_are_read_as_html() -> None:
    """The entry's own link, on the feed's host only."""
    request = FEED.item_request("7", "https://market.example/item/7")
    assert request is not None
    page = FEED.parse_item(answer_to("<div id=item><h1>台灯</h1></div>", request.url))
    assert page.listing is not None
    assert page.listing.title == "台灯"
    assert FEED.item_request("7", "https://evil.example/item/7") is None
