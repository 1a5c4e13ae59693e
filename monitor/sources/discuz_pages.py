"""Where things are on Discuz! pages: lists of threads (X and 7), search results, a first post.

Shapes: sources.md 2.7, from the official X3.5 templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.sources.links import path_segment, query_value
from monitor.sources.markup import block_text
from monitor.sources.pictures import picture_link
from monitor.sources.texts import one_line

__all__ = [
    "Thread",
    "find_threads",
    "has_list",
    "is_nothing_found",
    "next_link",
    "notice_of",
    "read_thread",
    "thread_id",
]

BOARD: Final = "#threadlisttableid, table#moderate, form#moderate"
# Some forums put the id on the row instead of its tbody; Discuz 7 on a span in the row.
BOARD_ROWS: Final = '[id^="normalthread_"]'
OLD_TITLES: Final = 'span[id^="thread_"] a'
FOUND: Final = "#threadlist, .slst"
FOUND_ROWS: Final = "li.pbw[id]"
NOTHING: Final = "p.emp, .emp"
NOTICE: Final = "#messagetext, .alert_error, .alert_info"
NEXT: Final = ".pg a.nxt, .pages a.next"
FIRST_POST: Final = 'td[id^="postmessage_"], div[id^="postmessage_"]'
SUBJECT: Final = "#thread_subject, h1.ts, #threadtitle h1"
AUTHOR: Final = ".authi a.xw1, td.postauthor cite a, .postinfo cite a"
POSTED: Final = 'em[id^="authorposton"]'
PICTURES: Final = "img[file], img[zoomfile], img[src]"
ICONS: Final = ("smiley", "static/image", "images/common", "uc_server")
"""Parts of the addresses of pictures that belong to the forum, not to the post."""

NUMBER: Final = re.compile(r"\d{1,18}")
THREAD_PATH: Final = re.compile(r"thread-(\d{1,18})-")
SPACE_PATH: Final = re.compile(r"space-uid-(\d{1,18})")
REPLIES: Final = re.compile(r"(\d+)\s*个?回复")
VIEWS: Final = re.compile(r"(\d+)\s*次查看")
MAX_NOTICE_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Thread:
    """One row of a list: its element, and how it is read."""

    node: LexborNode
    read: Callable[[LexborNode], dict[str, Any]]

    def values(self) -> dict[str, Any]:
        """Raw values as `RowReader.read` takes them."""
        return self.read(self.node)


def has_list(tree: LexborHTMLParser) -> bool:
    """Whether the page holds a list of threads, be it empty."""
    return tree.css_first(f"{BOARD}, {FOUND}") is not None


def find_threads(tree: LexborHTMLParser) -> list[Thread]:
    """The rows of a board or of search results; pinned threads and separators are none."""
    found = [Thread(row, _read_found) for row in tree.css(FOUND_ROWS)]
    if found:
        return found
    rows = [Thread(row, _read_row) for row in tree.css(BOARD_ROWS) if _title(row) is not None]
    if rows:
        return rows
    # In Discuz 7 pinned ones come under a tbody of their own.
    old = [row for title in tree.css(OLD_TITLES) if (row := _row_of(title)) is not None]
    return [Thread(row, _read_row) for row in old]


def is_nothing_found(tree: LexborHTMLParser) -> bool:
    """Whether the list says that it holds nothing."""
    return has_list(tree) and tree.css_first(NOTHING) is not None


def notice_of(tree: LexborHTMLParser) -> str:
    """What the forum says instead of a page, or ""."""
    node = tree.css_first(NOTICE)
    return one_line(node.text())[:MAX_NOTICE_CHARS] if node is not None else ""


def next_link(tree: LexborHTMLParser) -> str:
    """The link to the next page as written, or ""."""
    node = tree.css_first(NEXT)
    return (node.attrs.get("href") or "") if node is not None else ""


def thread_id(link: str) -> str:
    """The thread that a link names (``thread-7-1-1.html``, ``?tid=7``), or ""."""
    match = THREAD_PATH.match(path_segment(link, -1))
    tid = match[1] if match else query_value(link, "tid")
    return tid if NUMBER.fullmatch(tid) else ""


def read_thread(tree: LexborHTMLParser) -> dict[str, Any] | None:
    """The first post of a thread as raw values, or None on a page without one."""
    post = tree.css_first(FIRST_POST)
    if post is None:
        return None
    canonical = tree.css_first("link[rel=canonical]")
    author = tree.css_first(AUTHOR)
    attached = tree.css_first(".pattl")
    pictures = [*post.css(PICTURES), *(attached.css(PICTURES) if attached is not None else ())]
    return {
        "native_id": thread_id(_attribute(canonical, "href")),
        "title": _words(tree.css_first(SUBJECT)),
        "description": block_text(post),
        "url": _attribute(canonical, "href"),
        "seller_name": _words(author),
        "seller_id": _user_id(_attribute(author, "href")),
        "published_at": _time(tree.css_first(POSTED)),
        "pictures": _own_pictures(pictures),
    }


def _read_found(row: LexborNode) -> dict[str, Any]:
    """A search result: heading, counts, snippet, and a last line of date, author and board."""
    title = row.css_first("h3 a")
    lines = row.css("p")
    last = lines[-1] if lines else None
    snippet = next((line for line in lines[1:-1] if line.text(deep=True).strip()), None)
    links = last.css("a") if last is not None else []
    author = next((link for link in links if _user_id(_attribute(link, "href"))), None)
    board = last.css_first("a.xi1") if last is not None else None
    counted = lines[0].text() if lines else ""
    return {
        "native_id": row.attrs.get("id") or thread_id(_attribute(title, "href")),
        "title": _words(title),
        "description": snippet.text() if snippet is not None else "",
        "url": _attribute(title, "href"),
        "seller_name": _words(author),
        "seller_id": _user_id(_attribute(author, "href")),
        "published_at": _time(last.css_first("span") if last is not None else None),
        "extra": {"board": _words(board)},
        "counts": {"replies": _first(REPLIES, counted), "views": _first(VIEWS, counted)},
    }


def _read_row(row: LexborNode) -> dict[str, Any]:
    """A row of a board: title, kind, author, time, counts."""
    title = _title(row)
    author = row.css_first("td.by cite a, td.author cite a")
    kind = row.css_first('th em a[href*="typeid"]')
    place = row.attrs.get("id") or ""
    numbers = place.rpartition("_")[2]
    return {
        "native_id": numbers if numbers.isdecimal() else thread_id(_attribute(title, "href")),
        "title": _words(title),
        "url": _attribute(title, "href"),
        "seller_name": _words(author),
        "seller_id": _user_id(_attribute(author, "href")),
        "published_at": _time(row.css_first("td.by em, td.author em")),
        "extra": {"type": _words(kind)},
        "counts": {
            "replies": _words(row.css_first("td.num a, td.nums strong")),
            "views": _words(row.css_first("td.num em, td.nums em")),
        },
    }


def _title(row: LexborNode) -> LexborNode | None:
    return row.css_first("a.xst") or row.css_first(OLD_TITLES)


def _row_of(node: LexborNode) -> LexborNode | None:
    row = node.parent
    while row is not None and row.tag != "tr":
        row = row.parent
    return row


def _user_id(link: str) -> str:
    match = SPACE_PATH.match(path_segment(link, -1))
    return match[1] if match else query_value(link, "uid")


def _time(node: LexborNode | None) -> str:
    """A time as shown; the title of an inner element is exact where the text says "3 hours ago"."""
    if node is None:
        return ""
    exact = node.attrs.get("title") or _attribute(node.css_first("[title]"), "title")
    return exact or one_line(node.text())


def _own_pictures(nodes: Sequence[LexborNode]) -> list[str]:
    links = [picture_link(node) for node in nodes]
    return [link for link in links if link and not any(part in link for part in ICONS)]


def _attribute(node: LexborNode | None, name: str) -> str:
    return (node.attrs.get(name) or "") if node is not None else ""


def _words(node: LexborNode | None) -> str:
    return one_line(node.text()) if node is not None else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text[:200])
    return match[1] if match else ""
