"""Near copies: found wherever the definition finds them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.evaluation.copies import near_copies

FEW_CHARS = st.text("甲乙丙a", min_size=0, max_size=12)


@pytest.mark.parametrize(
    ("text", "learned", "is_copy"),
    [
        ("出人脸四件套现货50套", "出人脸四件套现货80套", False),
        ("出人脸四件套现货一手料50套", "出人脸四件套现货一手料80套", True),
        ("Selling FULLZ, with selfie!", "selling fullz with selfie", True),
        ("出脸", "出 脸", True),
        ("出脸", "出脸四件套", False),
        ("?!", "?!", False),
        ("", "", False),
    ],
)
def test_a_near_copy_shares_most_of_its_three_grams(text: str, learned: str, is_copy: bool) -> None:
    assert near_copies([text], [learned]) == ({text} if is_copy else set())


@settings(deadline=None)
@given(st.lists(FEW_CHARS, max_size=8), st.lists(FEW_CHARS, max_size=8))
def test_the_shortcut_finds_what_comparing_all_pairs_finds(
    texts: list[str], learned: list[str]
) -> None:
    def grams(text: str) -> set[str]:
        return {text[at : at + 3] for at in range(max(1, len(text) - 2))} if text else set()

    def is_near(one: set[str], other: set[str]) -> bool:
        return bool(one | other) and 10 * len(one & other) >= 6 * len(one | other)

    expected = {t for t in texts if any(is_near(grams(t), grams(other)) for other in learned)}
    assert near_copies(texts, learned) == expected
