"""Public Telegram channels through their web preview, ``https://t.me/s/CHANNEL``.

One source is one channel: what Telegram says of it (no preview, a rename) concerns no other.
A term is looked for by the preview's own search. Nothing is joined and nobody signs in; a
channel without a preview is `Outcome.PREVIEW_UNAVAILABLE`, never empty. Shapes: sources.md
2.6; the parts of a post are read in `telegram_post`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import Field
from selectolax.lexbor import LexborHTMLParser, LexborNode

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
from monitor.sources.counts import parse_count
from monitor.sources.definition import SourceDefinition
from monitor.sources.links import Links, path_segment, query_value
from monitor.sources.markup import MarkupError, parse_html
from monitor.sources.options import BlockTexts, Options, read_options
from monitor.sources.requests import RequestOptions
from monitor.sources.rows import MAX_ROWS, BadRow, RowReader, collect_rows
from monitor.sources.telegram_post import CHANNEL_NAME, number_of, read_post
from monitor.sources.texts import one_line

__all__ = ["SOURCE", "TelegramOptions", "TelegramSource"]

HOST = "t.me"
HISTORY = ".tgme_channel_history"
POST = ".tgme_widget_message[data-post]"
SERVICE = ".service_message"
NOTHING = ".tme_no_messages_found"
OLDER_LINK = "link[rel=prev]"
OLDER_BUTTON = "a.tme_messages_more[data-before]"
TITLE = ".tgme_channel_info_header_title, .tgme_header_title"
COUNTERS = ".tgme_channel_info_counter"
# The link to older posts is missing at times although there are some.
FULL_PAGE = 15
MAX_NOTE_CHARS = 200


class TelegramOptions(Options):
    """One public channel."""

    channel: str = Field(
        pattern=rf"^{CHANNEL_NAME}$", description="The channel's public name, without @."
    )
    base: str = Field(
        default="https://t.me",
        pattern=r"^https?://[^/?#@]+$",
        description="Address of the preview.",
    )
    blocks: BlockTexts = Field(default=BlockTexts(), description="Texts of block pages.")


class TelegramSource:
    """A channel's preview."""

    kind: ClassVar[str] = "telegram"
    options_model: ClassVar[type[Options]] = TelegramOptions

    def __init__(self, definition: SourceDefinition, options: TelegramOptions) -> None:
        self.definition = definition
        self._channel = options.channel
        self._page = f"{options.base}/s/{options.channel}"
        self._search = RequestOptions.model_validate(
            {"url": self._page, "params": {"q": "{term}", "before": "{before}"}}
        )
        self._detector = BlockDetector(options.blocks)
        self._rows = RowReader.of(definition)

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        return cls(definition, read_options(TelegramOptions, definition))

    def search_request(self, term: str) -> PageRequest | None:
        """The newest posts of the channel that hold the term."""
        return self._search.build({"term": term, "before": None})

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` for a capture of this channel's preview, else None."""
        if answer.url:
            return "search" if self._is_preview(answer.url) else None
        try:
            post = parse_html(answer.text).css_first(POST)
        except MarkupError:
            return None
        return "search" if post is not None and self._is_ours(post) else None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one page of posts, the newest first, and name the outcome."""
        tree = self._detector.open(answer)
        if isinstance(tree, Block):
            return SearchPage(tree.outcome, detail=tree.detail)
        history = tree.css_first(HISTORY)
        if history is None:
            block = self._without_history(answer)
            return SearchPage(block.outcome, detail=block.detail)
        posts = [post for post in history.css(POST) if not post.css_matches(SERVICE)]
        if posts:
            return self._with_posts(tree, history, posts, answer)
        if tree.css_first(NOTHING) is not None or history.css_first(SERVICE) is not None:
            return SearchPage(Outcome.EMPTY, total=0)
        block = self._detector.judge(answer, f"a post ({POST})")
        return SearchPage(block.outcome, detail=block.detail)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:  # noqa: ARG002
        """The preview around one post, or None when the id is none of this channel."""
        number = number_of(native_id)
        if number is None:
            return None
        return PageRequest(f"{self._page}/{number}", context={"native_id": native_id})

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read one post; it is gone when its neighbours on both sides are there."""
        tree = self._detector.open(answer)
        if isinstance(tree, Block):
            return ItemPage(tree.outcome, detail=tree.detail)
        history = tree.css_first(HISTORY)
        if history is None:
            block = self._without_history(answer)
            return ItemPage(block.outcome, detail=block.detail)
        posts = {number_of(post.attrs.get("data-post") or ""): post for post in history.css(POST)}
        # A capture may know no address; a page with one post is about that one.
        wanted = self._asked(answer) or (next(iter(posts)) if len(posts) == 1 else None)
        if wanted in posts:
            return self._item(posts[wanted], answer)
        numbers = [number for number in posts if number is not None]
        if wanted is not None and numbers and min(numbers) < wanted < max(numbers):
            return ItemPage(Outcome.OK, ItemState.GONE, detail="its neighbours are there")
        block = self._detector.judge(answer, "the post")
        return ItemPage(block.outcome, detail=block.detail)

    def _item(self, post: LexborNode, answer: Answer) -> ItemPage:
        try:
            listing = self._read(post, answer, channel_title="")
        except BadRow as bad:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail=f"{bad.field}: {bad.reason}")
        return ItemPage(Outcome.OK, listing.state, listing)

    def _with_posts(
        self, tree: LexborHTMLParser, history: LexborNode, posts: list[LexborNode], answer: Answer
    ) -> SearchPage:
        heading = tree.css_first(TITLE)
        title = one_line(heading.text()) if heading is not None else ""
        newest_first = posts[: -MAX_ROWS - 1 : -1]

        def read(post: LexborNode) -> ParsedListing:
            return self._read(post, answer, channel_title=title)

        listings, problems = collect_rows(newest_first, read, count=len(posts))
        if not listings:
            detail = f"none of {len(posts)} posts could be used"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail)
        if answer.is_truncated:
            reason = "cut by the byte cap; posts may be missing at its end"
            problems = (*problems, RowProblem(len(posts), "page", reason))
        return SearchPage(
            Outcome.OK,
            listings,
            problems,
            next_request=self._older(tree, history, posts, answer),
            notes=_notes(tree, title),
        )

    def _read(self, post: LexborNode, answer: Answer, *, channel_title: str) -> ParsedListing:
        values: dict[str, Any] = read_post(post)
        if number_of(values["native_id"]) is None or not self._is_ours(post):
            raise BadRow("native_id", "no post of this channel")
        values["seller_name"] = values["seller_name"] or channel_title or self._channel
        values["seller_id"] = self._channel.lower()
        return self._rows.read(values, Links(answer.final_url or answer.url), answer.fetched_at)

    def _older(
        self, tree: LexborHTMLParser, history: LexborNode, posts: list[LexborNode], answer: Answer
    ) -> PageRequest | None:
        """The request for older posts, or None at the channel's beginning."""
        link, button = tree.css_first(OLDER_LINK), history.css_first(OLDER_BUTTON)
        before = query_value((link.attrs.get("href") or "") if link is not None else "", "before")
        if not before and button is not None:
            before = button.attrs.get("data-before") or ""
        numbers = [number_of(post.attrs.get("data-post") or "") for post in posts]
        lowest = min((number for number in numbers if number is not None), default=1)
        if not before and len(posts) >= FULL_PAGE and lowest > 1:
            before = str(lowest)
        term = self._search.values_of(answer).get("term")
        # A page that leads back to itself would be read for ever.
        if not before.isdecimal() or len(before) > 18 or int(before) > lowest or term is None:
            return None
        return self._search.build({"term": term, "before": before})

    def _without_history(self, answer: Answer) -> Block:
        """A redirect from ``/s/CHANNEL`` to ``/CHANNEL`` says that there is no preview."""
        marked = self._detector.marked(answer)
        if marked is None and answer.status == 200 and self._has_left_preview(answer):
            return Block(Outcome.PREVIEW_UNAVAILABLE, "the channel shows no preview to guests")
        return marked or self._detector.judge(answer, f"the channel's posts ({HISTORY})")

    def _has_left_preview(self, answer: Answer) -> bool:
        return self._is_preview(answer.url) and not self._is_preview(answer.final_url)

    def _is_preview(self, url: str) -> bool:
        try:
            ours, asked = urlsplit(self._page), urlsplit(url)
            host = asked.hostname or ""
        except ValueError:
            return False
        is_path = path_segment(url, 0) == "s" and self._is_channel(path_segment(url, 1))
        return is_path and host in {HOST, ours.hostname}

    def _is_ours(self, post: LexborNode) -> bool:
        return self._is_channel((post.attrs.get("data-post") or "").partition("/")[0])

    def _is_channel(self, name: str) -> bool:
        return name.lower() == self._channel.lower()

    def _asked(self, answer: Answer) -> int | None:
        asked = answer.request.context.get("native_id", "") if answer.request else ""
        return number_of(asked) or number_of(path_segment(answer.url, -1))


def _notes(tree: LexborHTMLParser, title: str) -> dict[str, Any]:
    """What the page says of the channel: its title and its numbers of subscribers and the like."""
    notes: dict[str, Any] = {"channel_title": title[:MAX_NOTE_CHARS]} if title else {}
    for counter in tree.css(COUNTERS)[:10]:
        value, kind = counter.css_first(".counter_value"), counter.css_first(".counter_type")
        if value is not None and kind is not None and (count := parse_count(value.text()[:30])):
            notes[one_line(kind.text())[:30]] = count.value
    return notes


SOURCE = TelegramSource
