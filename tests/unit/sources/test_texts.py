"""Cleaning of texts: white space, control characters, tags, entities; nothing a seller meant."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.terms import holds_term
from monitor.sources.texts import MAX_TEXT_CHARS, drop_tags, many_lines, one_line


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  台灯\u3000\u00a0 一  号\n", "台灯 一 号"),
        ("台\x00灯\x1b[31m", "台灯[31m"),
        ("台\ud800灯", "台灯"),
        ("照\u200b片", "照\u200b片"),
        ("plain text", "plain text"),
        ("two  spaces", "two spaces"),
        ("", ""),
        ("x" * 30_000, "x" * MAX_TEXT_CHARS),
    ],
)
def test_a_text_comes_on_one_line(text: str, clean: str) -> None:
    """White space is one space, control characters go, zero-width ones are evidence and stay."""
    assert one_line(text) == clean


def test_lines_are_kept_where_they_matter() -> None:
    """Each line is cleaned, empty ones go."""
    assert many_lines(" a  b \r\n\n\t\nc\x00 ") == "a b\nc"


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<span class=H>人脸</span>四件套", "人脸四件套"),
        ("a<br>b<br/>c</p>d", "a\nb\nc\nd"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ("<3 你", "<3 你"),
        ("Tom &amp; Jerry &lt;b&gt;", "Tom & Jerry <b>"),
        ("&amp;amp;", "&amp;"),
        ("<!-- x -->y<b", "y<b"),
    ],
)
def test_tags_are_dropped_and_entities_decoded_once(fragment: str, text: str) -> None:
    """Highlighting goes, a less-than sign stays."""
    assert drop_tags(fragment) == text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400) | st.text("<>&;br/p \n\x00\ud800a", max_size=400))
def test_clean_texts_can_be_stored(text: str) -> None:
    """Whatever comes in, what goes out is encodable, on one line, and stays as it is."""
    line = one_line(text)
    line.encode()
    assert "\n" not in line
    assert one_line(line) == line
    many_lines(drop_tags(text)).encode()


def test_hostile_texts_cost_nothing() -> None:
    """Endless openings of tags and entities take linear time."""
    started = time.perf_counter()
    for piece in ("<", "<a", "<br", "&", "&amp", "&#", "</p "):
        drop_tags(piece * 1_000_000)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("text", "term", "is_held"),
    [
        ("【急】照 片 活　化 包教", "照片活化", True),
        ("ＡＩ 照片活化", "ai照片", True),
        ("照\u200b片活化", "照片活化", True),
        ("Photo   ANIMATION tool", "photo animation", True),
        ("photoanimation", "photo animation", False),
        ("台灯", "照片", False),
        ("anything", "", True),
    ],
)
def test_a_feed_is_searched_as_a_server_would(text: str, term: str, is_held: bool) -> None:
    """Case, width and spaces inside Chinese do not matter; words in Latin keep their space."""
    assert holds_term(text, term) is is_held
