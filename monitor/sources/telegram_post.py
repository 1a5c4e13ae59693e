"""One post of a Telegram channel's preview: text, forwards, pictures, numbers (sources.md 2.6)."""

from __future__ import annotations

import html
import re
from typing import Any, Final

from selectolax.lexbor import LexborNode

from monitor.sources.markup import block_text
from monitor.sources.pictures import css_picture
from monitor.sources.texts import many_lines, one_line

__all__ = ["CHANNEL_NAME", "number_of", "read_post"]

CHANNEL_NAME: Final = r"[A-Za-z][A-Za-z0-9_]{3,31}"
TITLE_CHARS: Final = 80
# A post's own words, then those of what it carries, in the order in which people see them.
CARRIED: Final = (
    ".tgme_widget_message_poll_question",
    ".tgme_widget_message_poll_option_text",
    ".tgme_widget_message_document_title",
    ".tgme_widget_message_document_extra",
    ".link_preview_site_name",
    ".link_preview_title",
    ".link_preview_description",
)
PICTURES: Final = (
    ".tgme_widget_message_photo_wrap, .tgme_widget_message_video_thumb, .link_preview_image,"
    " .link_preview_right_image"
)
REPLY: Final = "tgme_widget_message_reply"
POST_CLASS: Final = "tgme_widget_message"
NUMBER: Final = re.compile(r"(?:.*/)?([0-9]{1,18})")
MAX_LINK_CHARS: Final = 300


def number_of(native_id: str) -> int | None:
    """The number in ``channel/123`` (or ``123`` alone), or None."""
    match = NUMBER.fullmatch(native_id)
    return int(match[1]) if match else None


def read_post(post: LexborNode) -> dict[str, Any]:
    """The raw values of a post, as `RowReader.read` takes them.

    The first line is the title, since posts have none. A reply's quote is not the post's own
    text. Pictures have signed addresses that expire.
    """
    native_id = post.attrs.get("data-post") or ""
    date = post.css_first(".tgme_widget_message_date")
    time = date.css_first("time[datetime]") if date is not None else None
    title, _, description = _text(post).partition("\n")
    if len(title) > TITLE_CHARS:
        description = f"{title}\n{description}"
        title = title[:TITLE_CHARS]
    return {
        "native_id": native_id,
        "title": title,
        "description": description,
        "url": _link(date) or f"https://t.me/{native_id}",
        "seller_name": _words(post, ".tgme_widget_message_from_author"),
        "published_at": (time.attrs.get("datetime") or "") if time is not None else "",
        "pictures": [
            link
            for node in post.css(PICTURES)
            if (link := css_picture(node.attrs.get("style") or ""))
        ],
        "extra": _extra(post),
        "counts": {"views": _words(post, ".tgme_widget_message_views")},
    }


def _text(post: LexborNode) -> str:
    own = [
        block_text(node) for node in post.css(".tgme_widget_message_text") if not _is_quoted(node)
    ]
    carried = [node.text() for selector in CARRIED for node in post.css(selector)]
    text = many_lines("\n".join([*own, *carried]))
    # A picture without a word may be an offer as well; the listing needs something to show.
    return text or _medium(post)


def _is_quoted(node: LexborNode) -> bool:
    """Whether it stands in the quote of a reply."""
    inside = node.parent
    while inside is not None:
        names = (inside.attrs.get("class") or "").split()
        if REPLY in names:
            return True
        if POST_CLASS in names:
            return False
        inside = inside.parent
    return False


def _medium(post: LexborNode) -> str:
    kinds = (
        ("[photo]", ".tgme_widget_message_photo_wrap"),
        ("[video]", ".tgme_widget_message_video_player"),
        ("[voice]", ".tgme_widget_message_voice"),
        ("[sticker]", ".tgme_widget_message_sticker_wrap"),
        ("[not supported]", ".message_media_not_supported"),
    )
    return next((name for name, selector in kinds if post.css_first(selector) is not None), "")


def _extra(post: LexborNode) -> dict[str, Any]:
    forwarded = post.css_first(".tgme_widget_message_forwarded_from_name")
    meta = _words(post, ".tgme_widget_message_meta")
    found = {
        "forwarded_from": _words(post, ".tgme_widget_message_forwarded_from_name"),
        "forwarded_from_url": _link(forwarded),
        "reply_to": _link(post.css_first(f"a.{REPLY}")),
        "is_edited": "edited" in meta,
        "has_video": post.css_first(".tgme_widget_message_video_player") is not None,
        "is_not_supported": post.css_first(".message_media_not_supported") is not None,
    }
    return {name: value for name, value in found.items() if value}


def _words(post: LexborNode, selector: str) -> str:
    node = post.css_first(selector)
    return one_line(node.text())[:TITLE_CHARS] if node is not None else ""


def _link(node: LexborNode | None) -> str:
    """The address of a link; those with a question before them are escaped twice."""
    link = (node.attrs.get("href") or "") if node is not None else ""
    return html.unescape(link)[:MAX_LINK_CHARS]
