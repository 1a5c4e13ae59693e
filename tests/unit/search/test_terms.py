"""Cutting into terms, and marking where a query stands in a text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import InputError
from monitor.search.terms import cut, highlight_spans, parse_query


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("人脸四件套", ["人脸", "脸四", "四件", "件套", "套"]),
        ("人 脸", ["人脸", "脸"]),
        ("KYC文档2份", ["kyc", "文档", "档", "2", "份"]),
        ("vx123", ["vx", "123"]),
        ("", []),
        ("!?。", []),
    ],
)
def test_the_cut(text: str, terms: list[str]) -> None:
    """Pairs of Chinese, words of letters, numbers."""
    assert cut(text) == terms


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_terms_hold_nothing_that_a_query_language_could_read(text: str) -> None:
    """Quotes, blanks and operators never get through."""
    assert all(term and not set(term) & set("\"' *():^-\x00") for term in cut(text))


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("出人脸四件套", "四件套", ["四件套"]),
        ("出 人 脸四件套", "人脸", ["人 脸"]),
        ("Ｋyc docs", "kyc", ["Ｋyc"]),
        ("套件套", "套", ["套", "套"]),
        ("床品", "人脸", []),
        ("a+b a-b", '"a b"', ["a+b", "a-b"]),
        ("video id", "id", ["id"]),
        ("200 20", "20", ["20"]),
        ("k y c", "kyc", []),
        ("人脸，识别", "人脸识别", []),
        ("出 人脸 20套装", "人脸 20套", ["人脸", "20套"]),
        ("人人人", "人人", ["人人人"]),
        ("cafe\u0301", "café", ["cafe\u0301"]),
        ("a\u033d\u033d\u0323", "ạ", ["a\u033d\u033d\u0323"]),
        ("㍿ ①②", "株式会社 12", ["㍿", "①②"]),
    ],
)
def test_matches_are_marked_in_the_original(text: str, query: str, marked: list[str]) -> None:
    """Spans are of the text as shown."""
    assert [text[start:end] for start, end in highlight_spans(text, query)] == marked


HOSTILE = st.text(
    st.characters() | st.sampled_from("人脸 k2\u0301\u0316\u3099ｶﾞ\u1100\u1161\u11a8①ﷺ㍿"),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
def test_every_word_of_a_text_is_marked_where_it_was_cut(text: str) -> None:
    """Marks and index agree on any script: what one finds, the other shows."""
    for term in cut(text):
        if len(term) <= 1000:
            spans = highlight_spans(text, f'"{term}"')
            assert spans, term
            assert all(term in "".join(cut(text[start:end])) for start, end in spans)


@pytest.mark.parametrize(
    "text",
    ["\u0301\u0316" * 50_000, "人 " * 50_000, "人" * 100_000, "ﾞ\u0301" * 50_000, "a-" * 50_000],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    """Sorting combining marks alone would take a minute."""
    started = time.process_time()
    cut(text)
    highlight_spans(text, "人脸 a")
    assert time.process_time() - started < 8


def test_a_query_that_cannot_be_read_is_refused_where_it_is_marked_too() -> None:
    """One grammar for both."""
    for query in ("。", "x" * 1001):
        with pytest.raises(InputError):
            parse_query(query)
        with pytest.raises(InputError):
            highlight_spans("text", query)
    assert parse_query("") == ()
    assert highlight_spans("text", "") == []
