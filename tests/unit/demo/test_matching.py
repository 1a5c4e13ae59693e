"""The market's search: words, pieces, and what only comes along."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.matching import Degree, compact, parse_query


@pytest.mark.parametrize(
    ("query", "text", "degree"),
    [
        ("人脸四件套", "人 脸 四件 套", Degree.MATCH),
        ("人脸四件套", "纯棉四件套 1.8米", Degree.MATCH),
        ("四件套 现货", "四件套 懂的来", Degree.RELATED),
        ("四件套 现货", "现货 床上四件套", Degree.MATCH),
        ("手持身份证", "手持云台", Degree.RELATED),
        ("解封", "解冻", Degree.NONE),
        ("KYC", "kyc docs", Degree.MATCH),
        ("bypass", "bye pass", Degree.NONE),
        ("", "anything", Degree.MATCH),
    ],
)
def test_a_query_matches_as_on_a_market(query: str, text: str, degree: Degree) -> None:
    """Spaces do not count, words do, and half of a word's pieces are enough."""
    assert parse_query(query).degree(compact(text)) is degree


@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None, max_examples=80)
def test_what_holds_the_query_matches_whatever_it_is(word: str, before: str, after: str) -> None:
    """No text makes the search fail or miss its own words."""
    query = parse_query(word)
    assert query.degree(compact(before + word + after)) is Degree.MATCH
