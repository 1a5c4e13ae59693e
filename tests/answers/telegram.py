"""Generated pages of a Telegram channel's preview, in the shapes of sources.md 2.6."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CHANNEL", "Post", "no_preview", "posts", "preview"]

CHANNEL = "lamp_shop_example"


@dataclass(frozen=True, slots=True)
class Post:
    """One invented post.

    Attributes:
        number: of the post in its channel.
        text: its own words; line feeds become ``<br>``.
        time: as the page has it.
        views: as shown; "" for none.
        carried: markup of what else the post holds.
        before_text: markup above the text (a reply's quote, a forward's name).
        is_service: whether Telegram wrote it ("channel created").
    """

    number: int
    text: str = "台灯 现货"
    time: str = "2026-08-05T10:00:00+00:00"
    views: str = "1.2K"
    carried: str = ""
    before_text: str = ""
    is_service: bool = False

    def markup(self, channel: str = CHANNEL) -> str:
        """The post as the page has it."""
        words = html.escape(self.text).replace("\n", "<br/>")
        text = (
            f'<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>'
            if words
            else ""
        )
        views = f'<span class="tgme_widget_message_views">{self.views}</span>' if self.views else ""
        service = " service_message" if self.is_service else ""
        return (
            '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
            f'<div class="tgme_widget_message{service} js-widget_message" '
            f'data-post="{channel}/{self.number}"><div class="tgme_widget_message_bubble">'
            f"{self.before_text}{text}{self.carried}"
            f'<div class="tgme_widget_message_info">{views}'
            '<span class="tgme_widget_message_meta">'
            f'<a class="tgme_widget_message_date" href="https://t.me/{channel}/{self.number}">'
            f'<time datetime="{self.time}" class="time">10:00</time></a></span>'
            "</div></div></div></div>"
        )


def posts(count: int, start: int = 101) -> list[Post]:
    """So many different posts, the oldest first as the page has them."""
    return [Post(number, f"台灯 {number} 号\n可自提") for number in range(start, start + count)]


def preview(
    found: Sequence[Post],
    *,
    channel: str = CHANNEL,
    older: int | None = None,
    has_link: bool = True,
    extra: str = "",
) -> str:
    """The page of a channel.

    Args:
        found: the posts, the oldest first.
        channel: whose they are.
        older: the number that the way to older posts names; None: there is none.
        has_link: whether the head links there, too.
        extra: markup inside of the history.
    """
    link = (
        f'<link rel="prev" href="/s/{channel}?before={older}">'
        if older is not None and has_link
        else ""
    )
    button = (
        f'<a href="/s/{channel}?before={older}" class="tme_messages_more" '
        f'data-before="{older}"></a>'
        if older is not None
        else ""
    )
    body = "".join(post.markup(channel) for post in found)
    return (
        f"<!DOCTYPE html><html><head><title>台灯铺 – Telegram</title>{link}</head><body>"
        '<div class="tgme_channel_info"><div class="tgme_channel_info_header_title">'
        '<span dir="auto">台灯铺</span></div>'
        '<div class="tgme_channel_info_counter"><span class="counter_value">1.5K</span> '
        '<span class="counter_type">subscribers</span></div></div>'
        '<section class="tgme_channel_history js-message_history">'
        f"{button}{body}{extra}</section></body></html>"
    )


def no_preview() -> str:
    """What a channel without a preview shows: a card to open the app, at HTTP 200."""
    return (
        '<html><body><div class="tgme_page"><div class="tgme_page_title">台灯铺</div>'
        '<a class="tgme_action_button_new" href="tg://resolve?domain=x">View in Telegram</a>'
        "</div></body></html>"
    )
