"""What people decide about a keyword fits the store, or is refused by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.keyword import KeywordDraft
from monitor.errors import InputError
from monitor.services.keywords import check_draft

DRAFT = KeywordDraft("人脸四件套", "face_id_bundle")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("term", "人" * 101),
        ("term", "\ufdfa" * 12),  # one sign that unfolds to eighteen characters
        ("owner", "o" * 101),
        ("language", "zh-Hans-CN"),
    ],
)
def test_what_no_column_holds_is_refused(field: str, value: str) -> None:
    """SQLite would take it and PostgreSQL would not."""
    with pytest.raises(InputError, match=f"^{field}: "):
        check_draft(replace(DRAFT, **{field: value}))


def test_the_longest_of_everything_is_taken() -> None:
    """One hundred Chinese characters are one hundred."""
    longest = replace(DRAFT, term="人" * 100, owner="o" * 100, language="zh-Hans")
    assert check_draft(longest) == longest
