"""Reasons in the reader's language."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import classifiers
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
from monitor.console import sentences
from monitor.console.language import words
from monitor.console.sentences import disguises, reason

ZH = words("zh")
PACKAGE = Path(classifiers.__file__).parent
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
    return [reason(ZH, item.why) for item in reasons]


def lexicon(name: str, column: str) -> set[str]:
    """All that a table of the shipped vocabulary says in one column."""
    with (PACKAGE / "lexicon" / f"{name}.csv").open(encoding="utf-8") as file:
        return {row[column] for row in csv.DictReader(file)}


def test_what_a_picture_shows() -> None:
    """With the number under which the page shows it."""
    shown = said(PictureReading("a"), PictureReading("b", evidence=(CARD,)))
    assert shown == ["图 2：带照片的证件"]


def test_pictures_of_ordinary_things() -> None:
    """Counted."""
    plain = PictureReading("a", classes={PictureClass.ORDINARY: 1.0})
    assert said(plain) == ["图片是普通内容"]
    assert said(plain, plain) == ["2 张图片都是普通内容"]


def test_every_reason_of_the_vocabulary_is_said() -> None:
    """A new line of a table needs its words."""
    found = lexicon("cues", "reason") | lexicon("combinations", "reason")
    assert [why for why in found if reason(ZH, why) == why] == []
    parts = [f"{meaning}: 人脸, 照片" for meaning in lexicon("topics", "meaning")]
    assert [why for why in parts if not reason(ZH, why).endswith("：人脸, 照片")] == []


def test_every_disguise_has_its_own_name() -> None:
    """In both languages."""
    assert disguises(words("en"), Operator).split(", ") == [way.value for way in Operator]
    said = disguises(ZH, Operator).split("、")
    assert len(set(said)) == len(Operator)
    assert not set(Operator) & set(said)


@pytest.mark.parametrize("way", list(Operator))
def test_every_disguise_is_said(way: Operator) -> None:
    """Alone and with another."""
    alone = reason(ZH, f"人*脸 -> 人脸, {way}")
    assert alone.startswith("人*脸 → 人脸，")
    assert reason(ZH, f"人*脸 -> 人脸, {way}, pinyin read") == f"{alone}、还原拼音"


@pytest.mark.parametrize(
    "text",
    [
        "出人脸四件套 一手料 懂的来 现货500套 加薇信abc12345",
        "照片活化 眨眼点头 过人脸核验 包过 支持验货",
        "纯棉四件套 床上用品 包邮",
        "法院判决：男子出售人脸照片获刑",
        "出人*脸四件套 rlsjt",
    ],
)
def test_nothing_that_the_assessor_gives_as_a_reason_stays_english(text: str) -> None:
    """With all that is shipped."""
    found = Assessor().assess(Listing(text, price_minor=100))
    assert [item.why for item in found.evidence if reason(ZH, item.why) == item.why] == []


def test_every_class_of_a_picture_is_said() -> None:
    """As the picture model names it."""
    for kind in list(PictureClass)[:7]:
        why = f"picture 3: looks like {kind.replace('_', ' ')}"
        assert reason(ZH, why).startswith("图 3：看起来是")
        assert kind.split("_")[0] not in reason(ZH, why)


def test_how_far_a_known_picture_is_stands_in_the_sentence() -> None:
    """With the name that the operator gave it."""
    why = "picture 1: known as bad: 4 of 256 bits from case 7: x"
    assert reason(ZH, why) == "图 1：已知的违规图片：与「case 7: x」相差 4 位（共 256 位）"


def test_a_disguise_stays_as_it_was_read_and_its_reason_is_translated() -> None:
    """What was written holds any signs."""
    why = "仗; 号 -> 账号, homophones read; often in offers, by the learned n-grams"
    assert reason(ZH, why).startswith("仗; 号 → 账号，")
    assert reason(ZH, why).endswith("；" + reason(ZH, "often in offers, by the learned n-grams"))


def written() -> Iterator[str]:
    """Everything that could be a reason's source."""
    for pattern in ("*.py", "text/*.py", "images/*.py", "lexicon/*.csv"):
        yield from (path.read_text(encoding="utf-8") for path in PACKAGE.glob(pattern))


def test_no_sentence_is_kept_that_nobody_writes_any_more() -> None:
    """Fields aside, each stands in the classifiers' sources."""
    source = "\n".join([*written(), *(kind.replace("_", " ") for kind in PictureClass)])
    path = Path(sentences.__file__).parent / "words" / "reasons.zh.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    pieces = {piece for key in table for piece in sentences.FIELD.split(key)[::2]}
    assert len(table) > 100
    assert [piece for piece in pieces if piece.strip(" :,") not in source] == []


@pytest.mark.parametrize(
    "why",
    ["", "picture x: y", "my own words", "picture 1: ", "x -> y, by magic", "{a}", "a" * 5000],
)
def test_other_sentences_stay_as_they_are(why: str) -> None:
    """Nothing is lost."""
    assert reason(ZH, why) == why


def test_in_english_a_sentence_begins_with_a_capital() -> None:
    """But for what a seller wrote."""
    assert reason(words("en"), "a card with a portrait on it") == "A card with a portrait on it"
    assert reason(words("en"), "vx -> 微信, initials read") == "vx -> 微信, initials read"
    assert reason(words("en"), "") == ""
