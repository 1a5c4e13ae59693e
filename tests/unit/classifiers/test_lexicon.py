"""The lexicon: longest match, word borders, disguises, places."""

from __future__ import annotations

import pytest

from classifiers.contract import Category, Term
from classifiers.text.characters import Operator
from classifiers.text.lexicon import Lexicon
from classifiers.text.normalise import normalise

BUNDLE = Category.FACE_ID_BUNDLE


def found(terms: list[str], text: str) -> list[str]:
    """What a lexicon of these terms finds, as listed."""
    lexicon = Lexicon(Term(term, BUNDLE) for term in terms)
    return [match.term.text for match in lexicon.find(normalise(text))]


def test_longest_match_wins() -> None:
    """A term inside a longer one is not counted beside it."""
    assert found(["四件套", "人脸四件套", "人脸"], "出人脸四件套") == ["人脸四件套"]


def test_overlapping_terms_are_both_found() -> None:
    """Terms that only overlap say two things."""
    assert found(["人脸四", "四件套"], "人脸四件套") == ["人脸四", "四件套"]


def test_term_is_found_again_elsewhere() -> None:
    """A short term counts where no longer one holds it."""
    assert found(["四件套", "人脸四件套"], "人脸四件套，四件套") == ["人脸四件套", "四件套"]


@pytest.mark.parametrize("text", ["vcam", "VCAM过脸", "出vcam", "V-C-A-M", "vcams", "vcam2"])
def test_latin_term_is_found_on_word_borders(text: str) -> None:
    """Chinese characters, digits and a plural s border a Latin word."""
    assert found(["vcam"], text) == ["vcam"]


@pytest.mark.parametrize("text", ["vcamera", "xvcam", "vcamsy"])
def test_latin_term_is_not_found_inside_a_word(text: str) -> None:
    """Letters that go on make it another word."""
    assert found(["vcam"], text) == []


def test_half_pinyin_has_a_border_on_its_latin_side() -> None:
    """guo脸 is no part of meiguo脸."""
    assert found(["guo脸"], "guo脸接单") == ["guo脸"]
    assert found(["guo脸"], "meiguo脸") == []


def test_arabic_and_chinese_counts_are_one_term() -> None:
    """4件套 is 四件套."""
    assert found(["人脸四件套"], "人脸4件套") == ["人脸四件套"]
    assert found(["人脸四件套"], "人脸④件套") == ["人脸四件套"]


def test_hyphen_and_space_are_one_joint() -> None:
    """English compounds are written either way."""
    assert found(["face swap"], "live face-swap kit") == ["face swap"]


def test_match_knows_its_place_and_disguise() -> None:
    """The span covers what was written; the operators say how it was hidden."""
    text = "现货 人*臉*四 件 套!"
    (match,) = Lexicon([Term("人脸四件套", BUNDLE)]).find(normalise(text))
    assert text[match.start : match.end] == "人*臉*四 件 套"
    assert match.operators == (Operator.SEPARATORS, Operator.TRADITIONAL)


def test_listed_terms_are_normalised() -> None:
    """An analyst may type a term in any width, case or script."""
    assert found(["ＶＣＡＭ 過臉"], "vcam过脸") == ["ＶＣＡＭ 過臉"]


def test_terms_alike_after_normalising_are_both_found() -> None:
    """Two keywords may be one word; each keeps its own statistics."""
    assert sorted(found(["过脸", "過臉"], "过脸")) == sorted(["过脸", "過臉"])


@pytest.mark.parametrize("terms", [[], ["\u200b"], ["", " "]])
def test_terms_that_are_nothing_match_nothing(terms: list[str]) -> None:
    """An empty pattern would match everywhere."""
    assert found(terms, "人脸四件套") == []
