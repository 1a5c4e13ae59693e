"""Bytes to text: declared, then UTF-8, then GB18030; whole characters only."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.fetching.charset import BY_LABEL, decode_body

CARD = "<h3>人脸四件套 包过</h3><p>價格30元，微信同号</p>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CARD.encode(), ""),
        (CARD.encode(), "text/html; charset=UTF-8"),
        (CARD.encode("gb18030"), ""),
        (CARD.encode("gb18030"), "text/html; charset=gb2312"),
        (CARD.encode("gb18030"), 'text/html; charset="GBK"'),
        (CARD.encode("gb18030"), "text/html;charset=x-unknown"),
        (b'<meta charset="gbk">' + CARD.encode("gb18030"), "text/html"),
        (b"<META http-equiv=x content='text/html; charset=gb2312'>" + CARD.encode("gbk"), ""),
        (b'<?xml version="1.0" encoding="GB2312"?>' + CARD.encode("gbk"), "text/xml"),
        (b"<meta charset=utf-16>" + CARD.encode(), ""),
        # Servers say ISO-8859-1 by default and UTF-8 out of habit.
        (CARD.encode("gb18030"), "text/html; charset=utf-8"),
        (b"<meta charset=gbk>" + CARD.encode("gb18030"), "text/html; charset=ISO-8859-1"),
        (CARD.encode(), "text/html; charset=ISO-8859-1"),
        (codecs.BOM_UTF8 + CARD.encode(), "text/html; charset=gbk"),
        (codecs.BOM_UTF16_LE + CARD.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + CARD.encode("utf-16-be"), "text/html; charset=utf-8"),
    ],
)
def test_the_text_comes_out_right(body: bytes, content_type: str) -> None:
    """However a page names its charset, wrongly or not at all."""
    assert decode_body(body, content_type).endswith(CARD)


def test_big5_is_read_when_declared() -> None:
    """Traditional Chinese markets still use it."""
    assert decode_body("臉部認證".encode("big5"), "text/html; charset=Big5") == "臉部認證"


def test_an_old_western_page_is_read() -> None:
    """What ISO-8859-1 means when nothing better fits."""
    assert decode_body(b"caf\xe9", "text/html; charset=iso-8859-1") == "café"


def test_one_broken_byte_does_not_turn_a_page_into_another_charset() -> None:
    """UTF-8 Chinese with one bad byte is also valid-looking GB18030, and nonsense there."""
    body = CARD.encode() * 3 + b"\xff" + CARD.encode()
    for content_type in ("", "text/html; charset=utf-8"):
        assert decode_body(body, content_type) == CARD * 3 + "\ufffd" + CARD


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_character_cut_in_two_is_no_wrong_charset(codec: str) -> None:
    """The byte cap cuts anywhere."""
    body = ("人脸" * 50).encode(codec)[:-1]
    text = decode_body(body, is_truncated=True)
    assert text == ("人脸" * 50)[:-1]


@pytest.mark.parametrize(
    "label", ["utf-7", "unicode_escape", "zip", "base64", "rot13", "idna", "", "x" * 300]
)
def test_a_page_cannot_ask_for_any_codec_of_python(label: str) -> None:
    """Some of them unpack archives or make lone surrogates."""
    assert decode_body(b"\\ud800 +AGE- plain", f"text/html; charset={label}").endswith("plain")


@pytest.mark.parametrize("filler", [b"", b"a"])
def test_a_page_that_says_utf_16_in_ascii_is_not(filler: bytes) -> None:
    """Half of such pages would decode, to nonsense."""
    body = b"<meta charset=utf-16><p>plain</p>" + filler
    assert decode_body(body) == body.decode()


def test_declarations_after_the_head_are_not_looked_for() -> None:
    """The search stays bounded however long the page is."""
    body = b" " * 5000 + b"<meta charset=big5>" + "人脸".encode("gb18030")
    assert decode_body(body).endswith("人脸")


def test_every_codec_known_here_exists() -> None:
    """A misspelt one would fail on the first page that asks for it."""
    for codec in set(BY_LABEL.values()):
        assert codecs.lookup(codec)._is_text_encoding


@given(st.binary(max_size=400), st.sampled_from(["", *sorted(BY_LABEL)]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_it_fail_or_leave_a_lone_surrogate(
    body: bytes, label: str, is_truncated: bool
) -> None:
    """The store and the index refuse surrogates, so none may get in here."""
    decode_body(body, f"text/html; charset={label}", is_truncated=is_truncated).encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
@settings(max_examples=150, deadline=None)
def test_utf_8_goes_through_unchanged(text: str) -> None:
    """Apart from the mark at its head."""
    assert decode_body(text.encode(), "text/html; charset=utf-8") == text.removeprefix("\ufeff")
