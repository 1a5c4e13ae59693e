"""The discuz source: searches, boards of three generations, threads, and what a forum refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemState, PageRequest
from monitor.errors import SourceError
from monitor.sources.discovery import build
from monitor.sources.discuz import DiscuzSource
from tests.answers.definitions import DISCUZ, changed
from tests.answers.discuz import BASE, board, found, notice, old_board, thread
from tests.answers.pages import Goods, answer_to, goods


def source(*changes: tuple[str, str]) -> DiscuzSource:
    """The forum's source, with parts of its file replaced."""
    built = build(changed(DISCUZ, *changes))
    assert isinstance(built, DiscuzSource)
    return built


SEARCH = source()
BOARD = source(("[options]", "[options]\nboard = 2"))


def answer(of: DiscuzSource, text: str, term: str = "台灯", *, final_url: str = "") -> Answer:
    """The forum's answer to the first request."""
    request = of.search_request(term)
    assert request is not None
    return answer_to(text, request.url, request=request, final_url=final_url)


def test_a_term_is_searched_by_the_forums_search() -> None:
    """In the charset that the forum understands."""
    request = SEARCH.search_request("人脸")
    assert request is not None
    assert request.url == f"{BASE}/search.php?mod=forum&searchsubmit=yes&srchtxt=%E4%BA%BA%E8%84%B8"
    old = source(("[options]", '[options]\nterm_encoding = "gbk"')).search_request("人脸")
    assert old is not None
    assert old.url.endswith("srchtxt=%C8%CB%C1%B3")


def test_the_parts_of_a_result() -> None:
    """Heading, snippet, author, board, time and counts."""
    (row,) = SEARCH.parse_search(answer(SEARCH, found([Goods("7", "出台灯")]))).listings
    assert (row.native_id, row.title, row.description) == ("7", "出台灯", "内容")
    assert row.url == f"{BASE}/forum.php?mod=viewthread&tid=7&highlight=x"
    assert (row.seller_name, row.seller_id) == ("台灯小铺", "7")
    assert row.published_at == datetime(2026, 8, 7, 8, 30, tzinfo=UTC)
    assert row.extra["board"] == "闲置"
    assert row.extra["views"] == {"value": 120, "is_approximate": False}


def test_the_parts_of_a_boards_row() -> None:
    """An exact time stands behind "an hour ago"; the last answer's author is not the seller."""
    (row,) = BOARD.parse_search(answer(BOARD, board([Goods("7", "出台灯")]))).listings
    assert (row.native_id, row.title) == ("7", "出台灯")
    assert row.url == f"{BASE}/thread-7-1-1.html"
    assert (row.seller_name, row.seller_id) == ("台灯小铺", "7")
    assert row.published_at == datetime(2026, 8, 7, 8, 30, tzinfo=UTC)
    assert row.extra["type"] == "闲置"
    assert row.extra["replies"] == {"value": 3, "is_approximate": False}


def test_a_boards_threads_are_filtered_for_the_term() -> None:
    """A board cannot search; no thread that holds the term is a true zero."""
    page = BOARD.parse_search(answer(BOARD, board([*goods(3), Goods("9", "旧书")])))
    assert len(page.listings) == 3
    assert page.notes == {"threads": 4}
    nothing = BOARD.parse_search(answer(BOARD, board(goods(3)), "照片活化"))
    assert nothing.outcome is Outcome.EMPTY


def test_pinned_threads_are_no_results() -> None:
    """They stand on every page and are the forum's own."""
    page = BOARD.parse_search(answer(BOARD, board(goods(1), pinned="台灯版规")))
    assert [row.native_id for row in page.listings] == ["1"]


def test_older_and_changed_forums_are_read_too() -> None:
    """Discuz 7, and forums that put the id on the row."""
    page = BOARD.parse_search(answer(BOARD, old_board(goods(3))))
    assert [row.native_id for row in page.listings] == ["1", "2", "3"]
    assert page.listings[0].seller_name == "台灯小铺"
    moved = board(goods(2)).replace(
        '<tbody id="normalthread_1"><tr>', '<tbody><tr id="normalthread_1">'
    )
    page = BOARD.parse_search(answer(BOARD, moved))
    assert [row.native_id for row in page.listings] == ["1", "2"]


def test_the_next_page_is_the_one_that_is_linked() -> None:
    """Its number is the search's, which only the forum knows; the term goes along."""
    link = "search.php?mod=forum&amp;searchid=12&amp;page=2"
    page = SEARCH.parse_search(
        answer(SEARCH, found(goods(2), following=link), final_url=f"{BASE}/search.php?searchid=12")
    )
    assert page.next_request is not None
    assert page.next_request.url == f"{BASE}/search.php?mod=forum&searchid=12&page=2"
    assert page.next_request.context["term"] == "台灯"
    away = found(goods(2), following="https://elsewhere.example/2")
    assert SEARCH.parse_search(answer(SEARCH, away)).next_request is None


def test_a_search_without_results_is_empty() -> None:
    """The forum says so in the list's place."""
    assert SEARCH.parse_search(answer(SEARCH, found([]))).outcome is Outcome.EMPTY


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("抱歉，您尚未登录，没有权限访问该版块", Outcome.LOGIN_REQUIRED),
        ("本版块阅读权限高于 10 才可以浏览", Outcome.LOGIN_REQUIRED),
        ("抱歉，您在 30 秒内只能进行一次搜索", Outcome.RATE_LIMITED),
        ("站点超过限制，请稍后再试", Outcome.RATE_LIMITED),
        ("抱歉，指定的版块不存在", Outcome.SCHEMA_CHANGED),
    ],
)
def test_what_the_forum_refuses_at_http_200_is_named(text: str, outcome: Outcome) -> None:
    """None of it is an empty list, and none of it says that a thread is gone."""
    assert SEARCH.parse_search(answer(SEARCH, notice(text))).outcome is outcome
    if outcome is not Outcome.SCHEMA_CHANGED:
        assert SEARCH.parse_item(answer_to(notice(text))).state is ItemState.UNKNOWN


def item(tid: str = "7") -> PageRequest:
    """The request for a thread."""
    request = SEARCH.item_request(tid, "")
    assert request is not None
    return request


def test_a_threads_first_post_is_read() -> None:
    """Not the answers; real pictures, not placeholders and smileys."""
    pictures = (
        '<img src="static/image/common/none.gif" zoomfile="data/attachment/a.jpg">'
        '<img src="static/image/smiley/1.gif" smilieid="1">'
        '<img id="aimg_2" file="data/attachment/b.jpg" src="static/image/common/none.gif">'
    )
    text = thread("出台灯", "九成新<br>可自提", pictures=pictures)
    page = SEARCH.parse_item(answer_to(text, item().url, request=item()))
    assert page.listing is not None
    assert (page.listing.native_id, page.listing.title) == ("7", "出台灯")
    assert page.listing.description == "九成新\n可自提"
    assert (page.listing.seller_name, page.listing.seller_id) == ("楼主", "5")
    assert page.listing.published_at == datetime(2026, 8, 7, 8, 30, 5, tzinfo=UTC)
    assert page.listing.picture_urls == (
        f"{BASE}/data/attachment/a.jpg",
        f"{BASE}/data/attachment/b.jpg",
    )


def test_a_deleted_thread_is_gone() -> None:
    """The forum says so and shows no post."""
    text = notice("抱歉，指定的主题不存在或已被删除或正在被审核")
    page = SEARCH.parse_item(answer_to(text, item().url, request=item()))
    assert (page.outcome, page.state) == (Outcome.OK, ItemState.GONE)


@pytest.mark.parametrize("native_id", ["", "7/../9", "x", "٣"])
def test_only_a_number_is_a_thread(native_id: str) -> None:
    """An id from a page never becomes a part of an address."""
    assert SEARCH.item_request(native_id, "") is None


def test_captures_of_the_forum_are_claimed() -> None:
    """By their host, or by the base that the page names."""
    assert SEARCH.claims(answer_to(found(goods(1)), f"{BASE}/search.php?searchid=3")) == "search"
    assert SEARCH.claims(answer_to(thread("a", "b"), f"{BASE}/thread-7-1-1.html")) == "item"
    assert SEARCH.claims(answer_to(found(goods(1)), "https://other.example/search.php")) is None
    assert SEARCH.claims(answer_to(found(goods(1)), "")) == "search"
    assert SEARCH.claims(answer_to(notice("x"), f"{BASE}/forum.php")) is None


@pytest.mark.parametrize(
    "base",
    ["bbs.example", "https://bbs.example/?a=1", "https://a:b@bbs.example/", "ftp://bbs.example/"],
)
def test_a_forums_address_is_a_folder(base: str) -> None:
    """What is wrong is said before anything is asked."""
    with pytest.raises(SourceError, match="base"):
        source((f'base = "{BASE}/"', f'base = "{base}"'))
