"""The n-gram model: features, windows, and files that are refused when they do not fit."""

from __future__ import annotations

import json
import math
import time
from array import array
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.contract import Category, Intent
from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.ngrams import (
    COLUMNS,
    DAMPING,
    LONGEST,
    STRONGEST,
    WINDOW,
    NgramModel,
    digest_of,
    features,
    share_of,
    shipped_model,
)
from classifiers.text.normalise import fold

STEP = 0.5
"""What one step of a weight is worth in the models made here."""

Weights = Mapping[str, Mapping[str, int]]
KITES: Weights = {
    "筝": {"offer": 100, "sell": 40, "face_id_bundle": -8},
    "雨": {"offer": -100},
    "_kite": {"offer": 60, "warn": 20},
}


def packed(weights: Weights) -> array[int]:
    """Weights as the model's file holds them; columns not named are zero."""
    return array("b", [row.get(column, 0) for row in weights.values() for column in COLUMNS])


def model_of(weights: Weights, bias: float = 0.0) -> NgramModel:
    """A model of a few n-grams that can be worked out by hand."""
    width = len(COLUMNS)
    return NgramModel(
        list(weights),
        packed(weights),
        [STEP] * width,
        [bias] + [0.25] * (width - 1),
        fusion={},
        version="by hand",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model as training writes it."""
    width = len(COLUMNS)
    config = {
        "columns": list(COLUMNS),
        "scales": [STEP] * width,
        "biases": [0.0] * width,
        "fusion": {"ngrams": 0.5},
    }
    config["version"] = digest_of(config, KITES, packed(KITES).tobytes())
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    (tmp_path / "ngrams.json").write_text(json.dumps(list(KITES)), "utf-8")
    (tmp_path / "weights.bin").write_bytes(packed(KITES).tobytes())
    return tmp_path


def plain(text: str) -> str:
    """The view that models read."""
    return shipped_undisguiser().view(fold(text)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("脸", {"脸": 0}),
        ("脸脸脸", {"脸": 0, "脸脸": 0, "脸脸脸": 0}),
        ("脸7", {"脸": 0, "0": 1, "脸0": 0, "_0": 1}),
        (
            "四件套出",
            {
                "四": 0,
                "件": 1,
                "套": 2,
                "出": 3,
                "四件": 0,
                "件套": 1,
                "套出": 2,
                "四件套": 0,
                "件套出": 1,
                "四件套出": 0,
            },
        ),
        (
            "a b",
            {"a": 0, " ": 1, "b": 2, "a ": 0, " b": 1, "a b": 0, "_a": 0, "_b": 2, "_a_b": 2},
        ),
    ],
)
def test_features_of_a_small_text(text: str, expected: dict[str, int]) -> None:
    """Each n-gram once, with the place where it first stands; digits are one."""
    assert features(text) == expected


def test_latin_words_count_alone_and_in_pairs() -> None:
    """An apostrophe belongs to its word; Chinese between two words does not part them."""
    words = {name for name in features("i don't 卖 kyc 2024 kyc") if name.startswith("_")}
    assert words == {
        "_i",
        "_don't",
        "_kyc",
        "_0000",
        "_i_don't",
        "_don't_kyc",
        "_kyc_0000",
        "_0000_kyc",
    }


@given(st.text(max_size=60))
def test_features_stand_where_they_say(text: str) -> None:
    """An n-gram is found at its place and nowhere before; it has at most four characters."""
    masked = "".join("0" if char in "0123456789" else char for char in text)
    for name, start in features(text).items():
        if len(name) <= LONGEST and not name.startswith("_"):
            assert masked.find(name) == start


def test_many_ngrams_share_one_text() -> None:
    """The longer a text, the less each n-gram counts; a short text says little either way."""
    assert share_of(0) == pytest.approx(1 / math.sqrt(DAMPING))
    assert share_of(100 - DAMPING) == pytest.approx(0.1)
    assert share_of(1) > share_of(2) > share_of(1000) > 0


def test_reading_by_hand() -> None:
    """Log-odds are the bias and the weights of the n-grams that are there, times their share."""
    reading = model_of(KITES, bias=-1.0).read("筝")
    share = STEP / math.sqrt(1 + DAMPING)
    assert reading.offer == pytest.approx(-1 + 100 * share)
    assert reading.intents[Intent.SELL] == pytest.approx(0.25 + 40 * share)
    assert reading.intents[Intent.WARN] == pytest.approx(0.25)
    assert reading.categories[Category.FACE_ID_BUNDLE] == pytest.approx(0.25 - 8 * share)
    assert reading.strongest == ((0, 1, pytest.approx(100 * share)),)
    assert set(reading.categories) == set(Category)
    assert set(reading.intents) == set(Intent)


def test_ngram_counts_once_however_often_it_stands() -> None:
    """Repeating a word does not make an offer more likely."""
    model = model_of(KITES)
    once, often = model.read("筝，好"), model.read("筝，筝，好")
    assert often.offer < once.offer


def test_strongest_comes_first_and_points_into_the_text() -> None:
    """What speaks most for an offer is named with its place."""
    reading = model_of(KITES).read("雨 kite 筝")
    assert [(start, end) for start, end, _ in reading.strongest] == [(7, 8), (2, 6)]


def test_what_touches_is_one_piece_and_its_shares_add_up() -> None:
    """An n-gram's share lies on its own characters; ordinary ones around it stay out."""
    model = model_of({"风": {"offer": 20}, "风筝": {"offer": 40}, "云": {"offer": 1}})
    ((start, end, added),) = [p for p in model.read("云云风筝云云").strongest if p[2] > 1]
    assert (start, end) == (2, 4)
    alone = model_of({"云": {"offer": 1}}).read("云云风筝云云")
    assert added == pytest.approx(model.read("云云风筝云云").offer - alone.offer)


def test_a_latin_word_is_shown_whole() -> None:
    """Half a word explains nothing."""
    reading = model_of({"lfi": {"offer": 50}}).read("one selfie more")
    assert [(start, end) for start, end, added in reading.strongest if added] == [(4, 10)]


def test_text_far_from_any_offer_gets_no_more_than_its_log_odds() -> None:
    """Nobody looks at the rest, so it is not worked out."""
    reading = model_of(KITES, bias=-9.0).read("雨")
    assert reading.offer < -9
    assert set(reading.categories.values()) == {0.0}
    assert (reading.intents, reading.strongest) == ({}, ())


@pytest.mark.parametrize("before", [0, 1, 100, 199, 250, 299, 300, 350, 1234, 5000])
def test_offer_anywhere_in_a_long_text_is_seen(before: int) -> None:
    """A word of the trade far down a page counts as much as in a page of its own."""
    model = model_of(KITES, bias=-3.0)
    text = "云" * before + "筝" + "云" * 700
    reading = model.read(text)
    assert reading.offer > -3
    (found,) = reading.strongest
    assert found[:2] == (before, before + 1)
    assert reading.start <= before < reading.start + WINDOW


def test_long_ordinary_text_does_not_dilute_an_offer() -> None:
    """Its window speaks for a text, not its length."""
    model = model_of(KITES)
    assert model.read("筝" + "云" * 40_000).offer == model.read("筝" + "云" * 299).offer


def test_model_is_read_from_its_folder(folder: Path) -> None:
    """What was written is what judges."""
    model = NgramModel.load(str(folder))
    assert model.read("筝").offer == model_of(KITES).read("筝").offer
    assert model.fusion == {"ngrams": 0.5}
    assert len(model.version) == 12


@pytest.mark.parametrize("kept", [0, 1, len(COLUMNS), -1])
def test_torn_weights_are_refused(folder: Path, kept: int) -> None:
    """A file that was cut off must not shift every weight."""
    path = folder / "weights.bin"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="n-gram model: "):
        NgramModel.load(str(folder))


def test_weights_of_another_vocabulary_are_refused(folder: Path) -> None:
    """Names and weights belong to one training."""
    (folder / "ngrams.json").write_text(json.dumps([*KITES, "云"]), "utf-8")
    with pytest.raises(ValueError, match="n-gram model: "):
        NgramModel.load(str(folder))


@pytest.mark.parametrize("field", ["scales", "biases"])
def test_config_of_another_width_is_refused(folder: Path, field: str) -> None:
    """Each column has its scale and its bias."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(config | {field: config[field][1:]}), "utf-8")
    with pytest.raises(ValueError, match="n-gram model: "):
        NgramModel.load(str(folder))


def test_other_columns_are_refused(folder: Path) -> None:
    """Weights of a category that has since changed its place would name the wrong trade."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(config | {"columns": config["columns"][::-1]}), "utf-8")
    with pytest.raises(ValueError, match="made for other columns"):
        NgramModel.load(str(folder))


@pytest.mark.parametrize("name", ["config.json", "ngrams.json"])
def test_broken_json_is_refused(folder: Path, name: str) -> None:
    """Half a file is no model."""
    path = folder / name
    path.write_text(path.read_text("utf-8")[:-2], "utf-8")
    with pytest.raises(ValueError, match=r"line \d+ column \d+"):
        NgramModel.load(str(folder))


def test_shipped_model_is_loaded_once() -> None:
    """Two seconds to the first answer leave no time to load it twice."""
    assert shipped_model() is shipped_model()


def test_shipped_model_tells_offers_from_ordinary_texts() -> None:
    """Any weights worth shipping rank these."""
    offers = [
        "人脸四件套 一手现货",
        "代过人脸 秒过 私聊",
        "出实名号 已绑卡",
        "kyc bypass service, dm me",
    ]
    ordinary = [
        "床上四件套 纯棉加厚",
        "今天的面很好吃",
        "快递三天到了",
        "iphone case with card slot",
    ]
    read = shipped_model().read
    assert min(read(plain(t)).offer for t in offers) > max(read(plain(t)).offer for t in ordinary)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=700))
def test_any_text_is_read(text: str) -> None:
    """Numbers are finite, and what is named stands in the text."""
    view = plain(text)
    reading = shipped_model().read(view)
    assert math.isfinite(reading.offer)
    assert 0 <= reading.start <= len(view)
    assert len(reading.strongest) <= STRONGEST
    for start, end, _ in reading.strongest:
        assert 0 <= start < end <= len(view)


def test_threads_read_what_one_reads_alone() -> None:
    """The same text has the same reading, from any thread."""
    texts = [plain(f"{number} 出人脸四件套 {'好' * number}") for number in range(200)]
    alone = [shipped_model().read(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shipped_model().read, texts)) == alone


@pytest.mark.parametrize("piece", ["脸", "ab ", "1", "出人脸四件套 私聊 "])
def test_time_is_linear(piece: str) -> None:
    """Four times the text takes about four times as long."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        best = 9.0
        for _ in range(2):
            started = time.process_time()
            shipped_model().read(text)
            best = min(best, time.process_time() - started)
        return best

    shipped_model()
    assert seconds(40_000) < 12 * seconds(10_000) + 0.05
