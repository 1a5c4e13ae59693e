"""Characters and pinyin as the same syllables."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.lexicon import sounds
from classifiers.text.syllables import MAX_LETTERS, heard, pinyin_syllables, sound_of


@pytest.mark.parametrize(
    ("letters", "syllables"),
    [
        ("renlian", ("ren", "lian")),
        ("zhuang", ("zhuang",)),
        ("sijiantao", ("si", "jian", "tao")),
        ("a", ("a",)),
        ("nvhai", ("nv", "hai")),
        ("celue", ("ce", "lue")),
        ("kyc", ()),
        ("renliank", ()),
        ("", ()),
    ],
)
def test_pinyin_is_read_as_the_fewest_syllables(letters: str, syllables: tuple[str, ...]) -> None:
    assert tuple(pinyin_syllables(letters)) == syllables


@given(st.text(alphabet="aeghinostuz", max_size=MAX_LETTERS + 5))
def test_syllables_are_the_letters_they_were_read_from(letters: str) -> None:
    assert "".join(pinyin_syllables(letters)) in {letters, ""}


def test_characters_and_pinyin_sound_the_same() -> None:
    assert "人脸".translate(heard()) == sound_of("ren") + sound_of("lian")
    assert "仁练".translate(heard()) == "人脸".translate(heard())


@pytest.mark.parametrize(("one", "other"), [("zhao", "zao"), ("chi", "ci"), ("shi", "si")])
def test_retroflex_and_flat_sounds_are_one(one: str, other: str) -> None:
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(("one", "other"), [("nan", "lan"), ("ren", "reng"), ("ma", "mo")])
def test_other_sounds_stay_apart(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


def test_a_text_keeps_its_length_and_what_has_no_sound() -> None:
    text = "出𠮷1a脸，"
    assert len(text.translate(heard())) == len(text)
    assert text.translate(heard())[1:4] == "𠮷1a"
    assert len(heard()) == len(sounds())


def test_letters_without_end_cost_nothing() -> None:
    begun = time.process_time()
    assert pinyin_syllables("a" * 1_000_000) == ()
    assert time.process_time() - begun < 5
