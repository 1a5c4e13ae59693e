"""Cutting into terms, and marking where a query stands in a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.search.terms import cut, highlight_spans


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
    ],
)
def test_matches_are_marked_in_the_original(text: str, query: str, marked: list[str]) -> None:
    """Spans are of the text as shown."""
    assert [text[start:end] for start, end in highlight_spans(text, query)] == marked
