"""Normalising: what is undone, and that every character finds its way back."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.text.characters import Operator, fold_character
from classifiers.text.normalise import Normalised, Undone, fold, normalise

# What the rules are about, so that examples meet them often.
TRICKY = st.text(
    alphabet=st.sampled_from(
        [*"人脸四件套照片活化臉證sfzAＶ①壹 .*/|[]火色\n，🔥🆔\u200b\u3000㍿ﬁé\ud800\x00\x01"]
    ),
    max_size=40,
)
ANYTHING = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=40)
TEXTS = st.one_of(TRICKY, ANYTHING)


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("人*脸*四 件 套", "人脸四件套"),
        ("照.片/活|化", "照片活化"),
        ("人[火]脸[得意]四件套", "人脸四件套"),
        ("人[脸]四【件】套", "人脸四件套"),
        ("過人臉", "过人脸"),
        ("人\u200b脸\u2060四\ufeff件套", "人脸四件套"),
        ("ＳＦＺ正反", "sfz正反"),
        ("s f z 正-反", "sfz正反"),
        ("K.Y.C bypass", "kyc bypass"),
        ("Ⓚ Ⓨ Ⓒ 小铺", "kyc小铺"),
        ("①③❽", "138"),
        ("1️⃣3️⃣8️⃣", "138"),
        ("café", "cafe"),
        ("人🔥脸🔥四件套", "人脸四件套"),
    ],
)
def test_disguise_is_undone(written: str, matched: str) -> None:
    """Each way of hiding a word leads back to the word."""
    assert normalise(written).text == matched


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("三件套", "三件套"),
        ("人脸，四件套", "人脸,四件套"),
        ("人脸\n四件套", "人脸\n四件套"),
        ("live photo pack", "live photo pack"),
        ("0.5 元", "0.5元"),
        ("人脸 ，四件套", "人脸 ,四件套"),
        ("人脸 \n四件套", "人脸 \n四件套"),
        ("🆔 🤳", "🆔 🤳"),
    ],
)
def test_what_parts_words_stays(written: str, kept: str) -> None:
    """Clauses, lines, English words and pictures that mean something are not glued or dropped."""
    assert normalise(written).text == kept


def test_bracketed_term_is_not_taken_for_a_sticker() -> None:
    """Only known stickers are dropped: a term in brackets must not vanish."""
    assert "四件套" in normalise("人脸[四件套]现货").text


def test_span_leads_back_to_the_original() -> None:
    """The place of a match covers what was written, separators included."""
    text = "出 人*脸*四 件 套，现货"
    view = normalise(text)
    at = view.text.index("人脸四件套")
    start, end = view.span(at, at + 5)
    assert text[start:end] == "人*脸*四 件 套"


def test_span_outside_the_view_is_refused() -> None:
    """A wrong place is an error, not a wrong answer."""
    with pytest.raises(IndexError):
        normalise("人脸").span(0, 3)


@pytest.mark.parametrize(
    ("written", "operators"),
    [
        ("人脸", ()),
        ("FACE", ()),
        ("人*脸", (Operator.SEPARATORS,)),
        ("人[火]脸", (Operator.STICKERS,)),
        ("人[火]*脸", (Operator.SEPARATORS, Operator.STICKERS)),
        ("人\u200b脸", (Operator.INVISIBLE,)),
        ("人臉", (Operator.TRADITIONAL,)),
        ("ｆａｃｅ", (Operator.WIDTH,)),
        ("①", (Operator.DIGITS,)),
    ],
)
def test_operators_name_what_was_undone(written: str, operators: tuple[Operator, ...]) -> None:
    """Evidence can say in words which disguise was undone, and says none for plain text."""
    view = normalise(written)
    assert view.operators(0, len(view.text)) == operators


UNDONE = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.integers(1, 6),
        st.sampled_from([Operator.PINYIN, Operator.SPLIT, Operator.STARRED]),
        st.sampled_from([(), (Operator.SEPARATORS,)]),
    ).map(lambda row: Undone(row[0], row[0] + row[1], *row[2:])),
    max_size=8,
)


@given(UNDONE, st.integers(0, 25), st.integers(1, 6))
def test_operators_are_those_of_all_words_that_were_undone_there(
    undone: list[Undone], start: int, length: int
) -> None:
    """Each of them, one by one, says the same; nested and crossing ones too."""
    text = "人" * 31
    whole = range(len(text))
    view = Normalised(text, text, whole, [at + 1 for at in whole], tuple(sorted(undone)))
    there = [each for each in undone if each.start < start + length and start < each.end]
    named = {name for each in there for name in (each.operator, *each.dropped)}
    assert set(view.operators(start, start + length)) == named


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_map_is_monotone_and_in_bounds(text: str) -> None:
    """Whatever the text, places rise and lie inside it."""
    for view in (fold(text), normalise(text)):
        assert len(view.starts) == len(view.ends) == len(view.text)
        assert list(view.starts) == sorted(view.starts)
        assert list(view.ends) == sorted(view.ends)
        assert all(
            0 <= start < end <= len(text) for start, end in zip(view.starts, view.ends, strict=True)
        )


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A canonical form is its own canonical form."""
    once = normalise(text).text
    assert normalise(once).text == once


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_each_kept_character_stands_for_its_place(text: str) -> None:
    """A character of the view comes from folding the original character at its place."""
    view = normalise(text)
    assert all(
        char in fold_character(text[start])
        for char, start in zip(view.text, view.starts, strict=True)
    )


def test_folding_is_idempotent_over_common_unicode() -> None:
    """A sample over all planes: folding a folded character changes nothing."""
    points = [*range(0x3000), *range(0x3000, 0x110000, 97)]
    changed = [
        hex(point)
        for point in points
        if (folded := fold_character(chr(point))) != "".join(map(fold_character, folded))
    ]
    assert changed == []


def test_traditional_folding_keeps_the_length() -> None:
    """Chinese characters fold one to one, or offsets would be lost."""
    han = [chr(point) for point in range(0x4E00, 0x9FFF, 3)]
    assert [char for char in han if len(fold_character(char)) != 1] == []


def test_lone_surrogates_and_controls_leave_nothing() -> None:
    """Broken Unicode cannot reach the automaton."""
    assert normalise("人\ud800脸\x00\x01四件套").text == "人脸四件套"


@pytest.mark.parametrize(
    "piece", ["人 ", "[火]", "人[火", "a b ", "a.", " ", "\u200b", "㍿", "🔥", "人*[火]a"]
)
def test_time_is_linear(piece: str) -> None:
    """Four times the text takes about four times as long, whatever is repeated."""

    def seconds(count: int) -> float:
        text = piece * count
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            normalise(text)
            best = min(best, time.process_time() - started)
        return best

    assert seconds(24_000) < 12 * seconds(6_000) + 0.05


def test_long_mixed_text_is_normalised() -> None:
    """A long text of everything passes, and the map still fits."""
    chars = random.Random(1).choices("人脸 .*ab1，\u200b㍿臉[火]🔥\n", k=100_000)
    view = normalise("".join(chars))
    assert len(view.starts) == len(view.text)
    assert unicodedata.is_normalized("NFKC", view.text)
