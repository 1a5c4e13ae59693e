"""Reasons of pictures and of disguises in the reader's language."""

from __future__ import annotations

import pytest

from classifiers.contract import (
    Box,
    Category,
    PictureClass,
    PictureEvidence,
    PictureReading,
)
from classifiers.fusion import fuse
from monitor.console.language import words
from monitor.console.sentences import reason

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


@pytest.mark.parametrize("why", ["", "picture x: y", "names a trade: 人脸四件套", "picture 1: "])
def test_other_sentences_stay_as_they_are(why: str) -> None:
    """Nothing is lost."""
    assert reason(words("zh"), why) == why


def test_a_disguise_stays_as_it_was_read_and_its_reason_is_translated() -> None:
    """What was written holds any signs."""
    why = "仗; 号 -> 账号, homophones read; often in offers, by the learned n-grams"
    read = "仗; 号 -> 账号, homophones read; 在违规商品中常见"
    assert reason(words("zh"), why) == read
