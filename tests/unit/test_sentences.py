"""Reasons of pictures and words in the reader's language."""

from __future__ import annotations

import pytest

from classifiers.assess import Assessor
from classifiers.contract import (
    Box,
    Category,
    Listing,
    PictureClass,
    PictureEvidence,
    PictureReading,
)
from classifiers.fusion import fuse
from classifiers.text.characters import Operator
from monitor.console.language import LANGUAGES, words
from monitor.console.sentences import disguises, reason

CARD = PictureEvidence(
    "documents",
    PictureClass.ID_CARD,
    "a card with a portrait on it",
    2.0,
    (Box(0, 0, 1, 1),),
    Category.FACE_ID_BUNDLE,
)
TEXT = dict.fromkeys(Category, 0.5)


def said(*readings: PictureReading) -> list[str]:
    """What the console says in Chinese of what the classifiers really write."""
    _, reasons = fuse(TEXT, readings)
    return [reason(words("zh"), item.why) for item in reasons]


def test_what_a_picture_shows() -> None:
    """With the number under which the page shows it."""
    shown = said(PictureReading("a"), PictureReading("b", evidence=(CARD,)))
    assert shown == ["图 2：带照片的证件"]


def test_pictures_of_ordinary_things() -> None:
    """Counted."""
    plain = PictureReading("a", classes={PictureClass.ORDINARY: 1.0})
    assert said(plain, plain) == ["2 张图片都是普通内容"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("出人脸四件套 现货", "含行话：人脸四件套"),
        ("出人*脸*四件套 现货", "人*脸*四件套 -> 人脸四件套：去掉分隔符"),
        ("出人*臉四件套 现货", "人*臉四件套 -> 人脸四件套：去掉分隔符、繁体转简体"),
    ],
)
def test_a_word_and_its_disguise(text: str, expected: str) -> None:
    """Named as the classifiers name it, whatever stands in between."""
    assessor = Assessor(use_ngrams=False, use_encoder=False)
    found = assessor.assess(Listing(text)).evidence
    assert expected in [reason(words("zh"), item.why) for item in found]


def test_every_disguise_has_words() -> None:
    """In both languages."""
    for language in LANGUAGES:
        said = disguises(words(language), Operator)
        assert len(set(said.split(words(language)("reason.and")))) == len(Operator)
    assert not set(Operator) & set(disguises(words("zh"), Operator).split("、"))


@pytest.mark.parametrize("why", ["", "picture x: y", "a -> b", "a -> b, c", "picture 1: "])
def test_other_sentences_stay_as_they_are(why: str) -> None:
    """Nothing is lost."""
    assert reason(words("zh"), why) == why
