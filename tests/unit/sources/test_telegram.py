"""The telegram source: posts of a public preview, and channels that show none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemState, PageRequest, ParsedListing
from monitor.errors import SourceError
from monitor.sources.discovery import build
from monitor.sources.telegram import TelegramSource
from tests.answers.definitions import TELEGRAM, changed
from tests.answers.pages import answer_to
from tests.answers.telegram import CHANNEL, Post, no_preview, posts, preview

URL = f"https://t.me/s/{CHANNEL}"


def source(*changes: tuple[str, str]) -> TelegramSource:
    """The channel's source, with parts of its file replaced."""
    built = build(changed(TELEGRAM, *changes))
    assert isinstance(built, TelegramSource)
    return built


TG = source()


def asked(term: str = "台灯") -> PageRequest:
    """The first request for a term."""
    request = TG.search_request(term)
    assert request is not None
    return request


def answer(text: str, request: PageRequest | None = None, *, final_url: str = "") -> Answer:
    """The preview's answer to a request."""
    request = request or asked()
    return answer_to(text, request.url, request=request, final_url=final_url)


def read(post: Post) -> ParsedListing:
    """The listing of a single post."""
    (found,) = TG.parse_search(answer(preview([post]))).listings
    return found


def test_a_term_is_searched_in_the_channel() -> None:
    """By the preview's own search."""
    assert asked("照片 活化").url == f"{URL}?q=%E7%85%A7%E7%89%87%20%E6%B4%BB%E5%8C%96"


def test_the_parts_of_a_post() -> None:
    """First line and rest, time, link, views; the channel is the seller."""
    found = read(Post(7, "人脸 & 台灯\n可自提\n\n支持代发"))
    assert (found.native_id, found.url) == (f"{CHANNEL}/7", f"https://t.me/{CHANNEL}/7")
    assert (found.title, found.description) == ("人脸 & 台灯", "可自提\n支持代发")
    assert found.published_at == datetime(2026, 8, 5, 10, tzinfo=UTC)
    assert (found.seller_name, found.seller_id) == ("台灯铺", CHANNEL)
    assert found.extra == {"views": {"value": 1200, "is_approximate": True}}


def test_the_newest_post_comes_first() -> None:
    """The page has the oldest first; a listing's place in a poll is its rank."""
    page = TG.parse_search(answer(preview(posts(3))))
    assert [found.native_id.rpartition("/")[2] for found in page.listings] == ["103", "102", "101"]
    assert page.notes == {"channel_title": "台灯铺", "subscribers": 1500}


def test_the_quote_of_a_reply_is_not_the_posts_own_text() -> None:
    """Else one seller's words would be another's."""
    quote = (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{CHANNEL}/3">'
        '<div class="tgme_widget_message_text js-message_reply_text">出人脸四件套</div></a>'
    )
    found = read(Post(7, "没有了", before_text=quote))
    assert found.title == "没有了"
    assert "四件套" not in found.description
    assert found.extra["reply_to"] == f"https://t.me/{CHANNEL}/3"


def test_what_a_post_carries_is_read_as_well() -> None:
    """A poll, a file's name and a link's card are words of the seller."""
    carried = (
        '<div class="tgme_widget_message_poll_question">要哪种</div>'
        '<div class="tgme_widget_message_poll_option_text">带视频</div>'
        '<div class="tgme_widget_message_document_title">价目表.pdf</div>'
        '<a class="tgme_widget_message_link_preview"><div class="link_preview_title">新店</div>'
        '<div class="link_preview_description">全部现货</div></a>'
    )
    assert (
        read(Post(7, "看", carried=carried)).description
        == "要哪种\n带视频\n价目表.pdf\n新店\n全部现货"
    )


def test_pictures_of_an_album_and_of_a_video() -> None:
    """In order; an emoji is a character, not a picture."""
    wrap = "tgme_widget_message_photo_wrap"
    carried = (
        '<div class="tgme_widget_message_grouped_wrap">'
        f"""<a class="{wrap}" style="width:1px;background-image:url('https://cdn1.example/a.jpg')"></a>"""
        f"""<a class="{wrap}" style="background-image:url('https://cdn1.example/b.jpg')"></a></div>"""
        '<a class="tgme_widget_message_video_player"><i class="tgme_widget_message_video_thumb" '
        """style="background-image:url('https://cdn1.example/v.jpg')"></i></a>"""
        """<i class="emoji" style="background-image:url('//telegram.org/img/emoji/40/F09F.png')">"""
        "<b>😀</b></i>"
    )
    found = read(Post(7, "看图", carried=carried))
    assert found.picture_urls == tuple(f"https://cdn1.example/{name}.jpg" for name in "abv")
    assert found.extra["has_video"] is True


def test_a_post_of_pictures_alone_is_a_listing() -> None:
    """A price list may be nothing but a picture."""
    wrap = """<a class="tgme_widget_message_photo_wrap" style="background-image:url('https://c.example/a.jpg')"></a>"""
    found = read(Post(7, "", carried=wrap))
    assert found.title == "[photo]"
    assert found.picture_urls == ("https://c.example/a.jpg",)


def test_a_forward_names_where_it_is_from() -> None:
    """Sellers forward each other; a link with a question before it is escaped twice."""
    forward = (
        '<div class="tgme_widget_message_forwarded_from">Forwarded from '
        '<a class="tgme_widget_message_forwarded_from_name" '
        'href="https://t.me/other_shop?a=1&amp;amp;b=2">别家</a></div>'
    )
    extra = read(Post(7, "转", before_text=forward)).extra
    assert extra["forwarded_from"] == "别家"
    assert extra["forwarded_from_url"] == "https://t.me/other_shop?a=1&b=2"


def test_an_edited_post_says_so() -> None:
    """A changed price is worth knowing."""
    text = preview([Post(7)]).replace('_meta">', '_meta">edited ', 1)
    (found,) = TG.parse_search(answer(text)).listings
    assert found.extra["is_edited"] is True


def test_older_posts_are_asked_for_by_the_pages_link() -> None:
    """The term goes along."""
    page = TG.parse_search(answer(preview(posts(3), older=101)))
    assert page.next_request is not None
    assert page.next_request.url == f"{URL}?q=%E5%8F%B0%E7%81%AF&before=101"
    again = TG.parse_search(answer(preview(posts(2, 50)), page.next_request))
    assert again.outcome is Outcome.OK
    assert again.next_request is None


def test_a_full_page_without_a_link_has_older_posts_all_the_same() -> None:
    """Telegram leaves the link out at times."""
    page = TG.parse_search(answer(preview(posts(20))))
    assert page.next_request is not None
    assert page.next_request.url.endswith("&before=101")
    assert TG.parse_search(answer(preview(posts(20, 1)))).next_request is None


def test_a_link_to_the_same_posts_is_not_followed() -> None:
    """It would be read for ever."""
    assert TG.parse_search(answer(preview(posts(3), older=500))).next_request is None


@pytest.mark.parametrize(
    "text",
    [
        preview([], extra='<div class="tme_no_messages_found">No posts found</div>'),
        preview([Post(1, "Channel created", is_service=True)]),
    ],
    ids=["nothing found", "only rows of Telegram's own"],
)
def test_a_channel_without_a_match_is_empty(text: str) -> None:
    """The page says so, or holds nothing that anybody wrote."""
    assert TG.parse_search(answer(text)).outcome is Outcome.EMPTY


def test_a_history_without_posts_and_without_a_word_about_it_is_a_changed_page() -> None:
    """Never empty by guess."""
    assert TG.parse_search(answer(preview([]))).outcome is Outcome.SCHEMA_CHANGED


def test_a_channel_without_a_preview_is_not_empty() -> None:
    """It is the state that black-market channels are likely to be in."""
    page = TG.parse_search(answer(no_preview(), final_url=f"https://t.me/{CHANNEL}"))
    assert page.outcome is Outcome.PREVIEW_UNAVAILABLE
    item = TG.item_request(f"{CHANNEL}/7", "")
    assert item is not None
    shown = TG.parse_item(answer(no_preview(), item, final_url=f"https://t.me/{CHANNEL}/7"))
    assert (shown.outcome, shown.state) == (Outcome.PREVIEW_UNAVAILABLE, ItemState.UNKNOWN)


def test_the_same_page_without_a_redirect_is_a_changed_page() -> None:
    """Nothing says that the preview was refused."""
    assert TG.parse_search(answer(no_preview())).outcome is Outcome.SCHEMA_CHANGED


def test_posts_of_other_channels_are_reported_and_left_out() -> None:
    """A source is one channel."""
    text = preview([Post(7)], channel="another_shop")
    page = TG.parse_search(answer(text))
    assert page.outcome is Outcome.SCHEMA_CHANGED
    assert [problem.field for problem in page.problems] == ["native_id"]


def test_a_post_is_gone_only_between_its_neighbours() -> None:
    """At either end the page may simply not reach so far."""
    for number in (100, 102, 104):
        request = TG.item_request(f"{CHANNEL}/{number}", "")
        assert request is not None
        assert request.url == f"{URL}/{number}"
        around = [Post(101), Post(103)]
        page = TG.parse_item(answer(preview(around), request))
        assert page.state is (ItemState.GONE if number == 102 else ItemState.UNKNOWN), number
    request = TG.item_request(f"{CHANNEL}/103", "")
    shown = TG.parse_item(answer(preview([Post(101), Post(103, "还在")]), request)).listing
    assert shown is not None
    assert shown.title == "还在"


def test_captures_of_the_channel_are_claimed() -> None:
    """By their address, or by the posts in a saved page."""
    page = preview(posts(1))
    assert TG.claims(answer_to(page, f"https://t.me/s/{CHANNEL.upper()}?q=x")) == "search"
    assert TG.claims(answer_to(page, "https://t.me/s/another_shop")) is None
    assert TG.claims(answer_to(page, "")) == "search"
    assert TG.claims(answer_to(preview(posts(1), channel="another_shop"), "")) is None


@pytest.mark.parametrize("name", ["", "@lamp", "a/b", "lamp shop", "x" * 40, "+invite"])
def test_only_a_public_name_is_a_channel(name: str) -> None:
    """An invitation link would join a closed group."""
    with pytest.raises(SourceError, match="channel"):
        source((f'channel = "{CHANNEL}"', f'channel = "{name}"'))
