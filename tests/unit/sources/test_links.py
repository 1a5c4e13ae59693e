"""Links and pictures: absolute, http(s) only, wherever a page hides them."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from monitor.sources.links import Links, is_same_place, path_segment, query_value, resolve
from monitor.sources.pictures import MAX_PICTURES, absolute_pictures, picture_link, widest

BASE = "https://m.example:8443/list/search?q=1"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("/item/1", "https://m.example:8443/item/1"),
        ("item/1", "https://m.example:8443/list/item/1"),
        ("?page=2", "https://m.example:8443/list/search?page=2"),
        ("//img.example/a.jpg", "https://img.example/a.jpg"),
        ("http://other.example/a", "http://other.example/a"),
        ("  /item/1\n", "https://m.example:8443/item/1"),
        ("/it\nem/1", "https://m.example:8443/item/1"),
        ("/a/../b", "https://m.example:8443/b"),
        ("/台灯", "https://m.example:8443/台灯"),
        ("HTTPS://M.example/A", "https://M.example/A"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("data:image/gif;base64,xx", ""),
        ("fleamarket://item?id=1", ""),
        ("ftp://m.example/", ""),
        ("mailto:a@b.example", ""),
        ("https://user:pw@m.example/", ""),
        ("//user@m.example/", ""),
        ("https://m.example:99999/", ""),
        ("https://[::1", ""),
        ("/a\u202eb", ""),
        ("/" + "a" * 9_000, ""),
    ],
)
def test_a_link_becomes_absolute_or_nothing(link: str, absolute: str) -> None:
    """Only http(s) is kept, and no address that looks like another."""
    assert resolve(link, BASE) == absolute


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"(https?:)?/?/?[a-z0-9.\-]{0,12}/[A-Za-z0-9._~/?=&%-]{0,20}", fullmatch=True))
def test_the_quick_way_is_the_right_way(link: str) -> None:
    """Links that are not taken apart come out as the standard library makes them."""
    expected = urljoin(BASE, link)
    found = Links(BASE).resolve(link)
    if found:
        assert found == expected or urlsplit(found) == urlsplit(expected)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(max_size=40))
def test_no_link_makes_it_fail(link: str, base: str) -> None:
    """Any text beside any base gives an http(s) address or nothing."""
    found = resolve(link, base)
    assert not found or found.startswith(("http://", "https://"))
    path_segment(link, -1)
    query_value(link, "id")
    is_same_place(link, base)


def test_pieces_of_links_are_found() -> None:
    """Ids stand in paths and in queries."""
    assert path_segment("/u/7/item-9.html?x", 1) == "7"
    assert path_segment("/u/7", 5) == ""
    assert path_segment("/%E7%81%AF", 0) == "灯"
    assert query_value("/item?a=1&id=9&id=8", "id") == "9"
    assert query_value("/item?" + "&".join(["a=1"] * 500), "a") == ""
    assert is_same_place("https://m.example/s?q=1", "https://m.example/s/")
    assert not is_same_place("https://m.example/s", "https://m.example/login")


@pytest.mark.parametrize(
    ("element", "link"),
    [
        ('<img src="/a.jpg">', "/a.jpg"),
        ('<img src="/none.gif" data-src="/a.jpg">', "/a.jpg"),
        ('<img src="/none.gif">', ""),
        ('<img src="/none.gif" file="/a.jpg">', "/a.jpg"),
        ('<img src="data:image/gif;base64,x" data-original="/a.jpg">', "/a.jpg"),
        ('<img original="/a.jpg" src="/b.jpg">', "/a.jpg"),
        ('<img src="/s.jpg" srcset="/a,1.jpg 320w, /b.jpg 1280w">', "/b.jpg"),
        ("<i style=\"background-image:url('/a.jpg')\"></i>", "/a.jpg"),
        ('<i style="background: #fff url(/a.jpg) no-repeat"></i>', "/a.jpg"),
        ('<i style="background:url("></i>', ""),
        ('<a><span><img data-src="/a.jpg"></span></a>', "/a.jpg"),
        ("<img>", ""),
        ("<b>x</b>", ""),
    ],
)
def test_a_picture_is_found_where_the_page_hides_it(element: str, link: str) -> None:
    """Lazy attributes go before src, and placeholders are no pictures."""
    node = LexborHTMLParser(f"<body>{element}</body>").css_first("body > *")
    assert node is not None
    assert picture_link(node) == link


@pytest.mark.parametrize(
    ("srcset", "link"),
    [
        ("/a 1x,/b 2x", "/a"),
        ("/a 1x, /b 2x", "/b"),
        ("/a", "/a"),
        ("", ""),
        (", ,", ""),
        ("/a 1.5x, /b 1x", "/a"),
        ("/a x, /b w", "/a"),
    ],
)
def test_the_widest_candidate_wins(srcset: str, link: str) -> None:
    """Addresses may hold commas, so only white space separates."""
    assert widest(srcset) == link


def test_pictures_are_counted_once_and_not_without_end() -> None:
    """Repeats go, and a page cannot make us keep thousands."""
    links = ["/a", "/a", "javascript:x", *(f"/{number}" for number in range(500))]
    found = absolute_pictures(links, Links("https://m.example/"))
    assert len(found) == MAX_PICTURES
    assert found[:2] == ("https://m.example/a", "https://m.example/0")
