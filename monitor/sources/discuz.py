"""Discuz! forums: their search where guests may use it, or the threads of one of their boards.

Shapes: sources.md 2.7; where things are on the pages is in `discuz_pages`. A board's threads
are filtered here for the term, as a feed's entries are. What Discuz says at HTTP 200 instead
of a page (no rights, deleted, wait thirty seconds) is named by its words.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser

from monitor.domain.outcome import Outcome
from monitor.domain.page import (
    Answer,
    ItemPage,
    ItemState,
    PageRequest,
    ParsedListing,
    RowProblem,
    SearchPage,
)
from monitor.sources.blocks import Block, BlockDetector
from monitor.sources.definition import SourceDefinition
from monitor.sources.discuz_pages import (
    Thread,
    find_threads,
    has_list,
    is_nothing_found,
    next_link,
    notice_of,
    read_thread,
    thread_id,
)
from monitor.sources.links import Links, host_of, is_same_place, resolve
from monitor.sources.markup import MarkupError, parse_html
from monitor.sources.options import BlockTexts, Options, read_options
from monitor.sources.paging import link_request
from monitor.sources.requests import RequestOptions, check_address
from monitor.sources.rows import MAX_ROWS, BadRow, RowReader, collect_rows
from monitor.sources.templates import placeholders
from monitor.sources.terms import holds_term

__all__ = ["SOURCE", "DiscuzOptions", "DiscuzSource"]

LOGINS = ("尚未登录", "需要登录", "先登录", "没有权限", "无权", "阅读权限", "用户组")
RATE_LIMITS = ("秒内只能", "频繁", "请稍后", "超过限制")
GONE = ("已被删除", "不存在")


class DiscuzOptions(Options):
    """One forum."""

    base: str = Field(description="Address of the forum's folder, e.g. https://bbs.example.com/.")
    board: int = Field(
        default=0,
        ge=0,
        le=10**9,
        description="A board's number (fid) to read instead of searching.",
    )
    term_encoding: str = Field(
        default="utf-8", description="Charset of the search words, e.g. gbk for older forums."
    )
    blocks: BlockTexts = Field(default=BlockTexts(), description="Texts of block pages.")

    @field_validator("base")
    @classmethod
    def _is_folder(cls, base: str) -> str:
        if urlsplit(check_address(base)).query or "#" in base or placeholders(base):
            raise ValueError("an address without query, anchor and placeholders is expected")
        return base.rstrip("/")

    @property
    def search(self) -> RequestOptions:
        """The request for the first page."""
        board = f"mod=forumdisplay&fid={self.board}&orderby=dateline"
        wanted: dict[str, Any] = (
            {"url": f"{self.base}/forum.php?{board}"}
            if self.board
            else {
                "url": f"{self.base}/search.php?mod=forum&searchsubmit=yes",
                "params": {"srchtxt": "{term}"},
                "term_encoding": self.term_encoding,
            }
        )
        return RequestOptions.model_validate(wanted)

    @model_validator(mode="after")
    def _can_be_asked(self) -> DiscuzOptions:
        _ = self.search
        return self


class DiscuzSource:
    """A forum's search, or one of its boards."""

    kind: ClassVar[str] = "discuz"
    options_model: ClassVar[type[Options]] = DiscuzOptions

    def __init__(self, definition: SourceDefinition, options: DiscuzOptions) -> None:
        self.definition = definition
        self._base = options.base
        self._is_board = options.board > 0
        self._search = options.search
        self._detector = BlockDetector(options.blocks)
        self._rows = RowReader.of(definition)
        self._items = RowReader.of(definition, id_space="item")

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        return cls(definition, read_options(DiscuzOptions, definition))

    def search_request(self, term: str) -> PageRequest | None:
        """The newest threads that hold the term, or those of the board."""
        return self._search.build({"term": term})

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` or ``"item"`` for a capture of this forum, else None."""
        if answer.url and host_of(answer.url) != host_of(self._base):
            return None
        try:
            tree = parse_html(answer.text)
        except MarkupError:
            return None
        if not answer.url and not _is_of(tree, self._base):
            return None
        if has_list(tree) or is_nothing_found(tree):
            return "search"
        return "item" if read_thread(tree) is not None else None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one page of threads and name its outcome."""
        tree = self._detector.open(answer)
        if isinstance(tree, Block):
            return SearchPage(tree.outcome, detail=tree.detail)
        threads = find_threads(tree)
        if threads:
            return self._with_threads(tree, threads, answer)
        if is_nothing_found(tree):
            return SearchPage(Outcome.EMPTY, total=0)
        block = self._noticed(tree) or self._detector.judge(answer, "the list of threads")
        return SearchPage(block.outcome, detail=block.detail)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:  # noqa: ARG002
        """The thread, or None when the id is none."""
        if not native_id.isdecimal() or not native_id.isascii():
            return None
        address = f"{self._base}/forum.php?mod=viewthread&tid={native_id}"
        return PageRequest(address, context={"native_id": native_id})

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read a thread's first post; it is gone when the forum says so and shows none."""
        tree = self._detector.open(answer)
        if isinstance(tree, Block):
            return ItemPage(tree.outcome, detail=tree.detail)
        values = read_thread(tree)
        if values is None:
            return self._without_post(tree, answer)
        asked = answer.request.context.get("native_id") if answer.request else ""
        values["native_id"] = asked or values["native_id"] or thread_id(answer.url)
        try:
            links = Links(answer.final_url or answer.url or self._base)
            listing = self._items.read(values, links, answer.fetched_at)
        except BadRow as bad:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail=f"{bad.field}: {bad.reason}")
        return ItemPage(Outcome.OK, listing.state, listing)

    def _without_post(self, tree: LexborHTMLParser, answer: Answer) -> ItemPage:
        block = self._noticed(tree)
        if block is None and any(word in notice_of(tree) for word in GONE):
            return ItemPage(Outcome.OK, ItemState.GONE, detail="the forum says so")
        block = block or self._detector.judge(answer, "the first post")
        return ItemPage(block.outcome, detail=block.detail)

    def _noticed(self, tree: LexborHTMLParser) -> Block | None:
        """What the forum says instead of a page: that one must sign in, or wait."""
        notice = notice_of(tree)
        for outcome, words in (
            (Outcome.RATE_LIMITED, RATE_LIMITS),
            (Outcome.LOGIN_REQUIRED, LOGINS),
        ):
            if any(word in notice for word in words):
                return Block(outcome, "the forum's notice says so")
        return None

    def _with_threads(
        self, tree: LexborHTMLParser, threads: list[Thread], answer: Answer
    ) -> SearchPage:
        term = self._search.values_of(answer).get("term", "") if self._is_board else ""
        links = Links(answer.final_url or answer.url or self._base)

        def read(thread: Thread) -> ParsedListing | None:
            listing = self._rows.read(thread.values(), links, answer.fetched_at)
            is_wanted = holds_term(f"{listing.title}\n{listing.description}", term)
            return listing if is_wanted else None

        listings, problems = collect_rows(threads, read, count=len(threads))
        if not listings and len(problems) >= min(len(threads), MAX_ROWS):
            detail = f"none of {len(threads)} threads could be used"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail)
        if answer.is_truncated:
            reason = "cut by the byte cap; threads may be missing at its end"
            problems = (*problems, RowProblem(len(threads), "page", reason))
        following = resolve(next_link(tree), answer.final_url or answer.url)
        return SearchPage(
            Outcome.OK if listings else Outcome.EMPTY,
            listings,
            problems,
            next_request=link_request(following, self._search, answer),
            notes={"threads": len(threads)},
        )


def _is_of(tree: LexborHTMLParser, base: str) -> bool:
    """Whether a page without an address says that it is of this forum (Discuz writes a base)."""
    node = tree.css_first("head base[href]")
    return node is not None and is_same_place(node.attrs.get("href") or "", base)


SOURCE = DiscuzSource
